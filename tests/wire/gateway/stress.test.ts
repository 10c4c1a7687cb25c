import { readdirSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createConnection, type Connection } from 'mysql2/promise';
import { startCluster, type ClusterFixture } from '../../support/cluster-fixture';
import { refusal } from '../../support/gateway-fixture';
import { installedPrograms } from '../backend/backend-fixture';

const program = (await installedPrograms())[0];

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Open files and sockets of this process; null where the system does not tell. */
const handles = (): number | null => {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return null;
  }
};

const mebibytes = (): number => {
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / 1_048_576;
};

describe.skipIf(program === undefined)('a tablet and a gateway under stress', () => {
  let cluster: ClusterFixture;

  beforeAll(async () => {
    if (program === undefined) return;
    cluster = await startCluster({
      program,
      tablet: { limits: { poolSize: 2, poolTimeoutMs: 100, transactionCap: 4, transactionPoolTimeoutMs: 100 } },
    });
    await cluster.atMysql(
      'create table t1 (id int primary key)',
      'insert into t1 values (1), (2), (3)',
      'create table wide (id int primary key, v varchar(1000))',
      `insert into wide with recursive r as (select 1 as i union all select i + 1 from r where i < 900) select i, repeat('x', 1000) from r`,
    );
    await cluster.tablet.reloadSchema();
  }, 60_000);
  afterAll(async () => {
    await (cluster as ClusterFixture | undefined)?.stop();
  });

  const connect = (): Promise<Connection> => {
    const { host, port } = cluster.gateway.mysql as { host: string; port: number };
    return createConnection({ host, port, user: 'alice', password: 'pw1', database: 'commerce' });
  };

  /** Connections of tablets to MySQL. */
  const backends = async (): Promise<number> => {
    const ask = "select count(*) as n from information_schema.processlist where user = 'vt_app'";
    const [rows] = (await cluster.atMysql(ask)) as [{ n: number }[]];
    return Number(rows[0]?.n);
  };

  const settled = (value: () => unknown): Promise<void> =>
    expect.poll(value, { timeout: 15_000, interval: 50 }).toBe(true);

  it('refuses whom the pool has no connection for, and has all of them back', async () => {
    const clients = await Promise.all(Array.from({ length: 12 }, connect));
    const answers = await Promise.all(
      clients.map((client) => refusal(client.query('select sleep(0.5) from t1 limit 1'))),
    );
    const refused = answers.filter((answer) => answer !== null);
    expect(refused.length).toBe(10);
    for (const answer of refused)
      expect(answer).toMatchObject({
        errno: 1203,
        message: expect.stringContaining('connection pool timed out') as string,
      });
    expect(await Promise.all(clients.slice(0, 2).map((client) => refusal(client.query('select id from t1'))))).toEqual([
      null,
      null,
    ]);
    for (const client of clients) client.destroy();
    await settled(async () => (await backends()) <= 2 + 4);
  });

  it('refuses transactions beyond the cap, and a client that goes away gives its own back', async () => {
    const clients = await Promise.all(Array.from({ length: 5 }, connect));
    for (const client of clients) await client.query('begin');
    const answers: unknown[] = [];
    for (const client of clients) answers.push(await refusal(client.query('select id from t1')));
    expect(answers.slice(0, 4)).toEqual([null, null, null, null]);
    expect(answers[4]).toMatchObject({
      errno: 1203,
      message: expect.stringContaining('transaction pool connection limit exceeded') as string,
    });
    for (const client of clients) client.destroy();
    const last = await connect();
    await last.query('begin');
    await settled(async () => (await refusal(last.query('select id from t1'))) === null);
    last.destroy();
  });

  it('ends a stream in MySQL whose reader went away, and keeps nothing of it', async () => {
    const before = await backends();
    for (let round = 0; round < 5; round += 1) {
      const client = await connect();
      await client.query('set workload = olap');
      const { connection } = client as unknown as { connection: { query(sql: string): { stream(): Readable } } };
      const rows = connection.query('select a.v from wide a, wide b, wide c').stream();
      await new Promise((resolve) => rows.once('data', resolve));
      client.destroy();
    }
    const running =
      "select count(*) as n from information_schema.processlist where info like 'select a.v%' and user = 'vt_app'";
    await settled(async () => Number(((await cluster.atMysql(running)) as [{ n: number }[]])[0][0]?.n) === 0);
    await settled(async () => (await backends()) <= before + 1);
  });

  it('takes 2,000 connections and has nothing left of them', { timeout: 120_000 }, async () => {
    const warm = await connect();
    await warm.query('select id from t1');
    warm.destroy();
    await settled(() => cluster.gateway.stats.mysqlConnections === 0);
    const [handlesBefore, memoryBefore] = [handles(), mebibytes()];
    const open: Connection[] = [];
    for (let batch = 0; batch < 20; batch += 1) open.push(...(await Promise.all(Array.from({ length: 100 }, connect))));
    expect(cluster.gateway.stats.mysqlConnections).toBe(2000);
    await open[1999]!.query('select id from t1');
    for (const client of open) client.destroy();
    open.length = 0;
    await settled(() => cluster.gateway.stats.mysqlConnections === 0);
    await settled(() => handlesBefore === null || (handles() as number) <= handlesBefore + 5);
    expect(mebibytes() - memoryBefore).toBeLessThan(16);
  });
});
