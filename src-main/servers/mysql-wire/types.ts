import type { ImmediateCaller } from '../../domain/identity/caller-id';
import type { SecuredConnection, TlsAcceptor } from '../tls/types';
import type { Recorder } from '../recorder/trace-step';
import type { Fidelity } from '../../domain/fidelity/fidelity';

export type AuthMethod = 'mysql_native_password' | 'caching_sha2_password' | 'mysql_clear_password' | 'dialog';

/** What is known of a connection while its client logs in. */
export interface ConnectionFacts {
  readonly connectionId: number;
  /** `ip:port`, `@` over a Unix socket, or what a PROXY header claims (vitess-behaviour §2.4). */
  readonly remoteAddress: string;
  /** The connection itself came over a Unix socket. */
  readonly unixSocket: boolean;
  /** A PROXY header claims that the client came over a Unix socket. */
  readonly claimsUnixSocket?: boolean;
  readonly secured: SecuredConnection | null;
  readonly traceId: string;
}

/** One attempt to log in with one method. */
export interface LoginAttempt {
  readonly user: string;
  readonly method: AuthMethod;
  /** The 20 bytes of the salt that the reply answers. */
  readonly salt: Buffer;
  /** The raw reply; for clear methods the packet without its last byte. */
  readonly reply: Buffer;
  readonly connection: ConnectionFacts;
}

export type LoginOutcome =
  | { readonly kind: 'accepted'; readonly immediate: ImmediateCaller }
  | { readonly kind: 'denied'; readonly errno: number; readonly sqlState: string; readonly message: string }
  /** The real program drops the connection without an ERR packet. */
  | { readonly kind: 'dropped' };

/** Which methods a listener offers and how it checks them. Implemented by the gateway. */
export interface LoginPolicy {
  /** The plugin named in the greeting. */
  readonly greetingMethod: 'mysql_native_password' | 'caching_sha2_password';
  /** Methods available to `user` on this connection, best first; vitess-behaviour §1.3. */
  methods(user: string, connection: ConnectionFacts): readonly AuthMethod[];
  check(attempt: LoginAttempt): Promise<LoginOutcome> | LoginOutcome;
}

/** An error as a MySQL client sees it. */
export class MysqlError extends Error {
  constructor(
    readonly errno: number,
    readonly sqlState: string,
    message: string,
  ) {
    super(message);
    this.name = 'MysqlError';
  }
}

/**
 * Thrown by a session to end the connection without an answer, where vtgate's own handler panics (vitess-behaviour §2.6,
 * §2.7). `message` is for the log alone.
 */
export class DropConnectionError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'DropConnectionError';
  }
}

/** One column as a column definition packet describes it (MySQL manual: Protocol::ColumnDefinition41). */
export interface ColumnDefinition {
  readonly schema: string;
  readonly table: string;
  readonly orgTable: string;
  readonly name: string;
  readonly orgName: string;
  readonly charset: number;
  readonly columnLength: number;
  /** MySQL protocol type number (enum_field_types). */
  readonly type: number;
  readonly flags: number;
  readonly decimals: number;
}

export interface OkData {
  readonly affectedRows?: number | bigint;
  readonly insertId?: number | bigint;
  readonly warnings?: number;
  readonly info?: string;
  /** Status flags beyond those that the writer keeps itself (SERVER_MORE_RESULTS_EXISTS). */
  readonly status: number;
}

/** A row in MySQL text form: lengths (-1 = NULL) and the values concatenated, as query.Row carries it. */
export interface TextRow {
  readonly lengths: readonly number[];
  readonly values: Uint8Array;
}

/**
 * Writes the answer to one COM_QUERY or COM_STMT_EXECUTE; knows whether rows go out in text or binary form. Promises
 * resolve when the socket can take more (back-pressure).
 */
export interface ResultWriter {
  /** A result without rows. `more`: another result of the same command follows. */
  ok(data: OkData, more?: boolean): Promise<void>;
  columns(columns: readonly ColumnDefinition[]): Promise<void>;
  rows(rows: readonly TextRow[]): Promise<void>;
  /** Ends a result set. `more`: another result of the same command follows. */
  end(data: OkData, more?: boolean): Promise<void>;
}

export interface PreparedStatement {
  readonly parameterCount: number;
  readonly columns: readonly ColumnDefinition[];
}

/** A parameter of COM_STMT_EXECUTE: MySQL type number, unsigned flag, value in MySQL text form (null = NULL). */
export interface BoundParameter {
  readonly type: number;
  readonly unsigned: boolean;
  readonly value: Uint8Array | null;
}

/**
 * One logged-in session. Commands are handed over one at a time, in order. Every method may throw MysqlError; anything
 * else that is thrown reaches the client as vtgate's 1105 `unknown error: …`. The text of COM_QUERY is handed over as it
 * is, several statements included: the session splits it and writes one result for each. The signal belongs to the
 * connection and fires when the client is gone or the server stops; it is the same one for every command.
 */
export interface MysqlSession {
  /** A stopping server waits for open transactions. */
  readonly inTransaction?: boolean;
  query(sql: string, out: ResultWriter, signal: AbortSignal): Promise<void>;
  initDb(database: string): Promise<OkData>;
  ping(): Promise<OkData>;
  prepare(sql: string): Promise<PreparedStatement>;
  execute(sql: string, parameters: readonly BoundParameter[], out: ResultWriter, signal: AbortSignal): Promise<void>;
  /** Rolls back, releases reserved connections; identity and database stay (vitess-behaviour §2.3). */
  reset(): Promise<OkData>;
  setMultiStatements(on: boolean): Promise<void>;
  /** The client is gone: roll back, release. Never throws. */
  close(): Promise<void>;
}

export interface LoggedIn {
  readonly user: string;
  readonly immediate: ImmediateCaller;
  readonly connection: ConnectionFacts;
  readonly attributes: ReadonlyMap<string, string>;
  readonly clientFoundRows: boolean;
  readonly multiStatements: boolean;
  /** CONNECT_WITH_DB; the server calls session.initDb with it before the final OK. */
  readonly database: string | null;
  /** Collation number of the handshake response. */
  readonly charset: number;
}

export interface MysqlServerOptions {
  readonly name: string;
  readonly listen: { readonly host: string; readonly port: number } | { readonly socketPath: string };
  readonly serverVersion: string;
  readonly login: LoginPolicy;
  readonly session: (login: LoggedIn) => MysqlSession;
  readonly recorder: Recorder;
  readonly tls?: TlsAcceptor;
  readonly requireSecureTransport?: boolean;
  readonly allowClearTextWithoutTls?: boolean;
  /** Takes PROXY protocol headers, versions 1 and 2, from whoever connects over TCP (`--proxy-protocol`). */
  readonly proxyProtocol?: boolean;
  /** Milliseconds after which a client without such a header is greeted; default 10,000. */
  readonly proxyHeaderTimeoutMs?: number;
  /** How the server behaves where modes and versions differ; default hardened, 24.0.4. */
  readonly fidelity?: Fidelity;
  /** Milliseconds a client may take until it is logged in; default 10,000. */
  readonly handshakeTimeoutMs?: number;
  /** Milliseconds after which an idle client is disconnected (`--mysql-server-read-timeout`); default 0: never. */
  readonly readTimeoutMs?: number;
  /** Milliseconds after which a client that reads nothing is disconnected (`--mysql-server-write-timeout`); default 0: never. */
  readonly writeTimeoutMs?: number;
  /** Largest packet accepted before login, bytes; default 64 KiB. */
  readonly maxPacketBeforeLogin?: number;
  /** Clients that may be on their way through the login at once; more are turned away with 1040. Default 512. */
  readonly maxHalfOpen?: number;
  /** Connections open at once; more are turned away with 1040. Default: no limit. */
  readonly maxConnections?: number;
  /** Largest command accepted, bytes (default 64 MiB, as --grpc-max-message-size leaves less). */
  readonly maxAllowedPacket?: number;
  /** Mode of the Unix socket's file; default 0o777, as vtgate makes it. */
  readonly socketMode?: number;
}

export interface MysqlServer {
  readonly address: { readonly host: string; readonly port: number } | { readonly socketPath: string };
  readonly openConnections: number;
  /**
   * Accepts no more clients and lets running commands and open transactions finish for at most `graceMs` (default 1,000);
   * meanwhile whoever is idle may stay, but every other statement is refused with 1053. Then closes everything. Resolves
   * when every session is closed.
   */
  stop(options?: { readonly graceMs?: number }): Promise<void>;
}
