import { createConnection, type Connection, type ConnectionOptions } from 'mysql2/promise';
import { parseUsersFile } from '../../src-main/domain/users';
import type { Fidelity } from '../../src-main/domain/fidelity';
import { createGateway, type Gateway, type GatewayConfig, type GatewayDeps } from '../../src-main/servers/gateway';

export const vitessMode: Fidelity = { mode: 'vitess', version: '24.0.4' };
export const hardenedMode: Fidelity = { mode: 'hardened', version: '24.0.4' };

/** A users file as the gateway takes it. */
export function users(content: unknown, fidelity = vitessMode, file = 'users.json') {
  const reading = parseUsersFile(Buffer.from(JSON.stringify(content)), { file, fidelity });
  if (reading.users === null) throw new Error(reading.findings.map(({ message }) => message).join('; '));
  return { kind: 'static' as const, users: reading.users, file };
}

export const alice = { alice: [{ Password: 'pw1', UserData: 'alice_data', Groups: ['dev'] }] };

/** A gateway in front of one tablet port, keyspace commerce, shard 0. */
export function gatewayConfig(tabletPort: number, more: Partial<GatewayConfig> = {}): GatewayConfig {
  return {
    name: 'gateway-1',
    cell: 'zone1',
    fidelity: vitessMode,
    keyspaces: [{ name: 'commerce', shards: ['0'] }],
    mysql: { listen: { host: '127.0.0.1', port: 0 }, auth: users(alice) },
    grpc: null,
    tablets: [
      { alias: 'zone1-100', keyspace: 'commerce', shard: '0', type: 'primary', host: '127.0.0.1', port: tabletPort },
    ],
    ...more,
  };
}

export const startGateway = (config: GatewayConfig, deps: GatewayDeps = {}): Promise<Gateway> =>
  createGateway(config, deps);

/** A mysql2 connection as alice with database commerce, unless told otherwise. */
export function connectMysql(gateway: Gateway, options: ConnectionOptions = {}): Promise<Connection> {
  const address = gateway.mysql;
  if (address === undefined) throw new Error('the gateway has no MySQL listener');
  return createConnection({
    host: address.host,
    port: address.port,
    user: 'alice',
    password: 'pw1',
    database: 'commerce',
    ...options,
  });
}

/** errno, SQLSTATE and message of a refused statement or login; null when it passed. */
export async function refusal(
  work: Promise<unknown>,
): Promise<{ errno: number; sqlState: string; message: string } | null> {
  try {
    await work;
    return null;
  } catch (error) {
    const { errno, sqlState, message, sqlMessage } = error as {
      errno: number;
      sqlState: string;
      message: string;
      sqlMessage?: string;
    };
    return { errno, sqlState, message: sqlMessage ?? message };
  }
}
