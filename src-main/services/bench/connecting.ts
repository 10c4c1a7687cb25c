import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { GatehouseError } from '../../domain/kernel';
import { findClient } from '../callers/connection-lines';
import type { Cluster } from '../cluster/cluster';
import { localTraces } from '../cluster/attach';
import { verify } from '../verify/verify-service';
import { writeFileAtomic } from '../../servers/store';
import type { Measurement } from './figure';

const run = promisify(execFile);

interface Target {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly ca: string;
}

/** The client has a thread of its own, so that its half of each handshake is not taken for the server's. */
const clientThread = `
const { parentPort, workerData } = require('node:worker_threads');
const { createConnection } = require(workerData.mysql2);
parentPort.on('message', async ({ target, width, ms }) => {
  const { host, port, user, password, database, ca } = target;
  const start = performance.now();
  let count = 0;
  const work = async () => {
    while (performance.now() < start + ms) {
      const ssl = { ca, rejectUnauthorized: true };
      const connection = await createConnection({ host, port, user, password, database, ssl });
      await connection.query('select id from orders where id = 7');
      connection.destroy();
      count += 1;
    }
  };
  try {
    await Promise.all(Array.from({ length: width }, work));
    parentPort.postMessage({ rate: (count * 1000) / (performance.now() - start) });
  } catch (error) {
    parentPort.postMessage({ failed: String(error) });
  }
});
`;

class ClientThread {
  readonly #worker = new Worker(clientThread, {
    eval: true,
    workerData: { mysql2: createRequire(import.meta.url).resolve('mysql2/promise') },
  });

  /** Connections with one query each, a second, `width` at once. */
  async connectionsPerSecond(target: Target, width: number, ms: number): Promise<number> {
    this.#worker.postMessage({ target, width, ms });
    const [answer] = (await once(this.#worker, 'message')) as [{ readonly rate?: number; readonly failed?: string }];
    if (answer.rate === undefined)
      throw new GatehouseError({ code: 'bench.connect', summary: `A connection failed: ${answer.failed ?? ''}` });
    return answer.rate;
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }
}

/** New TLS connections a second, beside direct MySQL; and the rate of `verify`, beside the mysql client in a loop. */
export async function measureConnecting(cluster: Cluster): Promise<Measurement[]> {
  const { workspace, addresses, secrets } = cluster;
  const gateway = addresses.gateways.find((candidate) => candidate.name === 'main')?.mysql;
  const [backend] = addresses.backends;
  const app = secrets.get('backend/local/vt_app');
  const web = secrets.get('users/web');
  const keyspace = workspace.topology.keyspaces[0];
  const rootCa =
    (workspace.files.get('pki/root/ca-cert.pem') ?? workspace.certificates.get('pki/root/ca-cert.pem'))?.toString(
      'utf8',
    ) ?? '';
  if (gateway == null || backend === undefined || app === undefined || web === undefined || keyspace === undefined)
    return [{ name: 'new TLS connections', reason: 'the cluster is not the one of the sample shop' }];
  const direct: Target = {
    host: backend.host,
    port: backend.port,
    user: 'vt_app',
    password: app.reveal(),
    database: keyspace.database,
    ca: rootCa,
  };
  const through: Target = {
    host: gateway.host,
    port: gateway.port,
    user: 'web',
    password: web.reveal(),
    database: keyspace.name,
    ca: rootCa,
  };
  const results: Measurement[] = [];
  const client = new ClientThread();
  for (const width of [1, 8]) {
    await client.connectionsPerSecond(direct, width, 500);
    const peer = await client.connectionsPerSecond(direct, width, 2_000);
    await client.connectionsPerSecond(through, width, 500);
    const value = await client.connectionsPerSecond(through, width, 2_000);
    results.push({
      name: `new TLS connections with one query, ${width} at once`,
      value: Math.round(value),
      unit: '/s',
      bar: null,
      better: 'more',
      peer: { name: `${backend.vendor} directly`, value: Math.round(peer) },
    });
  }

  await client.stop();
  const options = { workspace, addresses, secrets, traces: localTraces(cluster) };
  await verify(options);
  const report = await verify(options);
  results.push({
    name: 'verify of shop, cells a second',
    value: Math.round((report.totals.cells * 1000) / report.milliseconds),
    unit: '/s',
    bar: 200,
    better: 'more',
    peer: await clientLoop(cluster, through),
    detail: `${report.totals.cells} cells, each a new connection with its full handshake`,
  });
  return results;
}

/** How many connections a second the mysql command-line client makes in a loop. */
async function clientLoop(
  cluster: Cluster,
  target: Target,
): Promise<{ readonly name: string; readonly value: number } | null> {
  const client = await findClient();
  if (client === null) return null;
  const { dir, run: runFolder } = cluster.workspace.paths;
  const file = join(runFolder, 'clients', 'bench.cnf');
  await writeFileAtomic(
    file,
    `[client]\nhost=${target.host}\nport=${target.port}\nprotocol=tcp\nuser=${target.user}\npassword="${target.password}"\nssl-ca="${join(dir, 'pki/root/ca-cert.pem')}"\n[mysql]\ndatabase=${target.database}\n`,
    0o600,
  );
  const start = performance.now();
  let count = 0;
  while (performance.now() - start < 2_000) {
    await run(client.command, [`--defaults-extra-file=${file}`, '-e', 'select id from orders where id = 7']);
    count += 1;
  }
  return {
    name: `${client.command} (${client.vendor}) in a loop`,
    value: Math.round((count * 1000) / (performance.now() - start)),
  };
}
