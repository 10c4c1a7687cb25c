import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createConnection, type Connection } from 'mysql2/promise';
import { startCluster, type ClusterFixture } from '../../support/cluster-fixture';
import { alice, hardenedMode, refusal, users, vitessMode } from '../../support/gateway-fixture';
import { installedPrograms } from '../backend/backend-fixture';

const program = (await installedPrograms())[0];

describe.skipIf(program === undefined).each([
  ['vitess', vitessMode],
  ['hardened', hardenedMode],
] as const)('a session in %s mode', (mode, fidelity) => {
  let cluster: ClusterFixture;
  const open: Connection[] = [];

  beforeAll(async () => {
    if (program === undefined) return;
    const entries = mode === 'vitess' ? alice : { alice: [{ Password: 'pw1', UserData: 'alice_data' }] };
    cluster = await startCluster({
      program,
      fidelity,
      gateway: { mysql: { listen: { host: '127.0.0.1', port: 0 }, auth: users(entries, fidelity) } },
    });
    await cluster.atMysql('create table t1 (id int primary key)');
    await cluster.tablet.reloadSchema();
  }, 60_000);
  afterAll(async () => {
    for (const connection of open) connection.destroy();
    await (cluster as ClusterFixture | undefined)?.stop();
  });

  const connect = async (): Promise<Connection> => {
    const { host, port } = cluster.gateway.mysql as { host: string; port: number };
    const client = await createConnection({ host, port, user: 'alice', password: 'pw1', database: 'commerce' });
    open.push(client);
    return client;
  };

  /** Ends what the session's transaction runs on, as a failing server would. */
  const loseTransaction = async (): Promise<void> => {
    const [rows] = (await cluster.atMysql(
      `select p.id as id from information_schema.innodb_trx t join information_schema.processlist p on p.id = t.trx_mysql_thread_id`,
    )) as [{ id: number }[]];
    for (const { id } of rows) await cluster.atMysql(`kill ${id}`);
  };

  const count = async (): Promise<unknown> => {
    const [rows] = (await cluster.atMysql('select count(*) as n from t1')) as [{ n: number }[]];
    return rows[0]?.n;
  };

  it('says what became of a COMMIT after MySQL lost the transaction', async () => {
    const client = await connect();
    await client.query('begin');
    await client.query('insert into t1 values (1)');
    await loseTransaction();
    expect(await refusal(client.query('select id from t1'))).not.toBeNull();
    // Vitess learns from the next statement at the latest that the transaction is gone.
    const again = await refusal(client.query('select id from t1'));
    const committed = await refusal(client.query('commit'));
    if (mode === 'vitess') expect(committed).toBeNull();
    else {
      const refused = { errno: 1105, message: expect.stringContaining('VT09032') as string };
      expect(again).toMatchObject(refused);
      expect(committed).toMatchObject(refused);
      expect(await refusal(client.query('insert into t1 values (2)'))).toMatchObject(refused);
    }
    await client.query('rollback');
    expect(await refusal(client.query('select id from t1'))).toBeNull();
    expect(await count()).toBe(0);
  });

  it('sends variables as hints in vitess mode only, and only to a MySQL that knows them', async () => {
    const client = await connect();
    const seen = new Set<string>();
    const stop = cluster.tablet.onQuery(({ originalSql }) => void seen.add(originalSql));
    await client.query("set sql_mode = 'NO_ZERO_DATE'");
    await client.query('select id from t1 where id = 5');
    stop();
    const hinted = [...seen].some((sql) => sql.includes('SET_VAR(sql_mode'));
    expect(hinted).toBe(mode === 'vitess' && program?.vendor === 'MySQL');
    const [rows] = await client.query('select @@sql_mode as mode');
    expect(rows).toEqual([{ mode: 'NO_ZERO_DATE' }]);
  });

  it('shows the flags of before a streamed statement in vitess mode only', async () => {
    const client = await connect();
    await client.query('set workload = olap');
    const [begun] = await client.query('begin');
    const inTransaction = 1;
    expect((begun as unknown as { serverStatus: number }).serverStatus & inTransaction).toBe(mode === 'vitess' ? 0 : 1);
    await client.query('rollback');
  });
});
