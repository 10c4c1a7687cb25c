import type { ClusterLink } from '../../contract/areas/cluster';
import type { Backend, ClientTls, Gateway, ServerTls, Tablet } from '../../domain/topology';
import type { Workspace } from '../workspace/load-workspace';

/** Where a part of the topology stands in gatehouse.json; 0 when it was not read from a file. */
const lineOf = (part: object | null): number => (part as { place?: { line: number } } | null)?.place?.line ?? 0;

type Check = ClusterLink['checks'][number];

/** Every link of the chain with its protection, in the order client, gateway, tablet, MySQL. */
export function clusterLinks(workspace: Pick<Workspace, 'topology' | 'findings'>): ClusterLink[] {
  const { topology } = workspace;
  const links = [
    ...topology.gateways.flatMap((gateway) => [
      ...(gateway.mysql === null ? [] : [clientMysql(gateway)]),
      ...(gateway.grpc === null ? [] : [clientGrpc(gateway)]),
    ]),
    ...topology.gateways.flatMap((gateway) => topology.tablets.map((tablet) => gatewayTablet(gateway, tablet))),
    ...topology.tablets.map((tablet) => tabletBackend(tablet, topology.backends)),
  ];
  return links.map((link) => ({
    ...link,
    findings: workspace.findings
      .filter(({ file, line }) => file === link.file && line > 0 && line === link.line)
      .map(({ message, remedy, code }) => ({ message, remedy, code })),
  }));
}

type Bare = Omit<ClusterLink, 'findings'>;

/** How a listening side with these settings is protected. */
function listening(tls: ServerTls | null, optional: boolean): ClusterLink['protection'] {
  if (tls === null) return 'plain';
  if (optional) return 'tls-optional';
  return tls.clientCa === null ? 'tls' : 'mutual-tls';
}

const caller = (tls: ServerTls | null, who: string): Check[] =>
  tls?.clientCa == null ? [] : [{ who, against: tls.clientCa }];

function clientMysql(gateway: Gateway): Bare {
  const mysql = gateway.mysql!;
  const protection = listening(mysql.tls, !mysql.requireSecureTransport);
  const asked = mysql.tls?.clientCa != null;
  return {
    id: `client>gateway:${gateway.name}/mysql`,
    from: 'client',
    to: `gateway:${gateway.name}`,
    protocol: 'mysql',
    protection,
    toShows: mysql.tls?.cert ?? null,
    fromShows: asked ? 'caller' : null,
    text: {
      'mutual-tls': 'Only TLS gets in, and the gateway checks the caller’s certificate. Who shows none is refused.',
      tls: 'Only TLS gets in. Callers can check the gateway; the gateway asks callers for a login, not a certificate.',
      'tls-optional': asked
        ? 'TLS is offered, not required: who talks without TLS needs no certificate either.'
        : 'TLS is offered, not required: who does not ask for it talks readably.',
      plain: 'Logins and statements cross readably.',
      'local-socket': '',
    }[protection],
    checks: caller(mysql.tls, 'gateway'),
    flags: [
      ...(mysql.tls === null ? [] : ['--mysql-server-ssl-cert', '--mysql-server-ssl-key']),
      ...(asked ? ['--mysql-server-ssl-ca'] : []),
      ...(mysql.requireSecureTransport ? ['--mysql-server-require-secure-transport'] : []),
    ],
    file: 'gatehouse.json',
    line: lineOf(mysql),
  };
}

function clientGrpc(gateway: Gateway): Bare {
  const grpc = gateway.grpc!;
  const protection = listening(grpc.tls, grpc.optionalTls);
  const asked = grpc.tls?.clientCa != null;
  return {
    id: `client>gateway:${gateway.name}/grpc`,
    from: 'client',
    to: `gateway:${gateway.name}`,
    protocol: 'grpc',
    protection,
    toShows: grpc.tls?.cert ?? null,
    fromShows: asked ? 'caller' : null,
    text: {
      'mutual-tls': 'The gateway checks the caller’s certificate. Callers without one are refused.',
      tls: 'Callers can check the gateway; nobody checks the caller.',
      'tls-optional': asked
        ? 'Who talks without TLS walks past the client certificate.'
        : 'TLS is offered, not required.',
      plain: grpc.useEffectiveCallerId
        ? 'Nothing is encrypted, and callers may claim any name.'
        : 'Nothing is encrypted, and nobody checks the caller.',
      'local-socket': '',
    }[protection],
    checks: caller(grpc.tls, 'gateway'),
    flags: [
      ...(grpc.tls === null ? [] : ['--grpc-cert', '--grpc-key']),
      ...(asked ? ['--grpc-ca'] : []),
      ...(grpc.optionalTls ? ['--grpc-enable-optional-tls'] : []),
    ],
    file: 'gatehouse.json',
    line: lineOf(grpc),
  };
}

function gatewayTablet(gateway: Gateway, tablet: Tablet): Bare {
  const link: ClientTls | null = gateway.tabletLink;
  const { tls } = tablet.grpc;
  const dials = link !== null && (link.ca !== null || link.cert !== null);
  const protection = !dials || tls === null ? 'plain' : tls.clientCa === null ? 'tls' : 'mutual-tls';
  return {
    id: `gateway:${gateway.name}>tablet:${tablet.alias}`,
    from: `gateway:${gateway.name}`,
    to: `tablet:${tablet.alias}`,
    protocol: 'grpc',
    protection,
    toShows: protection === 'plain' ? null : (tls?.cert ?? null),
    fromShows: protection === 'mutual-tls' ? (link?.cert ?? null) : null,
    text:
      dials !== (tls !== null)
        ? 'One side speaks TLS and the other does not: they will not understand each other.'
        : {
            'mutual-tls':
              'The tablet lets in only who shows a certificate that it trusts, and the gateway checks the tablet.',
            tls: 'The gateway checks the tablet; the tablet takes everybody’s word for who the caller is.',
            plain: 'Whoever reaches the tablet’s port can claim any caller.',
          }[protection],
    checks: [
      ...(link?.ca == null ? [] : [{ who: 'gateway', against: link.ca }]),
      ...(tls?.clientCa == null ? [] : [{ who: 'tablet', against: tls.clientCa }]),
    ],
    flags: [
      ...(link?.ca == null ? [] : ['--tablet-grpc-ca']),
      ...(link?.cert == null ? [] : ['--tablet-grpc-cert', '--tablet-grpc-key']),
      ...(tls?.clientCa == null ? [] : ['--grpc-ca (vttablet)']),
    ],
    file: 'gatehouse.json',
    line: lineOf(link ?? gateway),
  };
}

function tabletBackend(tablet: Tablet, backends: readonly Backend[]): Bare {
  const backend = backends.find(({ name }) => name === tablet.backend);
  const tls = backend?.tls ?? null;
  const local = backend?.kind === 'managed' && tls === null;
  const ca = tls?.ca ?? null;
  return {
    id: `tablet:${tablet.alias}>backend:${tablet.backend}`,
    from: `tablet:${tablet.alias}`,
    to: `backend:${tablet.backend}`,
    protocol: 'mysql',
    protection: local
      ? 'local-socket'
      : tls === null
        ? 'plain'
        : backend?.kind === 'external' && backend.tls?.cert != null
          ? 'mutual-tls'
          : 'tls',
    toShows: backend?.kind === 'managed' ? (backend.tls?.cert ?? null) : tls === null ? null : 'MySQL’s own',
    fromShows: backend?.kind === 'external' ? (backend.tls?.cert ?? null) : null,
    text: local
      ? 'The tablet reaches MySQL over a Unix socket of this user; nothing crosses a network.'
      : tls === null
        ? 'The tablet signs in and sends statements readably.'
        : ca === null
          ? 'The connection is encrypted, but the tablet checks nobody’s certificate.'
          : 'The tablet checks MySQL’s certificate and name, and signs in with a password.',
    checks: ca === null ? [] : [{ who: 'tablet', against: ca }],
    flags: tls === null ? ['--db-ssl-mode=disabled'] : ['--db-ssl-mode=verify_identity', '--db-ssl-ca'],
    file: 'gatehouse.json',
    line: lineOf(backend ?? tablet),
  };
}
