import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { asRoot, aclOf, startBackend, startTablet, until, type Backend, type Running } from './tablet-fixture';

const groups = (readers: readonly string[]) =>
  aclOf({
    table_groups: [
      { name: 'sales', table_names_or_prefixes: ['orders', 'order_%'], readers, writers: ['w'], admins: ['dba'] },
    ],
  });
const strict = { strict: true, dryRun: false, exempt: '' };
let backend: Backend;
let running: Running;

beforeAll(async () => {
  backend = await startBackend();
  await asRoot(
    backend,
    'create table orders (id int primary key)',
    'insert into orders values (1)',
    'create table order_items (id int)',
    'create table payments (id int)',
  );
});
afterEach(() => running.stop());
afterAll(() => backend.stop());

test('a denied statement never reaches MySQL, an allowed one does', async () => {
  running = await startTablet(backend, { acl: groups(['alice']), aclSettings: strict });
  const root = await backend.root();
  await root.query("set global general_log = on, global log_output = 'table'");
  expect(await running.client.execute('delete from orders')).toEqual({
    code: 'PERMISSION_DENIED',
    message: "DeleteLimit command denied to user 'alice' for table 'orders' (ACL check error) (CallerID: alice)",
  });
  expect(await running.client.execute('select id as seen_by_mysql from orders')).toMatchObject({ ok: true });
  const [rows] = await root.query(
    "select argument from mysql.general_log where argument like '%orders%' and argument not like '%general_log%'",
  );
  await root.query('set global general_log = off');
  await root.end();
  expect((rows as { argument: Buffer }[]).map(({ argument }) => String(argument))).toEqual([
    'select id as seen_by_mysql from orders limit 10001',
  ]);
});

test('groups, prefixes, a missing caller and tables without an entry', async () => {
  running = await startTablet(backend, { acl: groups(['team']), aclSettings: strict });
  const ask = async (sql: string, caller: Parameters<Running['client']['execute']>[1]) => {
    const answer = await running.client.execute(sql, caller);
    return 'code' in answer ? `${answer.code} ${answer.message}` : 'ok';
  };
  expect(await ask('select 1 from orders', { username: 'bob', groups: ['dev', 'team'] })).toBe('ok');
  expect(await ask('select 1 from order_items', { username: 'team' })).toBe('ok');
  expect(await ask('select 1 from orders', { username: 'bob', groups: ['dev', 'ops'] })).toBe(
    "PERMISSION_DENIED Select command denied to user 'bob', in groups [dev, ops], for table 'orders' (ACL check error) (CallerID: bob)",
  );
  expect(await ask('select 1 from payments', { username: 'team' })).toBe(
    "PERMISSION_DENIED Select command denied to user 'team' for table 'payments' (ACL check error) (CallerID: team)",
  );
  expect(await ask('select 1 from orders', null)).toBe('UNAUTHENTICATED missing caller id');
  expect(await ask('select 1 from orders', { username: '' })).toBe(
    "PERMISSION_DENIED Select command denied to user '' for table 'orders' (ACL check error) (CallerID: )",
  );
  expect(await ask('create table order_new (a int)', { username: 'team' })).toMatch(
    /^PERMISSION_DENIED DDL command denied/,
  );
  expect(running.tablet.counters).toEqual({
    TableACLAllowed: { 'orders.sales.Select.bob': 1, 'order_items.sales.Select.team': 1 },
    TableACLDenied: {
      'orders.sales.Select.bob': 1,
      'payments..Select.team': 1,
      'orders.sales.Select.': 1,
      'order_new.sales.DDL.team': 1,
    },
    TableACLPseudoDenied: {},
    TableACLExemptCount: 0,
  });
});

test('dry run and exemption are counted as such', async () => {
  running = await startTablet(backend, {
    acl: groups([]),
    aclSettings: { strict: true, dryRun: true, exempt: 'root' },
  });
  expect(await running.client.execute('select 1 from orders')).toMatchObject({ ok: true });
  expect(await running.client.execute('select 1 from orders', { username: 'x', groups: ['root'] })).toMatchObject({
    ok: true,
  });
  expect(running.tablet.counters).toMatchObject({
    TableACLPseudoDenied: { 'orders.sales.Select.alice': 1 },
    TableACLExemptCount: 1,
  });
});

test('a new ACL holds for the next statement, also in an open transaction', async () => {
  running = await startTablet(backend, { acl: groups(['alice']), aclSettings: strict });
  const transactionId = await running.client.begin();
  const ask = () => running.client.execute('select 1 from orders', { username: 'alice' }, { transactionId });
  expect(await ask()).toMatchObject({ ok: true });
  running.tablet.updateAcl(groups(['bob']));
  expect(await ask()).toMatchObject({ code: 'PERMISSION_DENIED' });
  running.tablet.updateAcl(null, strict);
  expect(await running.client.execute('select 1 from orders', { username: 'bob' })).toMatchObject({
    code: 'PERMISSION_DENIED',
  });
  running.tablet.updateAcl(groups(['alice']));
  expect(await ask()).toMatchObject({ ok: true });
  await running.client.conclude('Rollback', transactionId);
});

test('under hardened mode a statement whose tables are not known is refused', async () => {
  running = await startTablet(backend, {
    acl: groups(['alice']),
    aclSettings: strict,
    fidelity: { mode: 'hardened', version: '24.0.4' },
  });
  for (const sql of ['call anything()', 'do 1', 'repair table orders'])
    expect(await running.client.execute(sql), sql).toMatchObject({ code: 'PERMISSION_DENIED' });
});

test('the decision and the answer are in the trace under the id of the gateway', async () => {
  running = await startTablet(backend, { acl: groups(['alice']), aclSettings: strict });
  const traceId = 'a'.repeat(24);
  const metadata = new Map([['gatehouse-trace', [traceId]]]);
  await running.client.execute('select 1 from orders', { username: 'alice' }, {}, { metadata });
  await running.client.execute('select 1 from payments', { username: 'alice' }, {}, { metadata });
  await running.client.execute('select nosuch from orders', { username: 'alice' }, {}, { metadata });
  await until(
    () =>
      running.recorder.steps(traceId).some(({ name, outcome }) => name === 'mysql.answered' && outcome === 'failed'),
    'the trace',
  );
  const steps = running.recorder.steps(traceId).filter(({ name }) => name !== 'rpc.answered');
  expect(steps.map(({ part, name, outcome }) => `${part} ${name} ${outcome}`)).toEqual([
    'tablet request.received info',
    'tablet acl.decided ok',
    'mysql mysql.answered ok',
    'tablet request.received info',
    'tablet acl.decided refused',
    'tablet request.received info',
    'tablet acl.decided ok',
    'mysql mysql.answered failed',
  ]);
  expect(steps[1]?.data).toMatchObject({
    verdict: 'allow',
    tables: [
      {
        table: 'orders',
        role: 'READER',
        group: 'sales',
        entry: 'orders',
        list: 'readers',
        principal: 'alice',
        file: 'acl.json',
        line: expect.any(Number) as number,
      },
    ],
  });
  expect(steps[2]?.data).toMatchObject({ connection: expect.any(Number) as number, rows: 1, errno: null });
  expect(steps[7]?.data).toMatchObject({ errno: 1054 });
  running.recorder.disable('tablet');
  await running.client.execute(
    'select 1 from orders',
    { username: 'alice' },
    {},
    { metadata: new Map([['gatehouse-trace', ['b'.repeat(24)]]]) },
  );
  expect(running.recorder.steps('b'.repeat(24)).filter(({ part }) => part === 'tablet')).toEqual([]);
});
