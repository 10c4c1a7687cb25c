import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Connection } from 'mysql2/promise';
import { createGrpcClient, queryMethods } from '../../../src-main/servers/rpc';
import { startCluster, type ClusterFixture } from '../../support/cluster-fixture';
import { connectMysql, refusal, users } from '../../support/gateway-fixture';
import { installedPrograms } from '../backend/backend-fixture';

/** Client → gateway → gRPC with mutual TLS → tablet → a real MySQL, for every MySQL that is installed. */
const run = promisify(execFile);
const programs = await installedPrograms();
const acl = {
  table_groups: [
    {
      name: 'open',
      table_names_or_prefixes: ['t1', 'nums', 'tt', 'types', 'made', 'big'],
      readers: ['alice_data'],
      writers: ['alice_data'],
      admins: ['alice_data'],
    },
    {
      name: 'closed',
      table_names_or_prefixes: ['secret'],
      readers: ['nobody'],
      writers: ['nobody'],
      admins: ['nobody'],
    },
  ],
};

describe.each(programs)('the whole path with $vendor $version', (program) => {
  let cluster: ClusterFixture;
  const open: Connection[] = [];

  beforeAll(async () => {
    const login = users({
      alice: [{ Password: 'pw1', UserData: 'alice_data' }],
      bob: [{ Password: 'pw2', UserData: 'bob_data' }],
    });
    cluster = await startCluster({
      program,
      acl,
      gateway: { mysql: { listen: { host: '127.0.0.1', port: 0 }, auth: login } },
    });
    await cluster.atMysql(
      'create table t1 (id bigint not null auto_increment primary key, name varchar(20) not null unique, n int null)',
      'create table nums (i int primary key)',
      'create table secret (a int)',
      'insert into secret values (42)',
      'create table types (a bigint unsigned, b decimal(10,2), c datetime(6), d varbinary(20), e text, f double)',
    );
    await cluster.tablet.reloadSchema();
  }, 120_000);
  afterEach(async () => {
    for (const connection of open.splice(0)) await connection.end().catch(() => undefined);
    await cluster.atMysql('delete from t1', 'alter table t1 auto_increment = 1', 'delete from nums');
  });
  afterAll(async () => {
    await (cluster as ClusterFixture | undefined)?.stop();
  });

  const connect = async (options: Parameters<typeof connectMysql>[1] = {}): Promise<Connection> => {
    const connection = await connectMysql(cluster.gateway, options);
    connection.on('error', () => undefined);
    open.push(connection);
    return connection;
  };
  const rows = async (connection: Connection, sql: string): Promise<unknown> =>
    (await connection.query({ sql, rowsAsArray: true }))[0];

  it('writes and reads', async () => {
    const client = await connect();
    expect((await client.query("insert into t1 (name, n) values ('one', 1), ('two', null)"))[0]).toMatchObject({
      affectedRows: 2,
      insertId: 1,
    });
    expect(await rows(client, 'select id, name, n from commerce.t1 order by id')).toEqual([
      [1, 'one', 1],
      [2, 'two', null],
    ]);
    expect(await rows(client, 'select last_insert_id(), database(), user()')).toEqual([
      [1, 'commerce', 'alice_data@localhost'],
    ]);
    expect((await client.query('update t1 set n = 5 where id = 1'))[0]).toMatchObject({ affectedRows: 1 });
    expect(await rows(client, 'select row_count()')).toEqual([[1]]);
  });

  it('denies by the table ACL with exactly the text of vtgate', async () => {
    const message = (user: string, plan: string, table: string): string =>
      `target: commerce.0.primary: vttablet: rpc error: code = PermissionDenied desc = ${plan} command denied to user '${user}' for table '${table}' (ACL check error) (CallerID: ${user})`;
    const alice = await connect();
    expect(await refusal(alice.query('select * from secret'))).toEqual({
      errno: 1045,
      sqlState: '28000',
      message: message('alice_data', 'Select', 'secret'),
    });
    expect(await refusal(alice.query('insert into secret values (1)'))).toMatchObject({
      errno: 1045,
      message: message('alice_data', 'Insert', 'secret'),
    });
    const bob = await connect({ user: 'bob', password: 'pw2' });
    expect(await refusal(bob.query('select id from t1'))).toMatchObject({
      errno: 1045,
      message: message('bob_data', 'Select', 't1'),
    });
    expect(await refusal(bob.prepare('select id from t1 where id = ?'))).toMatchObject({ errno: 1045 });
    expect(await rows(bob, 'select 1')).toEqual([[1]]);
    expect(await cluster.atMysql('select count(*) as n from secret')).toEqual([[{ n: 1 }]]);
  });

  it('names errors of MySQL by their own number', async () => {
    const client = await connect();
    await client.query("insert into t1 (name) values ('x')");
    expect(await refusal(client.query("insert into t1 (name) values ('x')"))).toMatchObject({
      errno: 1062,
      sqlState: '23000',
    });
    expect(await refusal(client.query('select nosuch from t1'))).toMatchObject({ errno: 1054, sqlState: '42S22' });
    expect((await refusal(client.query('select nosuch from t1')))?.message).toMatch(
      /^target: commerce\.0\.primary: vttablet: rpc error: code = NotFound desc = Unknown column 'nosuch' in /,
    );
  });

  it('keeps transactions apart and together', async () => {
    const first = await connect();
    const second = await connect();
    await first.query('begin');
    await first.query("insert into t1 (name) values ('tx')");
    expect(await rows(second, 'select count(*) from t1')).toEqual([[0]]);
    await first.query('savepoint a');
    await first.query("insert into t1 (name) values ('undone')");
    await first.query('rollback to a');
    await first.query('commit');
    expect(await rows(second, 'select name from t1')).toEqual([['tx']]);
    await first.query('begin');
    await first.query('delete from t1');
    await first.query('rollback');
    expect(await rows(second, 'select count(*) from t1')).toEqual([[1]]);
    await first.query('start transaction read only');
    await first.query('select name from t1');
    expect(await refusal(first.query('delete from t1'))).toMatchObject({ errno: 1792, sqlState: '25006' });
    await first.query('rollback');
    await first.query('set autocommit = 0');
    await first.query("insert into t1 (name) values ('auto')");
    expect(await rows(second, "select count(*) from t1 where name = 'auto'")).toEqual([[0]]);
    await first.query('set autocommit = 1');
    expect(await rows(second, "select count(*) from t1 where name = 'auto'")).toEqual([[1]]);
  });

  it('rolls back what a client that vanishes had open', async () => {
    const vanishing = await connect();
    await vanishing.query('begin');
    await vanishing.query("insert into t1 (name) values ('gone')");
    vanishing.destroy();
    const other = await connect();
    await expect
      .poll(async () => refusal(other.query("insert into t1 (name) values ('gone')")), { timeout: 5000 })
      .toBeNull();
    expect(await rows(other, 'select count(*) from t1')).toEqual([[1]]);
  });

  it('keeps settings, user variables, temporary tables and locks in their session', async () => {
    const first = await connect();
    const second = await connect();
    await first.query("set sql_mode = '', time_zone = '+02:00'");
    expect(await rows(first, 'select @@time_zone')).toEqual([['+02:00']]);
    expect(await refusal(second.query("set sql_mode = 'ANSI_QUOTES'"))).toMatchObject({
      errno: 1235,
      message: 'setting the ANSI_QUOTES sql_mode is unsupported',
    });
    await second.query("set sql_mode = ''");
    expect(await rows(second, 'select @@time_zone')).toEqual([['SYSTEM']]);
    await second.query("set @a = 7, @b = concat('x', 'y')");
    expect(await rows(second, 'select @a + 1, @b')).toEqual([[8, 'xy']]);
    expect(await rows(first, 'select @a')).toEqual([[null]]);
    expect(await refusal(first.query('select @c := 5 from (select 1) as one'))).toMatchObject({
      errno: 1235,
      message: 'VT12001: unsupported: Assignment expression',
    });
    await first.query('set @c = 2 + 3');
    expect(await rows(first, 'select @c')).toEqual([[5]]);
    await first.query('create temporary table tt (a int)');
    await first.query('insert into tt values (1)');
    expect(await rows(first, 'select a from tt')).toEqual([[1]]);
    expect(await refusal(second.query('select a from tt'))).toMatchObject({ errno: 1146 });
    expect(await rows(first, "select get_lock('l', 0)")).toEqual([[1]]);
    expect(await rows(second, "select get_lock('l', 0)")).toEqual([[0]]);
    expect(await rows(first, "select release_lock('l')")).toEqual([[1]]);
    await first.query('begin');
    await first.query("insert into t1 (name) values ('own')");
    await first.query('commit');
    expect(await rows(first, 'select @c')).toEqual([[5]]);
    expect(await rows(second, 'select count(*) from t1')).toEqual([[1]]);
  });

  it('prepares and executes with every kind of value', async () => {
    const client = await connect({ supportBigNumbers: true, bigNumberStrings: true });
    const insert = await client.prepare('insert into types values (?, ?, ?, ?, ?, ?)');
    await insert.execute([
      '18446744073709551615',
      '1.50',
      '2026-11-22 08:00:00.123456',
      Buffer.from([0, 39, 255]),
      "it's",
      0.5,
    ]);
    await insert.execute([null, null, null, null, null, null]);
    const select = await client.prepare('select a, b, d, e, f from types where e = ? limit ?');
    const [found] = await select.execute(["it's", 1]);
    expect(found).toEqual([{ a: '18446744073709551615', b: '1.50', d: Buffer.from([0, 39, 255]), e: "it's", f: 0.5 }]);
    expect(await rows(client, 'select count(*) from types where a is null')).toEqual([['1']]);
    await client.query('delete from types');
  });

  it('serves the mariadb client with a script of statements', async () => {
    const { port } = cluster.gateway.mysql as { port: number };
    const script = "insert into t1 (name) values ('cli'); select name from t1; show tables; show databases;";
    const { stdout } = await run('mariadb', [
      '-h127.0.0.1',
      `-P${port}`,
      '-ualice',
      '-ppw1',
      '--skip-ssl',
      '-N',
      '-e',
      script,
      'commerce',
    ]);
    expect(stdout.split('\n')).toEqual(expect.arrayContaining(['cli', 't1', 'nums', 'commerce']));
  });

  it('streams a large result under workload olap, beyond the row limit', async () => {
    await cluster.atMysql(
      'insert into nums with recursive r as (select 1 as i union all select i + 1 from r where i < 300) select i from r',
    );
    const client = await connect();
    expect(await refusal(client.query('select a.i from nums a, nums b'))).toMatchObject({ errno: 1317 });
    await client.query("set workload = 'olap'");
    const answer = (await rows(client, 'select a.i from nums a, nums b')) as unknown[];
    expect(answer).toHaveLength(90_000);
  });

  it('ends with clear errors when MySQL is away, and works again', async () => {
    const client = await connect();
    await client.query("insert into t1 (name) values ('kept')");
    const ids = (await cluster.atMysql(
      "select group_concat(id) as ids from information_schema.processlist where user = 'vt_app'",
    )) as [[{ ids: string }]];
    for (const id of ids[0][0].ids.split(',')) await cluster.atMysql(`kill ${id}`).catch(() => undefined);
    await expect.poll(() => refusal(client.query('select name from t1')), { timeout: 10_000 }).toBeNull();
    expect(await rows(client, 'select name from t1')).toEqual([['kept']]);
  });

  it('shows one connection hop by hop under one trace id', async () => {
    const client = await connect();
    await client.query('select id from t1');
    const { localPort } = (client as unknown as { connection: { stream: { localPort: number } } }).connection.stream;
    const steps = cluster.recorder.steps(cluster.recorder.findByPeer('gateway-1', `127.0.0.1:${localPort}`) ?? '');
    expect([...new Set(steps.map(({ part }) => part))]).toEqual(expect.arrayContaining(['gateway', 'link', 'tablet']));
    expect(steps.find(({ part }) => part === 'tablet')?.data).toMatchObject({ immediate: { username: 'alice_data' } });
  });

  it('is not bypassed: the tablet’s port takes nothing without the gateway’s certificate', async () => {
    const { host, port } = cluster.tablet.address;
    const client = createGrpcClient({ host, port });
    const request = {
      immediateCallerId: { username: 'alice_data', groups: [] },
      target: { keyspace: 'commerce', shard: '0', tabletType: 1 },
      query: { sql: 'select id from t1' },
    };
    await expect(client.unary(queryMethods.Execute, request)).rejects.toMatchObject({ code: 14 });
    await client.close();
  });
});
