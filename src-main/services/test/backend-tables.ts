import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { GatehouseError } from '../../domain/kernel';
import type { Cluster } from '../cluster/cluster';

/** A table of a backend. */
export interface BackendTable {
  readonly name: string;
  readonly comment: string;
}

const CONNECT_TIMEOUT_MS = 5_000;

/**
 * The tables of the database behind the first keyspace, asked of MySQL itself. Rejects with GatehouseError
 * `test.tables` when it does not answer.
 */
export async function backendTables(cluster: Cluster): Promise<BackendTable[]> {
  const { topology } = cluster.workspace;
  const [keyspace] = topology.keyspaces;
  const tablet = topology.tablets.find((candidate) => candidate.keyspace === keyspace?.name);
  const spec = topology.backends.find(({ name }) => name === tablet?.backend);
  const address = cluster.addresses.backends.find(({ name }) => name === spec?.name);
  if (keyspace === undefined || spec === undefined || address === undefined) return [];
  const managed = spec.kind === 'managed';
  const secret = cluster.secrets.get(managed ? `backend/${spec.name}/vt_app` : spec.passwordSecret);
  try {
    const connection = await createConnection({
      ...(managed && address.socket !== null
        ? { socketPath: address.socket }
        : { host: address.host, port: address.port }),
      user: managed ? 'vt_app' : spec.user,
      password: secret?.reveal() ?? '',
      connectTimeout: CONNECT_TIMEOUT_MS,
    });
    try {
      const [rows] = await connection.query<RowDataPacket[]>(
        'select table_name as name, table_comment as comment from information_schema.tables where table_schema = ? order by table_name',
        [keyspace.database],
      );
      return rows.map((row) => ({ name: String(row['name']), comment: String(row['comment']) }));
    } finally {
      connection.destroy();
    }
  } catch (error) {
    throw new GatehouseError(
      { code: 'test.tables', summary: 'The tables of the backend could not be listed.', detail: String(error) },
      { cause: error },
    );
  }
}
