import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseAclFile, type TableAcl } from '../../domain/acl';
import { readAccepted, type AcceptedAttacks, type AcceptedPlace } from '../../domain/attacks';
import type { Fidelity } from '../../domain/fidelity/fidelity';
import { fail, GatehouseError, succeed, type Failure, type Finding, type Result } from '../../domain/kernel';
import { readSuite, type Suite } from '../../domain/probes';
import { parseQueryRules, type QueryRules } from '../../domain/query-rules';
import { findOpenDoors, readTopology, type Gateway, type Topology } from '../../domain/topology';
import {
  parseGrpcCredentialsFile,
  parseGrpcUsersFile,
  parseUsersFile,
  type GrpcCredentials,
  type GrpcUsersFile,
  type UsersFile,
} from '../../domain/users';
import { certificateFindings } from '../check/certificate-findings';
import { suiteFindings } from '../check/suite-findings';
import { knownNames } from './known-names';
import { schemaTables } from './schema-tables';
import { upgradeTopology } from './upgrade-workspace';
import { WorkspacePaths } from './workspace-paths';

/** Settings of one run that stand above those of the file. */
export interface RunOverrides {
  readonly fidelity?: Fidelity['mode'];
  readonly vitess?: Fidelity['version'];
}

/** The one file below tests/ that is no suite: attacks that may get through, with the reason. */
export const ACCEPTED_ATTACKS = 'attacks.json';

/** A workspace whose every file was read; what is at fault is null and has its finding. */
export interface Workspace {
  readonly paths: WorkspacePaths;
  readonly topology: Topology;
  readonly overrides: RunOverrides;
  /** Content of every file that the topology names, by its workspace path. */
  readonly files: ReadonlyMap<string, Buffer>;
  readonly users: ReadonlyMap<string, UsersFile>;
  readonly grpcUsers: ReadonlyMap<string, GrpcUsersFile>;
  readonly grpcCredentials: ReadonlyMap<string, GrpcCredentials>;
  readonly acls: ReadonlyMap<string, TableAcl>;
  /** By the tablets' files of query rules. */
  readonly queryRules: ReadonlyMap<string, QueryRules>;
  readonly suites: readonly Suite[];
  /** Attacks that may get through, by id, with the reason (tests/attacks.json). */
  readonly acceptedAttacks: AcceptedAttacks;
  /** Where its file names them. */
  readonly acceptedPlaces: readonly AcceptedPlace[];
  /** Certificate files below pki/ that the topology does not name: callers', the faulty ones too. */
  readonly certificates: ReadonlyMap<string, Buffer>;
  readonly findings: readonly Finding[];
}

/** How a gateway behaves: the run's override, its own setting, the workspace's. */
export function fidelityOf(workspace: Pick<Workspace, 'topology' | 'overrides'>, gateway: Gateway | null): Fidelity {
  return {
    mode: workspace.overrides.fidelity ?? gateway?.fidelity ?? workspace.topology.fidelity,
    version: workspace.overrides.vitess ?? workspace.topology.vitess,
  };
}

/** What kind of content a file of the topology has. */
type FileKind = 'pem' | 'users' | 'grpc-users' | 'grpc-credentials' | 'acl' | 'query-rules' | 'sql';

/** Every file that a topology names, with its kind and the gateway whose fidelity reads it. */
function namedFiles(topology: Topology): Map<string, { kind: FileKind; gateway: Gateway | null }> {
  const named = new Map<string, { kind: FileKind; gateway: Gateway | null }>();
  const add = (path: string | null | undefined, kind: FileKind, gateway: Gateway | null = null): void => {
    if (path != null && !named.has(path)) named.set(path, { kind, gateway });
  };
  const addTls = (tls: object | null, gateway: Gateway | null): void => {
    for (const [key, value] of Object.entries(tls ?? {}))
      if (['ca', 'cert', 'key', 'crl', 'clientCa', 'serverCa'].includes(key) && typeof value === 'string')
        add(value, 'pem', gateway);
  };
  for (const gateway of topology.gateways) {
    add(gateway.mysql?.usersFile, 'users', gateway);
    add(gateway.grpc?.usersFile, 'grpc-users', gateway);
    add(gateway.tabletCredentialsFile, 'grpc-credentials', gateway);
    addTls(gateway.mysql?.tls ?? null, gateway);
    addTls(gateway.grpc?.tls ?? null, gateway);
    addTls(gateway.tabletLink, gateway);
  }
  for (const tablet of topology.tablets) {
    add(tablet.acl.file, 'acl');
    add(tablet.queryRules, 'query-rules');
    add(tablet.grpc.usersFile, 'grpc-users');
    addTls(tablet.grpc.tls, null);
  }
  for (const backend of topology.backends) addTls(backend.tls, null);
  for (const keyspace of topology.keyspaces) add(keyspace.schemaFile, 'sql');
  return named;
}

/**
 * Reads a workspace completely. Fails with `workspace.missing` or `workspace.unreadable` when there is no topology to
 * read; every other fault is a finding, all of them, and the file at fault is left out.
 */
export async function loadWorkspace(
  dir: string,
  overrides: RunOverrides = {},
): Promise<Result<Workspace, Failure & { findings?: readonly Finding[] }>> {
  const paths = new WorkspacePaths(resolve(dir));
  let found: Buffer;
  try {
    found = await readFile(paths.topology);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    if (code === 'ENOTDIR') return fail({ code: 'workspace.missing', summary: `${dir} is a file, and no workspace.` });
    if (code === 'ENAMETOOLONG')
      return fail({
        code: 'workspace.missing',
        summary: `${dir.slice(0, 40)}…: the name is too long for this system.`,
      });
    return fail({
      code: code === 'ENOENT' ? 'workspace.missing' : 'workspace.unreadable',
      summary:
        code === 'ENOENT'
          ? `${dir} is no workspace: it has no gatehouse.json. Make one with "gatehouse init ${dir} --from shop".`
          : `gatehouse.json in ${dir} cannot be read (${code}).`,
      detail: String(error),
    });
  }
  const present = await upgradeTopology(paths, found);
  if (!present.ok) return present;
  const { bytes } = present.value;
  const { topology, findings: topologyFindings } = readTopology(bytes, 'gatehouse.json');
  if (topology === null)
    return fail({
      code: 'workspace.topology',
      summary: `gatehouse.json in ${dir} has faults; nothing was loaded.`,
      findings: topologyFindings,
    });

  const findings: Finding[] = [
    ...present.value.findings,
    ...topologyFindings,
    ...findOpenDoors(topology, 'gatehouse.json'),
  ];
  const files = new Map<string, Buffer>([['gatehouse.json', bytes]]);
  const named = namedFiles(topology);
  await Promise.all(
    [...named.keys()].map(async (path) => {
      try {
        files.set(path, await readFile(join(paths.dir, path)));
      } catch (error) {
        const absent = (error as NodeJS.ErrnoException).code === 'ENOENT';
        findings.push({
          code: absent ? 'workspace.file-missing' : 'workspace.file-unreadable',
          level: 'error',
          file: path,
          line: 0,
          column: 0,
          message: absent
            ? 'the file is named in gatehouse.json but is not there'
            : `the file cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`,
          remedy: absent
            ? 'Make the file, or mend its name in gatehouse.json.'
            : 'Give this user the right to read it.',
        });
      }
    }),
  );

  const workspace = { topology, overrides };
  const users = new Map<string, UsersFile>();
  const grpcUsers = new Map<string, GrpcUsersFile>();
  const grpcCredentials = new Map<string, GrpcCredentials>();
  for (const [path, { kind, gateway }] of named) {
    const content = files.get(path);
    if (content === undefined) continue;
    const options = { file: path, fidelity: fidelityOf(workspace, gateway) };
    if (kind === 'users') {
      const reading = parseUsersFile(content, options);
      findings.push(...reading.findings);
      if (reading.users !== null) users.set(path, reading.users);
    } else if (kind === 'grpc-users') {
      const reading = parseGrpcUsersFile(content, options);
      findings.push(...reading.findings);
      if (reading.users !== null) grpcUsers.set(path, reading.users);
    } else if (kind === 'grpc-credentials') {
      const reading = parseGrpcCredentialsFile(content, options);
      findings.push(...reading.findings);
      if (reading.credentials !== null) grpcCredentials.set(path, reading.credentials);
    }
  }

  const suites = await readSuites(paths, findings);
  const { accepted: acceptedAttacks, places: acceptedPlaces } = await readAcceptedAttacks(paths, findings);
  const certificates = await readCertificates(paths, files, findings);
  const keys = await keyFiles(paths);
  const has = (path: string): boolean => files.has(path) || certificates.has(path) || keys.has(path);
  for (const { suite, file } of suites) findings.push(...suiteFindings(suite, file, { topology, has }));
  const acls = new Map<string, TableAcl>();
  const known = knownNames({
    topology,
    users,
    grpcUsers,
    suites: suites.map(({ suite }) => suite),
    files,
    certificates,
  });
  for (const [path, { kind }] of named) {
    const content = files.get(path);
    if (kind !== 'acl' || content === undefined) continue;
    const reading = parseAclFile(content, { file: path, fidelity: fidelityOf(workspace, null), ...known });
    findings.push(...reading.findings);
    if (reading.acl !== null) acls.set(path, reading.acl);
  }
  const queryRules = new Map<string, QueryRules>();
  for (const [path, { kind }] of named) {
    const content = files.get(path);
    if (kind !== 'query-rules' || content === undefined) continue;
    const reading = parseQueryRules(content, { file: path, ...tablesBehind(topology, files, path) });
    findings.push(...reading.findings);
    if (reading.rules !== null) queryRules.set(path, reading.rules);
  }
  findings.push(...certificateFindings(topology, files, new Date()));
  findings.sort((a, b) => a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column);
  return succeed({
    paths,
    certificates,
    topology,
    overrides,
    files,
    users,
    grpcUsers,
    grpcCredentials,
    acls,
    queryRules,
    suites: suites.map(({ suite }) => suite),
    acceptedAttacks,
    acceptedPlaces,
    findings,
  });
}

/** Tables of the keyspaces whose tablets have the query rules in `path`, where their schema files tell. */
function tablesBehind(
  { tablets, keyspaces }: Topology,
  files: ReadonlyMap<string, Buffer>,
  path: string,
): { readonly tables?: ReadonlySet<string> } {
  const tables = new Set<string>();
  for (const { keyspace } of tablets.filter(({ queryRules }) => queryRules === path)) {
    const schemaFile = keyspaces.find(({ name }) => name === keyspace)?.schemaFile ?? null;
    const schema = schemaFile === null ? undefined : files.get(schemaFile);
    if (schema === undefined) return {};
    for (const table of schemaTables(schema.toString('utf8'))) tables.add(table);
  }
  return { tables };
}

/** A finding for a file that is there but cannot be read. */
const unreadable = (file: string, error: unknown): Finding => ({
  code: 'workspace.file-unreadable',
  level: 'error',
  file,
  line: 0,
  column: 0,
  message: `the file cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`,
  remedy: 'Give this user the right to read it, or remove it.',
});

/** Names of all files below pki/, workspace-relative. */
async function pkiFiles(paths: WorkspacePaths): Promise<string[]> {
  const entries = await readdir(join(paths.dir, 'pki'), { recursive: true }).catch(() => []);
  return entries.map((name) => `pki/${name.replaceAll('\\', '/')}`);
}

/** Every certificate and bundle below pki/ that is not among `known`. */
async function readCertificates(
  paths: WorkspacePaths,
  known: ReadonlyMap<string, Buffer>,
  findings: Finding[],
): Promise<Map<string, Buffer>> {
  const found = new Map<string, Buffer>();
  const names = (await pkiFiles(paths)).filter(
    (path) => path.endsWith('.pem') && !path.endsWith('-key.pem') && !known.has(path),
  );
  await Promise.all(
    names.map(async (path) => {
      try {
        found.set(path, await readFile(join(paths.dir, path)));
      } catch (error) {
        if (!findings.some(({ file }) => file === path)) findings.push(unreadable(path, error));
      }
    }),
  );
  return found;
}

const keyFiles = async (paths: WorkspacePaths): Promise<ReadonlySet<string>> =>
  new Set((await pkiFiles(paths)).filter((path) => path.endsWith('-key.pem')));

async function readAcceptedAttacks(
  paths: WorkspacePaths,
  findings: Finding[],
): Promise<Pick<ReturnType<typeof readAccepted>, 'accepted' | 'places'>> {
  const file = `tests/${ACCEPTED_ATTACKS}`;
  try {
    const reading = readAccepted(await readFile(join(paths.tests, ACCEPTED_ATTACKS)), file);
    findings.push(...reading.findings);
    return reading;
  } catch (error) {
    const absent = ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
    if (!absent) findings.push(unreadable(file, error));
    return { accepted: new Map(), places: [] };
  }
}

async function readSuites(
  paths: WorkspacePaths,
  findings: Finding[],
): Promise<{ readonly suite: Suite; readonly file: string }[]> {
  const names = (await readdir(paths.tests).catch(() => []))
    .filter((name) => name.endsWith('.json') && name !== ACCEPTED_ATTACKS)
    .sort();
  const suites: { readonly suite: Suite; readonly file: string }[] = [];
  for (const name of names) {
    const file = `tests/${name}`;
    try {
      const reading = readSuite(await readFile(join(paths.tests, name)), file);
      findings.push(...reading.findings);
      if (reading.suite !== null) suites.push({ suite: reading.suite, file });
    } catch (error) {
      findings.push(unreadable(file, error));
    }
  }
  const seen = new Map<string, string>();
  for (const { suite, file } of suites) {
    const first = seen.get(suite.name);
    if (first !== undefined)
      findings.push({
        code: 'suite.duplicate-name',
        level: 'error',
        file,
        line: 1,
        column: 1,
        message: `the suite is called "${suite.name}", as that of ${first} is`,
        remedy: 'Give one of them another name: cells are told apart by it.',
      });
    else seen.set(suite.name, file);
  }
  return suites;
}

/** The workspace, or GatehouseError `workspace.findings` when a file that a running cluster needs is at fault. */
export function requireSound(workspace: Workspace): Workspace {
  const errors = workspace.findings.filter((finding) => finding.level === 'error');
  if (errors.length === 0) return workspace;
  const [first] = errors;
  const place = first !== undefined && first.line > 0 ? `${first.file}:${first.line}` : (first?.file ?? '');
  throw new GatehouseError({
    code: 'workspace.findings',
    summary: `The workspace has ${errors.length === 1 ? 'a fault' : `${errors.length} faults`}: ${place}: ${first?.message.replace(/\.$/, '')}. "gatehouse check" lists ${errors.length === 1 ? 'it' : 'them'}.`,
  });
}
