import { afterAll, beforeAll, expect, test } from 'vitest';
import { queryMethods } from '../../src-main/servers/rpc';
import {
  aclOf,
  asRoot,
  startBackend,
  startTablet,
  target,
  type Backend,
  type Running,
} from '../wire/tablet/tablet-fixture';

/**
 * A caller who may read `orders` only tries to reach `payments` through values, settings and character sets that would
 * make MySQL read another statement than the one that was checked.
 */
let backend: Backend;
let running: Running;
const alice = { username: 'alice' };

beforeAll(async () => {
  backend = await startBackend();
  await asRoot(
    backend,
    'create table orders (id int primary key, name varchar(50))',
    "insert into orders values (1, 'cup')",
    'create table payments (id int primary key, secret varchar(20))',
    "insert into payments values (1, 'SECRET')",
  );
  running = await startTablet(backend, {
    acl: aclOf({
      table_groups: [{ name: 'o', table_names_or_prefixes: ['orders'], readers: ['alice'], writers: ['alice'] }],
    }),
    aclSettings: { strict: true, dryRun: false, exempt: '' },
  });
});
afterAll(async () => {
  await running.stop();
  await backend.stop();
});

const reserve = async (
  preQueries: readonly string[],
  sql = "select get_lock('x', 0) from orders",
): Promise<{ code: number; message: string } | bigint> => {
  try {
    const { error, reservedId } = await running.client.client.unary(queryMethods.ReserveExecute, {
      target,
      immediateCallerId: alice,
      query: { sql },
      preQueries,
    });
    return error ?? reservedId;
  } catch (error) {
    return error as { code: number; message: string };
  }
};

test.each([
  "x' union select secret from payments -- ",
  "\\' union select secret from payments -- ",
  '" union select secret from payments -- ',
  '\\',
  "'",
  "''",
  "\u0000'\u001a",
  "縗' or 1=1 -- ",
  ' 1 or 1=1',
  ':v2',
  '/* ',
  '*/',
])('the value %j stays a value', async (text) => {
  const bound = {
    sql: 'select name from orders where name = :v',
    bindVariables: { v: { type: 6165, value: Buffer.from(text) } },
  };
  expect(await running.client.execute(bound.sql, alice, { query: bound })).toMatchObject({ ok: true, rows: [] });
  const echo = { sql: 'select :v as v from orders', bindVariables: bound.bindVariables };
  expect(await running.client.execute(echo.sql, alice, { query: echo })).toMatchObject({ rows: [[text]] });
});

test.each([265, 778, 1036, 18, 4128, 4129, 4130, 785, 0x7fff])(
  'a value of type %i that is no number is refused or harmless',
  async (type) => {
    const bound = {
      sql: 'select name from orders where id = :v',
      bindVariables: { v: { type, value: Buffer.from('0 union select secret from payments') } },
    };
    const answer = await running.client.execute(bound.sql, alice, { query: bound });
    expect(JSON.stringify('rows' in answer ? answer.rows : answer.code)).not.toContain('SECRET');
  },
);

test('a value that looks like a name of another table does not change which tables are asked for', async () => {
  const bound = { sql: 'select * from :t', bindVariables: { t: { type: 6165, value: Buffer.from('payments') } } };
  expect(await running.client.execute(bound.sql, alice, { query: bound })).not.toMatchObject({ ok: true });
});

// Under NO_BACKSLASH_ESCAPES the string ends at \' and what follows is code, though it was read as one harmless string.
const smuggled = "select name from orders where name = '\\' union select secret from payments -- '";
test.each([
  ["set sql_mode = 'NO_BACKSLASH_ESCAPES'"],
  ["set sql_mode = 'ANSI_QUOTES'"],
  ["set sql_mode = 'ANSI'"],
  ["set sql_mode = concat('NO_BACKSLASH', '_ESCAPES')"],
  ['set @@session.sql_mode = 1048576'],
  ['set names gbk'],
  ['set character_set_client = big5'],
  ["set character_set_client = 'sjis'"],
])('the setting %s is refused before any statement is run under it', async (setting) => {
  expect(await reserve([setting])).toMatchObject({
    code: 3,
    message: expect.stringMatching(/changes how statements are read/) as string,
  });
  const plain = await reserve([setting], smuggled);
  expect(plain).toMatchObject({ code: 3 });
  expect(await running.client.execute(smuggled, alice)).toMatchObject({ ok: true, rows: [] });
});

test.each([
  ["set sql_mode = 'NO_BACKSLASH_ESCAPES'"],
  ["set session sql_mode = concat(@@sql_mode, ',ANSI_QUOTES')"],
  ['set names gbk'],
])('inside a reservation %s ends the connection', async (setting) => {
  const reservedId = (await reserve([])) as bigint;
  expect(reservedId).toBeGreaterThan(0n);
  const on = (sql: string) => running.client.execute(sql, alice, { reservedId });
  expect(await on(setting)).toMatchObject({ code: 'INVALID_ARGUMENT' });
  expect(await on(smuggled)).toMatchObject({ code: 'ABORTED' });
});

test('several statements in one text are never run', async () => {
  for (const sql of ['select 1 from orders; select secret from payments', 'select 1 from orders; drop table orders'])
    expect(await running.client.execute(sql, alice)).not.toMatchObject({ ok: true });
  expect(await running.client.execute('select count(*) from orders', alice)).toMatchObject({ rows: [['1']] });
});

test.each([
  'select name from orders /*! union select secret from payments */',
  'select name from orders /*M! union select secret from payments */',
  'select name from orders /*!50000 union select secret from payments */',
])('an executable comment hides nothing: %s', async (sql) => {
  const answer = await running.client.execute(sql, alice);
  expect(JSON.stringify('rows' in answer ? answer.rows : '')).not.toContain('SECRET');
});

test('a setting that leaves transactions open on a shared connection is refused', async () => {
  expect(await reserve(['set autocommit = 0'], 'select 1 from orders')).toMatchObject({
    code: 3,
    message: 'autocommit cannot be a connection setting (CallerID: alice)',
  });
});

const modes = [
  { mode: 'vitess', version: '24.0-recorded' },
  { mode: 'vitess', version: '24.0.4' },
  { mode: 'hardened', version: '24.0.4' },
] as const;

test.each(modes)('executable comments hide nothing in $mode mode of $version', async (fidelity) => {
  const acl = aclOf({ table_groups: [{ name: 'o', table_names_or_prefixes: ['orders'], readers: ['alice'] }] });
  const own = await startTablet(backend, { fidelity, acl, aclSettings: { strict: true, dryRun: false, exempt: '' } });
  for (const mark of [
    '!',
    'M!',
    '!50000',
    '!80000',
    '!090000',
    '!100000',
    '!101100',
    '!M',
    '!999999',
    'M!100000',
    'M!999999',
    '!5',
    '!50000 ',
    '!\n',
    '+',
  ])
    for (const sql of [
      `select name from orders /*${mark} union select secret from payments */`,
      `select name from orders /* x */ /*${mark} union /* y */ select secret from payments */`,
      `select (select /*${mark} secret from payments -- */ name from orders limit 1\n)`,
      `select name from orders where name = '/*' /*${mark} union select secret from payments */ -- '*/'`,
      `select name from orders -- /*\n /*${mark} union select secret from payments */`,
      `select name from orders # '\n /*${mark} union select secret from payments */ # '`,
      `select name from \`orders\` union select 1 /*${mark} from orders union select secret from payments */`,
    ]) {
      const answer = await own.client.execute(sql, alice);
      expect(JSON.stringify('rows' in answer ? answer.rows : ''), sql).not.toContain('SECRET');
    }
  await own.stop();
});
