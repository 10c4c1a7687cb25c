import type { Secret } from '../../domain/kernel';
import type { MysqlVendor } from './program';

/** The rights of the tablet's user on the workspace's databases, and nothing beyond (design.md §6, "Managed MySQL"). */
export const APP_RIGHTS = [
  'SELECT',
  'INSERT',
  'UPDATE',
  'DELETE',
  'CREATE',
  'DROP',
  'ALTER',
  'INDEX',
  'REFERENCES',
  'CREATE VIEW',
  'SHOW VIEW',
  'TRIGGER',
  'LOCK TABLES',
  'EXECUTE',
  'CREATE TEMPORARY TABLES',
] as const;

export interface AppUser {
  readonly name: string;
  readonly password: Secret;
}

/** Whether a name can be a database of a workspace: what MySQL takes unquoted, plus the hyphen. */
export const isDatabaseName = (name: string): boolean =>
  /^[0-9A-Za-z_$-]{1,64}$/.test(name) && !SYSTEM_SCHEMAS.has(name.toLowerCase());

const SYSTEM_SCHEMAS = new Set(['mysql', 'information_schema', 'performance_schema', 'sys']);

/** A string literal that stays on one line; an init file takes one statement a line. */
const literal = (value: string): string =>
  `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\0', '\\0')}'`;

const name = (value: string): string => `\`${value.replaceAll('`', '``')}\``;

/** In GRANT a database is a pattern, so its `_` and `%` are escaped (MySQL manual, GRANT, "Database Privileges"). */
const grantPattern = (value: string): string => name(value.replaceAll('_', '\\_').replaceAll('%', '\\%'));

/**
 * The statements that mysqld runs at every start before it accepts connections: root's own password, no anonymous accounts
 * and no root from elsewhere, the databases, and the tablet's user, with all that was granted to it taken back first: once for the Unix socket (`localhost`) and once for TCP (`127.0.0.1`), the latter
 * only over TLS when the server has a certificate. Each may be run again and again.
 */
export function accountStatements(
  vendor: MysqlVendor,
  databases: readonly string[],
  rootPassword: Secret,
  appUser: AppUser,
  tls: boolean,
): string[] {
  const method = vendor === 'MariaDB' ? 'VIA mysql_native_password USING PASSWORD' : 'WITH caching_sha2_password BY ';
  const identified = (password: Secret): string =>
    `IDENTIFIED ${method}${vendor === 'MariaDB' ? `(${literal(password.reveal())})` : literal(password.reveal())}`;
  const hosts = [
    { host: 'localhost', require: 'NONE' },
    { host: '127.0.0.1', require: tls ? 'SSL' : 'NONE' },
  ];
  const ours = `User='' OR User=${literal(appUser.name)}`;
  const users = vendor === 'MariaDB' ? 'mysql.global_priv' : 'mysql.user';
  const grants = [
    'mysql.db',
    'mysql.tables_priv',
    'mysql.columns_priv',
    'mysql.procs_priv',
    ...(vendor === 'MySQL' ? ['mysql.global_grants'] : []),
  ];
  return [
    `DELETE FROM ${users} WHERE ${ours} OR (User='root' AND Host<>'localhost')`,
    ...grants.map((table) => `DELETE FROM ${table} WHERE ${ours}`),
    'FLUSH PRIVILEGES',
    `ALTER USER 'root'@'localhost' ${identified(rootPassword)}`,
    ...databases.map((database) => `CREATE DATABASE IF NOT EXISTS ${name(database)} CHARACTER SET utf8mb4`),
    ...hosts.flatMap(({ host, require }) => {
      const account = `${literal(appUser.name)}@'${host}'`;
      return [
        `CREATE USER ${account} ${identified(appUser.password)} REQUIRE ${require}`,
        ...databases.map((database) => `GRANT ${APP_RIGHTS.join(', ')} ON ${grantPattern(database)}.* TO ${account}`),
      ];
    }),
  ];
}
