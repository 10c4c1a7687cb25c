import { parsePem } from '../../domain/certs';
import { deriveGrpcCaller } from '../../domain/identity';
import type { Finding } from '../../domain/kernel';
import type {
  CallerNote,
  CallersPart,
  CallerWay,
  CertificateCaller,
  ClaimedCaller,
  GrpcUserCaller,
} from '../../contract/areas/callers';
import type { Workspace } from '../workspace/load-workspace';
import { immediateCallers, type CallerOrigin, type NamedCaller } from './immediate-callers';
import { reachable, type Reach } from './reach';
import { usersFilesOf } from './users-files';
import { sharedNameNotes, usersView, type UsersViewParts } from './users-view';

export interface CallersViewParts extends Omit<UsersViewParts, 'place'> {
  readonly reach: Reach;
  readonly now: Date;
}

/** Everything the Callers screen shows without asking; no password and no hash is in it. */
export async function callersView(parts: CallersViewParts): Promise<CallersPart> {
  const { workspace, findings, now } = parts;
  const places = usersFilesOf(workspace);
  const bareUsers = (await Promise.all(places.map((place) => usersView({ ...parts, place })))).flat();
  const shared = sharedNameNotes(bareUsers);
  const callers = immediateCallers(workspace, now);
  const certificates = certificateCallers(workspace, callers);
  const claimed = claimedCallers(callers);
  const grpcUsers = grpcUserCallers(workspace);
  const count = reachCounter(
    parts.reach,
    [...bareUsers, ...certificates, ...claimed, ...grpcUsers].map(({ ways }) => ways),
  );
  return {
    usersFiles: places.map(({ file, gateways, fidelity }) => ({
      file,
      gateways: [...gateways],
      mode: fidelity.mode,
      fault: workspace.users.has(file) ? null : faultOf(file, findings),
      legacy: workspace.users.get(file)?.format === 'legacy',
    })),
    users: bareUsers.map((user) => ({
      ...user,
      notes: [...user.notes, ...(shared.get(user.id) ?? [])],
      reach: count(user.ways),
    })),
    certificates: certificates.map((caller) => ({ ...caller, reach: count(caller.ways) })),
    claimed: claimed.map((caller) => ({ ...caller, reach: count(caller.ways) })),
    grpcUsers: grpcUsers.map((caller) => ({ ...caller, reach: count(caller.ways) })),
    claims: workspace.topology.gateways.flatMap(({ name, grpc }) =>
      grpc?.useEffectiveCallerId === true
        ? [
            {
              gateway: name,
              needsUser: grpc.authMode === 'static',
              needsCertificate: grpc.authMode === 'mtls' || (grpc.tls?.clientCa != null && !grpc.optionalTls),
              users:
                grpc.authMode === 'static' && grpc.usersFile !== null
                  ? (workspace.grpcUsers.get(grpc.usersFile)?.users ?? []).map(({ username }) => username)
                  : [],
            },
          ]
        : [],
    ),
    tables: parts.reach.tables.length,
  };
}

/** Why a file has no users to show, with the place. */
function faultOf(file: string, findings: readonly Finding[]): string {
  const own = findings.filter((finding) => finding.file === file);
  const fault = own.find(({ level }) => level === 'error') ?? own[0];
  if (fault === undefined) return `${file} cannot be read.`;
  const place = fault.line > 0 ? `${file}, line ${fault.line}` : file;
  return `${place}: ${fault.message}. ${fault.remedy}`;
}

/** Counts the tables that each caller reaches by any of its ways; every name is asked for once, all together. */
function reachCounter(
  reach: Reach,
  everybody: readonly (readonly CallerWay[])[],
): (ways: readonly CallerWay[]) => number {
  const names = new Map<string, CallerWay['immediate']>();
  for (const ways of everybody) for (const { immediate } of ways) names.set(JSON.stringify(immediate), immediate);
  const answers = reach.rows([...names.values()]);
  const rows = new Map([...names.keys()].map((key, at) => [key, answers[at] ?? '']));
  return (ways) => {
    const own = ways.flatMap(({ immediate, refusal }) =>
      refusal === null ? [rows.get(JSON.stringify(immediate)) ?? ''] : [],
    );
    const [first] = own;
    if (first === undefined) return 0;
    if (own.every((row) => row === first)) return reachable(first);
    return reachable([...first].map((_, at) => (own.every((row) => row[at] === 'D') ? 'D' : 'A')).join(''));
  };
}

type OriginOf<K extends CallerOrigin['kind']> = Extract<CallerOrigin, { kind: K }>;

/** Every origin of one kind with the caller it leads to. */
const originsOf = <K extends CallerOrigin['kind']>(
  callers: readonly NamedCaller[],
  kind: K,
): { readonly named: NamedCaller; readonly origin: OriginOf<K> }[] =>
  callers.flatMap((named) =>
    named.origins.flatMap((origin) => (origin.kind === kind ? [{ named, origin: origin as OriginOf<K> }] : [])),
  );

const immediateOf = ({ caller }: NamedCaller): CallerWay['immediate'] => ({
  username: caller.username,
  groups: [...caller.groups],
});

type Bare<T> = Omit<T, 'reach'>;

function certificateCallers(workspace: Workspace, callers: readonly NamedCaller[]): Bare<CertificateCaller>[] {
  const byFile = groupBy(originsOf(callers, 'certificate'), ({ origin }) => origin.file);
  return [...byFile].map(([file, found]): Bare<CertificateCaller> => {
    const ways = found.map(({ named, origin }): CallerWay => ({
      gateway: origin.gateway,
      over: origin.over,
      link: `client>gateway:${origin.gateway}/${origin.over}`,
      immediate: immediateOf(named),
      entry: null,
      refusal: origin.refusal,
      unixOnly: false,
    }));
    const bytes = workspace.files.get(file) ?? workspace.certificates.get(file);
    const [leaf] = bytes === undefined ? [] : parsePem(bytes.toString('utf8'), file).certificates;
    const [first] = ways;
    const accepted = ways.some(({ refusal }) => refusal === null);
    const refusals = [...new Set(ways.flatMap(({ refusal }) => refusal ?? []))];
    return {
      id: `certificate:${file}`,
      name: first?.immediate.username === '' || first === undefined ? file : first.immediate.username,
      file,
      groups: first?.immediate.groups ?? [],
      notAfter: leaf?.notAfter.toISOString() ?? '',
      state: accepted ? 'accepted' : 'refused',
      ways,
      notes: refusals.map((text): CallerNote => ({
        code: 'callers.certificate-refused',
        level: 'warning',
        text,
        remedy: 'Certificates has what is wrong with it, and how to renew it.',
        line: 0,
        entry: null,
      })),
    };
  });
}

function claimedCallers(callers: readonly NamedCaller[]): Bare<ClaimedCaller>[] {
  const byKey = groupBy(originsOf(callers, 'claimed'), ({ named }) => named.key);
  return [...byKey].map(([key, found]): Bare<ClaimedCaller> => {
    const immediate = found[0] === undefined ? { username: '', groups: [] } : immediateOf(found[0].named);
    return {
      id: `claimed:${key}`,
      name: immediate.username,
      groups: immediate.groups,
      tests: [...new Set(found.flatMap(({ origin }) => origin.callers))],
      notes: [],
      ways: found.map(({ origin }) => ({
        gateway: origin.gateway,
        over: 'grpc',
        link: `client>gateway:${origin.gateway}/grpc`,
        immediate,
        entry: null,
        refusal: null,
        unixOnly: false,
      })),
    };
  });
}

/** Static gRPC users: those that name the caller, and those that only open the door for a claimed name. */
function grpcUserCallers({ topology, grpcUsers }: Workspace): Bare<GrpcUserCaller>[] {
  const files = new Set(
    topology.gateways.flatMap(({ grpc }) => (grpc?.authMode === 'static' ? (grpc.usersFile ?? []) : [])),
  );
  return [...files].flatMap((file) =>
    (grpcUsers.get(file)?.users ?? []).map(({ username, line }): Bare<GrpcUserCaller> => {
      const ways = topology.gateways.flatMap(({ name, grpc }): CallerWay[] => {
        if (grpc?.authMode !== 'static' || grpc.usersFile !== file) return [];
        const derived = deriveGrpcCaller({ peer: null, claimed: null, staticUser: username, flags: grpc });
        const { immediate } = derived;
        return [
          {
            gateway: name,
            over: 'grpc',
            link: `client>gateway:${name}/grpc`,
            immediate: { username: immediate.username, groups: [...immediate.groups] },
            entry: null,
            refusal: null,
            unixOnly: false,
          },
        ];
      });
      return { id: `grpc-user:${file}:${username}`, name: username, file, line, ways, notes: [] };
    }),
  );
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
