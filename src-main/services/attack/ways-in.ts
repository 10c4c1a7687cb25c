import type { ProbeCaller, Transport } from '../../domain/probes';
import type { Gateway } from '../../domain/topology';
import { gatewayTrust } from '../test/default-suite';
import { fidelityOf, type Workspace } from '../workspace/load-workspace';
import type { AttackConnection } from './cells';

/** How a client of a gateway connects that does all that the listener asks for. */
export type WayIn = Pick<AttackConnection, 'transport' | 'trust' | 'serverName'>;

/** The clients' side of a gateway: what they trust, and the name that they ask for. */
const verified = (workspace: Workspace, transport: Transport): WayIn => {
  const suite = workspace.suites.find(({ gatewayTrust: bundle }) => bundle !== null);
  const found = gatewayTrust(workspace);
  return {
    transport,
    trust: suite?.gatewayTrust ?? found.trust,
    serverName: suite?.gatewayName ?? found.name,
  };
};

/** The way into the gateway's gRPC listener; null: it has none. */
export function grpcWay(workspace: Workspace, { grpc }: Gateway): WayIn | null {
  if (grpc === null) return null;
  if (grpc.tls === null) return { transport: 'grpc-plain' };
  return verified(workspace, grpc.tls.clientCa === null ? 'grpc-tls' : 'grpc-mutual-tls');
}

/** The way into the gateway's MySQL listener over TCP; null: it has none. */
export function mysqlWay(workspace: Workspace, { mysql }: Gateway): WayIn | null {
  if (mysql === null) return null;
  if (mysql.tls === null) return { transport: 'mysql-plain' };
  return verified(workspace, mysql.tls.clientCa === null ? 'mysql-tls-verified' : 'mysql-mutual-tls');
}

/**
 * The ways on which a caller of the tests can come to its gateway as that is set up now, in the order of the tests: where
 * a listener has no TLS a client that asked for it has to do without, and where it insists on TLS one without has to ask.
 */
export function offeredTransports(workspace: Workspace, caller: ProbeCaller): readonly Transport[] {
  const gateway = workspace.topology.gateways.find(({ name }) => name === caller.gateway);
  if (gateway === undefined) return [];
  // Vitess forgets to require TLS where it has no certificate; hardened mode requires what nobody can do then.
  const insists = fidelityOf(workspace, gateway).mode === 'hardened';
  return [...new Set(caller.transports.flatMap((transport) => offered(gateway, insists, transport) ?? []))];
}

function offered({ mysql, grpc }: Gateway, insists: boolean, transport: Transport): Transport | null {
  if (transport.startsWith('grpc-')) {
    if (grpc === null) return null;
    if (grpc.tls === null) return 'grpc-plain';
    return transport === 'grpc-plain' && !grpc.optionalTls ? 'grpc-tls' : transport;
  }
  if (mysql === null) return null;
  if (transport === 'mysql-unix') return mysql.unixSocket ? transport : null;
  if (mysql.tls === null) return insists && mysql.requireSecureTransport ? null : 'mysql-plain';
  return transport === 'mysql-plain' && mysql.requireSecureTransport ? 'mysql-tls-verified' : transport;
}
