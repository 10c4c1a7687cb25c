import type {
  AuthMethod,
  ConnectionFacts,
  LoginAttempt,
  LoginOutcome,
  LoginPolicy,
} from '../../../src-main/servers/mysql-wire';
import { nativeFits, nativeReply, sha2Reply } from './scramble';

export interface UserEntry {
  readonly Password?: string;
  readonly MysqlNativePassword?: string;
  readonly CachingSha2Password?: string;
  readonly UserData?: string;
  readonly Groups?: readonly string[];
  readonly SourceHost?: string;
}

export type Users = Readonly<Record<string, readonly UserEntry[] | null>>;

/** Static users as stock vtgate checks them (vitess-behaviour §1.2), and with caching_sha2 besides. */
export function staticPolicy(users: Users, methods: readonly AuthMethod[] = ['mysql_native_password']) {
  const attempts: LoginAttempt[] = [];
  const policy: LoginPolicy = {
    greetingMethod: 'mysql_native_password',
    methods: (_user, connection) => methods.filter((method) => offered(method, connection)),
    check(attempt): LoginOutcome {
      attempts.push(attempt);
      const denied = {
        kind: 'denied',
        errno: 1045,
        sqlState: '28000',
        message: `Access denied for user '${attempt.user}'`,
      } as const;
      for (const entry of users[attempt.user] ?? []) {
        const verdict = entryFits(entry, attempt);
        if (verdict === 'dropped') return { kind: 'dropped' };
        if (verdict === 'denied') return denied;
        if (verdict) {
          const immediate = { username: entry.UserData ?? '', groups: entry.Groups ?? [] };
          return { kind: 'accepted', immediate };
        }
      }
      return denied;
    },
  };
  return { policy, attempts };
}

const offered = (method: AuthMethod, { secured, unixSocket }: ConnectionFacts): boolean =>
  method !== 'caching_sha2_password' || secured !== null || unixSocket;

function entryFits(entry: UserEntry, attempt: LoginAttempt): boolean | 'dropped' | 'denied' {
  const { method, salt, reply, connection } = attempt;
  const from = entry.SourceHost === undefined || entry.SourceHost === '' || connection.unixSocket;
  const password = entry.Password ?? '';
  switch (method) {
    case 'mysql_native_password': {
      if (entry.MysqlNativePassword === undefined) return nativeReply(password, salt).equals(reply) && from;
      const hash = Buffer.from(entry.MysqlNativePassword.replace(/^\*/, ''), 'hex');
      if (hash.length !== 20) return 'denied';
      if (reply.length === 0) return false;
      if (reply.length < 20) return 'dropped';
      return nativeFits(hash, salt, reply) && from;
    }
    case 'caching_sha2_password':
      return sha2Reply(password, salt).equals(reply) && from;
    default:
      return reply.toString() === password && from;
  }
}

/** The certificate decides (vitess-behaviour §1.5, `clientcert`). */
export const clientCertPolicy = (method: 'mysql_clear_password' | 'dialog'): LoginPolicy => ({
  greetingMethod: 'mysql_native_password',
  methods: () => [method],
  check({ user, connection }) {
    const peer = connection.secured?.peer ?? null;
    const refused = (message: string): LoginOutcome => ({ kind: 'denied', errno: 1105, sqlState: 'HY000', message });
    if (peer === null) return refused('unknown error: no client certs for connection');
    if (peer.commonName !== user) {
      return refused(
        `unknown error: MySQL connection username '${user}' does not match client cert common name '${peer.commonName}'`,
      );
    }
    return { kind: 'accepted', immediate: { username: peer.commonName, groups: peer.dnsNames } };
  },
});
