import { GatehouseError } from '../../domain/kernel';
import type { Gateway } from '../../domain/topology';
import type { GatewayConfig, GatewayTablet } from '../../servers/gateway';
import { fidelityOf, type Workspace } from '../workspace/load-workspace';
import { clientTls, serverTls } from './tls-files';

/** Ports to use instead of the ones in the topology; null: as written there. */
export interface PortPlan {
  next(): number | null;
}

/** Ports from `base` on, any free ones for 0, those of the topology for undefined. */
export const planPorts = (base: number | undefined): PortPlan => {
  let next = base ?? 0;
  return { next: () => (base === undefined ? null : base === 0 ? 0 : next++) };
};

/** What a gateway needs to run, from the workspace's files. `tablets` are the running ones. */
export function gatewayConfig(
  workspace: Workspace,
  gateway: Gateway,
  tablets: readonly {
    readonly alias: string;
    readonly keyspace: string;
    readonly shard: string;
    readonly host: string;
    readonly port: number;
  }[],
  ports: PortPlan,
): GatewayConfig {
  const { topology, files, paths } = workspace;
  const { mysql, grpc, statements } = gateway;
  const link = clientTls(files, gateway.tabletLink);
  const credentials =
    gateway.tabletCredentialsFile === null ? undefined : workspace.grpcCredentials.get(gateway.tabletCredentialsFile);
  return {
    name: gateway.name,
    cell: topology.cell,
    fidelity: fidelityOf(workspace, gateway),
    keyspaces: topology.keyspaces.map(({ name, shards }) => ({ name, shards })),
    behaviour: statements,
    mysql:
      mysql === null
        ? null
        : {
            listen: { host: mysql.listen.host, port: ports.next() ?? mysql.listen.port },
            ...(mysql.unixSocket ? { socketPath: paths.socket(`gateway-${gateway.name}`) } : {}),
            auth:
              mysql.auth === 'static'
                ? { kind: 'static', users: found(workspace.users, mysql.usersFile), file: mysql.usersFile ?? '' }
                : mysql.auth === 'clientcert'
                  ? { kind: 'clientcert', method: mysql.clientCertMethod }
                  : { kind: 'none' },
            ...(mysql.tls === null ? {} : { tls: serverTls(files, mysql.tls) }),
            requireSecureTransport: mysql.requireSecureTransport,
            allowClearTextWithoutTls: mysql.allowClearTextWithoutTls,
            proxyProtocol: mysql.proxyProtocol,
            readTimeoutMs: mysql.readTimeoutMs,
            writeTimeoutMs: mysql.writeTimeoutMs,
          },
    grpc:
      grpc === null
        ? null
        : {
            listen: { host: grpc.listen.host, port: ports.next() ?? grpc.listen.port },
            ...(grpc.tls === null ? {} : { tls: serverTls(files, grpc.tls) }),
            optionalTls: grpc.optionalTls,
            authMode: grpc.authMode === 'none' ? '' : grpc.authMode,
            ...(grpc.usersFile === null
              ? {}
              : { staticUsers: found(workspace.grpcUsers, grpc.usersFile), staticUsersFile: grpc.usersFile }),
            mtlsSubstrings: grpc.allowedSubstrings.join(':'),
            useEffectiveCallerId: grpc.useEffectiveCallerId,
            useEffectiveGroups: grpc.useEffectiveGroups,
            useStaticAuthenticationCallerId: grpc.useStaticAuthenticationCallerId,
          },
    tablets: tablets.map((tablet): GatewayTablet => ({
      alias: tablet.alias,
      keyspace: tablet.keyspace,
      shard: tablet.shard,
      type: 'primary',
      host: tablet.host,
      port: tablet.port,
      ...(link === undefined ? {} : { tls: link }),
      ...(credentials === undefined
        ? {}
        : { credentials: { username: credentials.username, password: credentials.password.reveal() } }),
    })),
  };
}

function found<T>(map: ReadonlyMap<string, T>, path: string | null): T {
  const value = path === null ? undefined : map.get(path);
  if (value === undefined)
    throw new GatehouseError({
      code: 'workspace.findings',
      summary: `${path ?? 'A users file'} could not be read. "gatehouse check" says why.`,
    });
  return value;
}
