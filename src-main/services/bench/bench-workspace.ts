import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { GatehouseError, systemClock } from '../../domain/kernel';
import { writeFileAtomic } from '../../servers/store';
import type { Cluster } from '../cluster/cluster';
import { initWorkspace } from '../workspace/init-workspace';
import { loadWorkspace, type Workspace } from '../workspace/load-workspace';

export const BENCH_ROWS = 10_000;

/** A running cluster of the bench's workspace, whoever runs it. */
export type BenchCluster = Pick<Cluster, 'workspace' | 'addresses' | 'secrets'>;

/** A workspace of the sample shop whose ACL also lets the caller `web` reach sysbench's table. */
export async function makeBenchWorkspace(dir: string, samples: string): Promise<Workspace> {
  const made = await initWorkspace({
    dir,
    sample: 'shop',
    samples,
    clock: systemClock,
    unlocker: { kind: 'key-file' },
  });
  if (!made.ok) throw new GatehouseError(made.failure);
  const path = join(dir, 'acl.json');
  const acl = JSON.parse(await readFile(path, 'utf8')) as { table_groups: unknown[] };
  acl.table_groups.push({
    name: 'bench',
    table_names_or_prefixes: ['sbtest1'],
    readers: ['shop_web'],
    writers: ['shop_web'],
    admins: [],
  });
  await writeFileAtomic(path, `${JSON.stringify(acl, null, 2)}\n`, 0o644);
  const loaded = await loadWorkspace(dir);
  if (!loaded.ok) throw new GatehouseError(loaded.failure);
  return loaded.value;
}

/** Fills sysbench's table (its own schema: id, k, c, pad) with BENCH_ROWS rows. */
export async function fillBenchTable(cluster: BenchCluster): Promise<void> {
  const [backend] = cluster.addresses.backends;
  const password = cluster.secrets.get('backend/local/root');
  const database = cluster.workspace.topology.keyspaces[0]?.database ?? '';
  if (backend === undefined || password === undefined)
    throw new GatehouseError({ code: 'bench.backend', summary: 'The cluster has no managed MySQL to fill.' });
  const connection = await createConnection({
    ...(backend.socket === null ? { host: backend.host, port: backend.port } : { socketPath: backend.socket }),
    user: 'root',
    password: password.reveal(),
    database,
  });
  try {
    await connection.query('DROP TABLE IF EXISTS sbtest1');
    await connection.query(
      "CREATE TABLE sbtest1 (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, k INT NOT NULL DEFAULT 0, c CHAR(120) NOT NULL DEFAULT '', pad CHAR(60) NOT NULL DEFAULT '', KEY k_1 (k))",
    );
    for (let start = 1; start <= BENCH_ROWS; start += 1_000) {
      const rows = Array.from(
        { length: 1_000 },
        (_, index) =>
          `(${start + index},${((start + index) * 7919) % BENCH_ROWS},REPEAT('${(start + index) % 10}',119),REPEAT('p',59))`,
      );
      await connection.query(`INSERT INTO sbtest1 VALUES ${rows.join(',')}`);
    }
  } finally {
    connection.destroy();
  }
}
