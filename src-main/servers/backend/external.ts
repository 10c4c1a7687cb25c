import { createConnection } from 'mysql2/promise';
import { fail, succeed, type Result, type Secret } from '../../domain/kernel';
import type { ClientTlsConfig } from '../tls/types';
import type { MysqlVendor } from './program';

/** Where a MySQL listens, and how to get in. */
export interface BackendLogin {
  readonly host: string;
  readonly port: number;
  /** Path of its Unix socket, which then is the way in; host and port are not used. */
  readonly socket?: string | undefined;
  readonly user: string;
  readonly password: Secret;
  /** TLS over TCP, verified; absent: none. */
  readonly tls?: Pick<ClientTlsConfig, 'ca' | 'cert' | 'key' | 'serverName' | 'minVersion'> | undefined;
}

/** What an address that the user gave turned out to be. */
export interface ExternalBackend {
  readonly vendor: MysqlVendor;
  readonly version: string;
  /** TLS version and cipher of the connection, or null in clear. */
  readonly tls: { readonly version: string; readonly cipher: string } | null;
  /** The databases asked for that this user does not see. */
  readonly missingDatabases: readonly string[];
}

/**
 * Logs in to a MySQL that somebody else runs and says what it is; changes nothing there. Fails with
 * `backend.unreachable`, `backend.login-refused` or `backend.tls-failed`.
 */
export async function probeExternalBackend(
  login: BackendLogin,
  databases: readonly string[],
  timeoutMs = 10_000,
): Promise<Result<ExternalBackend>> {
  const { socket, host, port, tls } = login;
  const place = socket ?? `${host}:${port}`;
  try {
    const connection = await createConnection({
      ...(socket === undefined ? { host, port } : { socketPath: socket }),
      user: login.user,
      password: login.password.reveal(),
      connectTimeout: timeoutMs,
      ...(tls === undefined || socket !== undefined
        ? {}
        : {
            ssl: {
              rejectUnauthorized: true,
              verifyIdentity: true,
              minVersion: 'TLSv1.2',
              ...(tls.ca === undefined ? {} : { ca: tls.ca }),
              ...(tls.cert === undefined ? {} : { cert: tls.cert }),
              ...(tls.key === undefined ? {} : { key: tls.key }),
            },
          }),
    });
    try {
      const ask = async (sql: string): Promise<(string | null)[][]> =>
        (await connection.query({ sql, rowsAsArray: true }))[0] as unknown as (string | null)[][];
      const version = (await ask('select version()'))[0]?.[0] ?? '';
      const status = new Map(
        (await ask("show session status where variable_name in ('Ssl_version', 'Ssl_cipher')")) as [string, string][],
      );
      const seen = new Set((await ask('show databases')).map((row) => row[0]));
      return succeed({
        vendor: /mariadb/i.test(version) ? 'MariaDB' : 'MySQL',
        version: /\d+\.\d+\.\d+/.exec(version)?.[0] ?? version,
        tls:
          (status.get('Ssl_cipher') ?? '') === ''
            ? null
            : { version: status.get('Ssl_version') ?? '', cipher: status.get('Ssl_cipher') ?? '' },
        missingDatabases: databases.filter((name) => !seen.has(name)),
      });
    } finally {
      connection.destroy();
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code?.startsWith('ER_') === true)
      return fail({
        code: 'backend.login-refused',
        summary: `MySQL at ${place} does not let user "${login.user}" in: check the name and the password.`,
        detail: message,
      });
    if (code === 'HANDSHAKE_SSL_ERROR' || /certificate|SSL|TLS/i.test(message))
      return fail({
        code: 'backend.tls-failed',
        summary: `TLS to MySQL at ${place} failed: check its certificate and the CA of this link.`,
        detail: message,
      });
    return fail({
      code: 'backend.unreachable',
      summary: `Nothing answers as MySQL at ${place}: start it or correct the address.`,
      detail: message,
    });
  }
}
