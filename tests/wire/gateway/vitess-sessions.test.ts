import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import { startCluster, type ClusterFixture } from '../../support/cluster-fixture';
import { connectMysql, hardenedMode, refusal, users, vitessMode } from '../../support/gateway-fixture';
import { installedPrograms } from '../backend/backend-fixture';

/** Prepared statements, locks and session state as real vtgate 24 answered them on the wire. */
const program = (await installedPrograms()).at(-1);

describe.runIf(program !== undefined).each([vitessMode, hardenedMode])('sessions in mode $mode', (fidelity) => {
  let cluster: ClusterFixture;
  const open: Connection[] = [];

  beforeAll(async () => {
    const auth = users({ alice: [{ Password: 'pw1', UserData: 'alice_data' }] });
    cluster = await startCluster({
      program: program as NonNullable<typeof program>,
      fidelity,
      gateway: { mysql: { listen: { host: '127.0.0.1', port: 0 }, auth } },
    });
  }, 120_000);
  afterEach(async () => {
    for (const connection of open.splice(0)) await connection.end().catch(() => undefined);
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
  const rows = async (client: Connection, sql: string): Promise<unknown> =>
    (await client.query<RowDataPacket[]>({ sql, rowsAsArray: true }))[0];
  const executed = async (client: Connection, sql: string, values: (string | number | null)[] = []): Promise<unknown> =>
    (await client.execute<RowDataPacket[]>({ sql, rowsAsArray: true }, values))[0];

  it('prepares advisory locks', async () => {
    const client = await connect();
    const other = await connect();
    expect(await executed(client, 'select get_lock(?, ?)', ['mig', 1])).toEqual([[1]]);
    expect(await executed(client, "select get_lock('u', 0)")).toEqual([[1]]);
    expect(await executed(client, "select get_lock('mig', 1) as l from dual")).toEqual([[1]]);
    expect(await executed(other, 'select is_free_lock(?)', ['mig'])).toEqual([[0]]);
    expect(await executed(client, 'select release_lock(?)', ['mig'])).toEqual([[1]]);
    expect(await executed(client, 'select release_lock(?)', ['mig'])).toEqual([[1]]);
    expect(await executed(client, 'select release_lock(?)', ['mig'])).toEqual([[null]]);
    expect(await executed(client, 'select release_all_locks()')).toEqual([[1]]);
    expect(await executed(other, 'select is_free_lock(?)', ['mig'])).toEqual([[1]]);
    expect(await refusal(client.execute('select get_lock(?, 0) + 1', ['x']))).toMatchObject({ errno: 1235 });
  });

  it('computes with parameters that are doubles', async () => {
    const client = await connect();
    const typed = async (sql: string, values: (string | number | null)[]): Promise<unknown> => {
      const [found, fields] = await client.execute<RowDataPacket[]>({ sql, rowsAsArray: true }, values);
      return [found, fields.map(({ columnType }) => columnType)];
    };
    expect(await typed('select ? + ?', [0.1, 0.2])).toEqual([[[0.30000000000000004]], [5]]);
    expect(await typed('select ?', [1.5])).toEqual([[[1.5]], [5]]);
    expect(await typed('select ?', [1])).toEqual([[[1]], [5]]);
    expect(await typed('select ? as big', [1e20])).toEqual([[[1e20]], [5]]);
    expect(await typed('select -?, ?', [-2.5, 'a'])).toEqual([[[2.5, 'a']], [5, 253]]);
  });

  it('takes no settings after enable_system_settings was turned off', async () => {
    const client = await connect();
    await client.query('set enable_system_settings = 0');
    expect(await rows(client, 'select @@enable_system_settings')).toEqual([[0]]);
    const [[before]] = (await rows(client, 'select @@sql_safe_updates')) as [[number]];
    await client.query(`set sql_safe_updates = ${before === 1 ? 0 : 1}`);
    expect(await rows(client, 'select @@sql_safe_updates')).toEqual([[before]]);
    await client.query('set enable_system_settings = default');
    await client.query(`set sql_safe_updates = ${before === 1 ? 0 : 1}`);
    expect(await rows(client, 'select @@sql_safe_updates')).toEqual([[before === 1 ? 0 : 1]]);
  });

  it('shows found rows under the name of the plan cache, and no database as an empty text', async () => {
    const client = await connect();
    await client.query('set client_found_rows = 1');
    expect(await rows(client, 'select @@skip_query_plan_cache')).toEqual([[1]]);
    await client.query('set client_found_rows = 0, skip_query_plan_cache = 1');
    expect(await rows(client, 'select @@skip_query_plan_cache')).toEqual([[0]]);
    expect(await rows(client, 'select connection_id() > 0, database()')).toEqual([[1, 'commerce']]);
    const nowhere = await connect({ database: '' });
    expect(await rows(nowhere, 'select connection_id() > 0, database()')).toEqual([[1, '']]);
    expect(await rows(nowhere, 'select database()')).toEqual([['']]);
    expect(await refusal(client.query("set skip_query_plan_cache = 'x'"))).toMatchObject({ errno: 1231 });
  });

  if (fidelity.mode === 'vitess')
    it('keeps variables and prepared texts over COM_RESET_CONNECTION', async () => {
      const client = await connect();
      await client.query("set @a = 'kept', @b = 1 + 2");
      await client.query("prepare st from 'select 7'");
      await client.query('set sql_safe_updates = 1');
      await client.query('begin');
      await client.query("select get_lock('reset', 0)");
      await client.reset();
      expect(await rows(client, 'select @a, @b')).toEqual([['kept', 3]]);
      expect(await rows(client, 'execute st')).toEqual([[7]]);
      expect(await rows(client, 'select @@sql_safe_updates')).toEqual([[1]]);
      expect(await rows(await connect(), "select is_free_lock('reset')")).toEqual([[1]]);
    });
  else
    it('forgets variables and prepared texts at COM_RESET_CONNECTION', async () => {
      const client = await connect();
      await client.query("set @a = 'kept', @b = 1 + 2");
      await client.query("prepare st from 'select 7'");
      await client.reset();
      expect(await rows(client, 'select @a, @b')).toEqual([[null, null]]);
      expect(await refusal(client.query('execute st'))).toMatchObject({ errno: 1243 });
    });

  it('leaves out what stands before a lock function, and refuses what stands behind or around one', async () => {
    const client = await connect();
    expect(await rows(client, "select 1, get_lock('front', 0)")).toEqual([[1]]);
    expect(await rows(await connect(), "select 1, is_free_lock('front'), is_free_lock('back')")).toEqual([[0, 1]]);
    expect(await refusal(client.query("select get_lock('front', 0), 1"))).toMatchObject({
      message: 'VT12001: unsupported: LOCK function and other expression: [:vtg1 /* INT64 */] in same select query',
    });
    expect(await refusal(client.query("select is_used_lock('front') > 0"))).toMatchObject({
      errno: 1235,
      message: 'is_used_lock(:vtg1 /* VARCHAR */) allowed only with dual',
    });
    expect(await refusal(client.query("select connection_id(), get_lock('front', 0)"))).toMatchObject({ errno: 1235 });
  });

  it('answers for itself as vtgate does', async () => {
    const client = await connect();
    expect(await rows(client, 'select row_count()')).toEqual([[-1]]);
    await client.query('set @x = 1');
    expect(await rows(client, 'select row_count()')).toEqual([[0]]);
    await client.query('set @x = 1');
    await client.query('use commerce');
    expect(await rows(client, 'select row_count()')).toEqual([[-1]]);
    await client.query('set @x = 1');
    expect(await refusal(client.query('select nonsense from'))).toMatchObject({ errno: 1105 });
    expect(await rows(client, 'select row_count()')).toEqual([[-1]]);
    expect(await rows(client, "select pi(), 'pi()', 2 * PI() as d")).toEqual([[Math.PI, 'pi()', 2 * Math.PI]]);
    const missing = { errno: 1105, message: 'query arguments missing for a' };
    expect(await refusal(client.query('select :a'))).toMatchObject(missing);
    expect(await refusal(client.query('select ?'))).toMatchObject({ message: 'query arguments missing for v1' });
    expect(await refusal(client.query("prepare st from 'select 1; select 2'"))).toMatchObject({
      errno: 1149,
      message: 'Expected a single statement',
    });
    await client.query("prepare st from 'select 1;'");
    expect(await refusal(client.query('show vschema tables from x'))).toMatchObject({
      message: "syntax error at position 25 near 'from'",
    });
  });

  it('shows the hints of a session in VEXPLAIN QUERIES, where any are sent', async () => {
    await cluster.atMysql('create table if not exists hinted (id int primary key)');
    await cluster.tablet.reloadSchema();
    const client = await connect();
    await client.query('set sql_safe_updates = 1');
    const takesHints = program?.vendor === 'MySQL' && fidelity.mode === 'vitess';
    const hints = takesHints ? ' /*+ SET_VAR(sql_safe_updates = 1) */' : '';
    expect(await rows(client, 'vexplain queries select id from hinted where id = 3')).toEqual([
      [0, 'commerce', '0', `select${hints} id from hinted where id = 3`],
    ]);
  });
});
