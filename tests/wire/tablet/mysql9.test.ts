import { expect, test } from 'vitest';
import { queryMethods } from '../../../src-main/servers/rpc';
import { installedPrograms } from '../backend/backend-fixture';
import { asRoot, startBackend, startTablet, target, valuesOf } from './tablet-fixture';

const present = (await installedPrograms()).some(({ vendor }) => vendor === 'MySQL');
if (!present)
  console.warn('not run: a tablet in front of MySQL 9 (set GATEHOUSE_MYSQL9_BIN to the folder of its mysqld)');

test.runIf(present)('the tablet works in front of MySQL 9 as recorded', async () => {
  const backend = await startBackend('MySQL');
  await asRoot(
    backend,
    'create table t1 (id int primary key, name varchar(20), unique key u_name (name))',
    "insert into t1 values (1, 'one'), (2, 'two')",
  );
  const running = await startTablet(backend);
  const { client } = running;
  const alice = { username: 'alice_data' };
  expect(await client.execute("select id, name, 'ü€😀' as u from t1 order by id", alice)).toMatchObject({
    rows: [
      ['1', 'one', 'ü€😀'],
      ['2', 'two', 'ü€😀'],
    ],
  });
  expect(await client.execute('select * from nosuch', alice)).toEqual({
    code: 'NOT_FOUND',
    message: `Table 'vt_commerce.nosuch' doesn't exist (errno 1146) (sqlstate 42S02) (CallerID: alice_data): Sql: "select * from nosuch", BindVars: {}`,
  });
  expect(await client.execute("update t1 set name='one' where id=2", alice)).toEqual({
    code: 'ALREADY_EXISTS',
    message: `Duplicate entry 'one' for key 't1.u_name' (errno 1062) (sqlstate 23000) (CallerID: alice_data): Sql: "update t1 set name='one' where id=2", BindVars: {}`,
  });
  const binary = {
    sql: 'select :b as b, hex(:b) as h',
    bindVariables: { b: { type: 10262, value: Buffer.from([0, 255, 39, 92]) } },
  };
  const echoed = await client.execute(binary.sql, alice, { query: binary });
  expect('result' in echoed ? echoed.result?.rows[0]?.values.toString('hex') : '').toBe(
    '00ff275c' + Buffer.from('00FF275C').toString('hex'),
  );
  const id = await client.begin(alice);
  await client.execute('delete from t1', alice, { transactionId: id });
  await client.conclude('Rollback', id, alice);
  const settings = await client.client.unary(queryMethods.ReserveExecute, {
    target,
    immediateCallerId: alice,
    query: { sql: 'select @@sql_mode' },
    preQueries: ["set sql_mode = ''"],
  });
  expect(settings.result?.rows.map(valuesOf)).toEqual([['']]);
  await expect(
    client.client.unary(queryMethods.ReserveExecute, {
      target,
      immediateCallerId: alice,
      query: { sql: 'select 1 from t1' },
      preQueries: ["set sql_mode = 'NO_BACKSLASH_ESCAPES'"],
    }),
  ).rejects.toMatchObject({ code: 3 });
  const rows = [];
  for await (const { result } of client.client.stream(queryMethods.StreamExecute, {
    target,
    immediateCallerId: alice,
    query: { sql: 'select id from t1 order by id' },
  }))
    rows.push(...(result?.rows ?? []).map(valuesOf));
  expect(rows).toEqual([['1'], ['2']]);
  await running.stop();
  await backend.stop();
});
