import {
  defaultStatementRules,
  type Backend,
  type ClientTls,
  type Gateway,
  type Keyspace,
  type ServerTls,
  type StatementRules,
  type Tablet,
  type Topology,
} from '../topology';

/** One flag as it is written on the command line of a Vitess program. */
export type Flag = string;

const pair = (name: string, value: string): Flag => `--${name}=${value}`;

/** `PREFIX-cert`, `-key`, … of a listening side (vitess-behaviour §10, rules of the generator). */
function serverFlags(
  names: {
    readonly cert: string;
    readonly key: string;
    readonly ca: string;
    readonly crl: string;
    readonly serverCa: string;
  },
  tls: ServerTls,
  at: (path: string) => string,
): Flag[] {
  return [
    pair(names.cert, at(tls.cert)),
    pair(names.key, at(tls.key)),
    ...(tls.clientCa === null ? [] : [pair(names.ca, at(tls.clientCa))]),
    // 24.0.4 refuses a CRL without a CA.
    ...(tls.crl === null || tls.clientCa === null ? [] : [pair(names.crl, at(tls.crl))]),
    ...(tls.serverCa === null ? [] : [pair(names.serverCa, at(tls.serverCa))]),
  ];
}

const grpcNames = { cert: 'grpc-cert', key: 'grpc-key', ca: 'grpc-ca', crl: 'grpc-crl', serverCa: 'grpc-server-ca' };
const mysqlNames = {
  cert: 'mysql-server-ssl-cert',
  key: 'mysql-server-ssl-key',
  ca: 'mysql-server-ssl-ca',
  crl: 'mysql-server-ssl-crl',
  serverCa: 'mysql-server-ssl-server-ca',
};

function clientFlags(family: string, tls: ClientTls | null, at: (path: string) => string): Flag[] {
  if (tls === null) return [];
  const flags: Flag[] = [];
  for (const [key, value] of [
    ['ca', tls.ca],
    ['cert', tls.cert],
    ['key', tls.key],
    ['crl', tls.crl],
  ] as const)
    if (value !== null) flags.push(pair(`${family}-${key}`, at(value)));
  if (tls.serverName !== null) flags.push(pair(`${family}-server-name`, tls.serverName));
  return flags;
}

/** What is not vtgate's default about statements. */
function statementFlags(rules: StatementRules): Flag[] {
  const usual = defaultStatementRules;
  const flags: Flag[] = [];
  if (rules.allowKill) flags.push('--allow-kill-statement');
  if (rules.queryTimeoutMs > 0) flags.push(pair('mysql-server-query-timeout', `${rules.queryTimeoutMs}ms`));
  if (rules.maxMemoryRows !== usual.maxMemoryRows) flags.push(pair('max-memory-rows', String(rules.maxMemoryRows)));
  if (rules.databaseDdl !== usual.databaseDdl) flags.push(pair('dbddl-plugin', rules.databaseDdl));
  if (!rules.directDdl) flags.push(pair('enable-direct-ddl', 'false'));
  if (!rules.onlineDdl) flags.push(pair('enable-online-ddl', 'false'));
  if (rules.foreignKeys !== usual.foreignKeys) flags.push(pair('foreign-key-mode', rules.foreignKeys));
  if (rules.terseErrors) flags.push('--vtgate-config-terse-errors');
  return flags;
}

/** How vtgate is started to be this gateway. `at` turns a workspace path into the path that the flag carries. */
export function vtgateFlags(gateway: Gateway, at: (path: string) => string): Flag[] {
  const flags: Flag[] = [];
  const { mysql, grpc } = gateway;
  if (mysql !== null) {
    flags.push(
      pair('mysql-server-port', String(mysql.listen.port)),
      pair('mysql-server-bind-address', mysql.listen.host),
      pair('mysql-auth-server-impl', mysql.auth),
    );
    if (mysql.unixSocket) flags.push(pair('mysql-server-socket-path', at(`${gateway.name}.sock`)));
    if (mysql.auth === 'static' && mysql.usersFile !== null) {
      flags.push(pair('mysql-auth-server-static-file', at(mysql.usersFile)));
      if (mysql.usersReloadSeconds > 0)
        flags.push(pair('mysql-auth-static-reload-interval', `${mysql.usersReloadSeconds}s`));
    }
    if (mysql.auth === 'clientcert' && mysql.clientCertMethod !== 'mysql_clear_password')
      flags.push(pair('mysql-clientcert-auth-method', mysql.clientCertMethod));
    if (mysql.tls !== null)
      flags.push(...serverFlags(mysqlNames, mysql.tls, at), pair('mysql-server-tls-min-version', mysql.tls.minVersion));
    if (mysql.requireSecureTransport) flags.push('--mysql-server-require-secure-transport');
    if (mysql.allowClearTextWithoutTls) flags.push('--mysql-allow-clear-text-without-tls');
    if (mysql.proxyProtocol) flags.push('--proxy-protocol');
    if (mysql.readTimeoutMs > 0) flags.push(pair('mysql-server-read-timeout', `${mysql.readTimeoutMs}ms`));
    if (mysql.writeTimeoutMs > 0) flags.push(pair('mysql-server-write-timeout', `${mysql.writeTimeoutMs}ms`));
  }
  flags.push(...statementFlags(gateway.statements));
  if (grpc !== null) {
    flags.push(
      pair('service-map', 'grpc-vtgateservice'),
      pair('grpc-port', String(grpc.listen.port)),
      pair('grpc-bind-address', grpc.listen.host),
    );
    if (grpc.tls !== null) flags.push(...serverFlags(grpcNames, grpc.tls, at));
    if (grpc.optionalTls) flags.push('--grpc-enable-optional-tls');
    if (grpc.authMode !== 'none') flags.push(pair('grpc-auth-mode', grpc.authMode));
    if (grpc.authMode === 'static' && grpc.usersFile !== null)
      flags.push(pair('grpc-auth-static-password-file', at(grpc.usersFile)));
    if (grpc.authMode === 'mtls')
      flags.push(pair('grpc-auth-mtls-allowed-substrings', grpc.allowedSubstrings.join(':')));
    if (grpc.useEffectiveCallerId) flags.push('--grpc-use-effective-callerid');
    if (grpc.useEffectiveGroups) flags.push('--grpc-use-effective-groups');
    if (grpc.useStaticAuthenticationCallerId) flags.push('--grpc-use-static-authentication-callerid');
  }
  flags.push(...clientFlags('tablet-grpc', gateway.tabletLink, at));
  if (gateway.tabletCredentialsFile !== null)
    flags.push(pair('grpc-auth-static-client-creds', at(gateway.tabletCredentialsFile)));
  return flags;
}

/** How vttablet reaches a MySQL that somebody else runs (vitess-behaviour §9.7). There is no flag for a CRL. */
function databaseFlags(backend: Backend | undefined, at: (path: string) => string): Flag[] {
  if (backend?.kind !== 'external') return [];
  const { tls } = backend;
  const flags = [
    pair('db-host', backend.host),
    pair('db-port', String(backend.port)),
    pair('db-app-user', backend.user),
    // Unset means disabled; without a CA the system's roots vouch for the server, as they do here.
    pair('db-ssl-mode', tls === null ? 'disabled' : 'verify_identity'),
  ];
  if (tls === null) return flags;
  if (tls.ca !== null) flags.push(pair('db-ssl-ca', at(tls.ca)));
  if (tls.cert !== null && tls.key !== null)
    flags.push(pair('db-ssl-cert', at(tls.cert)), pair('db-ssl-key', at(tls.key)));
  if (tls.serverName !== null) flags.push(pair('db-server-name', tls.serverName));
  return flags;
}

/** How vttablet is started to be this tablet; `backend` is its MySQL when that is not a managed one. */
export function vttabletFlags(
  tablet: Tablet,
  keyspace: Keyspace,
  at: (path: string) => string,
  backend?: Backend,
): Flag[] {
  const { acl, grpc, queryRules } = tablet;
  const flags = [
    pair('tablet-path', tablet.alias),
    pair('init-keyspace', tablet.keyspace),
    pair('init-shard', tablet.shard),
    pair('init-tablet-type', 'replica'),
    pair('init-db-name-override', keyspace.database),
    pair('service-map', 'grpc-queryservice,grpc-tabletmanager,grpc-updatestream'),
    pair('grpc-port', String(grpc.listen.port)),
    pair('grpc-bind-address', grpc.listen.host),
  ];
  if (grpc.tls !== null) flags.push(...serverFlags(grpcNames, grpc.tls, at));
  if (grpc.authMode !== 'none') flags.push(pair('grpc-auth-mode', grpc.authMode));
  if (grpc.authMode === 'static' && grpc.usersFile !== null)
    flags.push(pair('grpc-auth-static-password-file', at(grpc.usersFile)));
  if (grpc.authMode === 'mtls') flags.push(pair('grpc-auth-mtls-allowed-substrings', grpc.allowedSubstrings.join(':')));
  if (acl.file !== null) flags.push(pair('table-acl-config', at(acl.file)));
  if (acl.file !== null && acl.reloadSeconds > 0)
    flags.push(pair('table-acl-config-reload-interval', `${acl.reloadSeconds}s`));
  if (acl.enforce) flags.push('--enforce-tableacl-config');
  if (acl.strict) flags.push('--queryserver-config-strict-table-acl');
  if (acl.dryRun) flags.push('--queryserver-config-enable-table-acl-dry-run');
  if (acl.exempt !== '') flags.push(pair('queryserver-config-acl-exempt-acl', acl.exempt));
  if (queryRules !== null) flags.push(pair('filecustomrules', at(queryRules)));
  if (queryRules !== null && tablet.queryRulesWatch) flags.push('--filecustomrules-watch');
  return [...flags, ...databaseFlags(backend, at)];
}

/** The flags of every program of a topology, by the program's name in it. */
export function flagsOf(topology: Topology, at: (path: string) => string): Map<string, Flag[]> {
  const all = new Map<string, Flag[]>();
  for (const gateway of topology.gateways) all.set(`vtgate ${gateway.name}`, vtgateFlags(gateway, at));
  for (const tablet of topology.tablets) {
    const keyspace = topology.keyspaces.find((candidate) => candidate.name === tablet.keyspace);
    if (keyspace !== undefined) {
      const backend = topology.backends.find((candidate) => candidate.name === tablet.backend);
      all.set(`vttablet ${tablet.alias}`, vttabletFlags(tablet, keyspace, at, backend));
    }
  }
  return all;
}
