import { createConnection } from 'mysql2/promise';
import { parseAclFile, type AclSettings } from '../../src-main/domain/acl';
import type { Fidelity } from '../../src-main/domain/fidelity';
import { createGateway, type Gateway, type GatewayConfig } from '../../src-main/servers/gateway';
import { createRecorder, type TraceRecorder } from '../../src-main/servers/recorder';
import { createTablet, type Tablet, type TabletConfig } from '../../src-main/servers/tablet';
import type { ManagedMysql, MysqlProgram } from '../../src-main/servers/backend';
import { appPassword, managedOptions, rootPassword, start, temporaryFolder } from '../wire/backend/backend-fixture';
import { gatewayConfig, vitessMode } from './gateway-fixture';
import { createPki } from './tls-identities';

/** A real MySQL or MariaDB, a real tablet and a real gateway, with mutual TLS between the two. */
export interface ClusterFixture {
  readonly mysql: ManagedMysql;
  readonly tablet: Tablet;
  readonly gateway: Gateway;
  readonly recorder: TraceRecorder;
  /** Starts another gateway in front of the same tablet; `stop` ends it too. */
  readonly addGateway: (more: Partial<GatewayConfig>) => Promise<Gateway>;
  /** Runs statements at MySQL itself, as root. */
  readonly atMysql: (...statements: readonly string[]) => Promise<unknown[]>;
  readonly stop: () => Promise<void>;
}

export interface ClusterOptions {
  readonly program: MysqlProgram;
  readonly fidelity?: Fidelity;
  readonly acl?: unknown;
  readonly aclSettings?: Partial<AclSettings>;
  readonly tablet?: Partial<TabletConfig>;
  readonly gateway?: Partial<GatewayConfig>;
  /** The database behind the keyspace; default shop_1. */
  readonly database?: string;
}

const pki = createPki();
const tabletIdentity = pki.leaf({ name: 'tablet', purposes: ['serverAuth'] });
const gatewayIdentity = pki.leaf({ name: 'gateway', purposes: ['clientAuth'] });

/** Starts everything; keyspace commerce lives in `database`. */
export async function startCluster(options: ClusterOptions): Promise<ClusterFixture> {
  const fidelity = options.fidelity ?? vitessMode;
  const database = options.database ?? 'shop_1';
  const folder = await temporaryFolder();
  const recorder = createRecorder();
  const mysql = await start(managedOptions(options.program, folder.path, { databases: [database] }));
  const reading =
    options.acl === undefined
      ? null
      : parseAclFile(Buffer.from(JSON.stringify(options.acl)), { file: 'acl.json', fidelity });
  const tablet = await createTablet(
    {
      alias: { cell: 'zone1', uid: 100 },
      keyspace: 'commerce',
      shard: '0',
      type: 'primary',
      database,
      listen: { host: '127.0.0.1', port: 0 },
      tls: { cert: tabletIdentity.cert, key: tabletIdentity.key, clientCa: pki.root.pem },
      authMode: '',
      acl: reading?.acl ?? null,
      aclSettings: { strict: reading !== null, dryRun: false, exempt: '', ...options.aclSettings },
      fidelity,
      backend: {
        host: mysql.host,
        port: mysql.port,
        ...(mysql.socket === null ? {} : { socket: mysql.socket }),
        user: 'vt_app',
        password: appPassword,
      },
      ...options.tablet,
    },
    { recorder },
  );
  const tls = { ca: pki.root.pem, cert: gatewayIdentity.cert, key: gatewayIdentity.key };
  const gateways: Gateway[] = [];
  const addGateway: ClusterFixture['addGateway'] = async (more) => {
    const base = gatewayConfig(tablet.address.port, { fidelity, ...more });
    const made = await createGateway({ ...base, tablets: base.tablets.map((one) => ({ ...one, tls })) }, { recorder });
    gateways.push(made);
    return made;
  };
  const gateway = await addGateway(options.gateway ?? {});
  const atMysql: ClusterFixture['atMysql'] = async (...statements) => {
    const connection = await createConnection({
      ...(mysql.socket === null ? { host: mysql.host, port: mysql.port } : { socketPath: mysql.socket }),
      user: 'root',
      password: rootPassword.reveal(),
      database,
    });
    const answers: unknown[] = [];
    for (const statement of statements) answers.push((await connection.query(statement))[0]);
    await connection.end();
    return answers;
  };
  return {
    mysql,
    tablet,
    gateway,
    recorder,
    addGateway,
    atMysql,
    stop: async () => {
      for (const one of gateways) await one.stop({ graceMs: 0 });
      await tablet.stop({ graceMs: 0 });
      await mysql.stop();
      await folder.cleanup();
    },
  };
}
