import type { Fidelity } from '../../../src-main/domain/fidelity';
import { parseGrpcUsersFile, type GrpcUsersFile } from '../../../src-main/domain/users';
import { createTablet, type Tablet } from '../../../src-main/servers/tablet';
import { appPassword, installedPrograms } from '../../wire/backend/backend-fixture';
import { startCluster, type ClusterFixture } from '../cluster-fixture';
import { hardenedMode, users, vitessMode } from '../gateway-fixture';

/** A gateway and a tablet to attack: nothing is encrypted, so that every byte can be chosen. */
export interface Target {
  readonly cluster: ClusterFixture;
  /** Of a gateway in vitess mode, and of one in hardened mode. */
  readonly mysqlPorts: readonly [number, number];
  readonly gatewayPort: number;
  /** A tablet of its own, which asks for a password. */
  readonly tabletPort: number;
  /** Rows that somebody without a right password wrote. */
  readonly gained: () => Promise<number>;
  readonly stop: () => Promise<void>;
}

export const password = 'right password';
/** What is written by who has no right password; nobody ever may. */
export const forbidden = 'insert into gained (id) values (null)';

function grpcUsers(): GrpcUsersFile {
  const file = Buffer.from(JSON.stringify([{ Username: 'alice', Password: password }]));
  const { users: parsed } = parseGrpcUsersFile(file, { file: 'grpc-users.json', fidelity: hardenedMode });
  if (parsed === null) throw new Error('the gRPC users of the fuzzing target do not load');
  return parsed;
}

const listen = { host: '127.0.0.1', port: 0 };
const mysqlListener = (fidelity: Fidelity) => ({
  listen,
  auth: users({ alice: [{ Password: password, UserData: 'alice' }] }, fidelity),
  handshakeTimeoutMs: 10_000,
});

/** Starts it; null without a MySQL on this machine. */
export async function startTarget(): Promise<Target | null> {
  const [program] = await installedPrograms();
  if (program === undefined) return null;
  const everybody = { readers: ['alice'], writers: ['alice'], admins: ['alice'] };
  const cluster = await startCluster({
    program,
    fidelity: hardenedMode,
    acl: { table_groups: [{ name: 'all', table_names_or_prefixes: ['goods', 'gained'], ...everybody }] },
    gateway: {
      mysql: mysqlListener(hardenedMode),
      grpc: { listen, authMode: 'static', staticUsers: grpcUsers(), useStaticAuthenticationCallerId: true },
    },
  });
  const stock = await cluster.addGateway({ fidelity: vitessMode, mysql: mysqlListener(vitessMode) });
  await cluster.atMysql(
    'create table goods (id int primary key auto_increment, name varchar(50))',
    `insert into goods (name) values ('cup'), ('plate'), (null)`,
    'create table gained (id int primary key auto_increment)',
  );
  await cluster.tablet.reloadSchema();
  const { mysql } = cluster;
  const tablet: Tablet = await createTablet(
    {
      alias: { cell: 'zone1', uid: 101 },
      keyspace: 'commerce',
      shard: '0',
      type: 'primary',
      database: 'shop_1',
      listen,
      authMode: 'static',
      staticUsers: grpcUsers(),
      acl: null,
      aclSettings: { strict: false, dryRun: false, exempt: '' },
      fidelity: hardenedMode,
      backend: {
        host: mysql.host,
        port: mysql.port,
        ...(mysql.socket === null ? {} : { socket: mysql.socket }),
        user: 'vt_app',
        password: appPassword,
      },
    },
    { recorder: cluster.recorder },
  );
  return {
    cluster,
    mysqlPorts: [stock.mysql!.port, cluster.gateway.mysql!.port],
    gatewayPort: cluster.gateway.grpc!.port,
    tabletPort: tablet.address.port,
    gained: async () => {
      const [rows] = await cluster.atMysql('select count(*) as n from gained');
      return Number((rows as { n: number }[])[0]!.n);
    },
    stop: async () => {
      await tablet.stop({ graceMs: 0 });
      await cluster.stop();
    },
  };
}
