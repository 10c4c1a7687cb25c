import type { CertificateRole } from '../../domain/certs';
import type { JsonValue } from '../../domain/kernel';
import { defaultStatementRules, type ClientTls, type Gateway, type Tablet, type Topology } from '../../domain/topology';
import type { JsonPath } from '../../domain/workspace';
import { hasKey, type CertificateUse } from './certificate-use';

/** An authority to be made: its folder below pki/, its name, and the folder of the one above it. */
interface PlannedAuthority {
  readonly id: string;
  readonly commonName: string;
  readonly issuer: string | null;
}

interface PlannedCertificate {
  readonly authority: string;
  readonly id: string;
  readonly role: CertificateRole;
  readonly commonName: string;
  readonly dns: readonly string[];
  readonly ip: readonly string[];
}

/** What is missing of the usual set, in the order in which it is made. */
export interface UsualSetPlan {
  readonly authorities: readonly PlannedAuthority[];
  readonly certificates: readonly PlannedCertificate[];
  /** Values of gatehouse.json. */
  readonly settings: readonly { readonly path: JsonPath; readonly value: JsonValue }[];
  /** True when the workspace has no gateway: a first one, a tablet and a local MySQL come with the set. */
  readonly firstParts: boolean;
}

/** One authority for each question on a link, so that no key opens a door it was not made for. */
const authorityKinds = {
  'gateway-server': { id: 'gateways', title: 'gateways CA' },
  'tablet-server': { id: 'tablet-servers', title: 'tablets CA' },
  'gateway-as-tablet-client': { id: 'tablet-clients', title: 'tablet clients CA' },
  caller: { id: 'callers', title: 'callers CA' },
  'mysql-server': { id: 'mysql', title: 'MySQL CA' },
} as const;
type AuthorityKind = keyof typeof authorityKinds;

/**
 * What a workspace lacks of the usual set: a root, an authority for each question, a certificate for each part, two
 * callers where a gateway asks for certificates, and the settings of gatehouse.json that put them to use. What is set up
 * already stays as it is, so that the plan of a complete workspace is empty.
 */
export function planUsualSet(given: Topology, use: CertificateUse): UsualSetPlan {
  const firstParts = given.gateways.length === 0;
  const topology = firstParts ? withFirstParts(given) : given;
  const authorities: PlannedAuthority[] = [];
  const certificates: PlannedCertificate[] = [];
  const settings: { path: JsonPath; value: JsonValue }[] = [];
  const taken = new Set(use.index.certificates.map(({ authority }) => authority));
  const planned = new Map<AuthorityKind | 'root', string>();
  const free = (id: string): string => {
    let found = id;
    for (let next = 2; taken.has(found); next += 1) found = `${id}-${next}`;
    taken.add(found);
    return found;
  };
  const root = (): string => {
    const known =
      planned.get('root') ??
      use.index.certificates.find((item) => item.authority === 'root' && use.roleOf(item.id) === 'root' && hasKey(item))
        ?.authority;
    if (known != null) return known;
    const id = free('root');
    authorities.push({ id, commonName: `${topology.name} root CA`, issuer: null });
    planned.set('root', id);
    return id;
  };
  const authority = (kind: AuthorityKind): string => {
    const { id: wanted, title } = authorityKinds[kind];
    const known =
      planned.get(kind) ??
      use.authorityFor(kind)?.authority ??
      use.index.certificates.find(
        (item) => item.authority === wanted && hasKey(item) && use.childrenOf(item.id).length === 0,
      )?.authority;
    if (known != null) return known;
    // The client of MySQL takes a root for its anchor and nothing below one.
    const issuer = kind === 'mysql-server' ? null : root();
    const id = free(wanted);
    authorities.push({ id, commonName: `${topology.name} ${title}`, issuer });
    planned.set(kind, id);
    return id;
  };
  const trust = (kind: AuthorityKind): string => `pki/${authority(kind)}/ca-cert.pem`;
  const files = new Set(use.index.byFile.keys());
  const certificate = (
    kind: AuthorityKind,
    id: string,
    commonName: string,
    names: { readonly dns: readonly string[]; readonly ip: readonly string[] },
  ): { cert: string; key: string } => {
    const folder = authority(kind);
    const at = (name: string): string => `pki/${folder}/${name}-cert.pem`;
    let name = id;
    for (let next = 2; files.has(at(name)); next += 1) name = `${id}-${next}`;
    files.add(at(name));
    certificates.push({ authority: folder, id: name, role: kind, commonName, ...names });
    return { cert: at(name), key: `pki/${folder}/${name}-key.pem` };
  };
  const set = (path: JsonPath, value: JsonValue): void => void settings.push({ path, value });

  if (firstParts)
    for (const list of ['keyspaces', 'backends', 'tablets', 'gateways'] as const)
      if (given[list].length === 0) set([list], firstPartsText(topology)[list]);

  const asks = { client: false };
  for (const [index, gateway] of topology.gateways.entries()) planGateway(gateway, ['gateways', index]);
  for (const [index, tablet] of topology.tablets.entries()) planTablet(tablet, ['tablets', index]);
  for (const [index, backend] of topology.backends.entries())
    if (backend.kind === 'managed' && backend.tls === null) {
      const names = { dns: ['localhost'], ip: ['127.0.0.1', '::1'] };
      set(['backends', index, 'tls'], {
        ca: trust('mysql-server'),
        ...certificate('mysql-server', backend.name, `mysql ${backend.name}`, names),
      });
    }
  const callers = use.index.certificates.some(({ id }) => use.roleOf(id) === 'caller');
  if (asks.client && !callers)
    for (const name of ['caller-1', 'caller-2']) certificate('caller', name, name, { dns: [], ip: [] });
  return { authorities, certificates, settings, firstParts };

  function planGateway({ name, mysql, grpc, tabletLink }: Gateway, at: JsonPath): void {
    if ([mysql?.tls, grpc?.tls].some((tls) => tls != null && tls.clientCa !== null)) asks.client = true;
    const missing = (mysql !== null && mysql.tls === null) || (grpc !== null && grpc.tls === null);
    if (missing) {
      const own = mysql?.tls ?? grpc?.tls ?? null;
      const hosts = [mysql?.listen.host, grpc?.listen.host].filter((host) => host !== undefined);
      const pair = own === null ? certificate('gateway-server', name, name, namesOf(name, hosts)) : pairOf(own);
      if (mysql !== null && mysql.tls === null) {
        const wants = mysql.auth === 'clientcert';
        set([...at, 'mysql', 'tls'], { ...pair, ...(wants ? { clientCa: trust('caller') } : {}) });
        set([...at, 'mysql', 'requireSecureTransport'], true);
        asks.client ||= wants;
      }
      if (grpc !== null && grpc.tls === null) {
        // Callers who log in with a password have no certificate to show.
        const wants = grpc.authMode !== 'static';
        set([...at, 'grpc', 'tls'], { ...pair, ...(wants ? { clientCa: trust('caller') } : {}) });
        asks.client ||= wants;
      }
    }
    if (topology.tablets.length === 0) return;
    const link: Partial<ClientTls> = tabletLink ?? {};
    const complete = link.ca != null && link.cert != null && link.key != null;
    if (complete) return;
    const pair =
      link.cert != null && link.key != null
        ? { cert: link.cert, key: link.key }
        : certificate('gateway-as-tablet-client', name, `gateway ${name}`, { dns: [], ip: [] });
    set([...at, 'tabletLink'], {
      ca: link.ca ?? trust('tablet-server'),
      ...pair,
      ...(link.crl == null ? {} : { crl: link.crl }),
      ...(link.serverName == null ? {} : { serverName: link.serverName }),
    });
  }

  function planTablet({ alias, grpc }: Tablet, at: JsonPath): void {
    if (grpc.tls === null) {
      const dialled = topology.gateways.flatMap(({ tabletLink }) => tabletLink?.serverName ?? []);
      set([...at, 'grpc', 'tls'], {
        ...certificate('tablet-server', alias, alias, namesOf(alias, [grpc.listen.host, ...dialled])),
        clientCa: trust('gateway-as-tablet-client'),
      });
    } else if (grpc.tls.clientCa === null) set([...at, 'grpc', 'tls', 'clientCa'], trust('gateway-as-tablet-client'));
  }
}

const pairOf = ({ cert, key }: { readonly cert: string; readonly key: string }) => ({ cert, key });

/** Names by which a part on these hosts is dialled. */
function namesOf(name: string, hosts: readonly string[]): { dns: string[]; ip: string[] } {
  const isIp = (host: string): boolean => /^[\d.]+$|:/.test(host);
  const everywhere = (host: string): boolean => host === '0.0.0.0' || host === '::';
  return {
    dns: [...new Set(['localhost', name, ...hosts.filter((host) => !isIp(host))])],
    ip: [...new Set(['127.0.0.1', '::1', ...hosts.filter((host) => isIp(host) && !everywhere(host))])],
  };
}

const LISTEN = { host: '127.0.0.1', port: 0 };

/** A topology with a gateway, a tablet and a local MySQL where it has none; what it has stays. */
function withFirstParts(topology: Topology): Topology {
  const keyspaces =
    topology.keyspaces.length > 0
      ? topology.keyspaces
      : [{ name: 'main', shards: ['0'], database: 'main', schemaFile: null }];
  const backends =
    topology.backends.length > 0 ? topology.backends : [{ kind: 'managed', name: 'local', tls: null } as const];
  const tablets =
    topology.tablets.length > 0
      ? topology.tablets
      : [
          {
            alias: `${topology.cell}-100`,
            keyspace: keyspaces[0]?.name ?? '',
            shard: keyspaces[0]?.shards[0] ?? '0',
            type: 'primary' as const,
            grpc: { listen: LISTEN, tls: null, authMode: 'none' as const, usersFile: null, allowedSubstrings: [] },
            acl: { file: null, enforce: false, strict: false, dryRun: false, exempt: '', reloadSeconds: 0 },
            queryRules: null,
            queryRulesWatch: false,
            backend: backends[0]?.name ?? '',
          },
        ];
  const gateway: Gateway = {
    name: 'main',
    fidelity: null,
    mysql: {
      listen: LISTEN,
      unixSocket: false,
      auth: 'clientcert',
      usersFile: null,
      clientCertMethod: 'mysql_clear_password',
      tls: null,
      requireSecureTransport: false,
      allowClearTextWithoutTls: false,
      proxyProtocol: false,
      usersReloadSeconds: 30,
      readTimeoutMs: 0,
      writeTimeoutMs: 0,
    },
    statements: defaultStatementRules,
    grpc: {
      listen: LISTEN,
      tls: null,
      optionalTls: false,
      authMode: 'none',
      usersFile: null,
      allowedSubstrings: [],
      useEffectiveCallerId: false,
      useEffectiveGroups: false,
      useStaticAuthenticationCallerId: false,
    },
    tabletLink: null,
    tabletCredentialsFile: null,
  };
  return { ...topology, keyspaces, backends, tablets, gateways: [gateway] };
}

/** The first parts as gatehouse.json writes them: what is usual is left out. */
const firstPartsText = ({ keyspaces, backends, tablets }: Topology) =>
  ({
    keyspaces: keyspaces.map(({ name, shards, database }) => ({ name, shards: [...shards], database })),
    backends: backends.map(({ name }) => ({ kind: 'managed', name })),
    tablets: tablets.map(({ alias, keyspace, shard, backend }) => ({ alias, keyspace, shard, grpc: {}, backend })),
    gateways: [{ name: 'main', mysql: { auth: 'clientcert' }, grpc: {} }],
  }) as const;

/** A plan as the lines of a list; empty when nothing is missing. */
export function describePlan(plan: UsualSetPlan): string[] {
  if (plan.settings.length === 0 && plan.certificates.length === 0) return [];
  return [
    ...(plan.firstParts ? ['A gateway, a tablet and a local MySQL'] : []),
    ...plan.authorities.map(({ commonName }) => `Authority ${commonName}`),
    ...plan.certificates.map(({ commonName, role }) => `${roleWords[role] ?? 'Certificate'} ${commonName}`),
  ];
}

const roleWords: Partial<Record<CertificateRole, string>> = {
  'gateway-server': 'Server certificate of gateway',
  'tablet-server': 'Server certificate of tablet',
  'gateway-as-tablet-client': 'Client certificate of',
  'mysql-server': 'Server certificate of',
  caller: 'Certificate of',
};
