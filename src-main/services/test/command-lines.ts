import { optionValue, shellWord } from '../callers/connection-lines';

/** A connection and a statement as a command line says it. */
export interface Dialled {
  readonly address: { readonly host: string; readonly port: number } | { readonly socketPath: string };
  readonly user: string;
  readonly database: string | null;
  readonly ca: string | null;
  readonly certificate: { readonly cert: string; readonly key: string } | null;
  readonly protection: 'none' | 'unverified' | 'verified';
  readonly tlsOnly: 'TLSv1.2' | 'TLSv1.3' | null;
  /** The gateway asks for mysql_clear_password and reads the certificate. */
  readonly clear: boolean;
  readonly askPassword: boolean;
  /** Written into an option file that lives as long as the command; null: the client asks. */
  readonly password: string | null;
  readonly sql: string;
}

const option = (name: string, value: string | number): string => `--${name}=${shellWord(String(value))}`;
const lines = (words: readonly string[]): string => words.join(' \\\n  ');

/** A line of MySQL's or MariaDB's client for a POSIX shell. A password is never among its words. */
export function commandLine(client: 'mysql' | 'mariadb', to: Dialled): string {
  const isMysql = client === 'mysql';
  const { address, certificate, password } = to;
  const place =
    'socketPath' in address
      ? ['--protocol=socket', option('socket', address.socketPath)]
      : ['--protocol=tcp', option('host', address.host), option('port', address.port)];
  const protection = isMysql
    ? [`--ssl-mode=${{ none: 'DISABLED', unverified: 'REQUIRED', verified: 'VERIFY_IDENTITY' }[to.protection]}`]
    : {
        none: ['--skip-ssl'],
        unverified: ['--ssl', '--skip-ssl-verify-server-cert'],
        verified: ['--ssl-verify-server-cert'],
      }[to.protection];
  const inFile = password !== null && to.askPassword;
  const words = [
    isMysql || !to.clear ? client : `LIBMYSQL_ENABLE_CLEARTEXT_PLUGIN=1 ${client}`,
    // Must be the first option. Without one of our own nothing of the machine's option files takes part either.
    inFile ? '--defaults-file="$options"' : '--no-defaults',
    ...place,
    option('user', to.user),
    ...(inFile ? [] : to.askPassword ? ['--password'] : ['--skip-password']),
    ...protection,
    ...(to.protection === 'verified' && to.ca !== null ? [option('ssl-ca', to.ca)] : []),
    ...(certificate === null ? [] : [option('ssl-cert', certificate.cert), option('ssl-key', certificate.key)]),
    ...(to.tlsOnly === null || to.protection === 'none' ? [] : [option('tls-version', to.tlsOnly)]),
    ...(isMysql && to.clear ? ['--enable-cleartext-plugin'] : []),
    ...(to.database === null ? [] : [option('database', to.database)]),
    option('execute', to.sql),
  ];
  if (!inFile) return lines(words);
  const file = `[client]\npassword=${optionValue(password)}`;
  return `(\numask 077\noptions=$(mktemp)\ntrap 'rm -f "$options"' EXIT\nprintf '%s\\n' ${shellWord(file)} > "$options"\n${lines(words)}\n)`;
}

/** A line of grpcurl for Vitess's gRPC; the password comes from the environment, asked for first. */
export function grpcurlLine(
  to: Dialled,
  about: {
    readonly serverName: string;
    readonly target: string;
    readonly claimed: { readonly principal: string; readonly groups: readonly string[] } | null;
  },
): string {
  const address = 'socketPath' in to.address ? '' : `${to.address.host}:${to.address.port}`;
  const call = {
    ...(about.claimed === null
      ? {}
      : { caller_id: { principal: about.claimed.principal, groups: [...about.claimed.groups] } }),
    session: { target_string: about.target, autocommit: true },
    query: { sql: to.sql },
  };
  const signsIn = to.user !== '';
  const words = [
    'grpcurl',
    '-import-path "$VITESS/proto" -proto vtgateservice.proto',
    ...(to.protection === 'none' ? ['-plaintext'] : [...(to.ca === null ? [] : [`-cacert ${shellWord(to.ca)}`])]),
    ...(to.protection === 'none' ? [] : [`-servername ${shellWord(about.serverName)}`]),
    ...(to.certificate === null
      ? []
      : [`-cert ${shellWord(to.certificate.cert)}`, `-key ${shellWord(to.certificate.key)}`]),
    ...(signsIn
      ? ['-expand-headers', `-rpc-header ${shellWord(`username: ${to.user}`)}`, `-rpc-header 'password: \${PASSWORD}'`]
      : []),
    `-d ${shellWord(JSON.stringify(call))}`,
    shellWord(address),
    'vtgateservice.Vitess/Execute',
  ];
  const asked =
    to.password === null
      ? 'read -rsp "Password: " PASSWORD && export PASSWORD'
      : `export PASSWORD=${shellWord(to.password)}`;
  return signsIn ? `${asked}\n${lines(words)}` : lines(words);
}
