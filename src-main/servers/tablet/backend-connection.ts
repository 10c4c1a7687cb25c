import { connect as connectTcp, type Socket } from 'node:net';
import { createConnection, type Connection, type ConnectionOptions } from 'mysql2';
import type { BackendLogin } from '../backend';
import type { query } from '../rpc';
import type { WireColumn } from './field-types';
import { hasOlderNames, withNewerHeading, withOlderNames } from './older-names';
import { TextCommand, type CommandConnection, type CommandOutcome, type RowSink } from './text-command';
import {
  BackendError,
  CR_CONN_HOST_ERROR,
  CR_CONNECTION_ERROR,
  CR_SERVER_GONE,
  CR_SERVER_HANDSHAKE,
  CR_SERVER_LOST,
} from './vt-error';

/** mysql2's errors as MySQL's numbers; the texts of lost connections are those vttablet gives. */
export function asBackendError(error: unknown): BackendError {
  if (error instanceof BackendError) return error;
  const { code, errno, sqlState, sqlMessage, message, fatal } = error as {
    code?: string;
    errno?: number;
    sqlState?: string;
    sqlMessage?: string;
    message: string;
    fatal?: boolean;
  };
  if (code === 'PROTOCOL_CONNECTION_LOST') return new BackendError(CR_SERVER_LOST, 'HY000', 'EOF', true);
  if (sqlMessage !== undefined && errno !== undefined && errno > 0) {
    if (errno === 1040)
      return new BackendError(
        CR_SERVER_HANDSHAKE,
        'HY000',
        `immediate error from server errorCode=1040 errorMsg=${sqlMessage}`,
        true,
      );
    return new BackendError(errno, sqlState ?? 'HY000', sqlMessage, fatal === true);
  }
  if (code === 'ECONNRESET' || code === 'EPIPE')
    return new BackendError(CR_SERVER_GONE, 'HY000', `connection to MySQL lost: ${code}`, true);
  if (code === 'ENOENT')
    return new BackendError(
      CR_CONNECTION_ERROR,
      'HY000',
      'net.Dial of the MySQL socket failed: no such file or directory',
      true,
    );
  if (code === 'ECONNREFUSED' || code === 'ETIMEDOUT' || code === 'EHOSTUNREACH' || code === 'ENOTFOUND')
    return new BackendError(CR_CONN_HOST_ERROR, 'HY000', `net.Dial to MySQL failed: ${code}`, true);
  return new BackendError(CR_SERVER_LOST, 'HY000', message, true);
}

export type { CommandOutcome, RowSink } from './text-command';

/** One connection to MySQL that runs one statement at a time and never interprets what it carries. */
export class BackendConnection {
  /** Key of the connection settings that were applied (pre_queries), '' for none. */
  setting = '';
  /** It holds state that the next user must not see. */
  dirty = false;
  /** A statement on it was ended from outside; nothing else may run here. */
  killed = false;
  lost: BackendError | null = null;
  /** Hears of the loss; `unexpected` when neither this side nor a KILL of ours ended it. */
  onLost: ((unexpected: boolean) => void) | null = null;
  #paused = false;
  #abandon: ((error: BackendError) => void) | null = null;
  readonly #older: boolean;

  private constructor(
    private readonly connection: Connection,
    readonly id: number,
    private readonly peer: string,
  ) {
    const { _handshakePacket: greeting } = connection as { readonly _handshakePacket?: { serverVersion?: string } };
    this.#older = hasOlderNames(greeting?.serverVersion ?? '');
    connection.on('error', (error) => this.#markLost(asBackendError(error)));
    connection.on('end', () => this.#markLost(new BackendError(CR_SERVER_LOST, 'HY000', 'EOF', true)));
  }

  /** Connects, logs in and selects `database`. Throws BackendError. */
  static open(
    login: BackendLogin,
    database: string,
    options: { readonly timeoutMs: number; readonly foundRows?: boolean },
  ): Promise<BackendConnection> {
    return new Promise((resolve, reject) => {
      const connection = createConnection(connectionOptions(login, database, options));
      const fail = (error: unknown): void => {
        connection.destroy();
        reject(asBackendError(error));
      };
      connection.once('error', fail);
      connection.once('connect', () => {
        connection.off('error', fail);
        resolve(new BackendConnection(connection, connection.threadId ?? 0, peerText(login)));
      });
    });
  }

  #markLost(error: BackendError, unexpected = !this.killed): void {
    if (this.lost !== null) return;
    this.lost = error;
    this.onLost?.(unexpected);
    // mysql2 tells the connection, not the command that was running on it.
    this.#abandon?.(error);
  }

  /** What Go's driver says of a write to a connection that MySQL has closed. */
  #brokenPipe(): BackendError {
    const text = `conn ${this.id}: Write(packet) failed: write ${this.peer}: write: broken pipe`;
    return new BackendError(CR_SERVER_GONE, 'HY000', text, true);
  }

  /**
   * Runs one statement. Rows go to `sink` as length-and-value pairs exactly as MySQL sent them. `results` counts result
   * sets (a procedure may send several; only the first reaches the sink). Throws BackendError.
   */
  run(sql: string, sink: RowSink | null): Promise<CommandOutcome & { readonly results: number }> {
    if (this.lost !== null) return Promise.reject(this.#brokenPipe());
    return new Promise((resolve, reject) => {
      this.#abandon = reject;
      const older = this.#older ? withOlderNames(sql) : sql;
      const heard =
        older === sql || sink === null
          ? sink
          : {
              columns: (columns: readonly WireColumn[]) => sink.columns(columns.map(withNewerHeading)),
              row: (row: query.IRow) => sink.row(row),
            };
      const command = new TextCommand(older, heard, {
        pause: () => this.pause(),
        done: resolve,
        failed: (error) => {
          const backendError = asBackendError(error);
          if (backendError.fatal) this.#markLost(backendError);
          reject(backendError);
        },
      });
      (this.connection as unknown as CommandConnection).addCommand(command);
    });
  }

  pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.connection.pause();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.connection.resume();
  }

  /** Ends the connection at once; a statement that runs on it goes on in MySQL until it is killed. */
  destroy(): void {
    this.#markLost(new BackendError(CR_SERVER_LOST, 'HY000', 'EOF', true), false);
    this.connection.destroy();
  }
}

/** The two ends of a connection as Go prints them. */
const peerText = ({ socket, host, port }: BackendLogin): string =>
  socket === undefined ? `tcp ->${host}:${port}` : `unix @->${socket}`;

function connectionOptions(
  login: BackendLogin,
  database: string,
  options: { readonly timeoutMs: number; readonly foundRows?: boolean },
): ConnectionOptions {
  const { socket, host, port, tls } = login;
  const shared: ConnectionOptions = {
    user: login.user,
    password: login.password.reveal(),
    database,
    connectTimeout: options.timeoutMs,
    charset: 'UTF8MB4_GENERAL_CI',
    supportBigNumbers: true,
    bigNumberStrings: true,
    multipleStatements: false,
    disableEval: true,
    flags: [
      '-LOCAL_FILES',
      '-CONNECT_ATTRS',
      '-CLIENT_QUERY_ATTRIBUTES',
      '-IGNORE_SPACE',
      '-ODBC',
      options.foundRows === true ? 'FOUND_ROWS' : '-FOUND_ROWS',
    ],
  };
  if (socket !== undefined) return { ...shared, socketPath: socket };
  if (tls === undefined) return { ...shared, host, port };
  const name = tls.serverName ?? host;
  return {
    ...shared,
    host: name,
    port,
    // The name to be proved is `host`; the address dialled is this socket's. Node compares an IP address as such.
    stream: (): Socket => Object.assign(connectTcp({ host, port, noDelay: true }), { _host: name }),
    ssl: {
      rejectUnauthorized: true,
      verifyIdentity: true,
      minVersion: tls.minVersion ?? 'TLSv1.2',
      ...(tls.ca === undefined ? {} : { ca: tls.ca }),
      ...(tls.cert === undefined ? {} : { cert: tls.cert }),
      ...(tls.key === undefined ? {} : { key: tls.key }),
    },
  };
}
