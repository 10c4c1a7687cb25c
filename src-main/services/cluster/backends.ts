import { join } from 'node:path';
import { GatehouseError, Secret, type DisposableBag, type Result } from '../../domain/kernel';
import type { Backend, Keyspace } from '../../domain/topology';
import { generatePassword } from '../../domain/users';
import { findMysqld, startManagedMysql, type ManagedMysql, type MysqlProgram } from '../../servers/backend';
import type { SecretStore } from '../../servers/store';
import type { TabletConfig } from '../../servers/tablet';
import type { ServicePorts } from '../ports';
import type { Workspace } from '../workspace/load-workspace';
import { backendNotice, type BackendNotice } from './backend-notices';
import { dataFolder } from './data-folder';
import { seedDatabase } from './seed-database';
import { clientTls } from './tls-files';

/** What starting a workspace's MySQL needs of the options of a start. */
export interface BackendOptions {
  readonly workspace: Workspace;
  readonly ports: ServicePorts;
  /** The user's mysqld; undefined: the first one found. */
  readonly mysqld?: string;
  /** Folder of the data of managed servers; undefined: the workspace's own. */
  readonly dataDir?: string;
  readonly signal?: AbortSignal;
  /** A managed server died, came back or was given up for now. */
  readonly onBackend?: (notice: BackendNotice) => void;
}

/** Told when a step is done. */
export type BackendStep = (what: 'mysql-found' | 'mysql-ready' | 'seeded', text: string, detail?: string) => void;

/** The value, or a GatehouseError with the failure. */
export const unwrap = <T>(result: Result<T>): T => {
  if (!result.ok) throw new GatehouseError(result.failure);
  return result.value;
};

/** A MySQL that the cluster uses. */
export interface RunningBackend {
  readonly name: string;
  readonly vendor: string;
  readonly version: string;
  readonly host: string;
  readonly port: number;
  readonly socket: string | null;
  /** Null: the user's own server, or a managed one that was stopped. */
  readonly managed: ManagedMysql | null;
  readonly rootPassword: Secret | null;
  /** Folder of a managed server's data; null: the server is the user's own. */
  readonly dataDir: string | null;
  readonly connection: TabletConfig['backend'];
}

/** A password of the workspace's secrets, made on first use. */
async function passwordOf(secrets: SecretStore, name: string): Promise<Secret> {
  const known = secrets.get(name);
  if (known !== undefined) return known;
  const made = new Secret(generatePassword({ bits: 192 }));
  await secrets.put(new Map([[name, made]]));
  return made;
}

/** Finds and starts a backend; `port` is the one it had before, 0 for any. */
export async function startBackend(
  options: BackendOptions,
  backend: Backend,
  secrets: SecretStore,
  bag: DisposableBag,
  step: BackendStep,
  port = 0,
): Promise<RunningBackend> {
  const { workspace, ports } = options;
  const { paths, topology, files } = workspace;
  if (backend.kind === 'external') {
    const password = secrets.get(backend.passwordSecret);
    if (password === undefined)
      throw new GatehouseError({
        code: 'secrets.missing-password',
        summary: `The secrets have no "${backend.passwordSecret}" for the backend ${backend.name}.`,
      });
    const tls = clientTls(files, backend.tls);
    const { name, host, port, user } = backend;
    return {
      ...{
        name,
        host,
        port,
        vendor: 'MySQL',
        version: '',
        socket: null,
        managed: null,
        rootPassword: null,
        dataDir: null,
      },
      connection: { host, port, user, password, ...(tls === undefined ? {} : { tls }) },
    };
  }
  const program: MysqlProgram = unwrap(
    await findMysqld({
      os: ports.os,
      extra: [process.env['GATEHOUSE_MYSQLD']],
      ...(options.mysqld === undefined ? {} : { path: options.mysqld }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    }),
  );
  step('mysql-found', `${program.vendor} ${program.version}`, program.path);
  const rootPassword = await passwordOf(secrets, `backend/${backend.name}/root`);
  const appPassword = await passwordOf(secrets, `backend/${backend.name}/vt_app`);
  const dataDir = await dataFolder(options.dataDir ?? paths.data, backend.name, program.vendor);
  const tls =
    backend.tls === null
      ? null
      : {
          ca: join(paths.dir, backend.tls.ca),
          cert: join(paths.dir, backend.tls.cert),
          key: join(paths.dir, backend.tls.key),
        };
  const managed = unwrap(
    await startManagedMysql({
      program,
      os: ports.os,
      dataDir,
      runDir: join(paths.socketFolder, `mysql-${backend.name}`),
      databases: topology.keyspaces.map((keyspace) => keyspace.database),
      tls,
      rootPassword,
      appUser: { name: 'vt_app', password: appPassword },
      port,
      templateDir: ports.templateDir,
      signal: options.signal,
      onEvent: (event, server) => {
        const notice = backendNotice(backend.name, event.step, server);
        if (notice !== null) options.onBackend?.(notice);
      },
    }),
  );
  bag.add({ dispose: () => managed.stop() });
  const how = managed.events.some((event) => event.step === 'template')
    ? 'from the template'
    : managed.events.some((event) => event.step === 'initialised')
      ? 'initialised'
      : 'existing data';
  step('mysql-ready', `${managed.vendor} ready`, `${how}, port ${managed.port}`);
  const ca = backend.tls === null ? undefined : files.get(backend.tls.ca)?.toString('utf8');
  return {
    name: backend.name,
    vendor: managed.vendor,
    version: managed.version,
    host: managed.host,
    port: managed.port,
    socket: managed.socket,
    managed,
    rootPassword,
    dataDir,
    // With certificates the tablet goes over TCP and TLS, so that this link is proved too; without, over the socket.
    connection: {
      host: managed.host,
      port: managed.port,
      ...(ca === undefined && managed.socket !== null ? { socket: managed.socket } : {}),
      user: 'vt_app',
      password: appPassword,
      ...(ca === undefined ? {} : { tls: { ca } }),
    },
  };
}

/** Fills the database of a keyspace, if Gatehouse runs its MySQL and it was not filled before. */
export async function seed(
  options: BackendOptions,
  keyspace: Keyspace,
  running: ReadonlyMap<string, RunningBackend>,
  step: BackendStep,
): Promise<void> {
  const { workspace } = options;
  const tablet = workspace.topology.tablets.find((candidate) => candidate.keyspace === keyspace.name);
  const backend = tablet === undefined ? undefined : running.get(tablet.backend);
  if (keyspace.schemaFile === null || backend?.rootPassword == null || backend.dataDir === null) return;
  const schema = workspace.files.get(keyspace.schemaFile)?.toString('utf8') ?? '';
  const root = { host: backend.host, port: backend.port, socket: backend.socket, password: backend.rootPassword };
  const outcome = await seedDatabase(root, backend.dataDir, keyspace.database, schema, options.signal);
  if (outcome === 'seeded') step('seeded', `database ${keyspace.database}`, keyspace.schemaFile);
}
