import type { Fidelity } from '../../domain/fidelity/fidelity';
import { firstWordAt, type Plan, type PlanName } from '../../domain/sql';
import type { query } from '../rpc';
import type { AccessCheck } from './access-check';
import type { BackendAccess } from './backend-access';
import type { BackendConnection } from './backend-connection';
import type { TabletLimits } from './config';
import { demandSameReading } from './connection-settings';
import { finalSql, type FinalSql } from './final-sql';
import type { ExecutablePlan, Plans } from './plans';
import type { RowChannel } from './row-channel';
import { Sequences } from './sequences';
import { checkSettings } from './settings-check';
import type { SettingsPool } from './settings-pool';
import type { StatefulConnection, StatefulConnections } from './stateful-connections';
import type { StatementRunner } from './statement-runner';
import { hasMariadbCode, leavesState, needsReservedConnection } from './statement-traits';
import type { TabletRequest } from './tablet-request';
import { migrationAnswer } from './migration-answers';
import { throttlerAnswer } from './throttler-answers';
import { VtError } from './vt-error';

/** Statements that vttablet answers itself: online DDL and its throttler. */
const vitessOnly: ReadonlySet<PlanName> = new Set([
  'AlterMigration',
  'RevertMigration',
  'ShowMigrations',
  'ShowMigrationLogs',
  'ShowThrottledApps',
  'ShowThrottlerStatus',
]);

/** A statement after reading, checking and filling in. */
interface Prepared extends FinalSql {
  readonly plan: ExecutablePlan;
  readonly maxRows: number;
  readonly leavesState: boolean;
}

export interface EngineParts {
  readonly backend: BackendAccess;
  readonly plans: Plans;
  readonly settings: SettingsPool;
  readonly access: AccessCheck;
  readonly runner: StatementRunner;
  readonly stateful: StatefulConnections;
  readonly limits: Required<TabletLimits>;
  readonly fidelity: Fidelity;
  readonly shard: string;
  /** The database behind the keyspace. */
  readonly database: string;
}

const explaining = /(?:explain|describe|desc)\b/iy;

function explains(sql: string): boolean {
  explaining.lastIndex = firstWordAt(sql);
  return explaining.test(sql);
}

/** Executes statements: what vttablet's query executor does. Every path goes through `#prepare`. */
export class Engine {
  readonly #sequences: Sequences;

  constructor(private readonly parts: EngineParts) {
    this.#sequences = new Sequences(parts.backend);
  }

  /** Reads and checks a statement; nothing of it has reached MySQL when this throws. */
  #prepare(request: TabletRequest, planned: Plan, reserved: boolean, streamed = false): Prepared {
    if (planned.kind === 'refused') throw new VtError(planned.code, planned.message);
    if (planned.kind === 'panic') throw new VtError('INVALID_ARGUMENT', 'invalid SQL');
    const { limits, access, plans, database } = this.parts;
    if (hasMariadbCode(request.sql))
      throw new VtError('INVALID_ARGUMENT', 'executable comments of MariaDB are not allowed');
    if (!reserved && needsReservedConnection(planned.name, request.sql))
      throw new VtError('FAILED_PRECONDITION', `${planned.name} not allowed without reserved connection`);
    request.planType = planned.name;
    access.demand(request, request.sql, planned, streamed);
    const asked = Number(request.options?.sqlSelectLimit ?? 0n);
    const maxRows = asked > 0 && asked < limits.rowLimit ? asked : limits.rowLimit;
    const texts = finalSql(plans, database, request, planned, streamed ? Number.POSITIVE_INFINITY : maxRows);
    return { plan: planned, ...texts, maxRows, leavesState: leavesState(planned.name, texts.sql) };
  }

  /**
   * One statement, outside or inside a transaction or reservation; null where vttablet panics, of which its client sees an
   * answer without a result. Throws VtError or BackendError.
   */
  async execute(
    request: TabletRequest,
    where: { readonly transactionId: bigint; readonly reservedId: bigint; readonly settings?: readonly string[] },
  ): Promise<query.IQueryResult | null> {
    const { transactionId, reservedId, settings = [] } = where;
    const id = transactionId === 0n ? reservedId : transactionId;
    const planned = this.parts.plans.read(request.sql).execute;
    if (planned.kind === 'panic' && this.parts.fidelity.mode === 'vitess') return null;
    const prepared = this.#prepare(request, planned, reservedId !== 0n);
    if (id === 0n) return this.#executeAlone(request, prepared, settings);
    request.transactionId = transactionId;
    const stateful = this.parts.stateful.lock(id, 'for query');
    request.endsAt = stateful.endsAt;
    try {
      await this.parts.settings.apply(request, stateful.connection, settings);
      return await this.#executeIn(request, stateful, prepared);
    } finally {
      this.parts.stateful.unlock(stateful);
    }
  }

  async #executeAlone(
    request: TabletRequest,
    prepared: Prepared,
    settings: readonly string[],
  ): Promise<query.IQueryResult> {
    const { plan, sql } = prepared;
    const { queries, transactions } = this.parts.backend;
    const own = throttlerAnswer(plan.name, this.parts.shard) ?? migrationAnswer(plan.name, sql);
    if (own !== null) return own;
    if (vitessOnly.has(plan.name)) throw new VtError('UNIMPLEMENTED', `${plan.name} is not part of this tablet`);
    switch (plan.name) {
      case 'Nextval': {
        const count = /\bnext\s+(\d+)\s+values\b/i.exec(sql)?.[1] ?? '1';
        return this.#sequences.take(plan.permissions[0]?.table ?? '', BigInt(count));
      }
      case 'UnlockTables':
        throw new VtError('FAILED_PRECONDITION', 'unlock tables should be executed with an existing connection');
      case 'UpdateLimit':
      case 'DeleteLimit':
        return this.parts.settings.use(request, transactions, settings, (connection) =>
          this.#executeAsTransaction(request, connection, prepared),
        );
      case 'CallProcedure':
        return this.parts.settings.use(request, queries, settings, async (connection) => {
          connection.dirty = true;
          return this.#fetch(request, connection, prepared, false);
        });
      default: {
        // An EXPLAIN would show the limit that connections of the query pool have.
        const pool = explains(sql) ? this.parts.backend.streams : queries;
        const result = await this.parts.settings.use(request, pool, settings, (connection) =>
          this.#fetch(request, connection, prepared, false),
        );
        if (plan.name === 'DDL') await this.parts.backend.reloadSchema();
        return result;
      }
    }
  }

  /** vttablet's execAsTransaction: a limited UPDATE or DELETE that turned out too large is rolled back. */
  async #executeAsTransaction(
    request: TabletRequest,
    connection: BackendConnection,
    prepared: Prepared,
  ): Promise<query.IQueryResult> {
    const { runner } = this.parts;
    try {
      await runner.run(request, connection, 'begin');
      const result = await this.#fetch(request, connection, prepared, true);
      await runner.run(request, connection, 'commit');
      return result;
    } catch (error) {
      if (connection.lost === null) await connection.run('rollback', null).catch(() => (connection.dirty = true));
      throw error;
    }
  }

  async #executeIn(
    request: TabletRequest,
    stateful: StatefulConnection,
    prepared: Prepared,
  ): Promise<query.IQueryResult> {
    const { plan } = prepared;
    if (vitessOnly.has(plan.name)) throw new VtError('INTERNAL', `[BUG] ${plan.name} unexpected plan type`);
    if (plan.name === 'DDL' && stateful.inTransaction && !/\btemporary\b/i.test(request.sql))
      throw new VtError('INTERNAL', 'DDL statement executed inside a transaction');
    if (plan.name === 'Nextval') return this.#executeAlone(request, prepared, []);
    const result = await this.#fetch(request, stateful.connection, prepared, true);
    if (plan.name === 'Set') await this.#checkReading(stateful);
    if (plan.name === 'DDL') await this.parts.backend.reloadSchema();
    return result;
  }

  async #checkReading(stateful: StatefulConnection): Promise<void> {
    try {
      await demandSameReading(stateful.connection);
    } catch (error) {
      this.parts.stateful.end(stateful, 'unlocked closed connection', true);
      throw error;
    }
  }

  async #fetch(
    request: TabletRequest,
    connection: BackendConnection,
    prepared: Prepared,
    keep: boolean,
  ): Promise<query.IQueryResult> {
    const { plan, sql, shown, maxRows } = prepared;
    if (prepared.leavesState) connection.dirty = true;
    const limited = plan.name === 'UpdateLimit' || plan.name === 'DeleteLimit';
    const selects =
      plan.name === 'Select' ||
      plan.name === 'SelectImpossible' ||
      plan.name === 'SelectLockFunc' ||
      plan.name === 'Show';
    const rowsAllowed = selects || plan.name === 'CallProcedure' ? maxRows : this.parts.limits.rowLimit;
    const { results, ...result } = await this.parts.runner.fetch(request, connection, sql, {
      maxRows: rowsAllowed,
      keep,
      shown,
    });
    // A procedure's own end is a result after those of its statements (vttablet's execCallProc).
    if (results > (plan.name === 'CallProcedure' ? 0 : 1))
      throw new VtError('UNIMPLEMENTED', 'Multi-Resultset not supported in stored procedure');
    const affected = result.rowsAffected ?? 0n;
    if (limited && affected > BigInt(this.parts.limits.rowLimit))
      throw new VtError(
        'ABORTED',
        `caller id: ${request.user ?? ''}: row count exceeded ${this.parts.limits.rowLimit}`,
      );
    if (result.fields?.length === 0) request.rowsAffected = affected;
    return result;
  }

  /** A streamed statement: fields, then rows as they come. Throws VtError or BackendError, also in the middle. */
  async stream(
    request: TabletRequest,
    where: { readonly transactionId: bigint; readonly reservedId: bigint; readonly settings?: readonly string[] },
    channel: RowChannel,
  ): Promise<void> {
    const { transactionId, reservedId, settings = [] } = where;
    const id = transactionId === 0n ? reservedId : transactionId;
    const { stream: planned } = this.parts.plans.read(request.sql);
    if (planned.kind === 'panic') return;
    const prepared = this.#prepare(request, planned, true, true);
    const { runner, stateful: registry, backend } = this.parts;
    const send = (connection: BackendConnection): Promise<void> => {
      if (prepared.leavesState) connection.dirty = true;
      return runner.stream(request, connection, prepared.sql, channel, prepared.shown);
    };
    if (id === 0n) {
      if (/\b(?:get|release(?:_all)?|is_(?:free|used))_locks?\b/i.test(request.sql))
        return this.parts.settings.use(request, backend.streams, settings, async (connection) => {
          connection.dirty = true;
          await send(connection);
        });
      return this.parts.settings.use(request, backend.streams, settings, send);
    }
    request.transactionId = transactionId;
    const stateful = registry.lock(id, 'for streaming query');
    try {
      await this.parts.settings.apply(request, stateful.connection, settings);
      await send(stateful.connection);
    } finally {
      registry.unlock(stateful);
    }
  }

  /** Whether a statement needs a connection of its own, so that a Reserve call really reserves one. */
  wantsReservation(request: TabletRequest, streamed: boolean): boolean {
    const reading = this.parts.plans.read(request.sql);
    const plan = streamed ? reading.stream : reading.execute;
    return plan.kind === 'plan' && needsReservedConnection(plan.name, request.sql);
  }

  /** Throws unless all of `settings` may be applied to a connection. */
  checkSettings(settings: readonly string[]): void {
    checkSettings(settings, this.parts.plans, this.parts.plans.settings, this.parts.fidelity);
  }
}
