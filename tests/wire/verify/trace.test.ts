import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Hop } from '../../../src-main/cli/trace';
import type { Cluster } from '../../../src-main/services/cluster/cluster';
import { installedPrograms } from '../backend/backend-fixture';
import { gatehouse } from '../../support/command-line';
import { createFleet, makeWorkspace, verifyOf, type MadeWorkspace } from '../../support/workspace';

/** `verify --trace` attached to a running cluster: every hop in its own part's words. */
const [program] = await installedPrograms();
const busy = 120_000;

interface Trace {
  readonly cell: string;
  readonly traceId: string | null;
  readonly hops: readonly Hop[];
}

describe.runIf(program !== undefined)('the trace of a cell', () => {
  const fleet = createFleet();
  let made: MadeWorkspace;
  let cluster: Cluster;

  beforeAll(async () => {
    made = await makeWorkspace('shop');
    cluster = await fleet.start(await made.load(), program!);
  }, busy);
  afterEach(() => {
    for (const part of ['gateway', 'link', 'tablet', 'mysql'] as const) cluster.recorder.enable(part);
  });
  afterAll(async () => {
    await fleet.stop();
    await made.remove();
  }, busy);

  /** The trace as the command line gives it, checked for what holds for every trace. */
  const traceOf = async (cell: string): Promise<Trace> => {
    const { code, stdout, stderr } = await gatehouse(['verify', made.dir, '--trace', cell, '--json']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const trace = JSON.parse(stdout) as Trace;
    expect(trace.cell).toBe(cell);
    expect(trace.hops.map(({ part }) => part)).toEqual(['client', 'gateway', 'link', 'tablet', 'mysql']);
    for (const { part, steps } of trace.hops) {
      const times = (steps ?? []).map(({ atMicros }) => atMicros);
      expect([part, times]).toEqual([part, times.toSorted((a, b) => a - b)]);
      for (const time of times) expect(Math.abs(time / 1000 - Date.now())).toBeLessThan(60_000);
    }
    for (const secret of await secretsOfWorkspace()) expect(stdout.includes(secret)).toBe(false);
    return trace;
  };
  /** Every password, every hash and the head of every private key. */
  const secretsOfWorkspace = async (): Promise<string[]> => {
    const passwords = cluster.secrets.names().map((name) => cluster.secrets.get(name)!.reveal());
    const users = await readFile(join(made.dir, 'users.json'), 'utf8');
    const hashes = [...users.matchAll(/\*([0-9A-F]{40,64})"/g)].flatMap(([, hash]) => [hash!, hash!.toLowerCase()]);
    expect(passwords.length).toBeGreaterThan(5);
    expect(hashes.length).toBeGreaterThan(5);
    return [...passwords, ...hashes, 'PRIVATE KEY'];
  };
  const hop = (trace: Trace, part: Hop['part']): NonNullable<Hop['steps']> => {
    const { steps } = trace.hops.find((candidate) => candidate.part === part)!;
    if (steps === null) throw new Error(`${part}: not recorded`);
    return steps;
  };
  const step = (trace: Trace, part: Hop['part'], name: string) =>
    hop(trace, part).find((candidate) => candidate.name === name)!;
  const silent = (trace: Trace): string[] => trace.hops.filter(({ steps }) => steps === null).map(({ part }) => part);
  const lineOf = async (file: string, line: unknown): Promise<string> =>
    (await readFile(join(made.dir, file), 'utf8')).split('\n')[Number(line) - 1]!;

  it(
    'an allowed one goes through every part, and quotes the entry and the list with file and line',
    async () => {
      const trace = await traceOf('shop/access/web/mysql-tls-verified/customers/read');
      expect(silent(trace)).toEqual([]);
      expect(hop(trace, 'client').map(({ name }) => name)).toEqual([
        'connected',
        'mysql.greeting',
        'tls.handshake',
        'mysql.login-sent',
        'mysql.login',
        'mysql.statement-sent',
        'mysql.answer',
      ]);
      // As vtgate prints it: literals are bind variables, and `name` is one of its keywords.
      const printed = 'select id, `name` from customers where id = :id /* INT64 */';
      const entry = step(trace, 'gateway', 'login.entry');
      expect(entry).toMatchObject({ outcome: 'ok', data: { user: 'web', file: 'users.json', entry: 0 } });
      const users = JSON.parse(await readFile(join(made.dir, 'users.json'), 'utf8')) as Record<string, unknown>;
      expect(users['web']).toBeDefined();
      expect(await lineOf('users.json', Number(entry.data['line']) - 1)).toContain('"web"');
      expect(step(trace, 'gateway', 'identity.derived').data).toMatchObject({ immediate: { username: 'shop_web' } });
      expect(step(trace, 'gateway', 'statement.forwarded').data).toMatchObject({ sql: printed, rpc: 'Execute' });
      expect(step(trace, 'link', 'link.used')).toMatchObject({
        outcome: 'ok',
        data: { tls: true, peer: { commonName: 'tablet-100.shop.internal' } },
      });
      expect(step(trace, 'tablet', 'request.received').data).toMatchObject({
        sql: printed,
        peer: 'shop gateways',
        immediate: { username: 'shop_web' },
      });
      const decided = step(trace, 'tablet', 'acl.decided');
      expect(decided).toMatchObject({ outcome: 'ok', data: { verdict: 'allow', enforcement: 'enforced' } });
      const [table] = decided.data['tables'] as Record<string, unknown>[];
      expect(table).toMatchObject({ group: 'people', entry: 'customers', list: 'readers', file: 'acl.json' });
      expect(await lineOf('acl.json', table!['line'])).toMatch(/"readers": .*"shop_web"/);
      expect(step(trace, 'mysql', 'mysql.answered')).toMatchObject({ outcome: 'ok', data: { rows: 1 } });
    },
    busy,
  );

  it(
    'a denied one ends at the tablet, with the list that lacks the name',
    async () => {
      const trace = await traceOf('shop/access/maria/mysql-tls/payments/read');
      expect(silent(trace)).toEqual(['mysql']);
      const decided = step(trace, 'tablet', 'acl.decided');
      expect(decided).toMatchObject({ outcome: 'refused', data: { verdict: 'deny', caller: 'maria' } });
      const [table] = decided.data['tables'] as Record<string, unknown>[];
      expect(table).toMatchObject({ group: 'money', list: 'readers', granted: false, file: 'acl.json' });
      const line = await lineOf('acl.json', table!['line']);
      expect(line).toContain('"readers"');
      expect(line).not.toContain('maria');
      expect(step(trace, 'gateway', 'statement.answered')).toMatchObject({
        outcome: 'refused',
        data: { code: 'PERMISSION_DENIED' },
      });
      expect(hop(trace, 'client').at(-1)).toMatchObject({ outcome: 'refused', data: { errno: 1045 } });
    },
    busy,
  );

  it(
    'is found over the Unix socket, also among many at once',
    async () => {
      const trace = await traceOf('shop/access/web/mysql-unix/products/read');
      expect(silent(trace)).toEqual([]);
      expect(step(trace, 'gateway', 'mysql.accepted').data).toMatchObject({ unixSocket: true });
      const report = await verifyOf(cluster, { only: (id) => id.includes('/mysql-unix/'), concurrency: 16 });
      expect(report.results.length).toBeGreaterThan(15);
      expect(new Set(report.results.map(({ traceId }) => traceId)).size).toBe(report.results.length);
      for (const { cell, traceId } of report.results) {
        if (cell.expected.stoppedAt === 'login') continue;
        const forwarded = cluster.recorder.steps(traceId!).find(({ name }) => name === 'statement.forwarded');
        const table = /(?:from|into|update|table)\s+(\w+)/.exec(cell.sql)?.[1];
        expect(forwarded?.data['sql'], cell.sql).toContain(table);
      }
    },
    busy,
  );

  it(
    'covers gRPC: a password with a claimed caller, and a certificate',
    async () => {
      const claimed = await traceOf('shop/access/batch/grpc-tls/products/write');
      expect(silent(claimed)).toEqual([]);
      const authorized = step(claimed, 'gateway', 'rpc.authorized');
      expect(authorized).toMatchObject({ outcome: 'ok', data: { user: 'batch', file: 'grpc-users.json' } });
      expect(await lineOf('grpc-users.json', authorized.data['line'])).not.toBe('');
      expect(step(claimed, 'gateway', 'identity.derived').data).toMatchObject({
        immediate: { username: 'catalogue-sync' },
      });
      expect(step(claimed, 'mysql', 'mysql.answered').outcome).toBe('ok');

      const certified = await traceOf('shop/access/olga/grpc-mutual-tls/payments/write');
      expect(silent(certified)).toEqual(['mysql']);
      expect(step(certified, 'gateway', 'identity.derived').data).toMatchObject({
        immediate: { username: 'olga', groups: ['operations'] },
      });
      expect(step(certified, 'tablet', 'acl.decided')).toMatchObject({ outcome: 'refused', data: { caller: 'olga' } });
      expect(hop(certified, 'client').at(-1)).toMatchObject({ outcome: 'refused', data: { code: 7 } });
    },
    busy,
  );

  it(
    'says "not recorded" for a part whose recorder is off, and guesses nothing',
    async () => {
      cluster.recorder.disable('tablet');
      const cell = 'shop/access/web/mysql-tls-verified/customers/read';
      const trace = await traceOf(cell);
      expect(silent(trace)).toEqual(['tablet']);
      const { code, stdout } = await gatehouse(['verify', made.dir, '--trace', '1']);
      expect(code).toBe(0);
      expect(stdout).toMatch(/\n {2}Tablet\n {4}not recorded\n\n {2}MySQL\n +\d+\.\d+ ms ✓ mysql\.answered /);
      expect(stdout).not.toContain('acl.decided');
      cluster.recorder.disable('gateway');
      expect(silent(await traceOf(cell))).toEqual(['gateway', 'tablet']);
    },
    busy,
  );

  it(
    'says "not reached" for what lies behind the hop that ended it',
    async () => {
      const cell = 'shop/access/maria/mysql-tls/payments/read';
      const { stdout } = await gatehouse(['verify', made.dir, '--trace', cell]);
      expect(stdout).toMatch(/\n {2}MySQL\n {4}not reached\n/);
      expect(stdout).not.toContain('not recorded');
      expect((await traceOf(cell)).hops.map(({ reached }) => reached)).toEqual([true, true, true, true, false]);
      cluster.recorder.disable('tablet');
      const unseen = await traceOf(cell);
      expect(unseen.hops.map(({ reached, steps }) => [reached, steps === null])).toEqual([
        [true, false],
        [true, false],
        [true, false],
        [true, true],
        [false, true],
      ]);
    },
    busy,
  );

  it.each([
    ['grpc-mutual-tls/pki/callers/expired-cert.pem', 'auditor', 'certificates', /expired/i],
    ['grpc-mutual-tls/pki/callers/revoked-cert.pem', 'auditor', 'certificates', /revoked/i],
    ['mysql-mutual-tls/pki/callers/expired-cert.pem', 'billing', 'certificates at the MySQL port', /expired/i],
    ['mysql-mutual-tls/pki/elsewhere/auditor-cert.pem', 'billing', 'certificates at the MySQL port', /unknown/i],
  ])(
    'keeps the gateway’s own words where TLS ended it: %s',
    async (way, caller, test, words) => {
      const [transport, ...path] = way.split('/');
      const trace = await traceOf(
        `shop/admission/expired, revoked and foreign ${test}/${caller}/${transport}/right/${path.join('/')}`,
      );
      expect(silent(trace)).toEqual(['link', 'tablet', 'mysql']);
      const refused = step(trace, 'gateway', 'tls.handshake');
      expect(refused.outcome).toBe('refused');
      expect(JSON.stringify(refused.data)).toMatch(words);
    },
    busy,
  );

  it(
    'tells a refused login without what was typed',
    async () => {
      const trace = await traceOf('shop/admission/wrong and empty passwords/web/mysql-tls-verified/wrong');
      expect(silent(trace)).toEqual(['link', 'tablet', 'mysql']);
      expect(step(trace, 'gateway', 'login.entry')).toMatchObject({
        outcome: 'refused',
        data: { file: 'users.json', tried: [{ compared: 'CachingSha2Password', verdict: 'wrong-password' }] },
      });
      expect(JSON.stringify(trace).replaceAll('wrong and empty', '')).not.toContain('incorrect_password');
    },
    busy,
  );
});
