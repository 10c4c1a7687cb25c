import { SQL_MODE, type BackendLogin } from '../backend';
import { BackendConnection } from './backend-connection';
import { ConnectionPool } from './pool';
import { askRows, readSchema, SchemaTables } from './schema-tables';
import type { TabletLimits } from './config';
import { BackendError, VtError } from './vt-error';

const CONNECT_TIMEOUT_MS = 10_000;
const PROBE_MS = 100;
/** Pause between closing and serving again (vttablet: `transitionRetryInterval`). */
const RETRY_MS = 1000;
/** Longest time for which open transactions keep a tablet from closing while MySQL is away: theirs by default. */
const GRACE_MS = 30_000;

/** The tablet's way to its MySQL: three pools, whether it answers, and a hand to end what runs there. */
export class BackendAccess {
  readonly queries: ConnectionPool;
  readonly streams: ConnectionPool;
  readonly transactions: ConnectionPool;
  schema = new SchemaTables();
  /** Why MySQL does not answer, or null while it does. */
  lastError: string | null = null;
  /** `MariaDB`, or '' for MySQL. */
  vendor = '';
  #serving = false;
  /** MySQL has gone and what is open may still speak: new requests are refused, listeners are told later. */
  #closing: NodeJS.Timeout | null = null;
  #probing = false;
  #pauseMs = PROBE_MS;
  #closed = false;
  /** Settles when it is known whether MySQL still answers; null while nothing points to the contrary. */
  unsure: Promise<void> | null = null;
  /** How many transactions are open. */
  openTransactions: () => number = () => 0;
  readonly #watchers = new Set<(changed: readonly string[]) => void>();

  constructor(
    private readonly login: BackendLogin,
    private readonly database: string,
    limits: Required<TabletLimits>,
  ) {
    const pool = (size: number, timeoutMs: number, exhausted: string, rowLimit: number | null): ConnectionPool =>
      new ConnectionPool({
        size,
        timeoutMs,
        exhausted,
        open: () => this.#open(rowLimit),
        lost: () => this.suspect(),
      });
    this.queries = pool(limits.poolSize, limits.poolTimeoutMs, 'connection pool timed out', limits.rowLimit + 1);
    this.streams = pool(limits.streamPoolSize, limits.streamPoolTimeoutMs, 'connection pool timed out', null);
    this.transactions = pool(
      limits.transactionCap,
      limits.transactionPoolTimeoutMs,
      'transaction pool connection limit exceeded',
      null,
    );
  }

  get serving(): boolean {
    return this.#serving;
  }

  /** Calls `watcher` whenever `serving` or the tables changed; the latter's names are given. */
  watch(watcher: (changed: readonly string[]) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** Looks for MySQL once; goes on looking in the background when it does not answer. */
  async start(): Promise<void> {
    if (!(await this.#tryOnce())) this.#keepLooking();
  }

  /** Throws VtError CLUSTER_EVENT while MySQL is away; `inTransaction`: the request is part of what was open before. */
  demandServing(inTransaction: boolean): void {
    if (!this.#serving) throw new VtError('CLUSTER_EVENT', 'operation not allowed in state NOT_SERVING', true);
    if (this.#closing !== null && !inTransaction)
      throw new VtError('CLUSTER_EVENT', 'operation not allowed in state SHUTTING_DOWN', true);
  }

  /**
   * A connection with everything pinned that the access check relies on, whatever the server's defaults are. `rowLimit`
   * lets MySQL itself stop a SELECT without LIMIT, so that the text sent is the text that was checked.
   */
  async #open(rowLimit: number | null): Promise<BackendConnection> {
    try {
      const connection = await BackendConnection.open(this.login, this.database, { timeoutMs: CONNECT_TIMEOUT_MS });
      try {
        const limit = rowLimit === null || !Number.isFinite(rowLimit) ? 'default' : String(rowLimit);
        await connection.run(`set names utf8mb4`, null);
        await connection.run(
          `set session sql_mode = '${SQL_MODE}', session sql_select_limit = ${limit}, session autocommit = 1`,
          null,
        );
      } catch (error) {
        connection.destroy();
        throw error;
      }
      return connection;
    } catch (error) {
      // Being full or refusing the user is an answer; silence is not.
      if (error instanceof BackendError && error.errno >= 2000 && error.errno !== 2012) this.suspect();
      throw error;
    }
  }

  /** Something pointed to MySQL being gone: finds out, and refuses queries until it is back. */
  suspect(): void {
    if (this.#probing || this.#closed) return;
    this.#probing = true;
    this.unsure = this.#tryOnce().then((alive) => {
      this.unsure = null;
      this.#probing = false;
      if (!alive) this.#keepLooking();
    });
  }

  /** MySQL does not answer: the tablet closes, at once or when what is open has had its time. */
  #close(): void {
    if (this.#closing !== null || !this.#serving) return;
    if (this.openTransactions() === 0) this.#closeNow();
    else this.#closing = setTimeout(() => this.#closeNow(), GRACE_MS).unref();
  }

  #closeNow(): false {
    if (this.#closing !== null) clearTimeout(this.#closing);
    this.#closing = null;
    this.#serving = false;
    this.#tell([]);
    return false;
  }

  #keepLooking(): void {
    if (this.#probing || this.#closed) return;
    this.#probing = true;
    const again = (): void => {
      if (this.#closed) return;
      void this.#tryOnce().then((alive) => {
        if (alive) this.#probing = false;
        else setTimeout(again, this.#pauseMs).unref();
      });
    };
    setTimeout(again, this.#pauseMs).unref();
  }

  async #tryOnce(): Promise<boolean> {
    let connection: BackendConnection | null = null;
    try {
      connection = await BackendConnection.open(this.login, this.database, { timeoutMs: CONNECT_TIMEOUT_MS });
      // What was open is gone: the tablet closes before it serves again, so that everybody hears of it.
      if (this.#closing !== null) {
        this.#pauseMs = RETRY_MS;
        return this.#closeNow();
      }
      this.vendor = /mariadb/i.test((await askRows(connection, 'select @@version'))[0]?.[0] ?? '') ? 'MariaDB' : '';
      this.#takeSchema(await readSchema(connection), !this.#serving);
      return true;
    } catch (error) {
      this.lastError = (error as Error).message;
      this.#pauseMs = PROBE_MS;
      this.#close();
      return false;
    } finally {
      connection?.destroy();
    }
  }

  #takeSchema(schema: SchemaTables, nowServing: boolean): void {
    const changed = schema.changedSince(this.schema);
    this.schema = schema;
    this.lastError = null;
    this.#serving = true;
    if (nowServing || changed.length > 0) this.#tell(changed);
  }

  #tell(changed: readonly string[]): void {
    for (const watcher of [...this.#watchers]) watcher(changed);
  }

  /** Reads the tables again and tells who watches. */
  async reloadSchema(): Promise<void> {
    const connection = await this.streams.take();
    try {
      this.#takeSchema(await readSchema(connection), false);
    } finally {
      this.streams.give(connection);
    }
  }

  /** Ends a statement that runs on `connection`, and the connection with it. Never throws. */
  async kill(connection: BackendConnection): Promise<void> {
    connection.dirty = true;
    connection.killed = true;
    if (connection.lost !== null) return;
    try {
      const killer = await BackendConnection.open(this.login, this.database, { timeoutMs: CONNECT_TIMEOUT_MS });
      try {
        await killer.run(`kill ${connection.id}`, null);
      } finally {
        killer.destroy();
      }
    } catch {
      // The thread ended by itself, or MySQL is gone; either way nothing is left to end.
    } finally {
      connection.destroy();
    }
  }

  close(): void {
    this.#closed = true;
    this.#serving = false;
    if (this.#closing !== null) clearTimeout(this.#closing);
    this.queries.close();
    this.streams.close();
    this.transactions.close();
  }
}
