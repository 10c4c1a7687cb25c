import { afterAll, beforeAll, expect, test } from 'vitest';
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

const ROWS = 120_000;
const caller = { immediateCallerId: { username: 'alice' } };
let backend: Backend;
let running: Running;

beforeAll(async () => {
  backend = await startBackend();
  await asRoot(
    backend,
    'create table big (id int primary key, pad varchar(200))',
    `insert into big select seq, repeat('p', 200) from seq_1_to_${ROWS}`,
    'create table t1 (id int)',
  );
  running = await startTablet(backend);
});
afterAll(async () => {
  await running.stop();
  await backend.stop();
});

const streamed = (sql: string, more: Partial<query.IStreamExecuteRequest> = {}) =>
  running.client.client.stream(queryMethods.StreamExecute, {
    target,
    ...caller,
    query: { sql },
    options: { includedFields: 2 },
    ...more,
  });

const running_ = async (pattern: string): Promise<number> => {
  const root = await backend.root();
  const [rows] = await root.query(
    'select count(*) as n from information_schema.processlist where user = ? and info like ?',
    ['vt_app', pattern],
  );
  await root.end();
  return (rows as { n: number }[])[0]?.n ?? 0;
};

test('fields first, then all rows in order, without a row limit', async () => {
  let messages = 0;
  let next = 1;
  for await (const { result } of streamed('select * from big order by id')) {
    messages += 1;
    if (messages === 1) expect(result?.fields.map(({ name }) => name)).toEqual(['id', 'pad']);
    for (const row of result?.rows ?? []) {
      expect(row.lengths[1]).toBe(200);
      if (next % 10_000 === 0) expect(valuesOf(row)[0]).toBe(String(next));
      next += 1;
    }
  }
  expect(next - 1).toBe(ROWS);
  expect(messages).toBeGreaterThan(100);
});

test('a slow reader holds MySQL back instead of filling the memory', async () => {
  const stream = streamed('select a.id, a.pad from big a join big b on b.id <= 20')[Symbol.asyncIterator]();
  await stream.next();
  await stream.next();
  global.gc?.();
  const before = process.memoryUsage();
  // 480 MB of rows would arrive if nobody held them back; the statement is still waiting to send when it is looked at.
  await until(async () => (await running_('%b.id <= 20%')) === 1, 'the statement to be running');
  for (let look = 0; look < 20; look += 1) await running_('%b.id <= 20%');
  const after = process.memoryUsage();
  expect(after.rss - before.rss).toBeLessThan(80_000_000);
  expect(await running_('%b.id <= 20%')).toBe(1);
  await stream.return?.(undefined);
  await until(async () => (await running_('%b.id <= 20%')) === 0, 'the statement to end with its reader');
});

test('a cancelled call is ended in MySQL, streamed or not', async () => {
  const cancel = new AbortController();
  const unary = running.client.client.unary(
    queryMethods.Execute,
    { target, ...caller, query: { sql: 'select sleep(60) as unary_one' } },
    { signal: cancel.signal },
  );
  const outcome = unary.then(
    () => 'answered',
    () => 'cancelled',
  );
  await until(async () => (await running_('%unary_one%')) === 1, 'the statement to be running');
  cancel.abort();
  expect(await outcome).toBe('cancelled');
  await until(async () => (await running_('%unary_one%')) === 0, 'the statement to end');
  const late = running.client.client.unary(
    queryMethods.Execute,
    { target, ...caller, query: { sql: 'select sleep(60) as late_one' } },
    { deadlineMs: 200 },
  );
  await expect(late).rejects.toMatchObject({ code: 4 });
  await until(async () => (await running_('%late_one%')) === 0, 'the statement to end');
});

test('a statement over the time limit is ended with the text of vttablet', async () => {
  const own = await startTablet(backend, { limits: { queryTimeoutMs: 150 } });
  const answer = await own.client.execute('select sleep(60) from t1 right join (select 1) x on true');
  expect(answer).toEqual({
    code: 'CANCELED',
    message: expect.stringMatching(
      /^\(errno 3024\) \(sqlstate HY000\): Query execution was interrupted, maximum statement execution time exceeded, elapsed time: [\d.]+s, killing query ID \d+ \(CallerID: alice\)$/,
    ) as string,
  });
  const id = await own.client.begin();
  expect(
    await own.client.execute(
      'select sleep(60) from t1 right join (select 1) x on true',
      { username: 'alice' },
      { transactionId: id },
    ),
  ).toMatchObject({ code: 'CANCELED' });
  expect(await own.client.execute('select 1', { username: 'alice' }, { transactionId: id })).toMatchObject({
    code: 'ABORTED',
    message: expect.stringContaining('(unlocked closed connection)') as string,
  });
  await own.stop();
});

test.each([
  ['insert into t1 values (1)', 9, 'INSERT not allowed for streaming (CallerID: alice)'],
  ['update t1 set id = 1', 9, 'UPDATE not allowed for streaming (CallerID: alice)'],
  ['set @x = 1', 9, 'SET not allowed for streaming (CallerID: alice)'],
  ['begin', 9, 'BEGIN not allowed for streaming (CallerID: alice)'],
  ['create table xx (a int)', 9, 'DDL not allowed for streaming (CallerID: alice)'],
  ['selec', 3, "syntax error at position 6 near 'selec' (CallerID: alice)"],
])('streaming %s is refused', async (sql, code, message) => {
  await expect(streamed(sql)[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code, message });
});

test('an error in the middle of a stream is its status', async () => {
  let rows = 0;
  const reading = (async () => {
    for await (const { result } of streamed(
      'select id, (select 1 union all select if(id > 60000, 2, null) from t1 right join (select 1) y on true where big.id > 60000) from big order by id',
    ))
      rows += result?.rows.length ?? 0;
  })();
  await expect(reading).rejects.toMatchObject({
    code: 9,
    message: expect.stringContaining('Subquery returns more than 1 row (errno 1242)') as string,
  });
  expect(rows).toBeGreaterThan(0);
});

test('streams that begin or reserve send their ids last', async () => {
  const answers = [];
  for await (const answer of running.client.client.stream(queryMethods.BeginStreamExecute, {
    target,
    ...caller,
    query: { sql: 'select id from big limit 3' },
    options: {},
  }))
    answers.push(answer);
  const last = answers.at(-1);
  expect(last?.transactionId).not.toBe(0n);
  expect(answers.flatMap(({ result }) => result?.rows ?? [])).toHaveLength(3);
  await running.client.conclude('Rollback', last?.transactionId ?? 0n);
  const failed = [];
  for await (const answer of running.client.client.stream(queryMethods.BeginStreamExecute, {
    target,
    ...caller,
    query: { sql: 'select * from nosuch' },
    options: {},
  }))
    failed.push(answer);
  expect(failed).toMatchObject([{ error: { code: 5 } }]);
  expect(failed[0]?.transactionId).not.toBe(0n);
  const reserved = [];
  for await (const answer of running.client.client.stream(queryMethods.ReserveStreamExecute, {
    target,
    ...caller,
    query: { sql: 'select @@div_precision_increment' },
    preQueries: ['set div_precision_increment = 3'],
    options: {},
  }))
    reserved.push(...(answer.result?.rows ?? []).map(valuesOf));
  expect(reserved).toEqual([['3']]);
});
