import type { Backend, ClientTls, Gateway, ServerTls, Tablet, Topology } from './topology';

/** The four kinds of links of a cluster; a gateway's two listeners are two. */
export type LinkKind = 'client-gateway-mysql' | 'client-gateway-grpc' | 'gateway-tablet' | 'tablet-backend';

/** Who looks at a certificate. `nobody` is an answer too, and the one to look for. */
export type Checker = 'client' | 'gateway' | 'tablet' | 'backend' | 'nobody';

/**
 * How a check comes about, or why there is none:
 * - `verified`: against a CA file of the workspace; `system-roots`: against what the machine trusts;
 * - `client-side`, `backend-side`: as the other end is set up, which the workspace does not say;
 * - `login`: no certificate is asked for, a password decides; `not-asked`: nothing is asked for;
 * - `nothing-shown`: a certificate is demanded and none is shown, so that the link fails;
 * - `plain`: no TLS; `socket`: a Unix socket of this machine; `mismatch`: one end speaks TLS and the other does not.
 */
export type CheckReason =
  | 'verified'
  | 'system-roots'
  | 'client-side'
  | 'backend-side'
  | 'login'
  | 'not-asked'
  | 'nothing-shown'
  | 'plain'
  | 'socket'
  | 'mismatch';

/** One side of a link: what is shown, who checks it, against what, and which flag says so. */
export interface Check {
  /** Unique in a topology and the same as long as the parts keep their names. */
  readonly id: string;
  readonly link: LinkKind;
  /** Names of the parts that dial and that listen; clients have no names. Parts that are set up alike share one row. */
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly shownBy: 'dialler' | 'listener';
  /** Workspace path of the certificate; null: none, or one that gatehouse.json does not name (a caller's). */
  readonly shows: string | null;
  readonly checkedBy: Checker;
  /** Workspace path of the CA file; null where there is none. */
  readonly against: string | null;
  readonly crl: string | null;
  /** Names of which the certificate must carry one; empty: names are not compared here. */
  readonly names: readonly string[];
  /** Flags of vtgate or vttablet that set this up, as versions 23 and 24 write them; empty: not theirs to say. */
  readonly flags: readonly string[];
  readonly reason: CheckReason;
  /** What this leaves open, in one sentence; null: nothing. */
  readonly warning: string | null;
}

type Row = Omit<Check, 'id' | 'from' | 'to'> & { readonly from: string | null; readonly to: string };

const nothing = { shows: null, against: null, crl: null, names: [], flags: [], warning: null } as const;

/** Both checks of every link of a topology (models.md §5: who checks whom), in the order client to MySQL. */
export function whoChecksWhom(topology: Topology): Check[] {
  const rows: Row[] = [];
  for (const gateway of topology.gateways) {
    if (gateway.mysql !== null) rows.push(...mysqlRows(gateway.name, gateway.mysql));
    if (gateway.grpc !== null) rows.push(...grpcRows(gateway.name, gateway.grpc));
  }
  for (const gateway of topology.gateways)
    for (const tablet of topology.tablets) rows.push(...linkRows(gateway, tablet));
  for (const tablet of topology.tablets) {
    const backend = topology.backends.find((candidate) => candidate.name === tablet.backend);
    if (backend !== undefined) rows.push(...backendRows(tablet.alias, backend));
  }
  return merged(rows);
}

function mysqlRows(to: string, mysql: NonNullable<Gateway['mysql']>): Row[] {
  const base = { ...nothing, link: 'client-gateway-mysql', from: null, to } as const;
  const { tls } = mysql;
  if (tls === null) return clearListener(base);
  const asksOnlyTls =
    mysql.requireSecureTransport || tls.clientCa === null
      ? null
      : 'Clients that do not use TLS are asked for no certificate: requireSecureTransport is off.';
  const server: Row = {
    ...base,
    shownBy: 'listener',
    shows: tls.cert,
    checkedBy: 'client',
    names: hostNames(mysql.listen.host),
    reason: 'client-side',
  };
  const client: Row =
    tls.clientCa !== null
      ? {
          ...base,
          shownBy: 'dialler',
          checkedBy: 'gateway',
          against: tls.clientCa,
          crl: tls.crl,
          flags: ['--mysql-server-ssl-ca', ...(tls.crl === null ? [] : ['--mysql-server-ssl-crl'])],
          reason: 'verified',
          warning: asksOnlyTls,
        }
      : { ...base, ...unasked(mysql.auth === 'static'), flags: ['--mysql-server-ssl-ca'] };
  return [server, client];
}

function grpcRows(to: string, grpc: NonNullable<Gateway['grpc']>): Row[] {
  const base = { ...nothing, link: 'client-gateway-grpc', from: null, to } as const;
  const { tls } = grpc;
  if (tls === null) return clearListener(base);
  const server: Row = {
    ...base,
    shownBy: 'listener',
    shows: tls.cert,
    checkedBy: 'client',
    names: hostNames(grpc.listen.host),
    reason: 'client-side',
  };
  const client: Row =
    tls.clientCa !== null
      ? {
          ...base,
          ...grpcClientCheck(tls, 'gateway'),
          warning: grpc.optionalTls
            ? 'Clients that do not use TLS are asked for no certificate: optionalTls is on.'
            : null,
        }
      : { ...base, ...unasked(grpc.authMode === 'static'), flags: ['--grpc-ca'] };
  return [server, client];
}

const grpcClientCheck = (tls: ServerTls, checkedBy: 'gateway' | 'tablet') =>
  ({
    shownBy: 'dialler',
    checkedBy,
    against: tls.clientCa,
    crl: tls.crl,
    flags: ['--grpc-ca', ...(tls.crl === null ? [] : ['--grpc-crl'])],
    reason: 'verified',
  }) as const;

/** Both rows of a listener without TLS. */
const clearListener = (base: Omit<Row, 'shownBy' | 'checkedBy' | 'reason'>): Row[] =>
  (['listener', 'dialler'] as const).map((shownBy) => ({
    ...base,
    shownBy,
    checkedBy: 'nobody',
    reason: 'plain',
    warning:
      shownBy === 'listener'
        ? 'Clients talk in clear and cannot tell who answers.'
        : 'Clients talk in clear; no certificate is asked for.',
  }));

/** A listener with TLS that asks its clients for no certificate. */
const unasked = (password: boolean) =>
  ({
    shownBy: 'dialler',
    checkedBy: 'nobody',
    reason: password ? 'login' : 'not-asked',
    warning: password ? null : 'Any client is let in without a certificate and without a password.',
  }) as const;

/** Whether a link dials with TLS at all (vitess-behaviour §3.6). */
const dialsTls = (link: ClientTls | null): link is ClientTls =>
  link !== null && (link.ca !== null || (link.cert !== null && link.key !== null));

function linkRows(gateway: Gateway, tablet: Tablet): Row[] {
  const base = { ...nothing, link: 'gateway-tablet', from: gateway.name, to: tablet.alias } as const;
  const link = gateway.tabletLink;
  const { tls, listen } = tablet.grpc;
  const none = (reason: CheckReason, warnings: readonly [string, string]): Row[] =>
    (['listener', 'dialler'] as const).map((shownBy, index) => ({
      ...base,
      shownBy,
      checkedBy: 'nobody',
      shows: shownBy === 'listener' ? (tls?.cert ?? null) : (link?.cert ?? null),
      flags: [shownBy === 'listener' ? '--tablet-grpc-ca' : '--grpc-ca'],
      reason,
      warning: warnings[index] ?? null,
    }));
  if (!dialsTls(link) && tls === null)
    return none('plain', [
      'The link is in clear; the gateway cannot tell who answers.',
      'Whoever reaches the tablet’s port can claim any caller.',
    ]);
  if (!dialsTls(link))
    return none('mismatch', [
      'The gateway dials in clear and the tablet speaks TLS: the link fails.',
      'The gateway dials in clear and the tablet speaks TLS: the link fails.',
    ]);
  if (tls === null)
    return none('mismatch', [
      'The gateway dials with TLS and the tablet speaks none: the link fails.',
      'The gateway dials with TLS and the tablet speaks none: the link fails.',
    ]);
  const server: Row = {
    ...base,
    shownBy: 'listener',
    shows: tls.cert,
    checkedBy: 'gateway',
    against: link.ca,
    crl: link.crl,
    names: [link.serverName ?? listen.host],
    flags: [
      '--tablet-grpc-ca',
      ...(link.serverName === null ? [] : ['--tablet-grpc-server-name']),
      ...(link.crl === null ? [] : ['--tablet-grpc-crl']),
    ],
    reason: link.ca === null ? 'system-roots' : 'verified',
    warning:
      link.ca === null
        ? 'No CA is named: the authorities of this machine decide, and those of the workspace are not among them.'
        : null,
  };
  const shows = link.key === null ? null : link.cert;
  const client: Row =
    tls.clientCa === null
      ? {
          ...base,
          shownBy: 'dialler',
          shows,
          checkedBy: 'nobody',
          flags: ['--grpc-ca'],
          reason: tablet.grpc.authMode === 'static' ? 'login' : 'not-asked',
          warning:
            tablet.grpc.authMode === 'static'
              ? null
              : 'The tablet asks for no certificate: whoever reaches its port can claim any caller.',
        }
      : {
          ...base,
          ...grpcClientCheck(tls, 'tablet'),
          shows,
          ...(shows === null
            ? ({
                reason: 'nothing-shown',
                warning: 'The tablet demands a certificate and the gateway shows none: the link fails.',
              } as const)
            : {}),
        };
  return [server, client];
}

function backendRows(from: string, backend: Backend): Row[] {
  const base = { ...nothing, link: 'tablet-backend', from, to: backend.name } as const;
  const flags = ['--db-ssl-mode', '--db-ssl-ca'];
  if (backend.kind === 'managed') {
    if (backend.tls === null)
      return [{ ...base, shownBy: 'listener', checkedBy: 'nobody', flags: ['--db-socket'], reason: 'socket' }];
    const { ca, cert } = backend.tls;
    const names = ['127.0.0.1'];
    return [
      { ...base, shownBy: 'listener', shows: cert, checkedBy: 'tablet', against: ca, names, flags, reason: 'verified' },
    ];
  }
  const { tls, host } = backend;
  if (!dialsTls(tls))
    return [
      {
        ...base,
        shownBy: 'listener',
        checkedBy: 'nobody',
        flags: ['--db-ssl-mode'],
        reason: 'plain',
        warning: 'The link is in clear; the tablet cannot tell which MySQL answers.',
      },
    ];
  const server: Row = {
    ...base,
    shownBy: 'listener',
    checkedBy: 'tablet',
    against: tls.ca,
    names: [tls.serverName ?? host],
    flags: [...flags, ...(tls.serverName === null ? [] : ['--db-server-name'])],
    reason: tls.ca === null ? 'system-roots' : 'verified',
  };
  return tls.cert === null || tls.key === null
    ? [server]
    : [
        server,
        {
          ...base,
          shownBy: 'dialler',
          shows: tls.cert,
          checkedBy: 'backend',
          flags: ['--db-ssl-cert'],
          reason: 'backend-side',
        },
      ];
}

/** What clients of a listener on `host` dial: on a loopback address they may write `localhost` too. */
const hostNames = (host: string): readonly string[] =>
  /^(127\.|::1$|localhost$)/.test(host)
    ? [...new Set(['localhost', host])]
    : host === '0.0.0.0' || host === '::'
      ? []
      : [host];

/** One row for parts that are set up alike, in the order of the first of them. */
function merged(rows: readonly Row[]): Check[] {
  const groups = new Map<string, { readonly row: Row; readonly from: Set<string>; readonly to: Set<string> }>();
  for (const row of rows) {
    const { from, to, ...rest } = row;
    const key = JSON.stringify(rest);
    const group = groups.get(key) ?? { row, from: new Set<string>(), to: new Set<string>() };
    if (from !== null) group.from.add(from);
    group.to.add(to);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ row, from, to }) => ({
    ...row,
    // The first pair of parts: each pair is in one group.
    id: [row.link, row.shownBy, row.from ?? '', row.to].join(':'),
    from: [...from],
    to: [...to],
  }));
}
