import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { queryMethods } from '../../../src-main/servers/rpc';
import { aclOf, asRoot, startBackend, startTablet, target, type Backend, type Running } from './tablet-fixture';

let backend: Backend;
let running: Running;
let file: string;

beforeAll(async () => {
  backend = await startBackend();
  await asRoot(
    backend,
    'create table t1 (id int primary key, name varchar(20))',
    "insert into t1 values (1, 'one')",
    'create table nopk (a int)',
  );
  file = join(backend.folder, 'tablet.log');
  const acl = aclOf({
    table_groups: [{ name: 'app', table_names_or_prefixes: ['t1'], readers: ['alice_data'], writers: ['alice_data'] }],
  });
  running = await startTablet(backend, {
    acl,
    aclSettings: { strict: true, dryRun: false, exempt: '' },
    queryLog: { file },
  });
});
afterAll(async () => {
  await running.stop();
  await backend.stop();
});

const plain = (line: string): string =>
  line
    .replace(/127\.0\.0\.1:\d+/g, '{addr}')
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}/g, '{time}')
    .replace(/\b\d+\.\d{6}\b/g, '{seconds}')
    .replace(/\b\d{19}\b/g, '{id}');

test('a line for every request, in memory and in the file, as vttablet writes it', async () => {
  const caller = { username: 'alice_data' };
  const immediateCallerId = caller;
  const effectiveCallerId = { principal: 'alice' };
  const bound = {
    sql: 'select name from t1 where id = :id',
    bindVariables: { id: { type: 265, value: Buffer.from('1') } },
  };
  await running.client.execute(bound.sql, caller, { query: bound, effectiveCallerId });
  await running.client.execute('delete from t1 where id = 9', caller);
  await running.client.execute('select * from nopk', caller, { effectiveCallerId });
  const begun = await running.client.client.unary(queryMethods.BeginExecute, {
    target,
    immediateCallerId,
    query: { sql: "insert into t1 values (2, 'x')" },
    options: {},
  });
  await running.client.client.unary(queryMethods.Commit, {
    target,
    immediateCallerId,
    transactionId: begun.transactionId,
  });
  await running.client.execute("insert into t1 values (1, 'dup')", caller);
  const head = (path: string, effective = '') =>
    `{addr}:/queryservice.Query/${path}(gRPC)\tgRPC\t'alice_data'\t'${effective}'\t{time}\t{time}\t{seconds}`;
  const expected = [
    `Execute\t${head('Execute', 'alice')}\tSelect\t"select name from t1 where id = :id"\t{"id": {"type": "INT64", "value": 1}}\t1\t"select \`name\` from t1 where id = 1 limit 10001"\tmysql\t{seconds}\t{seconds}\t0\t0\t3\t""\t""\t`,
    `Execute\t${head('Execute')}\tDeleteLimit\t"delete from t1 where id = 9"\t{}\t3\t"begin; delete from t1 where id = 9 limit 10001; commit"\tmysql\t{seconds}\t{seconds}\t0\t0\t0\t""\t""\t`,
    `Execute\t${head('Execute', 'alice')}\tSelect\t"select * from nopk"\t{}\t0\t""\tnone\t{seconds}\t{seconds}\t0\t0\t0\t"Select command denied to user 'alice_data' for table 'nopk' (ACL check error) (CallerID: alice_data)"\t""\t`,
    `Begin\t${head('BeginExecute')}\t\t"begin"\t{}\t0\t""\tnone\t{seconds}\t{seconds}\t0\t{id}\t0\t""\t""\t`,
    `Execute\t${head('BeginExecute')}\tInsert\t"insert into t1 values (2, 'x')"\t{}\t1\t"insert into t1 values (2, 'x')"\tmysql\t{seconds}\t{seconds}\t1\t{id}\t0\t""\t""\t`,
    `Commit\t${head('Commit')}\t\t"commit"\t{}\t0\t""\tnone\t{seconds}\t{seconds}\t0\t{id}\t0\t""\t""\t`,
  ];
  const lines = running.tablet.queryLogLines().map(plain);
  expect(lines.slice(0, 6)).toEqual(expected);
  expect(lines[6]).toContain(
    "\"Duplicate entry '1' for key 'PRIMARY' (errno 1062) (sqlstate 23000) (CallerID: alice_data): Sql: \\\"insert",
  );
  await running.tablet.stop();
  expect((await readFile(file, 'utf8')).split('\n').map(plain).slice(0, 6)).toEqual(expected);
});
