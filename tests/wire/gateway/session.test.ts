import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Connection } from 'mysql2/promise';
import { GrpcStatusError } from '../../../src-main/servers/rpc';
import type { Gateway } from '../../../src-main/servers/gateway';
import { connectMysql, gatewayConfig, refusal, startGateway } from '../../support/gateway-fixture';
import { createStubTablet, field, row, type StubTablet } from '../../support/stub-tablet';

/** What the gateway makes of MySQL sessions; the tablet behind it is a stub that notes what reaches it. */
describe('sessions over a stub tablet', () => {
  let tablet: StubTablet;
  let gateway: Gateway;
  const open: Connection[] = [];

  beforeAll(async () => {
    tablet = await createStubTablet({
      answer(sql) {
        if (/^insert/i.test(sql)) return { rowsAffected: 1n, insertId: 41n, insertIdChanged: true };
        if (/^update/i.test(sql)) return { rowsAffected: 3n, info: 'Rows matched: 3' };
        if (/^(set|create|drop|savepoint|rollback|release)/i.test(sql)) return {};
        if (/dup/.test(sql))
          return new GrpcStatusError(
            6,
            "Duplicate entry '1' for key 't1.PRIMARY' (errno 1062) (sqlstate 23000) (CallerID: alice_data)",
          );
        if (/secret/.test(sql))
          return new GrpcStatusError(
            7,
            "Select command denied to user 'alice_data' for table 'secret' (ACL check error) (CallerID: alice_data)",
          );
        if (/[^@]@a\b/.test(sql)) return { fields: [field('@a', 265)], rows: [row('7')] };
        if (/two rows/.test(sql)) return { fields: [field('n', 265)], rows: [row('1'), row(null)] };
        return { fields: [field('sql')], rows: [row(sql)] };
      },
    });
    gateway = await startGateway(gatewayConfig(tablet.port));
  });
  afterAll(async () => {
    await gateway.stop({ graceMs: 0 });
    await tablet.stop();
  });
  afterEach(async () => {
    for (const connection of open.splice(0)) connection.destroy();
    tablet.taken();
  });

  const connect = async (options: Parameters<typeof connectMysql>[1] = {}): Promise<Connection> => {
    const connection = await connectMysql(gateway, options);
    open.push(connection);
    return connection;
  };
  const rows = async (connection: Connection, sql: string): Promise<unknown> =>
    (await connection.query({ sql, rowsAsArray: true }))[0];

  it('forwards a select with both caller ids and the target', async () => {
    const client = await connect();
    expect(await rows(client, 'select name from t1 where id = 1')).toEqual([
      ['select `name` from t1 where id = :id /* INT64 */'],
    ]);
    const [call] = tablet.calls;
    expect(call?.rpc).toBe('Execute');
    expect(call?.request).toMatchObject({
      immediateCallerId: { username: 'alice_data', groups: ['dev'] },
      effectiveCallerId: {
        principal: 'alice',
        component: expect.stringMatching(/^127\.0\.0\.1:\d+$/) as string,
        subcomponent: 'VTGate MySQL Connector',
      },
      target: { keyspace: 'commerce', shard: '0', tabletType: 1 },
      transactionId: 0n,
      reservedId: 0n,
      options: { includedFields: 2, workload: 1 },
    });
  });

  it('passes NULL, numbers and OK packets through', async () => {
    const client = await connect();
    expect(await rows(client, 'select n from t1 /* two rows */')).toEqual([[1], [null]]);
    const [ok] = await client.query('insert into t1 (name) values (1)');
    expect(ok).toMatchObject({ affectedRows: 1, insertId: 41, serverStatus: 2 });
    const [updated] = await client.query('update t1 set n = 1');
    expect(updated).toMatchObject({ affectedRows: 3, info: '' });
  });

  it('runs a transaction over one id', async () => {
    const client = await connect();
    const [begun] = await client.query('begin');
    expect(begun).toMatchObject({ serverStatus: 3 });
    await client.query('insert into t1 (name) values (1)');
    await client.query('select name from t1');
    const [done] = await client.query('commit');
    expect(done).toMatchObject({ serverStatus: 2 });
    const [first, second, third] = tablet.calls;
    expect([first?.rpc, second?.rpc, third?.rpc]).toEqual(['BeginExecute', 'Execute', 'Commit']);
    const id = second?.request.transactionId;
    expect(id).toBeGreaterThan(0n);
    expect(third?.request.transactionId).toBe(id);
  });

  it('rolls back, and releases what a client leaves behind', async () => {
    const client = await connect();
    await client.query('start transaction');
    await client.query('insert into t1 (name) values (1)');
    await client.query('rollback');
    expect(tablet.taken()).toEqual(['BeginExecute: insert into t1(`name`) values (:vtg1 /* INT64 */)', 'Rollback']);
    await client.query('begin');
    await client.query('insert into t1 (name) values (2)');
    client.destroy();
    await expect.poll(() => tablet.calls.at(-1)?.rpc).toBe('Release');
    expect(tablet.calls.at(-1)?.request.transactionId).toBeGreaterThan(0n);
    expect(tablet.calls.at(-1)?.request.immediateCallerId).toBeNull();
  });

  it('begins by itself under autocommit=0 and commits when it is switched on', async () => {
    const client = await connect();
    expect((await client.query('set autocommit = 0'))[0]).toMatchObject({ serverStatus: 0 });
    await client.query('select name from t1');
    expect((await client.query('set autocommit = 1'))[0]).toMatchObject({ serverStatus: 2 });
    expect(tablet.taken()).toEqual(['BeginExecute: select `name` from t1', 'Commit']);
  });

  it('keeps the transaction when a statement in it fails', async () => {
    const client = await connect();
    await client.query('begin');
    expect(await refusal(client.query('select dup from t1'))).toMatchObject({ errno: 1062, sqlState: '23000' });
    await client.query('select name from t1');
    await client.query('commit');
    expect(tablet.taken()).toEqual(['BeginExecute: select dup from t1', 'Execute: select `name` from t1', 'Commit']);
  });

  it('words errors of the tablet as vtgate does', async () => {
    const client = await connect();
    expect(await refusal(client.query('select dup from t1'))).toEqual({
      errno: 1062,
      sqlState: '23000',
      message:
        "target: commerce.0.primary: vttablet: rpc error: code = AlreadyExists desc = Duplicate entry '1' for key 't1.PRIMARY' (errno 1062) (sqlstate 23000) (CallerID: alice_data)",
    });
    expect(await refusal(client.query('select a from secret'))).toEqual({
      errno: 1045,
      sqlState: '28000',
      message:
        "target: commerce.0.primary: vttablet: rpc error: code = PermissionDenied desc = Select command denied to user 'alice_data' for table 'secret' (ACL check error) (CallerID: alice_data)",
    });
    await client.query('begin');
    expect((await refusal(client.query('select a from secret')))?.message).toBe(
      "target: commerce.0.primary: vttablet: Select command denied to user 'alice_data' for table 'secret' (ACL check error) (CallerID: alice_data)",
    );
  });

  it('takes USE and target strings, and refuses unknown databases', async () => {
    const client = await connect();
    for (const target of ['commerce', 'commerce:0', 'commerce@primary', 'commerce:0@primary', '@primary', ':0']) {
      await client.query(`use \`${target}\``);
      expect(await rows(client, 'select name from t1')).toEqual([['select `name` from t1']]);
    }
    expect(await refusal(client.query('use nosuch'))).toEqual({
      errno: 1049,
      sqlState: '42000',
      message: "VT05003: unknown database 'nosuch' in vschema",
    });
    expect(await refusal(client.query('use `commerce@`'))).toMatchObject({
      errno: 1105,
      message: 'empty tablet type after @',
    });
    await client.query('use `commerce@replica`');
    expect(await refusal(client.query('select name from t1'))).toEqual({
      errno: 1105,
      sqlState: 'HY000',
      message:
        'target: commerce.0.replica: no healthy tablet available for \'keyspace:"commerce" shard:"0" tablet_type:REPLICA\'',
    });
    expect(await refusal(client.query('insert into t1 (name) values (1)'))).toMatchObject({
      errno: 1105,
      message: 'supported only for primary tablet type, current type: replica',
    });
    expect(await refusal(connect({ database: 'nosuch' }))).toMatchObject({
      errno: 1049,
      message: "VT05003: unknown database 'nosuch' in vschema",
    });
  });

  it('stays at the primary while a transaction is open', async () => {
    const client = await connect();
    await client.query('begin');
    expect(await refusal(client.query('use `commerce@replica`'))).toEqual({
      errno: 1192,
      sqlState: 'HY000',
      message: "can't execute the given command because you have an active transaction",
    });
    await client.query('use `commerce@primary`');
    expect(await rows(client, 'select name from t1')).toEqual([['select `name` from t1']]);
    await client.query('rollback');
    expect(await refusal(client.query('use `commerce@replica`'))).toBeNull();
  });

  it('drops qualifiers that name the keyspace and refuses others', async () => {
    const client = await connect();
    expect(await rows(client, 'select name from commerce.t1')).toEqual([['select `name` from t1']]);
    expect(await rows(client, 'select `name` from `commerce`.`t1`')).toEqual([['select `name` from t1']]);
    expect(await refusal(client.query('select name from nosuch.t1'))).toMatchObject({ errno: 1049 });
  });

  it('has a tablet look at constants in hardened mode (mysql-constants-asked)', async () => {
    const hardened = await startGateway(
      gatewayConfig(tablet.port, { fidelity: { mode: 'hardened', version: '24.0.4' } }),
    );
    try {
      const client = await connectMysql(hardened, {});
      open.push(client);
      const asked = tablet.calls.length;
      expect(await rows(client, 'select database()')).toEqual([[expect.stringContaining("'commerce'")]]);
      expect(tablet.calls.length).toBe(asked + 1);
    } finally {
      await hardened.stop({ graceMs: 0 });
    }
  });

  it('answers the session functions itself', async () => {
    const client = await connect();
    const asked = tablet.calls.length;
    expect(await rows(client, 'select user()')).toEqual([['alice_data@localhost']]);
    expect(await rows(client, 'select database()')).toEqual([['commerce']]);
    expect(tablet.calls.length).toBe(asked);
    await client.query('insert into t1 (name) values (1)');
    expect(await rows(client, 'select last_insert_id()')).toEqual([[41]]);
    await client.query('update t1 set n = 1');
    expect(await rows(client, 'select row_count()')).toEqual([[3]]);
    await client.query('select n from t1 /* two rows */');
    expect(await rows(client, 'select found_rows()')).toEqual([[2]]);
    expect(await rows(client, 'select @@version, @@autocommit')).toEqual([['8.4.6-Vitess', 1]]);
  });

  it('sends settings with each statement and keeps a connection for user variables and temporary tables', async () => {
    const client = await connect();
    await client.query("set time_zone = '+02:00'");
    expect(tablet.calls.at(-1)?.request.query?.sql).toBe("select '+02:00' from dual where @@time_zone != '+02:00'");
    await client.query('select name from t1');
    const { rpc, request } = tablet.calls.at(-1)!;
    expect([rpc, request.preQueries?.length, request.preQueries?.[0]]).toEqual([
      'ReserveExecute',
      1,
      expect.stringMatching(/^set time_zone = /),
    ]);

    const other = await connect();
    tablet.taken();
    await other.query('set @constant = 7');
    expect(await rows(other, 'select @constant')).toEqual([['select 7 as `@constant`']]);
    expect(tablet.calls.filter(({ rpc }) => rpc !== 'Execute')).toEqual([]);
    tablet.taken();
    await other.query('set @a = 3 + 4');
    expect(await rows(other, 'select @a')).toEqual([[7]]);
    await other.query('select name from t1');
    expect(tablet.calls.map(({ rpc, request }) => [rpc, (request.reservedId ?? 0n) > 0n])).toEqual([
      // The constant, which the connection learns first.
      ['ReserveExecute', false],
      ['Execute', true],
      ['Execute', true],
      ['Execute', true],
    ]);
    other.destroy();
    await expect.poll(() => tablet.calls.at(-1)?.rpc).toBe('Release');

    const third = await connect();
    tablet.taken();
    await third.query('create temporary table tt (a int)');
    await third.query('select name from tt');
    expect(tablet.taken()).toEqual([
      'ReserveExecute: create temporary table tt (a int)',
      'Execute: select `name` from tt',
    ]);
  });

  it('refuses what vtgate refuses', async () => {
    const client = await connect();
    expect(await refusal(client.query('kill 5'))).toEqual({
      errno: 1095,
      sqlState: 'HY000',
      message: 'VT07001: kill statement execution not permitted.',
    });
    expect(await refusal(client.query('select 1 from dual; select 2 from dual'))).toEqual({
      errno: 1149,
      sqlState: '42000',
      message: 'Expected a single statement',
    });
    expect(await refusal(client.query('set nosuch_variable = 1'))).toMatchObject({
      errno: 1193,
      message: "VT05006: unknown system variable '@@nosuch_variable = 1'",
    });
    expect(await refusal(client.query("set @@vitess_metadata.x = 'y'"))).toMatchObject({
      errno: 1045,
      message: "User 'alice_data' not authorized to perform vitess metadata operations",
    });
    expect(await refusal(client.query('commit and chain'))).toMatchObject({
      errno: 1105,
      message: "syntax error at position 11 near 'and'",
    });
    expect(await refusal(client.query('with t as (select * from t) select * from t'))).toMatchObject({
      errno: 1235,
      sqlState: '42000',
      message: 'VT12001: unsupported: do not support CTE that use the CTE alias inside the CTE query',
    });
    expect(await refusal(client.query("set workload = 'nosuch'"))).toMatchObject({
      errno: 1231,
      message: 'invalid workload: nosuch',
    });
    expect(tablet.taken().filter((call) => call !== 'Release')).toEqual([]);
  });

  it('runs several statements where the client asked for it, and stops at the first error', async () => {
    const client = await connect({ multipleStatements: true });
    const [results] = await client.query({
      sql: "select ';' from t1; insert into t1 (name) values (1)",
      rowsAsArray: true,
    });
    expect(results).toMatchObject([[['select :vtg1 /* VARCHAR */ from t1']], { affectedRows: 1 }]);
    tablet.taken();
    expect(await refusal(client.query('select a from t1; select dup from t1; select b from t1'))).toMatchObject({
      errno: 1062,
    });
    expect(tablet.taken()).toEqual(['Execute: select a from t1', 'Execute: select dup from t1']);
  });

  it('prepares and executes with bind variables', async () => {
    const client = await connect();
    const statement = await client.prepare('select name from t1 where id = ? limit ?');
    expect(tablet.taken()).toEqual(['Execute: select `name` from t1 where 1 != 1']);
    await statement.execute(['5', '2']);
    const [call] = tablet.calls;
    expect(call?.request.query?.sql).toBe('select `name` from t1 where id = :v1 limit :v2');
    expect(call?.request.query?.bindVariables['v1']?.value.toString()).toBe('5');
    const insert = await client.prepare('insert into t1 (name, n) values (?, ?)');
    tablet.taken();
    const [ok] = await insert.execute(['x', null]);
    expect(ok).toMatchObject({ insertId: 41 });
    const bound = tablet.calls[0]?.request.query?.bindVariables;
    expect(bound?.['v2']?.type).toBe(0);
    expect(await refusal(client.prepare('selec ?'))).toMatchObject({
      errno: 1815,
      message: '[BUG] unrecognized prepare statement: selec ?',
    });
  });

  it('knows PREPARE and EXECUTE as text', async () => {
    const client = await connect();
    await client.query("prepare s1 from 'select name from t1 where id = ?'");
    await client.query('set @a = 7');
    tablet.taken();
    await client.query('execute s1 using @a');
    const bound = tablet.calls.at(-1)?.request.query;
    expect(bound?.sql).toBe('select `name` from t1 where id = :v1');
    expect(bound?.bindVariables['v1']).toMatchObject({ type: 265, value: Buffer.from('7') });
    expect(await refusal(client.query('execute s1'))).toMatchObject({
      errno: 1210,
      message: 'VT03025: Incorrect arguments to EXECUTE',
    });
    await client.query('deallocate prepare s1');
    expect(await refusal(client.query('execute s1 using @a'))).toMatchObject({ errno: 1243 });
  });

  it('streams under workload olap', async () => {
    const client = await connect();
    await client.query("set workload = 'olap'");
    expect(await rows(client, 'select n from t1 /* two rows */')).toEqual([[1], [null]]);
    expect(tablet.calls.at(-1)?.rpc).toBe('StreamExecute');
    expect(await refusal(client.query('select dup from t1'))).toMatchObject({ errno: 1062 });
    await client.query('insert into t1 (name) values (1)');
    expect(tablet.calls.at(-1)?.rpc).toBe('Execute');
  });

  it('answers SHOW about itself', async () => {
    const client = await connect();
    expect(await rows(client, 'show databases')).toEqual([
      ['commerce'],
      ['information_schema'],
      ['mysql'],
      ['sys'],
      ['performance_schema'],
    ]);
    expect(await rows(client, "show databases like 'c%'")).toEqual([['commerce']]);
    expect(await rows(client, 'show vitess_shards')).toEqual([['commerce/0']]);
    expect(await rows(client, 'show vitess_target')).toEqual([['commerce']]);
    expect(await rows(client, 'show warnings')).toEqual([]);
    expect(tablet.calls).toEqual([]);
    expect(await rows(client, 'show tables from commerce')).toEqual([['show tables']]);
    expect(await refusal(client.query('show tables from nosuch'))).toMatchObject({ errno: 1049 });
  });
});
