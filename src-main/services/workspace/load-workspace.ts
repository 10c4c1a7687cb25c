import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseAclFile, type TableAcl } from '../../domain/acl';
import type { Fidelity } from '../../domain/fidelity/fidelity';
import { fail, GatehouseError, succeed, type Failure, type Finding, type Result } from '../../domain/kernel';
import { readSuite, type Suite } from '../../domain/probes';
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
import { WorkspacePaths } from './workspace-paths';

/** Settings of one run that stand above those of the file. */
export interface RunOverrides {
  readonly fidelity?: Fidelity['mode'];
  readonly vitess?: Fidelity['version'];
}

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
  readonly suites: readonly Suite[];
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
type FileKind = 'pem' | 'users' | 'grpc-users' | 'grpc-credentials' | 'acl' | 'sql';

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
  let bytes: Buffer;
  try {
    bytes = await readFile(paths.topology);
  } catch (error) {
    const absent = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return fail({
      code: absent ? 'workspace.missing' : 'workspace.unreadable',
      summary: absent
        ? `${dir} is no workspace: it has no gatehouse.json. Make one with "gatehouse init ${dir} --from shop".`
        : `gatehouse.json in ${dir} cannot be read.`,
      detail: String(error),
    });
  }
  const { topology, findings: topologyFindings } = readTopology(bytes, 'gatehouse.json');
  if (topology === null)
    return fail({
      code: 'workspace.topology',
      summary: `gatehouse.json in ${dir} has faults; nothing was loaded.`,
      findings: topologyFindings,
    });

  const findings: Finding[] = [...topologyFindings, ...findOpenDoors(topology, 'gatehouse.json')];
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
  const acls = new Map<string, TableAcl>();
  const known = knownNames(users, suites);
  for (const [path, { kind }] of named) {
    const content = files.get(path);
    if (kind !== 'acl' || content === undefined) continue;
    const reading = parseAclFile(content, { file: path, fidelity: fidelityOf(workspace, null), ...known });
    findings.push(...reading.findings);
    if (reading.acl !== null) acls.set(path, reading.acl);
  }
  findings.push(...certificateFindings(topology, files, new Date(), (gateway) => fidelityOf(workspace, gateway)));
  findings.sort((a, b) => a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column);
  const certificates = await readCertificates(paths, files);
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
    suites,
    findings,
  });
}

/** Every certificate and bundle below pki/ that is not among `known`. */
async function readCertificates(
  paths: WorkspacePaths,
  known: ReadonlyMap<string, Buffer>,
): Promise<Map<string, Buffer>> {
  const found = new Map<string, Buffer>();
  let names: string[];
  try {
    names = await readdir(join(paths.dir, 'pki'), { recursive: true });
  } catch {
    return found;
  }
  await Promise.all(
    names
      .map((name) => `pki/${name.replaceAll('\\', '/')}`)
      .filter((path) => path.endsWith('.pem') && !path.endsWith('-key.pem') && !known.has(path))
      .map(async (path) => found.set(path, await readFile(join(paths.dir, path)))),
  );
  return found;
}

async function readSuites(paths: WorkspacePaths, findings: Finding[]): Promise<Suite[]> {
  let names: string[];
  try {
    names = (await readdir(paths.tests)).filter((name) => name.endsWith('.json')).sort();
  } catch {
    return [];
  }
  const suites: Suite[] = [];
  for (const name of names) {
    const reading = readSuite(await readFile(join(paths.tests, name)), `tests/${name}`);
    findings.push(...reading.findings);
    if (reading.suite !== null) suites.push(reading.suite);
  }
  return suites;
}

/** The names that callers can have and the tables that tests know, for the ACL's own findings. */
function knownNames(users: ReadonlyMap<string, UsersFile>, suites: readonly Suite[]): { knownTables?: string[] } {
  void users;
  const tables = new Set(suites.flatMap((suite) => suite.tables.map((table) => table.name)));
  return tables.size > 0 ? { knownTables: [...tables] } : {};
}

/** The workspace, or GatehouseError `workspace.findings` when a file that a running cluster needs is at fault. */
export function requireSound(workspace: Workspace): Workspace {
  const errors = workspace.findings.filter((finding) => finding.level === 'error');
  if (errors.length === 0) return workspace;
  const [first] = errors;
  throw new GatehouseError({
    code: 'workspace.findings',
    summary: `The workspace has ${errors.length === 1 ? 'a fault' : `${errors.length} faults`}: ${first?.file}:${first?.line}: ${first?.message}. "gatehouse check" lists ${errors.length === 1 ? 'it' : 'them'}.`,
  });
}
