import { readFileSync } from 'node:fs';
import { parseGrpcCredentialsFile, parseGrpcUsersFile } from '../../../../src-main/domain/users';
import type { Fidelity } from '../../../../src-main/domain/fidelity';
import type { GatewayGrpcConfig, GatewayTablet } from '../../../../src-main/servers/gateway';
import type { ClientTlsConfig, ServerTlsConfig } from '../../../../src-main/servers/tls';

/** What the placeholders of a recording's flags stand for. */
export interface Placeholders {
  /** `{certs}`: directory of certificates. */
  readonly certs: string;
  /** Content of `{passwords}` and `{creds}`. */
  readonly texts: { readonly [placeholder: string]: string | undefined };
  readonly fidelity: Fidelity;
}

/** The program would not start. `log`: what it says of a file of logins, where that is ours to say. */
export class StartRefused extends Error {
  constructor(
    reason: string,
    readonly log: readonly string[] = [],
  ) {
    super(reason);
  }
}

/** `--name=value`, `--name value` and `--switch`, by name; the last one counts. */
export function flagsOf(flags: readonly string[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (let index = 0; index < flags.length; index++) {
    const [, name = '', value] = /^--?([^=]+)(?:=([\s\S]*))?$/.exec(flags[index] ?? '') ?? [];
    if (name === '') continue;
    const next = flags[index + 1];
    if (value !== undefined) found.set(name, value);
    else if (next !== undefined && !next.startsWith('--')) found.set(name, flags[++index] ?? '');
    else found.set(name, 'true');
  }
  return found;
}

const on = (flags: ReadonlyMap<string, string>, name: string): boolean => flags.get(name) === 'true';

/** The text of a file that a flag names; undefined without the flag. Throws when it cannot be read. */
function textOf(flags: ReadonlyMap<string, string>, name: string, { certs, texts }: Placeholders): string | undefined {
  const path = flags.get(name);
  if (path === undefined || path === '') return undefined;
  const own = /^\{(\w+)\}$/.exec(path)?.[1];
  if (own !== undefined && texts[own] !== undefined) return texts[own];
  return readFileSync(path.replace('{certs}', certs), 'utf8');
}

/** The same where a missing file keeps the program from starting. */
function needed(...parameters: Parameters<typeof textOf>): string | undefined {
  try {
    return textOf(...parameters);
  } catch {
    throw new StartRefused(`the file of --${parameters[1]} cannot be read`);
  }
}

const present = <T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;

/** TLS of a gRPC port: on with certificate and key, else every other flag of it is without effect (vitess-behaviour §3.5). */
function listenerTls(flags: ReadonlyMap<string, string>, places: Placeholders): ServerTlsConfig | undefined {
  if (!flags.get('grpc-cert') || !flags.get('grpc-key')) return undefined;
  const read = (name: string): string | undefined => needed(flags, name, places);
  return {
    cert: read('grpc-cert') ?? '',
    key: read('grpc-key') ?? '',
    ...present({ clientCa: read('grpc-ca'), crl: read('grpc-crl'), serverCa: read('grpc-server-ca') }),
  };
}

/** The settings of a gRPC port that gateway and tablet have in common. Throws StartRefused. */
export type GrpcPort = Pick<GatewayGrpcConfig, 'tls' | 'optionalTls' | 'authMode' | 'staticUsers' | 'mtlsSubstrings'>;

export function grpcPort(given: readonly string[], places: Placeholders): GrpcPort {
  const flags = flagsOf(given);
  const tls = listenerTls(flags, places);
  const authMode = flags.get('grpc-auth-mode') ?? '';
  if (authMode !== '' && authMode !== 'static' && authMode !== 'mtls')
    throw new StartRefused(`no such --grpc-auth-mode: ${authMode}`);
  const optionalTls = tls !== undefined && on(flags, 'grpc-enable-optional-tls');
  const mtlsSubstrings = flags.get('grpc-auth-mtls-allowed-substrings');
  if (authMode !== 'static') return { authMode, optionalTls, ...present({ tls, mtlsSubstrings }) };
  const text = needed(flags, 'grpc-auth-static-password-file', places);
  if (text === undefined) throw new StartRefused('static without a password file');
  const { users, vitess } = parseGrpcUsersFile(Buffer.from(text, 'utf8'), {
    file: '{passwords}',
    fidelity: places.fidelity,
  });
  if (users === null) throw new StartRefused('the password file does not load', vitess.log);
  return { authMode, optionalTls, staticUsers: users, ...present({ tls, mtlsSubstrings }) };
}

/** vtgate's port, with whose name callers get. Throws StartRefused. */
export function gatewayPort(given: readonly string[], places: Placeholders): GatewayGrpcConfig {
  const flags = flagsOf(given);
  return {
    listen: { host: '127.0.0.1', port: 0 },
    ...grpcPort(given, places),
    useEffectiveCallerId: on(flags, 'grpc-use-effective-callerid'),
    useEffectiveGroups: on(flags, 'grpc-use-effective-groups'),
    useStaticAuthenticationCallerId: on(flags, 'grpc-use-static-authentication-callerid'),
  };
}

/**
 * vtgate's end of its links. TLS is dialled with an authority or with certificate and key; files are read when a tablet
 * is dialled, so that one that is missing makes the link fail and not the start (vitess-behaviour §3.6).
 */
export function linkSettings(
  given: readonly string[],
  places: Placeholders,
): Pick<GatewayTablet, 'tls' | 'credentials' | 'unusable'> {
  const flags = flagsOf(given);
  const text = needed(flags, 'grpc-auth-static-client-creds', places);
  let credentials: GatewayTablet['credentials'];
  if (text !== undefined) {
    const reading = parseGrpcCredentialsFile(Buffer.from(text, 'utf8'), { file: '{creds}', fidelity: places.fidelity });
    if (reading.credentials === null) throw new StartRefused('the credentials do not load', reading.vitess.log);
    const { username, password } = reading.credentials;
    credentials = { username, password: password.reveal() };
  }
  const identity = flags.get('tablet-grpc-cert') && flags.get('tablet-grpc-key');
  if (!flags.get('tablet-grpc-ca') && !identity) return present({ credentials });
  const read = (name: string): string | undefined => textOf(flags, `tablet-grpc-${name}`, places);
  try {
    const tls: ClientTlsConfig = present({
      ca: read('ca'),
      cert: identity ? read('cert') : undefined,
      key: identity ? read('key') : undefined,
      crl: read('crl'),
      serverName: flags.get('tablet-grpc-server-name') || undefined,
    });
    return { tls, ...present({ credentials }) };
  } catch (error) {
    return { unusable: (error as Error).message, ...present({ credentials }) };
  }
}
