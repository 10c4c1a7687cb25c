import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PerformedAttack } from '../../../src-main/domain/attacks';
import { attackRun } from '../../../src-main/services/attack/cells';
import { injection } from '../../../src-main/services/attack/injection/family';
import { hostileInputs } from '../../../src-main/services/attack/injection/inputs';
import { LAB_RULES, labMark } from '../../../src-main/services/attack/injection/lab-rules';
import { performAttacks } from '../../../src-main/services/attack/lab';
import { attackRig, type AttackRig } from '../../support/attack-ground';

/* eslint-disable @typescript-eslint/no-explicit-any -- gatehouse.json as a test changes it */

const kindOf = ({ card }: PerformedAttack): string => card.id.split('/')[1] ?? '';
const of = (performed: readonly PerformedAttack[], way: string): readonly PerformedAttack[] =>
  performed.filter((one) => kindOf(one).endsWith(`-${way}`));
const through = (performed: readonly PerformedAttack[]): string[] =>
  performed.filter(({ result }) => result.outcome === 'got-through').map((one) => kindOf(one).replace(/-[a-z]+$/, ''));
const given = ({ result }: PerformedAttack): string =>
  result.evidence
    .map(({ text }) => text)
    .filter((text) => text.startsWith('given to MySQL: '))
    .join('\n');

const aims = (aim: string): string[] => hostileInputs.filter((one) => one.aim === aim).map(({ kind }) => kind);
/** Inputs that are refused or harmless however they are sent: grammar, character sets and modes that vtgate does not take. */
const never = [
  ...['or-block', 'newline', 'no-backslash', 'look-alike-quote'],
  ...['gbk', 'gbk-client', 'sjis', 'big5', 'half-utf8'],
];
const likes = ['like-percent', 'like-underscores'];

describe('hostile inputs on a workspace that is right', () => {
  let rig: AttackRig;
  let performed: readonly PerformedAttack[];
  const find = (kind: string): PerformedAttack => performed.find((one) => kindOf(one) === kind)!;
  beforeAll(async () => {
    rig = await attackRig('shop', injection);
    performed = await performAttacks(rig.ground, rig.planned);
  }, 120_000);
  afterAll(() => rig.close());

  it('sends every input four ways', () => {
    expect(hostileInputs.length).toBeGreaterThanOrEqual(40);
    expect(performed.length).toBe(4 * hostileInputs.length);
    expect(new Set(performed.map(({ card }) => card.id)).size).toBe(performed.length);
  });

  it('stops everything that counts', () => {
    const scored = performed.filter(({ card }) => card.scored);
    expect(scored.filter(({ result }) => result.outcome !== 'stopped').map(kindOf)).toEqual([]);
    expect(scored.length).toBeGreaterThan(120);
    for (const { card, result } of scored) expect(result.evidence.length, card.id).toBeGreaterThan(0);
  });

  it('joined into the statement, it reads other rows of a table that is allowed: the application’s fault', () => {
    const joined = of(performed, 'joined');
    expect(through(joined).sort()).toEqual(
      aims('row')
        .filter((kind) => !never.includes(kind))
        .sort(),
    );
    expect(joined.filter(({ card, result }) => card.scored && result.outcome === 'got-through')).toEqual([]);
    expect(find('or-quotes-joined').result.settings).toMatchObject([{ name: 'the application', place: null }]);
  });

  it('joined into the statement, the forbidden table stays shut by the ACL', () => {
    for (const kind of [...aims('table'), ...aims('change')])
      expect(find(`${kind}-joined`).result, kind).toMatchObject({ outcome: 'stopped', stoppedAt: { side: 'tablet' } });
    expect(find('union-joined').result.settings[0]).toMatchObject({
      name: 'table group money: readers',
      place: { file: 'acl.json', line: 27 },
    });
  });

  it('handed over beside the statement it is a value and nothing else', () => {
    for (const way of ['bound', 'grpc'])
      expect(
        through(of(performed, way))
          .map((kind) => kind.replace('-bound', ''))
          .sort(),
        way,
      ).toEqual(likes);
    expect(given(find('or-quotes-joined'))).toContain("= '' or '1' = '1'");
    expect(given(find('or-quotes-bound'))).toContain(String.raw`= '\' or \'1\'=\'1'`);
    expect(given(find('or-quotes-bound-grpc'))).toContain(String.raw`= '\' or \'1\'=\'1'`);
  });

  it('query rules stop what has another shape, and not what is all in the values', () => {
    expect(through(of(performed, 'rules')).sort()).toEqual(likes);
    expect(find('or-quotes-rules').result).toMatchObject({
      stoppedAt: { hop: 'D', side: 'tablet' },
      settings: [{ name: 'query rule lab-or', place: { file: LAB_RULES }, flag: '--filecustomrules' }],
    });
    expect(find('or-quotes-rules').result.evidence[0]?.text).toContain('disallowed due to rule: no OR');
    expect(given(find('or-quotes-rules'))).toBe('');
  });

  it('the lab’s rules let the application’s own statements pass, and touch no lines of gatehouse.json', async () => {
    const password = rig.ground.secrets.get('users/web')?.reveal() ?? '';
    for (const sql of [
      `${labMark}select status from orders where status = 'paid' order by status desc limit 20`,
      `${labMark}select status from orders where id = 7 order by status desc limit 20`,
      `select status from orders where id = 7 or id = 8`,
    ]) {
      const run = await attackRun(
        rig.ground,
        'honest',
        {
          ...{ gateway: 'main', user: 'web', password, transport: 'mysql-tls-verified', sql },
          trust: 'pki/root/ca-cert.pem',
        },
        AbortSignal.timeout(10_000),
      );
      expect(run.attempt.stage, sql).toBe('done');
    }
    const text = await readFile(join(rig.ground.dir, 'gatehouse.json'), 'utf8');
    expect(text.split('\n').length).toBe(
      JSON.stringify(JSON.parse(text.replace(` "queryRules": "${LAB_RULES}",`, '')), null, 2).split('\n').length,
    );
  });

  it('holds no password in any result', () => {
    const text = JSON.stringify(performed);
    for (const name of ['users/web', 'grpc/batch']) {
      const secret = rig.ground.secrets.get(name)?.reveal() ?? 'not there';
      expect(text.includes(secret), name).toBe(false);
    }
  });
});

describe('hostile inputs without strict mode', () => {
  it('read and change the forbidden table through the careless application', async () => {
    const rig = await attackRig('shop', injection, {
      change: (topology: any) => void (topology.tablets[0].acl.strict = false),
    });
    try {
      const performed = await performAttacks(rig.ground, rig.planned);
      const joined = of(performed, 'joined').filter(({ card }) => card.scored);
      expect(through(joined).sort()).toEqual([...aims('table'), ...aims('change')].sort());
      expect(joined[0]?.result.settings).toMatchObject([{ name: 'tablet zone1-100: acl.strict', value: 'false' }]);
      // Values beside the statement stay values.
      expect(through(of(performed, 'bound')).sort()).toEqual(likes);
      const [row] = await rig.ground.atMysql('select count(*) as n from payments');
      expect(Number(row?.['n'])).toBeGreaterThan(500);
    } finally {
      await rig.close();
    }
  }, 120_000);
});

describe('hostile inputs where the workspace has query rules of its own', () => {
  it('asks those, which stop what they are made for', async () => {
    const rules = JSON.stringify([{ Name: 'mine', Description: 'not with OR', Query: '(?i).* or .*', Action: 'FAIL' }]);
    const rig = await attackRig('user-guide', injection, {
      change: (topology: any) => void (topology.tablets[0].queryRules = 'query-rules.json'),
      files: { 'query-rules.json': rules },
    });
    try {
      expect(rig.planned.filter(({ card }) => card.scored && card.id.includes('-rules/'))).toEqual([]);
      const performed = await performAttacks(rig.ground, rig.planned);
      const of_ = of(performed, 'rules');
      const find = (kind: string): PerformedAttack => of_.find((one) => kindOf(one) === `${kind}-rules`)!;
      expect(find('or-quotes').result.settings).toMatchObject([
        { name: 'query rule mine', place: { file: 'query-rules.json' } },
      ]);
      // No OR in it: nothing in these rules looks for that.
      expect(find('equals').result).toMatchObject({ outcome: 'got-through' });
      expect(performed.filter(({ result }) => result.outcome === 'not-here').map(kindOf)).toEqual(['nobody']);
      expect(performed.filter(({ card, result }) => card.scored && result.outcome === 'got-through')).toEqual([]);
    } finally {
      await rig.close();
    }
  }, 120_000);
});
