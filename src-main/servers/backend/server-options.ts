import type { OperatingSystem } from './operating-system';
import type { MysqlVendor } from './program';

/** MySQL's own default since 8.0, written out so that MariaDB behaves alike and no my.cnf of the machine matters. */
export const SQL_MODE =
  'ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION';

/** PEM files for mysqld's side of TLS. */
export interface BackendTlsFiles {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

export interface ServerPaths {
  readonly data: string;
  /** Null where the system has no Unix sockets. */
  readonly socket: string | null;
  readonly pidFile: string;
  readonly log: string;
  readonly initFile: string;
  /** An empty folder that only the owner may enter: all that LOAD DATA and INTO OUTFILE could reach. */
  readonly noFiles: string;
  /** For temporary tables: a folder of its own, because a starting MariaDB clears its tmpdir of everybody's. */
  readonly temporary: string;
}

/** A value of an option file (MySQL manual, "Using Option Files"): quoted, backslashes doubled. */
export const optionValue = (value: string): string => `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;

/** Settings that hold while a data directory is made and while it is used. */
export const commonOptions = (os: OperatingSystem, vendor: MysqlVendor): string[] => {
  const user = os.mysqldUser();
  return [
    ...(user === null ? [] : [`user = ${user}`]),
    'character-set-server = utf8mb4',
    'skip-name-resolve',
    'skip-log-bin',
    ...(vendor === 'MySQL'
      ? ['innodb-redo-log-capacity = 32M', 'auto-generate-certs = OFF']
      : ['innodb-log-file-size = 16M']),
  ];
};

/**
 * The option file of a managed server. Loopback only, no LOCAL INFILE, no files, no binary log, small memory (a laptop's
 * share), durable commits.
 */
export function serverOptions(
  os: OperatingSystem,
  vendor: MysqlVendor,
  paths: ServerPaths,
  port: number,
  tls: BackendTlsFiles | null,
): string {
  const lines = [
    '[mysqld]',
    ...commonOptions(os, vendor),
    `datadir = ${optionValue(paths.data)}`,
    ...(paths.socket === null ? [] : [`socket = ${optionValue(paths.socket)}`]),
    `pid-file = ${optionValue(paths.pidFile)}`,
    `log-error = ${optionValue(paths.log)}`,
    `init-file = ${optionValue(paths.initFile)}`,
    `tmpdir = ${optionValue(paths.temporary)}`,
    'bind-address = 127.0.0.1',
    `port = ${port}`,
    `sql-mode = ${SQL_MODE}`,
    'local-infile = OFF',
    `secure-file-priv = ${optionValue(paths.noFiles)}`,
    'max-connections = 200',
    'max-allowed-packet = 64M',
    'innodb-buffer-pool-size = 48M',
    'innodb-flush-log-at-trx-commit = 1',
    'innodb-buffer-pool-load-at-startup = OFF',
    'innodb-buffer-pool-dump-at-shutdown = OFF',
    'performance-schema = OFF',
    'key-buffer-size = 1M',
    'table-open-cache = 400',
    ...(tls === null
      ? []
      : [
          `ssl-ca = ${optionValue(tls.ca)}`,
          `ssl-cert = ${optionValue(tls.cert)}`,
          `ssl-key = ${optionValue(tls.key)}`,
          'tls-version = TLSv1.2,TLSv1.3',
        ]),
    ...(vendor === 'MySQL'
      ? ['mysqlx = OFF', `caching-sha2-password-auto-generate-rsa-keys = ${tls === null ? 'ON' : 'OFF'}`]
      : ['symbolic-links = OFF', 'aria-pagecache-buffer-size = 8M', 'feedback = OFF', 'plugin-maturity = stable']),
  ];
  return `${lines.join('\n')}\n`;
}
