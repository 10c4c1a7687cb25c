import type { Clock } from '../../domain/kernel';
import type { BackendConnection } from './backend-connection';
import { goUtcMillis, goDuration } from './go-text';
import type { ConnectionPool } from './pool';
import { VtError } from './vt-error';

/** How soon a transaction whose time is over is looked at again while a statement of it runs. */
const BUSY_MS = 20;

/** Ended ids of which the reason is still told. */
const MEMORY = 1000;

/** A MySQL connection that belongs to one transaction, one reservation, or both, under one id. */
export class StatefulConnection {
  inTransaction = false;
  reserved = false;
  /** What it is busy with, or null: only one request at a time. */
  purpose: string | null = null;
  /** SET was run since the reading was last checked against MySQL. */
  settingsTouched = false;
  timer: NodeJS.Timeout | null = null;
  /** When the transaction's time is over, as `performance.now()` counts; 0 = never. */
  endsAt = 0;
  /** Statements of this transaction so far, for the query log. */
  readonly startedAtMicros: number;

  constructor(
    readonly id: bigint,
    readonly connection: BackendConnection,
    readonly user: string,
    clock: Clock,
  ) {
    this.startedAtMicros = clock.now().getTime() * 1000;
  }
}

/**
 * Transactions and reserved connections by their 19-digit ids (go/vt/vttablet/tabletserver/stateful_connection_pool.go):
 * ids start from the time in nanoseconds and go up by one. A connection whose transaction or reservation ends is closed
 * when it may hold state, else it goes back to its pool.
 */
export class StatefulConnections {
  readonly #active = new Map<bigint, StatefulConnection>();
  readonly #ended = new Map<bigint, string>();
  #nextId: bigint;

  constructor(
    private readonly pool: ConnectionPool,
    private readonly clock: Clock,
    private readonly transactionTimeoutMs: number,
  ) {
    this.#nextId = BigInt(clock.now().getTime()) * 1_000_000n + 1n;
  }

  get size(): number {
    return this.#active.size;
  }

  get transactions(): number {
    let count = 0;
    for (const one of this.#active.values()) if (one.inTransaction) count += 1;
    return count;
  }

  /** Transactions that `user` has open. */
  countOf(user: string): number {
    let count = 0;
    for (const one of this.#active.values()) if (one.user === user && one.inTransaction) count += 1;
    return count;
  }

  /** Gives a connection an id; it is locked for `purpose` until `unlock`. */
  register(connection: BackendConnection, user: string, purpose: string): StatefulConnection {
    const stateful = new StatefulConnection(this.#nextId, connection, user, this.clock);
    this.#nextId += 1n;
    stateful.purpose = purpose;
    this.#active.set(stateful.id, stateful);
    return stateful;
  }

  /** Starts the clock of a transaction: `timeoutMs` (0: none) replaces the tablet's own if it is shorter. */
  startTimer(stateful: StatefulConnection, timeoutMs: number | null): void {
    const own = this.transactionTimeoutMs;
    const limit = timeoutMs !== null && timeoutMs > 0 && (own === 0 || timeoutMs < own) ? timeoutMs : own;
    if (limit === 0) return;
    stateful.endsAt = performance.now() + limit;
    const over = (): void => {
      stateful.timer = null;
      // A statement that runs is ended by its own limit, which is what was left to the transaction.
      if (stateful.purpose !== null) arm(BUSY_MS);
      else this.end(stateful, `exceeded timeout: ${goDuration(limit)}`, true);
    };
    const arm = (ms: number): void => {
      stateful.timer = setTimeout(over, ms).unref();
    };
    arm(limit);
  }

  /** Locks the connection with this id for `purpose`. Throws VtError ABORTED with vttablet's texts. */
  lock(id: bigint, purpose: string): StatefulConnection {
    const stateful = this.#active.get(id);
    if (stateful === undefined) {
      const reason = this.#ended.get(id);
      throw new VtError('ABORTED', `transaction ${id}: ${reason ?? 'not found (potential transaction timeout)'}`);
    }
    if (stateful.purpose !== null && !stateful.connection.killed)
      throw new VtError('ABORTED', `transaction ${id}: in use: ${stateful.purpose}`);
    if (stateful.connection.killed) {
      this.end(stateful, 'unlocked closed connection', true);
      return this.lock(id, purpose);
    }
    stateful.purpose = purpose;
    return stateful;
  }

  unlock(stateful: StatefulConnection): void {
    stateful.purpose = null;
    if (stateful.connection.lost !== null) this.end(stateful, 'unlocked closed connection', true);
  }

  /** Ends an id for `reason`. `destroy`: the connection may hold state or run something, so it is closed. */
  end(stateful: StatefulConnection, reason: string, destroy: boolean): void {
    if (!this.#active.delete(stateful.id)) return;
    if (stateful.timer !== null) clearTimeout(stateful.timer);
    this.#ended.set(stateful.id, `ended at ${goUtcMillis(this.clock.now())} (${reason})`);
    if (this.#ended.size > MEMORY) this.#ended.delete(this.#ended.keys().next().value as bigint);
    if (destroy) stateful.connection.dirty = true;
    this.pool.give(stateful.connection);
  }

  /** A transaction ended on a connection that stays reserved: it gets a new id (vttablet renews it). */
  renew(stateful: StatefulConnection, reason: string): bigint {
    this.#active.delete(stateful.id);
    this.#ended.set(stateful.id, `ended at ${goUtcMillis(this.clock.now())} (${reason})`);
    if (stateful.timer !== null) clearTimeout(stateful.timer);
    const renewed = new StatefulConnection(this.#nextId, stateful.connection, stateful.user, this.clock);
    this.#nextId += 1n;
    renewed.reserved = true;
    renewed.settingsTouched = stateful.settingsTouched;
    this.#active.set(renewed.id, renewed);
    return renewed.id;
  }

  /** Ends everything. */
  close(): void {
    for (const stateful of [...this.#active.values()]) this.end(stateful, 'pool closed', true);
  }
}
