import { readFileSync } from 'node:fs';
import type { Fidelity } from '../../../../src-main/domain/fidelity';
import {
  chosenAuthServer,
  faultBeforeUsers,
  faultBehindUsers,
  listensForMysql,
  type GivenFlags,
} from '../../../../src-main/domain/flags';
import { GatehouseError } from '../../../../src-main/domain/kernel';
import { parseGrpcUsersFile, parseUsersFile } from '../../../../src-main/domain/users';
import {
  createGateway,
  createReloader,
  type Gateway,
  type GatewayConfig,
  type MysqlAuth,
  type Reloader,
  type ReloadReport,
  type ReloadSources,
} from '../../../../src-main/servers/gateway';
import type { Recorder } from '../../../../src-main/servers/recorder';
import { readFlags } from './flags';
import { crlOf, grpcTlsFlags, mysqlTlsFlags, tlsOf, UnreadableFile } from './tls-flags';

/** Why a vtgate does not start, as our own checks tell it. */
export interface RefusedStart {
  readonly start: 'refused';
  readonly reason: string;
  readonly exit: number;
}

export interface RunningVtgate {
  readonly start: 'ok';
  readonly gateway: Gateway;
  readonly socketPath: string;
  readonly reloader: Reloader;
  /** The next reload by time; null: none will come. */
  readonly nextReload: (() => Promise<ReloadReport>) | null;
  stop(): Promise<void>;
}

export interface VtgateOptions {
  /** Path or text for a placeholder such as `{users}`; `{certs}` is a folder. */
  readonly resolve: (placeholder: string) => string;
  readonly fidelity: Fidelity;
  readonly tabletPort: number;
  readonly recorder: Recorder;
  /** Free path for the Unix socket. */
  readonly socketPath: string;
  readonly grpc?: boolean;
}

const refused = (reason: string, exit = 1): RefusedStart => ({ start: 'refused', reason, exit });

interface Users {
  readonly auth: MysqlAuth & { kind: 'static' };
  readonly source: ReloadSources['users'];
}

/** Users of the flags, read whatever authentication is chosen, as vtgate does; null: none are named. */
function readUsers(given: GivenFlags, fidelity: Fidelity): Users | RefusedStart | null {
  const file = given.text('mysql-auth-server-static-file');
  const text = given.text('mysql-auth-server-static-string');
  if (file === '' && text === '') return null;
  let bytes = Buffer.from(text);
  if (file !== '')
    try {
      bytes = readFileSync(file);
    } catch {
      return refused('users');
    }
  const { users, vitess } = parseUsersFile(bytes, { file, fidelity });
  if (vitess.crash === true) return refused('users', 2);
  if (users === null || users.users.size === 0) return refused('users');
  return {
    auth: { kind: 'static', users, file },
    source: file === '' ? undefined : { file, read: () => readFileSync(file) },
  };
}

function authOf(given: GivenFlags, users: Users | null): MysqlAuth {
  switch (chosenAuthServer(given)) {
    case 'none':
      return { kind: 'none' };
    case 'clientcert':
      return {
        kind: 'clientcert',
        method: given.text('mysql-clientcert-auth-method') === 'dialog' ? 'dialog' : 'mysql_clear_password',
      };
    default:
      if (users === null) throw new Error('static authentication without users');
      return users.auth;
  }
}

function grpcOf(given: GivenFlags, fidelity: Fidelity): GatewayConfig['grpc'] {
  const tls = tlsOf(given, grpcTlsFlags);
  const file = given.text('grpc-auth-static-password-file');
  const users = file === '' ? null : parseGrpcUsersFile(readFileSync(file), { file, fidelity }).users;
  const mode = given.text('grpc-auth-mode');
  return {
    listen: { host: '127.0.0.1', port: 0 },
    ...(tls === undefined ? {} : { tls }),
    optionalTls: given.on('grpc-enable-optional-tls'),
    authMode: mode === 'static' || mode === 'mtls' ? mode : '',
    ...(users === null ? {} : { staticUsers: users, staticUsersFile: file }),
    mtlsSubstrings: given.text('grpc-auth-mtls-allowed-substrings'),
    useEffectiveCallerId: given.on('grpc-use-effective-callerid'),
    useEffectiveGroups: given.on('grpc-use-effective-groups'),
    useStaticAuthenticationCallerId: given.on('grpc-use-static-authentication-callerid'),
  };
}

/** Go's durations as far as flags of recordings have them, in milliseconds. */
function milliseconds(text: string): number {
  const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
  const sign = text.startsWith('-') ? -1 : 1;
  let sum = 0;
  for (const [, value, unit] of text.matchAll(/([\d.]+)(ms|s|m|h)/g)) sum += Number(value) * (units[unit ?? ''] ?? 0);
  return sign * sum;
}

const reasonOf = (error: unknown): string => {
  if (error instanceof UnreadableFile) return error.reason;
  if (!(error instanceof GatehouseError)) throw error;
  const { code, summary } = error.failure;
  if (code !== 'tls.bad-configuration') return 'crl';
  return summary.includes('client authorities') ? 'client-ca' : 'certificate';
};

/** Starts our gateway as a vtgate with these flags, checked in vtgate's order, or tells why it does not start. */
export async function startVtgate(
  written: readonly string[],
  options: VtgateOptions,
): Promise<RunningVtgate | RefusedStart> {
  const { resolve, fidelity, tabletPort, recorder, socketPath } = options;
  const { given, unknown } = readFlags(written, resolve);
  if (unknown !== null) return refused('unknown-flag');
  const listens = listensForMysql(given);
  const early = faultBeforeUsers(given);
  if (early !== null) return refused(early.reason);
  const users = listens ? readUsers(given, fidelity) : null;
  if (users !== null && 'start' in users) return users;
  const late = faultBehindUsers(given);
  if (late !== null) return refused(late.reason);
  try {
    const tls = listens ? tlsOf(given, mysqlTlsFlags) : undefined;
    const version = given.text('mysql-server-version');
    const gateway = await createGateway(
      {
        name: `vtgate ${socketPath}`,
        cell: 'zone1',
        fidelity,
        keyspaces: [{ name: 'commerce', shards: ['0'] }],
        mysql: listens
          ? {
              listen: { host: '127.0.0.1', port: 0 },
              socketPath,
              auth: authOf(given, users),
              ...(tls === undefined ? {} : { tls }),
              ...(version === '' ? {} : { serverVersion: version }),
              requireSecureTransport: given.on('mysql-server-require-secure-transport'),
              allowClearTextWithoutTls: given.on('mysql-allow-clear-text-without-tls'),
              proxyProtocol: given.on('proxy-protocol'),
            }
          : null,
        grpc: options.grpc === true ? grpcOf(given, fidelity) : null,
        tablets: [
          {
            alias: 'zone1-100',
            keyspace: 'commerce',
            shard: '0',
            type: 'primary',
            host: '127.0.0.1',
            port: tabletPort,
          },
        ],
      },
      { recorder },
    );
    const usersIntervalMs = milliseconds(given.text('mysql-auth-static-reload-interval'));
    let heard: (report: ReloadReport) => void = () => undefined;
    const sources: ReloadSources = {
      ...(users?.source === undefined ? {} : { users: users.source }),
      ...(tls === undefined
        ? {}
        : {
            mysqlTls: {
              atStart: tls,
              read: () => tlsOf(given, mysqlTlsFlags) ?? tls,
              readCrl: () => crlOf(given, mysqlTlsFlags),
            },
          }),
      usersIntervalMs,
    };
    const reloader = createReloader(gateway, fidelity, sources, (report) => heard(report));
    const nextReload =
      usersIntervalMs > 0 && users?.source !== undefined
        ? () => new Promise<ReloadReport>((resolve) => (heard = resolve))
        : null;
    const stop = async (): Promise<void> => {
      reloader.dispose();
      await gateway.stop({ graceMs: 0 });
    };
    return { start: 'ok', gateway, socketPath, reloader, nextReload, stop };
  } catch (error) {
    return refused(reasonOf(error));
  }
}

/** Words of vtgate by which it tells why it does not start; the rest of its lines is Go's prose. */
const causes: readonly (readonly [RegExp, string])[] = [
  [/unknown flag/, 'unknown-flag'],
  [/mysql_clientcert_auth_method/, 'clientcert-method'],
  [/Both mysql_auth_server_static_file and/, 'two-sources-of-users'],
  [/Failed to populate entries|Error parsing auth server config|Failed to read mysql_auth_server_static_file/, 'users'],
  [/no AuthServer name/, 'no-such-auth-server'],
  [/mysql-default-workload must be/, 'default-workload'],
  [/mysql-tcp-version must be/, 'tcp-version'],
  [/Invalid TLS version/, 'tls-version'],
  [/failed to load tls certificate/, 'certificate'],
  [/failed to read ca file|failed to append certificates/, 'client-ca'],
  [/TLSServerConfig failed: (?:open|x509: malformed crl)|malformed crl|CRL/, 'crl'],
  [/^panic/, 'users'],
];

/** Why a recorded vtgate did not start. */
export const recordedReason = (log: readonly string[]): string =>
  causes.find(([words]) => log.some((line) => words.test(line)))?.[1] ?? `unread: ${log.join(' | ')}`;
