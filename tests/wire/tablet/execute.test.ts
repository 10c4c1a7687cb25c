import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { queryMethods } from '../../../src-main/servers/rpc';
import { asRoot, startBackend, startTablet, target, type Backend, type Running } from './tablet-fixture';

let backend: Backend;
let running: Running;

beforeAll(async () => {
  backend = await startBackend();
  await asRoot(
    backend,
    'create table t1 (id int primary key auto_increment, name varchar(20) not null, n int unsigned)',
    "insert into t1 values (1, 'one', 1), (2, 'two', 2), (3, 'three', null)",
    'create table big (id int primary key)',
    'insert into big select seq from seq_1_to_25000',
    "create table types (a tinyint unsigned, b bigint, c decimal(6,2), d datetime(3), e varbinary(8), f json, g enum('x','y'), h bit(9), i float, j text, k year, l char(3), m set('p','q'))",
    `insert into types values (255, -9223372036854775808, 1.50, '2024-02-29 23:59:59.123', x'00ff', '{"a":1}', 'y', b'100000001', 1.5, 'ü€😀', 2024, 'abc', 'p,q')`,
  );
  running = await startTablet(backend);
});
afterAll(async () => {
  await running.stop();
  await backend.stop();
});

const execute: Running['client']['execute'] = (...call) => running.client.execute(...call);

test('rows, fields and affected counts as MySQL sends them', async () => {
  const selected = await execute('select id, name, n from t1 order by id');
  expect(selected).toMatchObject({
    ok: true,
    rows: [
      ['1', 'one', '1'],
      ['2', 'two', '2'],
      ['3', 'three', null],
    ],
    affected: 0,
  });
  const fields = 'result' in selected ? selected.result?.fields : [];
  expect(fields?.[0]).toMatchObject({
    name: 'id',
    type: 263,
    table: 't1',
    orgTable: 't1',
    database: 'commerce',
    orgName: 'id',
    columnLength: 11,
    charset: 63,
    flags: 49667,
  });
  expect(fields?.[1]).toMatchObject({ name: 'name', type: 6165, columnLength: 80 });
  expect(fields?.[2]).toMatchObject({ name: 'n', type: 776 });
  const inserted = await execute("insert into t1(name) values ('four')");
  expect(inserted).toMatchObject({ ok: true, affected: 1 });
  expect('result' in inserted ? inserted.result?.insertId : 0n).toBe(4n);
  expect(await execute('delete from t1 where id = 4')).toMatchObject({ ok: true, affected: 1 });
});

test('types and text forms are exact', async () => {
  const answer = await execute('select * from types');
  const result = 'result' in answer ? answer.result : null;
  expect(result?.fields.map(({ type }) => type)).toEqual([
    770,
    265,
    18,
    2064,
    10262,
    expect.any(Number),
    2074,
    2073,
    1035,
    6163,
    785,
    6167,
    2075,
  ]);
  const row = result?.rows[0];
  expect(row?.lengths).toEqual([3, 20, 4, 23, 2, 7, 1, 2, 3, 9, 4, 3, 3]);
  expect(row?.values.toString('latin1')).toBe(
    Buffer.from('255-92233720368547758081.502024-02-29 23:59:59.123\0ÿ{"a":1}y\x01\x011.5', 'latin1').toString(
      'latin1',
    ) +
      Buffer.from('ü€😀').toString('latin1') +
      '2024abcp,q',
  );
  const bare = await execute('select id from t1 limit 1', { username: 'alice' }, { options: {} });
  expect('result' in bare ? bare.result?.fields[0] : null).toMatchObject({
    name: 'id',
    type: 263,
    table: '',
    columnLength: 0,
  });
});

describe('errors have the texts of vttablet', () => {
  test.each([
    [
      'select * from nosuch',
      'NOT_FOUND',
      `Table 'vt_commerce.nosuch' doesn't exist (errno 1146) (sqlstate 42S02) (CallerID: alice): Sql: "select * from nosuch", BindVars: {}`,
    ],
    [
      "insert into t1 values (1, 'x', 1)",
      'ALREADY_EXISTS',
      `Duplicate entry '1' for key 'PRIMARY' (errno 1062) (sqlstate 23000) (CallerID: alice): Sql: "insert into t1 values (1, 'x', 1)", BindVars: {}`,
    ],
    [
      'select nosuch from t1',
      'NOT_FOUND',
      `Unknown column 'nosuch' in 'SELECT' (errno 1054) (sqlstate 42S22) (CallerID: alice): Sql: "select nosuch from t1", BindVars: {}`,
    ],
    ['set @x = 1', 'FAILED_PRECONDITION', 'Set not allowed without reserved connection (CallerID: alice)'],
    [
      "select get_lock('x', 1)",
      'FAILED_PRECONDITION',
      'SelectLockFunc not allowed without reserved connection (CallerID: alice)',
    ],
    [
      'unlock tables',
      'FAILED_PRECONDITION',
      'unlock tables should be executed with an existing connection (CallerID: alice)',
    ],
    [
      'flush tables with read lock',
      'FAILED_PRECONDITION',
      'Flush not allowed without reserved connection (CallerID: alice)',
    ],
    ['lock tables t1 write', 'INVALID_ARGUMENT', 'invalid SQL (CallerID: alice)'],
    ['use mysql', 'INVALID_ARGUMENT', 'invalid SQL (CallerID: alice)'],
    ['kill 1', 'INVALID_ARGUMENT', 'invalid SQL (CallerID: alice)'],
    ['select :a from t1', 'INVALID_ARGUMENT', 'missing bind var a (CallerID: alice)'],
    ['', 'INVALID_ARGUMENT', 'Query was empty (CallerID: alice)'],
    ['select id from big', 'ABORTED', 'Row count exceeded 10000 (CallerID: alice)'],
    ['select id from big limit 20000', 'ABORTED', 'Row count exceeded 10000 (CallerID: alice)'],
    ['update big set id = id + 100000', 'ABORTED', 'caller id: alice: row count exceeded 10000 (CallerID: alice)'],
  ])('%s', async (sql, code, message) => expect(await execute(sql)).toEqual({ code, message }));

  test('an update that was too large is rolled back', async () => {
    await execute('delete from big');
    expect(await execute('select count(*), min(id) from big')).toMatchObject({ rows: [['25000', '1']] });
  });

  test('bind variables are shown, or hidden under terse errors', async () => {
    const bound = {
      sql: '',
      bindVariables: { id: { type: 265, value: Buffer.from('1') }, n: { type: 6165, value: Buffer.from('a"b') } },
    };
    const sql = 'select nosuch from t1 where id = :id and name = :n';
    const answer = await execute(sql, { username: 'u' }, { query: { ...bound, sql } });
    expect(answer).toEqual({
      code: 'NOT_FOUND',
      message: `Unknown column 'nosuch' in 'SELECT' (errno 1054) (sqlstate 42S22) (CallerID: u): Sql: "${sql}", BindVars: {#maxLimit: "type:INT64 value:\\"10001\\""id: "type:INT64 value:\\"1\\""n: "type:VARCHAR value:\\"a\\\\\\"b\\""}`,
    });
    const terse = await startTablet(backend, { terseErrors: true });
    expect(await terse.client.execute(sql, { username: 'u' }, { query: { ...bound, sql } })).toEqual({
      code: 'NOT_FOUND',
      message: `(errno 1054) (sqlstate 42S22) (CallerID: u): Sql: "${sql}", BindVars: {[REDACTED]}`,
    });
    await terse.stop();
  });

  test('a message too long for gRPC is cut', async () => {
    const answer = await execute(`select '${'x'.repeat(9000)}' from nosuch`);
    expect('message' in answer && answer.message.length).toBeLessThan(8000);
    expect('message' in answer && answer.message).toMatch(
      / \[\.\.\.\] \[remainder of the error is truncated because gRPC has a size limit on errors\.\]$/,
    );
  });
});

describe('the target', () => {
  test.each([
    [{ target: null }, 'INVALID_ARGUMENT', 'No target'],
    [
      { target: { ...target, keyspace: 'nosuch' } },
      'INVALID_ARGUMENT',
      'invalid keyspace nosuch does not match expected commerce',
    ],
    [{ target: { ...target, shard: '-80' } }, 'INVALID_ARGUMENT', 'invalid shard -80 does not match expected 0'],
    [
      { target: { ...target, tabletType: 2 } },
      'FAILED_PRECONDITION',
      'wrong tablet type: REPLICA, want: PRIMARY or []',
    ],
    [
      { target: { ...target, tabletType: 0 } },
      'FAILED_PRECONDITION',
      'wrong tablet type: UNKNOWN, want: PRIMARY or []',
    ],
  ])('%j', async (change, code, message) => {
    expect(await execute('select 1 from t1', { username: 'alice' }, change as Parameters<typeof execute>[2])).toEqual({
      code,
      message,
    });
  });

  test('another cell is no matter, and without a caller there is no suffix', async () => {
    expect(await execute('select 1 from t1 limit 1', null, { target: { ...target, cell: 'zone2' } })).toMatchObject({
      ok: true,
    });
    expect(await execute('select * from nosuch', null)).toMatchObject({
      message: expect.stringMatching(/\(sqlstate 42S02\): Sql: "select/) as string,
    });
  });
});

test('a procedure that gives rows is refused, and nothing stays on the connection', async () => {
  await asRoot(
    backend,
    'create procedure one_result() select count(*) as n from t1',
    'create procedure two_results() begin select 1; select 2; end',
    'create procedure none() set @left = 1',
  );
  for (const call of ['call one_result()', 'call two_results()'])
    expect(await execute(call)).toMatchObject({
      code: 'UNIMPLEMENTED',
      message: 'Multi-Resultset not supported in stored procedure (CallerID: alice)',
    });
  expect(await execute('call none()')).toMatchObject({ ok: true });
  for (let index = 0; index < 20; index += 1) expect(await execute('select @left')).toMatchObject({ rows: [[null]] });
});

test('user variables of one caller are never seen by the next', async () => {
  await execute('select @secret := name from t1 where id = 1');
  for (let index = 0; index < 20; index += 1)
    expect(await execute('select @secret', { username: 'bob' })).toMatchObject({ rows: [[null]] });
});

test('sequences count, in ranges', async () => {
  await asRoot(
    backend,
    "create table seq (id int primary key, next_id bigint, cache bigint) comment 'vitess_sequence'",
    'insert into seq values (0, 5, 3)',
  );
  await running.tablet.reloadSchema();
  const taken = await Promise.all(Array.from({ length: 10 }, () => execute('select next 1 values from seq')));
  expect(taken.map((answer) => Number('rows' in answer ? answer.rows[0]?.[0] : -1)).sort((a, b) => a - b)).toEqual([
    5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
  ]);
  expect(await execute('select next 4 values from seq')).toMatchObject({ rows: [['15']] });
  expect(await execute('select next value from t1')).toEqual({
    code: 'INVALID_ARGUMENT',
    message: 't1 is not a sequence (CallerID: alice)',
  });
});

test('GetSchema answers with the definitions asked for', async () => {
  const definitions: { [name: string]: string } = {};
  for await (const { tableDefinition } of running.client.client.stream(queryMethods.GetSchema, {
    target,
    tableType: 1,
    tableNames: ['t1'],
  }))
    Object.assign(definitions, tableDefinition);
  expect(Object.keys(definitions)).toEqual(['t1']);
  expect(definitions['t1']).toMatch(/^CREATE TABLE `t1`/);
});
