import { fields, readJsonFile, type FieldReader, type Finding } from '../kernel';
import { crossChecks, type Placed } from './cross-checks';
import type {
  Backend,
  ClientTls,
  Gateway,
  GrpcListener,
  Keyspace,
  Listen,
  MysqlListener,
  ServerTls,
  StatementRules,
  Tablet,
  Topology,
} from './topology';
import { defaultStatementRules, TOPOLOGY_SCHEMA } from './topology';

const { flag, integer, listOf, nullable, objectOf, oneOf, optional, required, text } = fields;

/** A path inside the workspace: relative, with `/`, never upwards. */
const workspacePath: FieldReader<string> = (node, notes) => {
  const path = text(node, notes);
  if (path === undefined) return undefined;
  if (
    path === '' ||
    path.startsWith('/') ||
    /^[A-Za-z]:/.test(path) ||
    path.includes('\\') ||
    path.split('/').includes('..')
  )
    return notes.error(
      'path',
      node,
      `"${path}" leaves the workspace`,
      'Write a path relative to the workspace, with forward slashes.',
    );
  return path;
};

const name: FieldReader<string> = (node, notes) => {
  const value = text(node, notes);
  if (value === undefined || /^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/.test(value)) return value;
  return notes.error('name', node, `"${value}" is no name`, 'Use letters, digits, _ . and - (at most 63).');
};

/** Longest time that a setting can give. */
const DAY_SECONDS = 86_400;

const listen = objectOf({ host: optional(text, '127.0.0.1'), port: optional(integer(0, 65_535), 0) });
const anyPort: Listen = { host: '127.0.0.1', port: 0 };

const serverTls: FieldReader<Placed<ServerTls>> = objectOf({
  cert: required(workspacePath),
  key: required(workspacePath),
  clientCa: optional(nullable(workspacePath), null),
  crl: optional(nullable(workspacePath), null),
  serverCa: optional(nullable(workspacePath), null),
  minVersion: optional(oneOf('TLSv1.2', 'TLSv1.3'), 'TLSv1.2'),
});

const clientTls: FieldReader<Placed<ClientTls>> = objectOf({
  ca: optional(nullable(workspacePath), null),
  cert: optional(nullable(workspacePath), null),
  key: optional(nullable(workspacePath), null),
  crl: optional(nullable(workspacePath), null),
  serverName: optional(nullable(text), null),
});

const mysqlListener: FieldReader<Placed<MysqlListener>> = objectOf({
  listen: optional<Listen>(listen, anyPort),
  unixSocket: optional(flag, false),
  auth: required(oneOf('static', 'clientcert', 'none')),
  usersFile: optional(nullable(workspacePath), null),
  clientCertMethod: optional(oneOf('mysql_clear_password', 'dialog'), 'mysql_clear_password'),
  tls: optional(nullable<ServerTls>(serverTls), null),
  requireSecureTransport: optional(flag, false),
  allowClearTextWithoutTls: optional(flag, false),
  proxyProtocol: optional(flag, false),
  usersReloadSeconds: optional(integer(0, DAY_SECONDS), 30),
  readTimeoutMs: optional(integer(0, DAY_SECONDS * 1000), 0),
  writeTimeoutMs: optional(integer(0, DAY_SECONDS * 1000), 0),
});

const statementRules = objectOf({
  allowKill: optional(flag, defaultStatementRules.allowKill),
  queryTimeoutMs: optional(integer(0, DAY_SECONDS * 1000), defaultStatementRules.queryTimeoutMs),
  maxMemoryRows: optional(integer(1, 1_000_000_000), defaultStatementRules.maxMemoryRows),
  databaseDdl: optional(oneOf('fail', 'noop'), defaultStatementRules.databaseDdl),
  directDdl: optional(flag, defaultStatementRules.directDdl),
  onlineDdl: optional(flag, defaultStatementRules.onlineDdl),
  foreignKeys: optional(oneOf('allow', 'disallow'), defaultStatementRules.foreignKeys),
  terseErrors: optional(flag, defaultStatementRules.terseErrors),
});

const grpcListener: FieldReader<Placed<GrpcListener>> = objectOf({
  listen: optional<Listen>(listen, anyPort),
  tls: optional(nullable<ServerTls>(serverTls), null),
  optionalTls: optional(flag, false),
  authMode: optional(oneOf('none', 'static', 'mtls'), 'none'),
  usersFile: optional(nullable(workspacePath), null),
  allowedSubstrings: optional(listOf(text), []),
  useEffectiveCallerId: optional(flag, false),
  useEffectiveGroups: optional(flag, false),
  useStaticAuthenticationCallerId: optional(flag, false),
});

const gateway: FieldReader<Placed<Gateway>> = objectOf({
  name: required(name),
  fidelity: optional(nullable(oneOf('vitess', 'hardened')), null),
  mysql: optional(nullable<MysqlListener>(mysqlListener), null),
  statements: optional<StatementRules>(statementRules, defaultStatementRules),
  grpc: optional(nullable<GrpcListener>(grpcListener), null),
  tabletLink: optional(nullable<ClientTls>(clientTls), null),
  tabletCredentialsFile: optional(nullable(workspacePath), null),
});

const alias: FieldReader<string> = (node, notes) => {
  const value = text(node, notes);
  if (value === undefined || /^[A-Za-z0-9_]+-\d{1,10}$/.test(value)) return value;
  return notes.error('alias', node, `"${value}" is no tablet alias`, 'Write CELL-NUMBER, for example zone1-100.');
};

const tablet: FieldReader<Placed<Tablet>> = objectOf({
  alias: required(alias),
  keyspace: required(text),
  shard: optional(text, '0'),
  type: optional(oneOf('primary'), 'primary'),
  grpc: required<Tablet['grpc']>(
    objectOf({
      listen: optional<Listen>(listen, anyPort),
      tls: optional(nullable<ServerTls>(serverTls), null),
      authMode: optional(oneOf('none', 'static', 'mtls'), 'none'),
      usersFile: optional(nullable(workspacePath), null),
      allowedSubstrings: optional(listOf(text), []),
    }),
  ),
  acl: optional<Tablet['acl']>(
    objectOf({
      file: optional(nullable(workspacePath), null),
      enforce: optional(flag, false),
      strict: optional(flag, false),
      dryRun: optional(flag, false),
      exempt: optional(text, ''),
      reloadSeconds: optional(integer(0, DAY_SECONDS), 0),
    }),
    { file: null, enforce: false, strict: false, dryRun: false, exempt: '', reloadSeconds: 0 },
  ),
  queryRules: optional(nullable(workspacePath), null),
  queryRulesWatch: optional(flag, false),
  backend: required(text),
});

const managed = objectOf({
  kind: required(oneOf('managed')),
  name: required(name),
  tls: optional(
    nullable(objectOf({ ca: required(workspacePath), cert: required(workspacePath), key: required(workspacePath) })),
    null,
  ),
});
const external = objectOf({
  kind: required(oneOf('external')),
  name: required(name),
  host: required(text),
  port: optional(integer(1, 65_535), 3306),
  user: optional(text, 'vt_app'),
  passwordSecret: required(text),
  tls: optional(nullable<ClientTls>(clientTls), null),
});
const backend: FieldReader<Backend> = (node, notes) => {
  const kind = node.kind === 'object' ? node.members.find((member) => member.key === 'kind')?.value : undefined;
  return kind?.kind === 'string' && kind.value === 'external' ? external(node, notes) : managed(node, notes);
};

const identifier: FieldReader<string> = (node, notes) => {
  const value = text(node, notes);
  if (value === undefined || /^[A-Za-z0-9_$]{1,64}$/.test(value)) return value;
  return notes.error(
    'database',
    node,
    `"${value}" is no database name that needs no quoting`,
    'Use letters, digits, _ and $ (at most 64).',
  );
};

const keyspace: FieldReader<Placed<Keyspace>> = objectOf({
  name: required(identifier),
  shards: optional(listOf(text), ['0']),
  database: required(identifier),
  schemaFile: optional(nullable(workspacePath), null),
});

const schemaVersion: FieldReader<number> = (node, notes) => {
  const value = integer(1, 1_000_000)(node, notes);
  if (value === undefined || value <= TOPOLOGY_SCHEMA) return value;
  return notes.error(
    'newer-schema',
    node,
    `the file was written by a newer Gatehouse (schema ${value}; this one knows ${TOPOLOGY_SCHEMA})`,
    'Open the workspace with that version, or a newer one. Nothing has been changed.',
  );
};

const topology = objectOf({
  schema: required(schemaVersion),
  name: required(name),
  vitess: optional(oneOf('24.0.4', '24.0-recorded'), '24.0.4'),
  fidelity: optional(oneOf('vitess', 'hardened'), 'hardened'),
  cell: optional(text, 'zone1'),
  keyspaces: required(listOf<Placed<Keyspace>>(keyspace)),
  backends: required(listOf<Backend>(backend)),
  tablets: required(listOf<Placed<Tablet>>(tablet)),
  gateways: required(listOf<Placed<Gateway>>(gateway)),
});

/** Reads gatehouse.json. The topology is there only when nothing at all is wrong with it. */
export function readTopology(bytes: Uint8Array, file: string): { topology: Topology | null; findings: Finding[] } {
  const { value, findings } = readJsonFile(bytes, file, 'topology', topology);
  // What else seems wrong in a newer file may well be right there.
  const newer = findings.filter(({ code }) => code === 'topology.newer-schema');
  if (value === null) return { topology: null, findings: newer.length > 0 ? newer : findings };
  const wrong = crossChecks(value, file);
  return { topology: wrong.length === 0 ? value : null, findings: [...findings, ...wrong] };
}
