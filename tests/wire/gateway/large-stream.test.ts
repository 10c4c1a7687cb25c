import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createConnection, type Connection } from 'mysql2';
import { startCluster, type ClusterFixture } from '../../support/cluster-fixture';
import { installedPrograms } from '../backend/backend-fixture';

const program = (await installedPrograms())[0];
/** The bar is a million rows; a fifth shows the same in a fifth of the time (`STREAM_ROWS=1000000` for all of them). */
const rows = Number(process.env.STREAM_ROWS ?? 200_000);

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const held = (): number => {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1_048_576;
};

/** MySQL, tablet, gateway and reader over sockets; the last three in this process, so that its memory is all of theirs. */
describe.skipIf(program === undefined)('a long stream of rows of 1 kB', () => {
  let cluster: ClusterFixture;
  beforeAll(async () => {
    if (program === undefined) return;
    cluster = await startCluster({ program });
    await cluster.atMysql(
      'create table kilobyte (id int primary key, v varchar(1000))',
      "insert into kilobyte with recursive r as (select 1 as i union all select i + 1 from r where i < 1000) select i, repeat('x', 1000) from r",
    );
    await cluster.tablet.reloadSchema();
  }, 60_000);
  afterAll(async () => {
    await (cluster as ClusterFixture | undefined)?.stop();
  });

  it('reaches a slow reader whole, and waits at MySQL and not in memory', async () => {
    const { host, port } = cluster.gateway.mysql as { host: string; port: number };
    const client: Connection = createConnection({ host, port, user: 'alice', password: 'pw1', database: 'commerce' });
    await client.promise().query("set workload = 'olap'");
    const before = held();
    let most = 0;
    let seen = 0;
    const stream: Readable = client
      .query({ sql: `select a.v from kilobyte a, kilobyte b limit ${rows}`, rowsAsArray: true })
      .stream({ highWaterMark: 64 });
    for await (const row of stream) {
      seen += 1;
      if ((row as [string])[0].length !== 1000) throw new Error(`row ${seen} is cut`);
      // A reader that stops is what fills the memory of a server that does not wait: the first stop is a long one.
      if (seen === 1000) await pause(1500);
      if (seen % 40_000 !== 0 && seen !== 1000) continue;
      await pause(40);
      most = Math.max(most, held() - before);
    }
    expect(seen).toBe(rows);
    expect(most).toBeLessThan(64);
    console.info(`${rows} rows of 1 kB: at most ${most.toFixed(1)} MiB more than before`);
    await client.promise().end();
  }, 180_000);
});
