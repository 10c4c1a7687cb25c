import type { Fidelity } from '../../domain/fidelity/fidelity';
import { firstWordAt, overwriteBlanks, type Plan, type PlanName } from '../../domain/sql';
import type { query } from '../rpc';
import type { AccessCheck } from './access-check';
import type { BackendAccess } from './backend-access';
import type { BackendConnection } from './backend-connection';
import { beginStatements } from './begin-statements';
import { fill, substitute, type BindVariables } from './bind-variables';
import type { TabletLimits } from './config';
import { demandSameReading } from './connection-settings';
import type { ConnectionPool } from './pool';
import type { ExecutablePlan, Plans } from './plans';
import type { RowChannel } from './row-channel';
import { Sequences } from './sequences';
import { checkSettings } from './settings-check';
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

const selectPlans: readonly PlanName[] = ['Select', 'SelectImpossible', 'SelectLockFunc'];

/** Plans whose statements end in a limit of rows. */
const limitedPlans: ReadonlySet<PlanName> = new Set([...selectPlans, 'UpdateLimit', 'DeleteLimit']);

/** Plans whose statements are printed anew. */
const printedPlans: ReadonlySet<PlanName> = new Set([
  ...limitedPlans,
  'Insert',
  'Update',
  'Delete',
  'CallProcedure',
  'SelectStream',
  'Show',
]);

/** A statement after reading, checking and filling in. */
interface Prepared {
  readonly plan: ExecutablePlan;
  readonly sql: string;
  readonly shown: string;
  readonly maxRows: number;
  readonly leavesState: boolean;
}

export interface EngineParts {
  readonly backend: BackendAccess;
  readonly plans: Plans;
  readonly access: AccessCheck;
  readonly runner: StatementRunner;
  readonly stateful: StatefulConnections;
  readonly limits: Required<TabletLimits>;
  readonly fidelity: Fidelity;
  readonly shard: string;
  /** The database behind the keyspace. */
  readonly database: string;
}

/** vtgate asks by a variable to have the name of the database put into queries of information_schema. */
const withDatabase = (variables: BindVariables, database: string): BindVariables =>
  Object.hasOwn(variables, '__replacevtschemaname')
    ? {
        ...variables,
        __vtschemaname: { type: VARCHAR, value: Buffer.from(database), values: [] } as query.BindVariable,
      }
    : variables;

const VARCHAR = 6165;

const explaining = /(?:explain|describe|desc)\b/iy;

function explains(sql: string): boolean {
  explaining.lastIndex = firstWordAt(sql);
  return explaining.test(sql);
}

/** Executes requests: what vttablet's query executor and transaction engine do. Every path goes through `#prepare`. */
export class Engine {
  readonly #sequences: Sequences;

  constructor(private readonly parts: EngineParts) {
    this.#sequences = new Sequences(parts.backend);
  }

  /** Reads and checks a statement; nothing of it has reached MySQL when this throws. */
  #prepare(request: TabletRequest, planned: Plan, reserved: boolean, streamed = false): Prepared {
    if (planned.kind === 'refused') throw new VtError(planned.code, planned.message);
    if (planned.kind === 'panic') throw new VtError('INVALID_ARGUMENT', 'invalid SQL');
    const { limits, access } = this.parts;
    if (hasMariadbCode(request.sql))
      throw new VtError('INVALID_ARGUMENT', 'executable comments of MariaDB are not allowed');
    if (!reserved && needsReservedConnection(planned.name, request.sql))
      throw new VtError('FAILED_PRECONDITION', `${planned.name} not allowed without reserved connection`);
    request.planType = planned.name;
    access.demand(request, request.sql, planned);
    const asked = Number(request.options?.sqlSelectLimit ?? 0n);
    const maxRows = asked > 0 && asked < limits.rowLimit ? asked : limits.rowLimit;
    const texts = this.#texts(request, planned, streamed ? Number.POSITIVE_INFINITY : maxRows);
    return { plan: planned, ...texts, maxRows, leavesState: leavesState(planned.name, texts.sql) };
  }

  /** What goes to MySQL and what the query log shows of it: the same, unless the statement goes as it came. */
  #texts(request: TabletRequest, plan: ExecutablePlan, maxRows: number): Pick<Prepared, 'sql' | 'shown'> {
    const variables = withDatabase(request.variables, this.parts.database);
    const { plans } = this.parts;
    const limited = limitedPlans.has(plan.name) && Number.isFinite(maxRows);
    if (limited || (plan.name === 'Show' && Number.isFinite(maxRows))) request.maxLimit = maxRows + 1;
    const printed = printedPlans.has(plan.name) ? plans.printed(request.sql, limited) : null;
    if (printed !== null) {
      const sql = fill(printed, variables, maxRows + 1);
      return { sql, shown: sql };
    }
    // Versioned comments that were read as blank must be blank for MySQL too: it gets what was checked.
    const text = overwriteBlanks(request.sql, plans.read(request.sql).blanks);
    const sql = substitute(text, variables);
    return { sql, shown: sql === text ? sql : substitute(text, variables, 'log') };
  }

  /** Runs `work` with a connection of `pool` that has the settings applied. */
  async #withConnection<T>(
    request: TabletRequest,
    pool: ConnectionPool,
    settings: readonly string[],
    work: (connection: BackendConnection) => Promise<T>,
  ): Promise<T> {
    const connection = await this.#take(request, pool, settings);
    try {
      return await work(connection);
    } finally {
      pool.give(connection);
    }
  }

  async #take(request: TabletRequest, pool: ConnectionPool, settings: readonly string[]): Promise<BackendConnection> {
    const waited = performance.now();
    const connection = await pool.take(settings.length === 0 ? '' : settings.join(';'), request.context);
    request.waitMs += performance.now() - waited;
    try {
      await this.#apply(request, connection, settings);
      return connection;
    } catch (error) {
      connection.dirty = true;
      pool.give(connection);
      throw error;
    }
  }

  /** Applies connection settings and has MySQL confirm that statements still mean what was checked. */
  async #apply(request: TabletRequest, connection: BackendConnection, settings: readonly string[]): Promise<void> {
    if (settings.length === 0) return;
    const key = settings.join(';');
    if (key === '' || connection.setting === key) return;
    const { queries, rewritten } = request;
    for (const setting of settings) await this.parts.runner.run(request, connection, setting);
    request.queries = queries;
    request.rewritten = rewritten.slice(0, queries);
    const { autocommit } = await demandSameReading(connection);
    // A shared connection that leaves transactions open would hand them to its next user.
    if (!autocommit) throw new VtError('INVALID_ARGUMENT', 'autocommit cannot be a connection setting');
    connection.setting = key;
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
      await this.#apply(request, stateful.connection, settings);
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
        return this.#withConnection(request, transactions, settings, (connection) =>
          this.#executeAsTransaction(request, connection, prepared),
        );
      case 'CallProcedure':
        return this.#withConnection(request, queries, settings, async (connection) => {
          connection.dirty = true;
          return this.#fetch(request, connection, prepared, false);
        });
      default: {
        // An EXPLAIN would show the limit that connections of the query pool have.
        const pool = explains(sql) ? this.parts.backend.streams : queries;
        const result = await this.#withConnection(request, pool, settings, (connection) =>
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
        return this.#withConnection(request, backend.streams, settings, async (connection) => {
          connection.dirty = true;
          await send(connection);
        });
      return this.#withConnection(request, backend.streams, settings, send);
    }
    request.transactionId = transactionId;
    const stateful = registry.lock(id, 'for streaming query');
    try {
      await this.#apply(request, stateful.connection, settings);
      await send(stateful.connection);
    } finally {
      registry.unlock(stateful);
    }
  }

  /** Opens a transaction and returns its id. */
  async begin(request: TabletRequest, settings: readonly string[] = []): Promise<bigint> {
    const { backend, stateful, runner, limits } = this.parts;
    const most = Math.floor(limits.transactionCap * limits.transactionLimitPerUser);
    if (limits.transactionLimitPerUser > 0 && stateful.countOf(request.user ?? '') >= most)
      throw new VtError('RESOURCE_EXHAUSTED', 'per-user transaction pool connection limit exceeded');
    const connection = await this.#take(request, backend.transactions, settings);
    try {
      for (const statement of beginStatements(request.options)) await runner.run(request, connection, statement);
    } catch (error) {
      connection.dirty = true;
      backend.transactions.give(connection);
      throw error;
    }
    const made = stateful.register(connection, request.user ?? '', 'for begin');
    made.inTransaction = true;
    const asked = request.options?.transactionTimeout ?? null;
    stateful.startTimer(made, asked === null ? null : Number(asked));
    stateful.unlock(made);
    request.transactionId = made.id;
    return made.id;
  }

  /** Opens a transaction on a reserved connection. */
  async beginOn(request: TabletRequest, reservedId: bigint): Promise<bigint> {
    const { stateful, runner } = this.parts;
    const held = stateful.lock(reservedId, 'for begin');
    try {
      for (const statement of beginStatements(request.options)) await runner.run(request, held.connection, statement);
      held.inTransaction = true;
      stateful.startTimer(held, null);
      request.transactionId = held.id;
      return held.id;
    } finally {
      stateful.unlock(held);
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

  /** Takes a connection for one caller and returns its id; `transactionId` reserves the transaction's own. */
  async reserve(request: TabletRequest, settings: readonly string[], transactionId: bigint): Promise<bigint> {
    const { backend, stateful } = this.parts;
    if (transactionId !== 0n) {
      const held = stateful.lock(transactionId, 'for reserve');
      try {
        await this.#apply(request, held.connection, settings);
        held.reserved = true;
        return held.id;
      } finally {
        stateful.unlock(held);
      }
    }
    const connection = await this.#take(request, backend.transactions, settings);
    const made = stateful.register(connection, request.user ?? '', 'for reserve');
    made.reserved = true;
    stateful.unlock(made);
    return made.id;
  }

  /** Commits or rolls back. Returns the id under which a reserved connection lives on, or 0. */
  async conclude(request: TabletRequest, transactionId: bigint, how: 'commit' | 'rollback'): Promise<bigint> {
    const { stateful, runner } = this.parts;
    request.transactionId = transactionId;
    const held = stateful.lock(transactionId, how === 'commit' ? 'for commit' : 'for rollback');
    const reason = how === 'commit' ? 'transaction committed' : 'transaction rolled back';
    try {
      if (held.inTransaction) await runner.run(request, held.connection, how);
    } catch (error) {
      stateful.end(held, 'unlocked closed connection', true);
      throw error;
    }
    held.inTransaction = false;
    if (held.reserved) return stateful.renew(held, reason);
    stateful.end(held, reason, false);
    return 0n;
  }

  /** Gives up a transaction or a reserved connection with everything it holds. */
  release(transactionId: bigint, reservedId: bigint): void {
    if (transactionId === 0n && reservedId === 0n)
      throw new VtError('INVALID_ARGUMENT', 'connection ID and transaction ID do not exist', true);
    const held = this.parts.stateful.lock(reservedId === 0n ? transactionId : reservedId, 'for release');
    this.parts.stateful.end(held, 'client released connection', true);
  }
}
