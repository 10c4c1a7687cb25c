import { GatehouseError, type Secret } from '../../domain/kernel';
import type { Backend } from '../../domain/topology';
import type { BackendLogin } from '../../servers/backend';
import { listTables } from '../../servers/tablet';
import type { Cluster } from '../cluster/cluster';
import { clientTls } from '../cluster/tls-files';

/** How long a backend may take to name its tables, in milliseconds. */
export const TABLE_LIST_LIMIT_MS = 3_000;

/**
 * Tables and views of the database behind a keyspace, asked of the running backend with the rights and the protection of
 * the tablet's own connections; sorted. Rejects with GatehouseError `access.tables` after at most `limitMs`.
 */
export async function listBackendTables(
  cluster: Pick<Cluster, 'workspace' | 'addresses' | 'secrets'>,
  keyspace: string,
  limitMs = TABLE_LIST_LIMIT_MS,
): Promise<string[]> {
  const { topology } = cluster.workspace;
  const tablet = topology.tablets.find((candidate) => candidate.keyspace === keyspace);
  const backend = topology.backends.find(({ name }) => name === tablet?.backend);
  const address = cluster.addresses.backends.find(({ name }) => name === backend?.name);
  const database = topology.keyspaces.find(({ name }) => name === keyspace)?.database;
  if (backend === undefined || address === undefined || database === undefined)
    throw failure(`No tablet of the running cluster serves the keyspace ${keyspace}.`, '');
  const secret = backend.kind === 'managed' ? `backend/${backend.name}/vt_app` : backend.passwordSecret;
  const password = cluster.secrets.get(secret);
  if (password === undefined) throw failure(`The password for the backend ${backend.name} is not known.`, '');
  try {
    return await listTables(loginFor(cluster, backend, address, password), database, limitMs);
  } catch (error) {
    const place = address.socket ?? `${address.host}:${address.port}`;
    throw failure(`${place} did not list the tables of ${database}: ${(error as Error).message}.`, String(error));
  }
}

function loginFor(
  { workspace: { files } }: Pick<Cluster, 'workspace'>,
  backend: Backend,
  { host, port, socket }: { readonly host: string; readonly port: number; readonly socket: string | null },
  password: Secret,
): BackendLogin {
  if (backend.kind === 'external') {
    const tls = clientTls(files, backend.tls);
    return { host, port, user: backend.user, password, ...(tls === undefined ? {} : { tls }) };
  }
  const ca = backend.tls === null ? undefined : files.get(backend.tls.ca)?.toString('utf8');
  return {
    host,
    port,
    user: 'vt_app',
    password,
    ...(ca === undefined ? (socket === null ? {} : { socket }) : { tls: { ca } }),
  };
}

const failure = (summary: string, detail: string): GatehouseError =>
  new GatehouseError({ code: 'access.tables', summary, detail });
