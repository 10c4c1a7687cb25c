import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { queryMethods } from '../../../src-main/servers/rpc';
import { asRoot, startBackend, startTablet, target, until, type Backend, type Running } from './tablet-fixture';

let backend: Backend;
let running: Running;

beforeAll(async () => {
  backend = await startBackend();
  await asRoot(backend, 'create table t1 (id int primary key)', 'insert into t1 values (1)');
});
afterEach(() => running.stop());
afterAll(() => backend.stop());

const running_ = async (text: string): Promise<number> => {
  const root = await backend.root();
  const [rows] = await root.query('select id from information_schema.processlist where user = ? and info like ?', [
    'vt_app',
    `%${text}%`,
  ]);
  await root.end();
  return (rows as { id: number }[])[0]?.id ?? 0;
};

test('MySQL dies in the middle of work: clear errors, and all is well when it is back', async () => {
  running = await startTablet(backend);
  const health: boolean[] = [];
  const listening = (async () => {
    for await (const { serving, target: heard, tabletAlias } of running.client.client.stream(
      queryMethods.StreamHealth,
      {},
    )) {
      expect(heard).toMatchObject({ keyspace: 'commerce', shard: '0', tabletType: 1 });
      expect(tabletAlias).toMatchObject({ cell: 'zone1', uid: 100 });
      if (health.at(-1) !== serving) health.push(serving);
    }
  })().catch(() => undefined);
  const id = await running.client.begin();
  await running.client.execute('insert into t1 values (77)', { username: 'alice' }, { transactionId: id });
  expect(await running.client.execute('insert into t1 values (2)')).toMatchObject({ affected: 1 });
  const slow = running.client.execute('select sleep(60) from t1 as busy_here limit 1');
  await until(async () => (await running_('busy_here')) > 0, 'the statement to be running');
  const { pid } = backend.server;
  process.kill(pid, 'SIGKILL');
  expect(await slow).toMatchObject({
    code: 'CANCELED',
    message: expect.stringMatching(
      /^EOF \(errno 2013\) \(sqlstate HY000\) \(CallerID: alice\): Sql: "select sleep/,
    ) as string,
  });
  const seen = new Set<string>();
  await until(
    async () => {
      const answer = await running.client.execute('select count(*) from t1');
      if ('code' in answer) seen.add(`${answer.code} ${answer.message}`);
      return 'rows' in answer && answer.rows[0]?.[0] === '2';
    },
    'MySQL to be back with what was committed',
    20_000,
  );
  for (const text of seen)
    expect(text).toMatch(
      /^CLUSTER_EVENT operation not allowed in state (?:SHUTTING_DOWN|NOT_SERVING)$|\(errno 20(?:02|03|06|13)\)/,
    );
  const inTransaction = () => running.client.execute('select 1', { username: 'alice' }, { transactionId: id });
  expect(await inTransaction()).toMatchObject({
    code: 'UNAVAILABLE',
    message: expect.stringContaining('broken pipe (errno 2006)') as string,
  });
  expect(await inTransaction()).toMatchObject({
    code: 'ABORTED',
    message: expect.stringContaining('(unlocked closed connection)') as string,
  });
  expect(health.at(0)).toBe(true);
  await until(() => running.tablet.serving, 'the tablet to serve');
  await running.tablet.stop();
  await listening;
  expect(health).toEqual([true, false, true, false]);
});

test('a connection killed in MySQL fails its statement only', async () => {
  running = await startTablet(backend);
  const slow = running.client.execute('select sleep(60) from t1 as victim limit 1');
  let thread = 0;
  await until(async () => (thread = await running_('victim')) > 0, 'the statement to be running');
  await asRoot(backend, `kill ${thread}`);
  expect(await slow).toMatchObject({ message: expect.stringMatching(/\(errno (?:2013|1317|1927)\)/) as string });
  expect(await running.client.execute('select count(*) from t1')).toMatchObject({ ok: true });
  expect(running.tablet.serving).toBe(true);
});

test('a tablet starts without MySQL, says so, and serves when it comes', async () => {
  running = await startTablet(backend, {
    backend: { host: '127.0.0.1', port: 1, user: 'vt_app', password: { reveal: () => 'x' } as never },
  });
  expect(running.tablet.serving).toBe(false);
  expect(running.tablet.backendError).toContain('ECONNREFUSED');
  expect(await running.client.execute('select 1 from t1')).toEqual({
    code: 'CLUSTER_EVENT',
    message: 'operation not allowed in state NOT_SERVING',
  });
});

test('stopping lets a running statement finish and rolls open transactions back', async () => {
  running = await startTablet(backend);
  const id = await running.client.begin();
  await running.client.execute('insert into t1 values (500)', { username: 'alice' }, { transactionId: id });
  const slow = running.client.client.unary(queryMethods.Execute, {
    target,
    immediateCallerId: { username: 'alice' },
    query: { sql: 'select sleep(0.3) from t1 as last_one limit 1' },
  });
  await until(async () => (await running_('last_one')) > 0, 'the statement to be running');
  const stopped = running.tablet.stop({ graceMs: 5000 });
  expect((await slow).result?.rows).toHaveLength(1);
  await stopped;
  const root = await backend.root();
  const [rows] = await root.query('select count(*) as n from t1 where id = 500');
  await root.end();
  expect(rows).toEqual([{ n: 0 }]);
});
