import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createGateway, type Gateway, type GatewayConfig } from '../../../../src-main/servers/gateway';
import { noRecorder } from '../../../../src-main/servers/recorder';
import { createTablet, type Tablet, type TabletConfig } from '../../../../src-main/servers/tablet';
import { gatewayConfig, users } from '../../../support/gateway-fixture';
import { createPki } from '../../../support/tls-identities';
import { temporaryFolder } from '../../../wire/backend/backend-fixture';
import type { ReplaySettings } from '../outcome';
import type { Entrance } from './login';
import { Mysql9 } from './mysql9';

/** What a recording says of its servers: the tables, what is in them, and who may log in. */
export interface Setup {
  readonly schema: readonly string[];
  readonly fixture: readonly string[];
  readonly users: unknown;
}

const database = 'vt_commerce';
const identity = createPki().leaf({ name: 'gateway', purposes: ['serverAuth'] });

const filler = (table: string): string =>
  `insert into ${table} with recursive r as (select 1 as i union all select i + 1 from r where i < 2000) select /*+ SET_VAR(cte_max_recursion_depth = 5000) */ i, concat('v', i) from r`;

/** What differs from vtgate's and vttablet's defaults. */
export interface Changes {
  readonly gateway?: Partial<GatewayConfig>;
  readonly tablet?: Partial<TabletConfig>;
  /** `--mysql-server-read-timeout`. */
  readonly readTimeoutMs?: number;
}

/** A tablet and a gateway in front of the recording's MySQL. */
export interface Servers {
  readonly tablet: Tablet;
  readonly gateway: Gateway;
  readonly entrance: Entrance;
  /** Settles when the gateway has no MySQL connection. */
  readonly quiet: () => Promise<void>;
  /** Starts a tablet again where the one that was stopped had been. */
  readonly restartTablet: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** The recording's MySQL with its tables, and as many pairs of tablet and gateway as are asked for. */
export class World {
  #sockets = 0;

  private constructor(
    private readonly folder: string,
    readonly mysql: Mysql9,
    private readonly setup: Setup,
    private readonly fidelity: ReplaySettings['fidelity'],
    private readonly cleanup: () => Promise<void>,
  ) {}

  static async start(
    setup: Setup,
    fidelity: ReplaySettings['fidelity'],
    mysqlOptions: readonly string[] = [],
    template: string | null = null,
  ): Promise<World> {
    const { path, cleanup } = await temporaryFolder();
    const mysql = await Mysql9.start(path, database, mysqlOptions, template);
    const tables = setup.schema.some((line) => /create table rows2k\b/.test(line)) ? [filler('rows2k')] : [];
    await mysql.run(...setup.schema, ...tables);
    return new World(path, mysql, setup, fidelity, cleanup);
  }

  /** `count` worlds of one kind, on copies of one data directory. */
  static async several(
    count: number,
    setup: Setup,
    fidelity: ReplaySettings['fidelity'],
    mysqlOptions: readonly string[] = [],
  ): Promise<readonly World[]> {
    const { path, cleanup } = await temporaryFolder();
    try {
      const template = await Mysql9.template(path);
      const start = () => World.start(setup, fidelity, mysqlOptions, template);
      return await Promise.all(Array.from({ length: count }, start));
    } finally {
      await cleanup();
    }
  }

  /** Puts the tables into the state in which every case begins. */
  async restore(): Promise<void> {
    await this.mysql.run(...this.setup.fixture);
  }

  /** Settles when nobody holds a lock of GET_LOCK. */
  async unlocked(): Promise<void> {
    const held = "select 1 from performance_schema.metadata_locks where object_type = 'USER LEVEL LOCK'";
    for (;;) {
      const [rows] = (await this.mysql.run(held)) as [readonly unknown[]];
      if (rows.length === 0) return;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** Makes the database anew, for cases after which the fixture does not suffice; `tablet` is told. */
  async rebuild(tablet: Tablet | null): Promise<void> {
    const tables = this.setup.schema.some((line) => /create table rows2k\b/.test(line)) ? [filler('rows2k')] : [];
    await this.mysql.run(
      `drop database ${database}`,
      `create database ${database}`,
      `use ${database}`,
      ...this.setup.schema,
      ...tables,
    );
    await this.restore();
    await tablet?.reloadSchema();
  }

  /** Starts a tablet and a gateway with their defaults but for `changes`. */
  async serve(changes: Changes = {}): Promise<Servers> {
    const { fidelity } = this;
    const tablet = await this.tablet(changes);
    let restarted: Tablet | null = null as Tablet | null;
    this.#sockets += 1;
    const own = join(this.folder, String(this.#sockets));
    await mkdir(own);
    const socketPath = join(own, 'vtgate.sock');
    const { cert, key } = identity;
    const gateway = await createGateway(
      gatewayConfig(tablet.address.port, {
        fidelity,
        tablets: [
          {
            alias: 'zone1-100',
            keyspace: 'commerce',
            shard: '0',
            type: 'primary',
            host: 'localhost',
            port: tablet.address.port,
          },
        ],
        mysql: {
          listen: { host: '127.0.0.1', port: 0 },
          socketPath,
          auth: users(this.setup.users, fidelity),
          tls: { cert, key },
          readTimeoutMs: changes.readTimeoutMs,
        },
        ...changes.gateway,
      }),
    );
    const { port } = gateway.mysql as { port: number };
    return {
      tablet,
      gateway,
      entrance: { port, socketPath },
      restartTablet: async () => {
        restarted = await this.tablet(changes, tablet.address.port);
      },
      quiet: async () => {
        while (gateway.stats.mysqlConnections > 0) await new Promise((resolve) => setTimeout(resolve, 1));
      },
      stop: async () => {
        await gateway.stop({ graceMs: 0 });
        await tablet.stop({ graceMs: 0 });
        await restarted?.stop({ graceMs: 0 });
      },
    };
  }

  tablet(changes: Changes = {}, port = 0): Promise<Tablet> {
    return createTablet(
      {
        alias: { cell: 'zone1', uid: 100 },
        keyspace: 'commerce',
        shard: '0',
        type: 'primary',
        database,
        listen: { host: '127.0.0.1', port },
        authMode: '',
        acl: null,
        aclSettings: { strict: false, dryRun: false, exempt: '' },
        fidelity: this.fidelity,
        backend: this.mysql.login,
        ...changes.tablet,
      },
      { recorder: noRecorder },
    );
  }

  async stop(): Promise<void> {
    await this.mysql.down('SIGKILL');
    await this.cleanup();
  }
}
