import { createConnection, type Connection } from 'mysql2/promise';
import { parseAclFile } from '../../../src-main/domain/acl';
import { vtCodeName, type VtCode } from '../../../src-main/domain/kernel';
import type { ManagedMysql } from '../../../src-main/servers/backend';
import { createRecorder, type TraceRecorder } from '../../../src-main/servers/recorder';
import {
  createGrpcClient,
  GrpcStatusError,
  queryMethods,
  type CallOptions,
  type GrpcClient,
  type query,
} from '../../../src-main/servers/rpc';
import { createTablet, type Tablet, type TabletConfig } from '../../../src-main/servers/tablet';
import {
  appPassword,
  installedPrograms,
  managedOptions,
  rootPassword,
  start,
  temporaryFolder,
} from '../backend/backend-fixture';

export const target: query.ITarget = { keyspace: 'commerce', shard: '0', tabletType: 1 };

export interface Backend {
  readonly server: ManagedMysql;
  readonly folder: string;
  /** A connection of MySQL's root, on the database. */
  root(): Promise<Connection>;
  stop(): Promise<void>;
}

/** A MariaDB with the database vt_commerce; throws with the reason when there is none on this machine. */
export async function startBackend(vendor: 'MariaDB' | 'MySQL' = 'MariaDB'): Promise<Backend> {
  const program = (await installedPrograms()).find((candidate) => candidate.vendor === vendor);
  if (program === undefined) throw new Error(`no ${vendor} on this machine`);
  const folder = await temporaryFolder();
  const server = await start(managedOptions(program, folder.path, { databases: ['vt_commerce'] }));
  return {
    server,
    folder: folder.path,
    root: () =>
      createConnection({
        socketPath: server.socket ?? '',
        user: 'root',
        password: rootPassword.reveal(),
        database: 'vt_commerce',
        multipleStatements: true,
      }),
    stop: async () => {
      await server.stop();
      await folder.cleanup();
    },
  };
}

/** Runs statements as root. */
export async function asRoot(backend: Backend, ...statements: readonly string[]): Promise<void> {
  const connection = await backend.root();
  for (const statement of statements) await connection.query(statement);
  await connection.end();
}

export type ConfigChange = Partial<TabletConfig>;

export const tabletConfig = (backend: Backend, change: ConfigChange = {}): TabletConfig => ({
  alias: { cell: 'zone1', uid: 100 },
  keyspace: 'commerce',
  shard: '0',
  type: 'primary',
  database: 'vt_commerce',
  listen: { host: '127.0.0.1', port: 0 },
  authMode: '',
  acl: null,
  aclSettings: { strict: false, dryRun: false, exempt: '' },
  fidelity: { mode: 'vitess', version: '24.0-recorded' },
  backend: {
    host: backend.server.host,
    port: backend.server.port,
    socket: backend.server.socket ?? undefined,
    user: 'vt_app',
    password: appPassword,
  },
  ...change,
});

/** An ACL as JSON, read as vttablet reads it. */
export const aclOf = (model: unknown): TabletConfig['acl'] =>
  parseAclFile(Buffer.from(JSON.stringify(model, null, 1)), {
    file: 'acl.json',
    fidelity: { mode: 'vitess', version: '24.0-recorded' },
  }).acl;

export interface Caller {
  readonly username: string;
  readonly groups?: readonly string[];
}

/** What one call came to, as the recordings write it. */
export type Answer =
  | {
      readonly ok: true;
      readonly rows: (string | null)[][];
      readonly affected: number;
      readonly result: query.QueryResult | null;
    }
  | { readonly code: VtCode; readonly message: string };

/** A row's values as texts. */
export function valuesOf(row: query.Row): (string | null)[] {
  let at = 0;
  return row.lengths.map((length) => {
    if (length < 0) return null;
    at += length;
    return row.values.toString('utf8', at - length, at);
  });
}

export class TabletClient {
  readonly client: GrpcClient;

  constructor(
    readonly tablet: Tablet,
    options: Partial<Parameters<typeof createGrpcClient>[0]> = {},
  ) {
    this.client = createGrpcClient({ ...tablet.address, ...options });
  }

  /** Execute without a transaction. */
  execute(
    sql: string,
    caller: Caller | null = { username: 'alice' },
    more: Partial<query.IExecuteRequest> = {},
    options: CallOptions = {},
  ): Promise<Answer> {
    const { query: bound, ...rest } = more;
    return this.answer(
      this.client.unary(
        queryMethods.Execute,
        {
          target,
          query: { sql, ...bound },
          ...(caller === null ? {} : { immediateCallerId: caller }),
          options: { includedFields: 2 },
          ...rest,
        },
        options,
      ),
    );
  }

  async answer(call: Promise<{ readonly result?: query.QueryResult | null }>): Promise<Answer> {
    try {
      const { result = null } = await call;
      return {
        ok: true,
        rows: (result?.rows ?? []).map(valuesOf),
        affected: Number(result?.rowsAffected ?? 0n),
        result,
      };
    } catch (error) {
      if (!(error instanceof GrpcStatusError)) throw error;
      return { code: vtCodeName(error.code), message: error.message };
    }
  }

  async begin(caller: Caller = { username: 'alice' }, options: query.IExecuteOptions = {}): Promise<bigint> {
    return (await this.client.unary(queryMethods.Begin, { target, immediateCallerId: caller, options })).transactionId;
  }

  conclude(how: 'Commit' | 'Rollback', transactionId: bigint, caller: Caller = { username: 'alice' }): Promise<Answer> {
    return this.answer(
      this.client
        .unary(queryMethods[how], { target, immediateCallerId: caller, transactionId })
        .then(() => ({ result: null })),
    );
  }

  close(): Promise<void> {
    return this.client.close();
  }
}

export interface Running {
  readonly tablet: Tablet;
  readonly client: TabletClient;
  readonly recorder: TraceRecorder;
  stop(): Promise<void>;
}

/** A tablet with a client in plaintext. */
export async function startTablet(backend: Backend, change: ConfigChange = {}): Promise<Running> {
  const recorder = createRecorder();
  const tablet = await createTablet(tabletConfig(backend, change), { recorder });
  const client = new TabletClient(tablet);
  return {
    tablet,
    client,
    recorder,
    stop: async () => {
      await client.close();
      await tablet.stop({ graceMs: 200 });
    },
  };
}

/** Waits until `condition` holds. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  limitMs = 10_000,
): Promise<void> {
  const end = performance.now() + limitMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
