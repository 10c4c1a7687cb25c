import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { queryMethods, type query } from '../../../src-main/servers/rpc';
import {
  asRoot,
  startBackend,
  startTablet,
  target,
  until,
  valuesOf,
  type Backend,
  type Running,
} from './tablet-fixture';

const caller = { immediateCallerId: { username: 'alice' } };
let backend: Backend;
let running: Running;

beforeAll(async () => {
  backend = await startBackend();
  await asRoot(backend, 'create table t1 (id int primary key, n int)', 'create table t2 (id int primary key)');
});
beforeEach(async () => {
  await asRoot(backend, 'truncate table t1', 'insert into t1 values (1, 1), (2, 2)');
});
afterEach(() => running.stop());
afterAll(() => backend.stop());

const beginExecute = (sql: string, more: Partial<query.IBeginExecuteRequest> = {}) =>
  running.client.client.unary(queryMethods.BeginExecute, { target, ...caller, query: { sql }, options: {}, ...more });
const inTransaction = (sql: string, transactionId: bigint) =>
  running.client.execute(sql, { username: 'alice' }, { transactionId });

describe('transactions', () => {
  test('commit keeps, rollback forgets, and an ended id says how it ended', async () => {
    running = await startTablet(backend);
    const first = await running.client.begin();
    expect(String(first)).toMatch(/^\d{19}$/);
    expect(await inTransaction('insert into t1 values (3, 3)', first)).toMatchObject({ affected: 1 });
    expect(await running.client.execute('select count(*) from t1')).toMatchObject({ rows: [['2']] });
    expect(await running.client.conclude('Commit', first)).toMatchObject({ ok: true });
    expect(await running.client.execute('select count(*) from t1')).toMatchObject({ rows: [['3']] });
    expect(await inTransaction('select 1 from t1', first)).toEqual({
      code: 'ABORTED',
      message: expect.stringMatching(
        /^transaction \d{19}: ended at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} UTC \(transaction committed\) \(CallerID: alice\)$/,
      ) as string,
    });
    const second = await running.client.begin();
    expect(second).toBe(first + 1n);
    await inTransaction('delete from t1', second);
    expect(await running.client.conclude('Rollback', second)).toMatchObject({ ok: true });
    expect(await running.client.execute('select count(*) from t1')).toMatchObject({ rows: [['3']] });
    expect(await running.client.conclude('Commit', second)).toMatchObject({
      message: expect.stringContaining('(transaction rolled back)') as string,
    });
  });

  test.each(['Commit', 'Rollback'] as const)('%s of an unknown id', async (how) => {
    running = await startTablet(backend);
    const message = 'transaction 12345: not found (potential transaction timeout) (CallerID: alice)';
    expect(await running.client.conclude(how, 12345n)).toEqual({ code: 'ABORTED', message });
    expect(await inTransaction('select 1 from t1', 12345n)).toEqual({ code: 'ABORTED', message });
    expect(await running.client.execute('select 1 from t1', { username: 'alice' }, { reservedId: 12345n })).toEqual({
      code: 'ABORTED',
      message,
    });
  });

  test('an error of the first statement travels beside the ids, a denied begin as status', async () => {
    running = await startTablet(backend);
    const failed = await beginExecute('select * from nosuch');
    expect(failed.transactionId).not.toBe(0n);
    expect(failed.tabletAlias).toMatchObject({ cell: 'zone1', uid: 100 });
    expect(failed.error).toMatchObject({
      code: 5,
      message: `Table 'vt_commerce.nosuch' doesn't exist (errno 1146) (sqlstate 42S02) (CallerID: alice): Sql: "select * from nosuch", BindVars: {}`,
    });
    expect(await inTransaction('select n from t1 where id = 1', failed.transactionId)).toMatchObject({ rows: [['1']] });
    await running.client.conclude('Rollback', failed.transactionId);
    await expect(beginExecute('select 1 from t1', { target: { ...target, keyspace: 'nosuch' } })).rejects.toMatchObject(
      {
        code: 3,
        message: 'invalid keyspace nosuch does not match expected commerce',
      },
    );
  });

  test('read-only, isolation and DDL', async () => {
    running = await startTablet(backend);
    const readOnly = await running.client.begin(
      { username: 'alice' },
      { transactionAccessMode: [2], transactionIsolation: 2 },
    );
    expect(await inTransaction('insert into t2 values (3)', readOnly)).toMatchObject({
      code: 'UNKNOWN',
      message: expect.stringContaining(
        'Cannot execute statement in a READ ONLY transaction (errno 1792) (sqlstate 25006)',
      ) as string,
    });
    expect(await inTransaction('create table t9 (a int)', readOnly)).toEqual({
      code: 'INTERNAL',
      message: 'DDL statement executed inside a transaction (CallerID: alice)',
    });
    await running.client.conclude('Rollback', readOnly);
  });

  test('one request at a time', async () => {
    running = await startTablet(backend);
    const id = await running.client.begin();
    const slow = inTransaction('select sleep(0.5) from t1 limit 1', id);
    await until(async () => {
      const answer = await inTransaction('select 1 from t1', id);
      return 'message' in answer && answer.message === `transaction ${id}: in use: for query (CallerID: alice)`;
    }, 'the transaction to be busy');
    expect(await running.client.conclude('Commit', id)).toMatchObject({
      code: 'ABORTED',
      message: `transaction ${id}: in use: for query (CallerID: alice)`,
    });
    expect(await slow).toMatchObject({ ok: true });
    await running.client.conclude('Rollback', id);
  });

  test('a transaction that is too old is ended, and nothing of it stays', async () => {
    running = await startTablet(backend, { limits: { transactionTimeoutMs: 150 } });
    const id = await running.client.begin();
    await inTransaction('insert into t1 values (50, 1)', id);
    await until(async () => 'message' in (await inTransaction('select 1 from t1', id)), 'the time-out');
    expect(await running.client.conclude('Commit', id)).toMatchObject({
      code: 'ABORTED',
      message: expect.stringMatching(/ended at .* UTC \(exceeded timeout: 150ms\) \(CallerID: alice\)$/) as string,
    });
    expect(await running.client.execute('select count(*) from t1 where id = 50')).toMatchObject({ rows: [['0']] });
  });

  test('the transaction pool has an end', async () => {
    running = await startTablet(backend, { limits: { transactionCap: 2, transactionPoolTimeoutMs: 100 } });
    const ids = [await running.client.begin(), await running.client.begin()];
    await expect(running.client.begin()).rejects.toMatchObject({
      code: 8,
      message: 'transaction pool connection limit exceeded (CallerID: alice)',
    });
    for (const id of ids) await running.client.conclude('Rollback', id);
    await running.client.conclude('Rollback', await running.client.begin());
  });

  test('a result that is too large leaves the transaction alive', async () => {
    running = await startTablet(backend, { limits: { rowLimit: 1 } });
    const id = await running.client.begin();
    await inTransaction('insert into t1 values (3, 3)', id);
    expect(await inTransaction('select id from t1', id)).toEqual({
      code: 'ABORTED',
      message: 'Row count exceeded 1 (CallerID: alice)',
    });
    expect(await inTransaction('select count(*) from t1', id)).toMatchObject({ rows: [['3']] });
    await running.client.conclude('Rollback', id);
  });
});

describe('reserved connections', () => {
  const reserve = (sql: string, preQueries: readonly string[], more: Partial<query.IReserveExecuteRequest> = {}) =>
    running.client.client.unary(queryMethods.ReserveExecute, {
      target,
      ...caller,
      query: { sql },
      preQueries,
      options: {},
      ...more,
    });
  const release = (transactionId: bigint, reservedId: bigint) =>
    running.client.answer(
      running.client.client
        .unary(queryMethods.Release, { target, ...caller, transactionId, reservedId })
        .then(() => ({})),
    );

  test('settings apply to their own statement and to nobody else', async () => {
    running = await startTablet(backend);
    const set = await reserve('select @@sql_mode, @@div_precision_increment', [
      "set sql_mode = ''",
      'set div_precision_increment = 7',
    ]);
    expect(set.reservedId).toBe(0n);
    expect(valuesOf((set.result as query.QueryResult).rows[0] as query.Row)).toEqual(['', '7']);
    for (let index = 0; index < 20; index += 1)
      expect(await running.client.execute('select @@div_precision_increment')).toMatchObject({ rows: [['4']] });
    expect(
      (await reserve('select @@div_precision_increment', ["set sql_mode = ''", 'set div_precision_increment = 7']))
        .result?.rows,
    ).toHaveLength(1);
  });

  test('what needs a connection of its own gets one, until it is released', async () => {
    running = await startTablet(backend);
    const locked = await reserve("select get_lock('gatehouse', 1)", []);
    expect(locked.reservedId).not.toBe(0n);
    const { reservedId } = locked;
    const on = (sql: string) => running.client.execute(sql, { username: 'alice' }, { reservedId });
    expect(await on('set @kept = 5')).toMatchObject({ ok: true });
    expect(await on('select @kept')).toMatchObject({ rows: [['5']] });
    expect(await on('create temporary table tmp1 (a int)')).toMatchObject({ ok: true });
    expect(await on('select count(*) from tmp1')).toMatchObject({ rows: [['0']] });
    expect(await release(0n, reservedId)).toMatchObject({ ok: true });
    expect(await on('select @kept')).toMatchObject({ code: 'ABORTED' });
    const [[row]] = (await (await backend.root()).query("select is_free_lock('gatehouse') as free")) as unknown as [
      [{ free: number }],
    ];
    expect(row.free).toBe(1);
    for (let index = 0; index < 20; index += 1)
      expect(await running.client.execute('select * from tmp1')).toMatchObject({ code: 'NOT_FOUND' });
  });

  test('an error of a reserving statement travels beside the id, any other is a status', async () => {
    running = await startTablet(backend, { limits: { transactionCap: 1, transactionPoolTimeoutMs: 100 } });
    for (let index = 0; index < 3; index += 1) {
      const failed = await reserve('create temporary table tmp2 (a nosuchtype)', []);
      expect(failed.error).toMatchObject({ code: 2 });
      expect(await release(0n, failed.reservedId)).toMatchObject({ ok: true });
    }
    await expect(reserve('select * from nosuch', ["set sql_mode = ''"])).rejects.toMatchObject({ code: 5 });
    await running.client.conclude('Rollback', await running.client.begin());
  });

  test('transactions come and go on a reserved connection, whose id is renewed', async () => {
    running = await startTablet(backend);
    const { reservedId } = await reserve("select get_lock('own', 1)", []);
    const begun = await beginExecute('insert into t1 values (7, 7)', { reservedId });
    expect(begun.transactionId).toBe(reservedId);
    const committed = await running.client.client.unary(queryMethods.Commit, {
      target,
      ...caller,
      transactionId: begun.transactionId,
    });
    expect(committed.reservedId).not.toBe(0n);
    expect(committed.reservedId).not.toBe(reservedId);
    expect(
      await running.client.execute(
        'select count(*) from t1 where id = 7',
        { username: 'alice' },
        { reservedId: committed.reservedId },
      ),
    ).toMatchObject({ rows: [['1']] });
    expect(await release(0n, committed.reservedId)).toMatchObject({ ok: true });
  });

  test('releasing nothing and releasing the unknown', async () => {
    running = await startTablet(backend);
    expect(await release(0n, 0n)).toEqual({
      code: 'INVALID_ARGUMENT',
      message: 'connection ID and transaction ID do not exist',
    });
    expect(await release(0n, 12345n)).toEqual({
      code: 'ABORTED',
      message: 'transaction 12345: not found (potential transaction timeout) (CallerID: alice)',
    });
  });

  test.each([
    [
      '24.0-recorded',
      'set nosuch=1',
      3,
      /^Unknown system variable 'nosuch' \(errno 1193\) \(sqlstate HY000\) \(CallerID: alice\): Sql: "select 1 from t1", BindVars: \{\}$/,
    ],
    [
      '24.0-recorded',
      'selec',
      3,
      /^\[BUG\]: failed to parse system setting: selec: syntax error at position 6 near 'selec' \(CallerID: alice\)$/,
    ],
    ['24.0-recorded', 'set @x = 1', 13, /^\[BUG\]: session scope expected, got: variable \(CallerID: alice\)$/],
    ['24.0-recorded', 'select 1', 13, /^\[BUG\]: invalid set statement: select 1 \(CallerID: alice\)$/],
    [
      '24.0-recorded',
      'insert into t1 values (6, 6)',
      13,
      /^\[BUG\]: invalid set statement: insert into t1 values \(6, 6\) \(CallerID: alice\)$/,
    ],
    ['24.0.4', 'select 1', 3, /^connection setting is not a SET statement: select 1 \(CallerID: alice\)$/],
    ['24.0.4', 'selec', 3, /^failed to parse connection setting: selec \(CallerID: alice\)$/],
  ] as const)('under %s pre_queries [%s] are refused', async (version, sql, code, message) => {
    running = await startTablet(backend, { fidelity: { mode: 'vitess', version } });
    await expect(reserve('select 1 from t1', [sql])).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message) as string,
    });
    await expect(
      running.client.client.unary(queryMethods.ReserveBeginExecute, {
        target,
        ...caller,
        query: { sql: 'select 1 from t1' },
        preQueries: [sql],
      }),
    ).rejects.toMatchObject({ code });
    expect(await running.client.execute('select count(*) from t1')).toMatchObject({ rows: [['2']] });
  });

  test('reserve and begin at once', async () => {
    running = await startTablet(backend);
    const both = await running.client.client.unary(queryMethods.ReserveBeginExecute, {
      target,
      ...caller,
      query: { sql: "select get_lock('both', 1) from t1 limit 1" },
      preQueries: ['set div_precision_increment = 9'],
      postBeginQueries: ['savepoint a'],
    });
    expect(both.error).toBeNull();
    expect(both.reservedId).toBe(both.transactionId);
    expect(await inTransaction('select @@div_precision_increment', both.transactionId)).toMatchObject({
      rows: [['9']],
    });
    expect(await release(both.transactionId, both.reservedId)).toMatchObject({ ok: true });
    const failed = await running.client.client.unary(queryMethods.ReserveBeginExecute, {
      target,
      ...caller,
      query: { sql: 'select * from nosuch' },
    });
    expect(failed).toMatchObject({ error: { code: 5 }, reservedId: 0n });
    expect(failed.transactionId).not.toBe(0n);
    await release(failed.transactionId, 0n);
  });
});
