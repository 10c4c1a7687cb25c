import type { ImmediateCaller } from '../identity/caller-id';
import type { Finding, Secret } from '../kernel';

/** Keys of an entry, as Vitess spells them (go/mysql/auth_server_static.go). */
export const entryKeys = [
  'MysqlNativePassword',
  'CachingSha2Password',
  'Password',
  'UserData',
  'SourceHost',
  'Groups',
] as const;

export type EntryKey = (typeof entryKeys)[number];

/** One way for one user to log in. Absent and empty secrets are the same: null. */
export interface UserEntry {
  /** Position in the user's list, from 0. */
  readonly index: number;
  readonly line: number;
  readonly column: number;
  /** A `null` of the legacy form: vtgate loads it and drops every login that reaches it. */
  readonly isNull: boolean;
  /** As written: hex with or without a leading `*`, not necessarily valid. */
  readonly mysqlNativePassword: Secret | null;
  /** As written: hex with or without a leading `*`, not necessarily valid. */
  readonly cachingSha2Password: Secret | null;
  readonly password: Secret | null;
  /** The immediate caller's username; null = the key is absent, and the username is "". */
  readonly userData: string | null;
  /** '' = from anywhere, `localhost` = only over a Unix socket; other values (legacy form only) never match. */
  readonly sourceHost: string;
  readonly groups: readonly string[];
}

/** A loaded users file. */
export interface UsersFile {
  readonly format: 'list' | 'legacy';
  /** User name to entries in file order; a user without entries is always denied. */
  readonly users: ReadonlyMap<string, readonly UserEntry[]>;
}

/** What vtgate does with a users file. */
export interface VitessVerdict {
  /** Whether vtgate starts with this file (static authentication, a MySQL port or socket set). */
  readonly accepted: boolean;
  /** Whether a running vtgate takes the file over at a reload; `{}` is taken over, and locks everybody out. */
  readonly reloadAccepted: boolean;
  /** What it says about it, without Go's log prefix; null when it says nothing or Gatehouse cannot tell. */
  readonly message: string | null;
  /** Everything it logs at the start, in order; `message` is the first. */
  readonly log: readonly string[];
  /** It ends by a panic (exit 2), at a reload too. */
  readonly crash?: boolean;
}

export interface UsersReading {
  /** Null when the file cannot be loaded: keep what was in force, or do not start. */
  readonly users: UsersFile | null;
  readonly vitess: VitessVerdict;
  /** Every fault, in file order. */
  readonly findings: readonly Finding[];
}

/** Methods that static authentication can check; a stock vtgate offers only the first. */
export type UserAuthMethod = 'mysql_native_password' | 'caching_sha2_password' | 'mysql_clear_password' | 'dialog';

/** One reply of a client to one salt. */
export interface UserLogin {
  readonly user: string;
  readonly method: UserAuthMethod;
  /** The 20 bytes sent to the client. */
  readonly salt: Uint8Array;
  /** The raw reply; for the clear methods the password without its NUL. */
  readonly reply: Uint8Array;
  /** True when the peer is a Unix-domain socket (or a PROXY v2 header of family AF_UNIX says so). */
  readonly unixSocket: boolean;
}

/** Why one entry let the login in or did not. */
export type EntryVerdict =
  | 'matched'
  | 'wrong-password'
  | 'source-host'
  | 'bad-hash'
  | 'wrong-length'
  | 'no-usable-secret'
  | 'null-entry'
  | 'panic';

/** One entry that was tried; never holds a secret. */
export interface EntryTrial {
  readonly index: number;
  readonly line: number;
  /** The key whose value was compared; null when none was. */
  readonly key: 'MysqlNativePassword' | 'CachingSha2Password' | 'Password' | null;
  readonly verdict: EntryVerdict;
}

interface Tried {
  /** Entries tried, in order; empty for an unknown user. */
  readonly tried: readonly EntryTrial[];
  /** One plain sentence for people. */
  readonly reason: string;
}

export type UserLoginOutcome =
  | (Tried & {
      readonly kind: 'accepted';
      readonly immediate: ImmediateCaller;
      readonly entryIndex: number;
      readonly line: number;
    })
  | (Tried & {
      readonly kind: 'denied';
      readonly errno: 1045;
      readonly sqlState: '28000';
      readonly message: string;
      readonly cause: 'unknown-user' | 'no-entries' | 'no-match' | 'bad-hash';
      /** Hash verifications done, decoys included (rule users-unknown-user-equal-work). */
      readonly verifications: number;
    })
  /** Real vtgate panics and closes the connection without an ERR packet. */
  | (Tried & { readonly kind: 'dropped' });

/** Fills and returns a buffer of `size` random bytes; `node:crypto` randomBytes fits. */
export type RandomBytes = (size: number) => Uint8Array;

/** Bits of entropy in a password, estimated from outside. */
export type EntropyEstimator = (password: string) => number;
