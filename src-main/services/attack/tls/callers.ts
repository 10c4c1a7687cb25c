import type { ProbeCaller, Transport } from '../../../domain/probes';
import type { AttackConnection } from '../cells';
import type { AttackGround } from '../ground';
import type { AttackWorld } from '../planned';
import { offeredTransports } from '../ways-in';
import type { GatewayPlace } from './places';

/** Somebody who uses a listener as it is meant to be used, as the workspace's tests know it. */
export interface Caller {
  readonly caller: ProbeCaller;
  readonly transport: Transport;
  readonly trust: string | null;
  readonly serverName: string;
  readonly sql: string;
}

/** Best first: what shows and checks most. */
const order: readonly Transport[] = [
  'mysql-mutual-tls',
  'grpc-mutual-tls',
  'mysql-tls-verified',
  'grpc-tls',
  'mysql-tls',
  'mysql-plain',
  'grpc-plain',
];

/** Reads a table and answers one row, whatever the table holds. */
const counting = (table: string): string => `select count(*) from \`${table.replaceAll('`', '``')}\``;

/** The tests' callers of a listener whose password is known and who may read a table, in the order of the tests. */
export function callersOf({ workspace, hasSecret }: AttackWorld, place: GatewayPlace): Caller[] {
  return workspace.suites.flatMap((suite) =>
    suite.callers.flatMap((caller): Caller[] => {
      const { password } = caller;
      if (caller.gateway !== place.gateway.name) return [];
      if (password !== null && 'secret' in password && !hasSecret(password.secret)) return [];
      const offered = offeredTransports(workspace, caller);
      const transport = order.find(
        (candidate) => candidate.startsWith(`${place.kind}-`) && offered.includes(candidate),
      );
      const table = suite.allow.get(caller.name)?.read[0];
      if (transport === undefined || table === undefined) return [];
      return [{ caller, transport, trust: suite.gatewayTrust, serverName: suite.gatewayName, sql: counting(table) }];
    }),
  );
}

/** The connection that a caller makes, or with another transport what is left of it there. */
export function connectionOf(ground: AttackGround, by: Caller, transport: Transport = by.transport): AttackConnection {
  const { caller, trust, serverName, sql } = by;
  return {
    ...{ gateway: caller.gateway, transport, trust, serverName, sql },
    user: caller.user,
    password: ground.runner.passwordFor(caller, 'right'),
    certificate: transport.endsWith('mutual-tls') ? caller.certificate : null,
    claimed: caller.claimed,
  };
}
