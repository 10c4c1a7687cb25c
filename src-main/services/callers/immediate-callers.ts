import { parsePem, verifyPeer, type ParsedCertificate } from '../../domain/certs';
import {
  deriveGrpcCaller,
  NO_AUTHENTICATION_USER,
  type CertifiedName,
  type ImmediateCaller,
} from '../../domain/identity';
import type { Gateway, GrpcListener, ServerTls } from '../../domain/topology';
import { fidelityOf, type Workspace } from '../workspace/load-workspace';

/** One way in which somebody gets a name at a gateway. */
export type CallerOrigin =
  | {
      readonly kind: 'user';
      readonly gateway: string;
      /** Users file, login name, and the entry (from 0) with its line. */
      readonly file: string;
      readonly user: string;
      readonly entry: number;
      readonly line: number;
    }
  | {
      readonly kind: 'certificate';
      readonly gateway: string;
      readonly over: 'mysql' | 'grpc';
      readonly file: string;
      /** Why the gateway does not take the certificate now, or null: it does. */
      readonly refusal: string | null;
    }
  | {
      readonly kind: 'claimed';
      readonly gateway: string;
      /** The callers of tests who claim the name; nobody verifies it. */
      readonly callers: readonly string[];
    }
  | {
      readonly kind: 'grpc-user';
      readonly gateway: string;
      readonly file: string;
      readonly user: string;
      readonly line: number;
    }
  /** Everybody at a MySQL listener without authentication. */
  | { readonly kind: 'no-authentication'; readonly gateway: string }
  /** Everybody at a gRPC listener whom nothing names. */
  | { readonly kind: 'unnamed'; readonly gateway: string };

/** A name (with its groups) under which somebody reaches the tablets. */
export interface NamedCaller {
  /** The same for the same name and groups, in whatever order the groups come. */
  readonly key: string;
  readonly caller: ImmediateCaller;
  /** Every way to this name, in the order of the gateways. */
  readonly origins: readonly CallerOrigin[];
  /** False when every way is a certificate that its gateway refuses now. */
  readonly occurs: boolean;
}

/** The key of a caller: what table ACLs can tell apart. */
export const callerKey = ({ username, groups }: ImmediateCaller): string =>
  JSON.stringify([username, ...[...new Set(groups)].sort()]);

type Files = Pick<Workspace, 'topology' | 'overrides' | 'users' | 'grpcUsers' | 'suites' | 'files' | 'certificates'>;

/**
 * Every immediate caller that the workspace's files make possible, by the rules of vtgate (vitess-behaviour §§2, 4.1):
 * UserData and groups of users files, certificates with their DNS names, claimed names that tests use, static gRPC users,
 * and the two names for callers without one. Where names may be claimed, others are possible too: `claimsAnyName`.
 * Ordered as listed here, each name once. Certificates that a gateway refuses at `now` stay in the list, marked.
 */
export function immediateCallers(workspace: Files, now: Date = new Date()): NamedCaller[] {
  const found = new Map<string, { caller: ImmediateCaller; origins: CallerOrigin[] }>();
  const add = (caller: ImmediateCaller, origin: CallerOrigin): void => {
    const key = callerKey(caller);
    const known = found.get(key);
    if (known === undefined) found.set(key, { caller, origins: [origin] });
    else known.origins.push(origin);
  };
  const { gateways } = workspace.topology;
  for (const gateway of gateways) addUsers(workspace, gateway, add);
  const leaves = gateways.some(asksForCertificates) ? leafCertificates(workspace) : [];
  const judged = gateways.map((gateway) => ({ gateway, ...certificatesOf(workspace, gateway, leaves, now) }));
  for (const { gateway, mysql } of judged)
    for (const { name, file, refusal } of mysql)
      add(callerOf(name), { kind: 'certificate', gateway: gateway.name, over: 'mysql', file, refusal });
  for (const { gateway, grpc } of judged) addGrpcCallers(workspace, gateway, grpc, add);
  for (const { name, mysql } of gateways)
    if (mysql?.auth === 'none')
      add({ username: NO_AUTHENTICATION_USER, groups: [] }, { kind: 'no-authentication', gateway: name });
  return [...found].map(([key, { caller, origins }]) => ({
    key,
    caller,
    origins,
    occurs: origins.some((origin) => origin.kind !== 'certificate' || origin.refusal === null),
  }));
}

/** Whether some gateway takes names that callers claim: then any name is possible, whoever is in the list above. */
export const claimsAnyName = ({ topology }: Pick<Workspace, 'topology'>): boolean =>
  topology.gateways.some(({ grpc }) => grpc !== null && grpc.useEffectiveCallerId && mayComeWithoutName(grpc));

const callerOf = ({ commonName, dnsNames }: CertifiedName): ImmediateCaller => ({
  username: commonName,
  groups: dnsNames,
});

type Add = (caller: ImmediateCaller, origin: CallerOrigin) => void;

function addUsers({ users }: Files, gateway: Gateway, add: Add): void {
  const path = gateway.mysql?.auth === 'static' ? gateway.mysql.usersFile : null;
  const file = path === null ? undefined : users.get(path);
  if (path === null || file === undefined) return;
  for (const [user, entries] of file.users)
    for (const { index, line, userData, groups, isNull, sourceHost } of entries) {
      // Such entries drop or refuse every login that reaches them.
      if (isNull || (sourceHost !== '' && sourceHost !== 'localhost')) continue;
      const origin = { kind: 'user', gateway: gateway.name, file: path, user, entry: index, line } as const;
      add({ username: userData ?? '', groups }, origin);
    }
}

const asksForCertificates = ({ mysql, grpc }: Gateway): boolean =>
  (mysql?.auth === 'clientcert' && mysql.tls?.clientCa != null) || grpc?.tls?.clientCa != null;

interface Leaf {
  readonly file: string;
  readonly chain: readonly ParsedCertificate[];
  /** A component of the cluster shows it: a caller only where a gateway takes it as one. */
  readonly ofComponent: boolean;
}

/** Certificates below pki/ and of the topology that are no authorities. */
function leafCertificates({ topology, files, certificates }: Files): Leaf[] {
  const components = new Set<string>();
  for (const { mysql, grpc, tabletLink } of topology.gateways)
    for (const tls of [mysql?.tls, grpc?.tls, tabletLink]) if (tls?.cert != null) components.add(tls.cert);
  for (const { grpc } of topology.tablets) if (grpc.tls !== null) components.add(grpc.tls.cert);
  for (const { tls } of topology.backends) if (tls?.cert != null) components.add(tls.cert);
  const leaves: Leaf[] = [];
  for (const [file, bytes] of [...files, ...certificates].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!file.endsWith('-cert.pem')) continue;
    const chain = parsePem(bytes.toString('utf8'), file).certificates;
    if (chain[0]?.isCa === false) leaves.push({ file, chain, ofComponent: components.has(file) });
  }
  return leaves;
}

interface Judged {
  readonly file: string;
  readonly name: CertifiedName;
  readonly refusal: string | null;
}

/** What each listener of a gateway says to each certificate; those of another purpose or component are left out when refused. */
function certificatesOf(
  workspace: Files,
  gateway: Gateway,
  leaves: readonly Leaf[],
  now: Date,
): { readonly mysql: readonly Judged[]; readonly grpc: readonly Judged[] } {
  const judge = (tls: ServerTls | null | undefined): Judged[] => {
    if (tls?.clientCa == null) return [];
    const read = (path: string | null): ReturnType<typeof parsePem> | null => {
      const bytes = path === null ? undefined : workspace.files.get(path);
      return bytes === undefined ? null : parsePem(bytes.toString('utf8'), path ?? '');
    };
    const anchors = read(tls.clientCa)?.certificates ?? [];
    const crls = read(tls.crl)?.crls ?? [];
    return leaves.flatMap(({ file, chain, ofComponent }): Judged[] => {
      const verdict = verifyPeer({
        chain: chain.map(({ der }) => der),
        anchors,
        crls,
        purpose: 'client',
        now,
        fidelity: fidelityOf(workspace, gateway),
      });
      if (verdict.ok) return [{ file, name: verdict.peer, refusal: null }];
      const [leaf] = chain;
      if (leaf === undefined || ofComponent || verdict.cause === 'wrong-purpose') return [];
      const name = { commonName: leaf.lastCommonName, dnsNames: leaf.dnsNames };
      return [{ file, name, refusal: verdict.message }];
    });
  };
  return {
    mysql: gateway.mysql?.auth === 'clientcert' ? judge(gateway.mysql.tls) : [],
    grpc: gateway.grpc === null ? [] : judge(gateway.grpc.tls),
  };
}

/** Whether somebody gets as far as a request without a certificate. */
const mayComeWithoutCertificate = ({ tls, optionalTls }: GrpcListener): boolean => tls?.clientCa == null || optionalTls;

const mayComeWithoutName = (grpc: GrpcListener): boolean =>
  // A certificate without a common name leaves the question open too, but only its authority hands those out.
  mayComeWithoutCertificate(grpc) && grpc.authMode !== 'mtls';

function addGrpcCallers(workspace: Files, gateway: Gateway, certificates: readonly Judged[], add: Add): void {
  const { grpc, name: gatewayName } = gateway;
  if (grpc === null) return;
  const peers: (Judged | null)[] = [...certificates, ...(mayComeWithoutName(grpc) ? [null] : [])];
  const claims = claimsAt(workspace, gateway);
  const usersFile = grpc.authMode === 'static' && grpc.usersFile !== null ? grpc.usersFile : null;
  const users = usersFile === null ? [null] : (workspace.grpcUsers.get(usersFile)?.users ?? []);
  for (const judged of peers)
    for (const { claimed, callers } of claims) {
      for (const user of users) {
        const { immediate, nameFrom } = deriveGrpcCaller({
          peer: judged?.name ?? null,
          claimed,
          staticUser: user?.username ?? null,
          flags: grpc,
        });
        if (nameFrom === 'certificate') {
          if (judged !== null && claimed === null && user === users[0])
            add(immediate, {
              kind: 'certificate',
              gateway: gatewayName,
              over: 'grpc',
              file: judged.file,
              refusal: judged.refusal,
            });
        } else if (judged !== null && judged.refusal !== null) continue;
        else if (nameFrom === 'effective-caller-id') {
          if (user === users[0]) add(immediate, { kind: 'claimed', gateway: gatewayName, callers });
        } else if (nameFrom === 'static-authentication' && user !== null) {
          if (claimed === null)
            add(immediate, {
              kind: 'grpc-user',
              gateway: gatewayName,
              file: usersFile ?? '',
              user: user.username,
              line: user.line,
            });
        } else if (claimed === null && user === users[0]) add(immediate, { kind: 'unnamed', gateway: gatewayName });
      }
    }
}

interface Claim {
  readonly claimed: Parameters<typeof deriveGrpcCaller>[0]['claimed'];
  readonly callers: readonly string[];
}

/** No claim, and each that tests make at the gateway. */
function claimsAt({ suites }: Files, gateway: Gateway): Claim[] {
  const none: Claim = { claimed: null, callers: [] };
  if (gateway.grpc?.useEffectiveCallerId !== true) return [none];
  const claims = new Map<string, { claimed: Claim['claimed']; callers: string[] }>();
  for (const { callers } of suites)
    for (const { name, gateway: at, claimed } of callers) {
      if (claimed === null || at !== gateway.name || claimed.principal === '') continue;
      const key = callerKey({ username: claimed.principal, groups: claimed.groups });
      const known = claims.get(key);
      if (known !== undefined) known.callers.push(name);
      else claims.set(key, { claimed: { ...claimed, component: '', subcomponent: '' }, callers: [name] });
    }
  return [none, ...claims.values()];
}
