import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PerformedAttack } from '../../../src-main/domain/attacks';
import { aclEscape, escapes } from '../../../src-main/services/attack/acl-escape/family';
import { attackRun } from '../../../src-main/services/attack/cells';
import { performAttacks } from '../../../src-main/services/attack/lab';
import { insiderOf } from '../../../src-main/services/attack/talk/insider';
import { attackRig, worldOf, type AttackRig } from '../../support/attack-ground';

/* eslint-disable @typescript-eslint/no-explicit-any -- gatehouse.json as a test changes it */

const kindOf = ({ card }: PerformedAttack): string => card.id.split('/')[1] ?? '';
const kinds = (performed: readonly PerformedAttack[], outcome: string): string[] =>
  performed.filter(({ result }) => result.outcome === outcome).map(kindOf);

/** What nobody's table ACL lets through or stops: grammar, MySQL's own names and rights. With who says no. */
const stoppedElsewhere: Readonly<Record<string, 'gateway' | 'tablet' | 'mysql' | 'nobody'>> = {
  'cte-own-name': 'gateway',
  'cte-shadow-outside': 'gateway',
  // vtgate takes the qualifier off, so that the name is the CTE's.
  'cte-qualified': 'nobody',
  'mariadb-comment': 'tablet',
  table: 'gateway',
  values: 'gateway',
  handler: 'gateway',
  sequence: 'tablet',
  outfile: 'mysql',
  'name-upper-case': 'mysql',
  'name-mixed-case': 'mysql',
  'name-trailing-space': 'mysql',
  'name-leading-space': 'mysql',
  'name-both-names': 'mysql',
  'name-nul': 'gateway',
  'name-percent': 'mysql',
  'name-full-width': 'mysql',
  'name-cyrillic': 'mysql',
  'name-zero-width': 'mysql',
  'name-collation': 'mysql',
  'name-qualified-allowed': 'gateway',
  'name-qualified-other': 'gateway',
  'name-partition': 'mysql',
  'name-ansi-quotes': 'gateway',
  'system-mysql-user': 'mysql',
  'system-performance-schema': 'mysql',
  'system-sys-schema': 'mysql',
  'binary-name': 'gateway',
  'several-unasked': 'gateway',
  'several-comment': 'gateway',
  assign: 'gateway',
  'shard-qualified': 'gateway',
  'field-list': 'gateway',
  'table-dump': 'gateway',
  'binlog-dump': 'gateway',
  'change-update-cte': 'gateway',
  'change-load-data': 'mysql',
  'change-load-local': 'mysql',
  'about-check': 'gateway',
  'about-checksum': 'gateway',
};
/** MariaDB has neither of these, MySQL has. */
const ofMysqlAlone = ['about-explain-analyze', 'create-table-source'];
const byDesign = ['view-allowed', 'trigger'];
const unasked = [
  'about-describe-table',
  'about-explain-table',
  'about-show-create',
  'about-show-columns',
  'about-show-index',
];
const functions = ['function', 'function-allowed'];

async function performAll(rig: AttackRig): Promise<readonly PerformedAttack[]> {
  return performAttacks(rig.ground, rig.planned);
}

describe('ways around the table ACL where it is right', () => {
  let rig: AttackRig;
  let performed: readonly PerformedAttack[];
  const find = (kind: string): PerformedAttack => performed.find((one) => kindOf(one) === kind)!;
  beforeAll(async () => {
    rig = await attackRig('shop', aclEscape);
    performed = await performAll(rig);
  }, 120_000);
  afterAll(() => rig.close());

  it('tries at least sixty, each with a place of its own', () => {
    expect(performed.length).toBe(escapes.length);
    expect(performed.length).toBeGreaterThan(150);
    expect(new Set(performed.map(({ card }) => card.id)).size).toBe(performed.length);
    expect(performed.filter(({ card }) => card.scored).length).toBeGreaterThan(145);
  });

  it('stops everything that counts, by an answer of the other side', () => {
    const scored = performed.filter(({ card }) => card.scored);
    expect(scored.filter(({ result }) => result.outcome !== 'stopped').map(kindOf)).toEqual([]);
    for (const { card, result } of scored) {
      expect(result.evidence.length, card.id).toBeGreaterThan(0);
      expect(result.trace, card.id).not.toBeNull();
      if (result.stoppedAt !== null) expect(result.settings.length, card.id).toBeGreaterThan(0);
    }
  });

  it('names the list of the ACL that refused, with its line, and the role', () => {
    expect(find('plain').result).toMatchObject({
      stoppedAt: { hop: 'D', side: 'tablet' },
      settings: [
        {
          name: 'table group money: readers',
          value: '["billing", "auditor", "operations"]',
          place: { file: 'acl.json', line: 27 },
        },
        { name: 'tablet zone1-100: acl.strict', value: 'true', advice: null },
      ],
    });
    expect(find('change-update').result.settings[0]).toMatchObject({ name: 'table group money: writers' });
    expect(find('change-drop').result.settings[0]).toMatchObject({ value: 'none covers it' });
    expect(find('do').result.settings.map(({ name }) => name)).toEqual([
      'tablet zone1-100: acl.strict',
      'vitess',
      'fidelity',
    ]);
    expect(find('handler').result.settings).toMatchObject([{ name: 'statements that vtgate takes', place: null }]);
  });

  it('shows what lies open by design, without counting it', () => {
    expect(kinds(performed, 'got-through').sort()).toEqual([...byDesign].sort());
    expect(find('view-allowed').card.scored).toBe(false);
    // vtgate ends the connection at SELECT … INTO @x; an ending alone is never "stopped".
    expect(kinds(performed, 'cannot-decide')).toEqual(['into-variable']);
  });

  it('tries with somebody who may do something: a reader, one who may create tables, one over gRPC', () => {
    expect(find('plain').card.aim).toBe('web → payments');
    expect(find('create-select').card.aim).toBe('olga → staff_notes');
    expect(find('grpc-stream').card.aim).toBe('batch → customers');
  });

  it('leaves everything as it was, and honest callers get through', async () => {
    const { ground } = rig;
    const left = await ground.atMysql(
      "select table_name as name from information_schema.tables where table_schema = database() and table_name like '%lab%'",
    );
    expect(left).toEqual([]);
    const password = ground.secrets.get('users/web')?.reveal() ?? '';
    const run = await attackRun(
      ground,
      'honest',
      {
        ...{ gateway: 'main', user: 'web', password, transport: 'mysql-tls-verified' },
        ...{ trust: 'pki/root/ca-cert.pem', sql: 'select id, status from orders where id = 7' },
      },
      AbortSignal.timeout(10_000),
    );
    expect(run.attempt).toMatchObject({ stage: 'done', rows: 1 });
  });

  it('holds no password in any result', () => {
    const text = JSON.stringify(performed);
    for (const name of ['users/web', 'grpc/batch', 'backend/local/root', 'backend/local/app']) {
      const secret = rig.ground.secrets.get(name)?.reveal();
      if (secret !== undefined) expect(text.includes(secret), name).toBe(false);
    }
    expect(text).not.toContain('PRIVATE KEY');
  });
});

describe('the same without strict mode', () => {
  let rig: AttackRig;
  let performed: readonly PerformedAttack[];
  beforeAll(async () => {
    rig = await attackRig('shop', aclEscape, {
      change: (topology: any) => void (topology.tablets[0].acl.strict = false),
    });
    performed = await performAll(rig);
  }, 120_000);
  afterAll(() => rig.close());

  it('everything gets through that grammar and MySQL itself do not stop', () => {
    const expected = escapes
      .map(({ kind }) => kind)
      .filter((kind) => !(kind in stoppedElsewhere) && kind !== 'into-variable' && !ofMysqlAlone.includes(kind));
    const through = kinds(performed, 'got-through').filter((kind) => !ofMysqlAlone.includes(kind));
    expect(through.sort()).toEqual(expected.sort());
  });

  it.each(Object.entries(stoppedElsewhere))('%s is stopped by the %s all the same', (kind, side) => {
    const { result } = performed.find((one) => kindOf(one) === kind)!;
    expect({ outcome: result.outcome, side: result.stoppedAt?.side ?? 'nobody' }).toEqual({ outcome: 'stopped', side });
  });

  it('names strict mode, with one click to switch it on', () => {
    const { result } = performed.find((one) => kindOf(one) === 'union')!;
    expect(result.settings).toMatchObject([
      {
        name: 'tablet zone1-100: acl.strict',
        value: 'false',
        place: { file: 'gatehouse.json' },
        edit: { kind: 'topology.set', path: ['tablets', 0, 'acl', 'strict'], value: true },
      },
    ]);
    expect(result.evidence[0]?.text).toMatch(/^the canary zz\w{8} came back in row 1$/);
    expect(result.evidence.some(({ text }) => text.startsWith('given to MySQL: select'))).toBe(true);
  });

  it('puts changed tables back', async () => {
    const [row] = await rig.ground.atMysql('select count(*) as n, max(method) as m from payments');
    expect(Number(row?.['n'])).toBeGreaterThan(500);
    expect(String(row?.['m'])).toMatch(/^zz/);
  });
});

describe('the same as Vitess before 24.0.4', () => {
  let rig: AttackRig;
  let performed: readonly PerformedAttack[];
  beforeAll(async () => {
    rig = await attackRig('shop', aclEscape, { overrides: { fidelity: 'vitess', vitess: '24.0-recorded' } });
    performed = await performAll(rig);
  }, 120_000);
  afterAll(() => rig.close());

  it('lets through what 24.0.4 mended: CTE names, dual, statements that nobody looked into', () => {
    const mended = [
      ...['cte-before-shadow', 'dual', 'dual-written', 'do', 'set-variable', 'set-system'],
      ...['about-explain', 'about-describe', 'about-explain-json', 'about-explain-update', 'about-show-where'],
      ...['about-optimize', 'about-repair', 'procedure', 'call-argument'],
      ...['create-select', 'create-brackets', 'create-view'],
    ];
    const through = kinds(performed, 'got-through').filter((kind) => !ofMysqlAlone.includes(kind));
    expect(through.sort()).toEqual([...mended, ...unasked, 'create-like', ...functions, ...byDesign].sort());
  });

  it('advises the version', () => {
    const { result } = performed.find((one) => kindOf(one) === 'dual')!;
    expect(result.settings[0]).toMatchObject({ name: 'vitess', advice: 'Run Vitess 24.0.4 or later.' });
  });
});

describe('the same as Vitess 24.0.4', () => {
  it('lets through only what Vitess asks nobody for, and does not count it', async () => {
    const rig = await attackRig('user-guide', aclEscape);
    try {
      const performed = await performAll(rig);
      const through = performed.filter(({ result }) => result.outcome === 'got-through');
      expect(through.map(kindOf).sort()).toEqual([...unasked, ...functions, 'trigger'].sort());
      expect(through.filter(({ card }) => card.scored)).toEqual([]);
      expect(through[0]?.result.settings[0]).toMatchObject({ name: 'fidelity', value: '"vitess"' });
      // Real vtgate drops the connection at both.
      expect(kinds(performed, 'cannot-decide').sort()).toEqual(['empty-comment', 'into-variable']);
      expect(kinds(performed, 'not-here')).toEqual(['nobody', 'nobody']);
    } finally {
      await rig.close();
    }
  }, 120_000);

  it('has nobody to try it where everybody may read the one table or nothing', async () => {
    const rig = await attackRig('reference', aclEscape);
    try {
      expect(insiderOf(worldOf(rig.ground.workspace), { over: 'grpc' })).toBeNull();
      expect(rig.planned.map(({ card }) => card.notHere !== null)).toEqual([true, true, true]);
    } finally {
      await rig.close();
    }
  }, 60_000);
});
