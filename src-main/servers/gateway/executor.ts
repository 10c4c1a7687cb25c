import type { Fidelity } from '../../domain/fidelity/fidelity';
import type { Recorder } from '../recorder';
import type { CallOptions } from '../rpc';
import { anyServing, Forwarder } from './forwarder';
import { defaultMaxMemoryRows, type GatewayBehaviour } from './behaviour';
import { demandAllowedDdl, demandRoutableDdl, isOnline, migrationAnswer, ownDdl } from './ddl-rules';
import { computedResult } from './local-results';
import { demandLocksOnly } from './lock-functions';
import { demandArguments } from './missing-arguments';
import { emptyResult, rowTexts, type StatementResult } from './result';
import { Lru } from './lru';
import { ownEvaluationError, ownUnionError, withoutOverflow } from './own-evaluation';
import { refusalError, refuseChain, refuseUnplanned } from './refusals';
import type { Router } from './router';
import { runSavepoint } from './run-savepoint';
import { runSet } from './run-set';
import { runShow } from './run-show';
import type { GatewaySession } from './session';
import { executeAtShard } from './shard-calls';
import type { StatementCall, StatementOutcome } from './statement-call';
import { StatementPlanner, type StatementPlan } from './statement-plan';
import { deallocateText, executeText, preparedValue, prepareText } from './text-prepare';
import { previousFailed } from './transaction-failure';
import { begin, commit, rollback } from './transactions';
import { needsPending, sendPending } from './user-variables';
import { runVexplain } from './vexplain';
import { asTerse, states, VitessError } from './vitess-error';
import { Vschema } from './vschema';

/** Statements that change what only the MySQL connection knows: temporary tables. */
const temporaryTable = /^\s*(?:create|drop)\s+temporary\b/i;

const accessModes = { consistentSnapshot: 0, readWrite: 1, readOnly: 2 } as const;

/** What the query log says of a statement. */
interface Description {
  readonly type: string;
  readonly tables: readonly string[];
}

/** Longest text whose description is kept, in UTF-16 units. */
const LONGEST_DESCRIBED = 4096;

/** Runs statements: answers what is the session's own business and forwards the rest to a tablet. */
export class Executor {
  readonly #planner: StatementPlanner;
  readonly #descriptions = new Lru<Description>(500);
  readonly #forwarder: Forwarder;
  readonly #vschema = new Vschema();
  /** Statements run since the start. */
  statements = 0;

  constructor(
    readonly router: Router,
    readonly serverVersion: string,
    fidelity: Fidelity,
    recorder: Recorder,
    readonly behaviour: GatewayBehaviour = {},
    private readonly kill: ((what: 'connection' | 'query', id: number) => boolean) | null = null,
  ) {
    this.#planner = new StatementPlanner(fidelity);
    this.#forwarder = new Forwarder(router, serverVersion, this.#planner, recorder, fidelity, behaviour);
  }

  plan(sql: string): StatementPlan {
    return this.#planner.plan(sql);
  }

  /** Vitess's statement type and the tables, for the query log. */
  describe(sql: string): Description {
    const known = this.#descriptions.get(sql);
    if (known !== undefined) return known;
    const { type, execute } = this.#planner.reading(sql);
    const tables = execute.kind === 'plan' ? [...new Set(execute.permissions.map(({ table }) => table))] : [];
    const made = { type, tables };
    if (sql.length <= LONGEST_DESCRIBED) this.#descriptions.set(sql, made);
    return made;
  }

  /** Runs one statement. Throws VitessError with the complete text. */
  run(call: StatementCall): Promise<StatementOutcome> {
    return this.behaviour.terseErrors === true ? this.#runTersely(call) : this.#run(call);
  }

  async #runTersely(call: StatementCall): Promise<StatementOutcome> {
    try {
      return await this.#run(call);
    } catch (error) {
      throw asTerse(error);
    }
  }

  #run(call: StatementCall): Promise<StatementOutcome> {
    const plan = this.#planner.plan(call.sql);
    this.statements += 1;
    if (call.session.failedUntilRollback) {
      if (plan.kind === 'rollback') call.session.failedUntilRollback = false;
      else if (plan.kind !== 'show') throw previousFailed();
    }
    if (call.own === true) return this.#forwarder.forwardText(call, call.sql, { mayBegin: false, reserve: false });
    if (plan.syntaxError !== null) throw new VitessError('INVALID_ARGUMENT', plan.syntaxError);
    if (plan.refusal !== null) throw refusalError(plan.refusal);
    if (plan.oversize !== null) throw this.#forwarder.rewriter.oversize(call.session, plan.oversize);
    if (call.session.warnings.length > 0 && plan.kind !== 'show') call.session.warnings = [];
    const { pendingVariables } = call.session;
    if (pendingVariables.size > 0 && needsPending(plan, call.session))
      return sendPending(this.#forwarder, call).then(() => this.#dispatch(call, plan));
    return this.#dispatch(call, plan);
  }

  #dispatch(call: StatementCall, plan: StatementPlan): Promise<StatementOutcome> {
    return plan.kind === 'select' ? this.#select(call, plan) : this.#other(call, plan);
  }

  /** The options of every call to a tablet on behalf of `session`. */
  callOptions(session: GatewaySession, signal?: AbortSignal): CallOptions {
    return this.#forwarder.callOptions(session, signal);
  }

  async #select(call: StatementCall, plan: StatementPlan): Promise<StatementOutcome> {
    const { session } = call;
    if (!session.autocommit && !session.inTransaction) begin(session, []);
    try {
      return await this.#selected(call, plan, await this.#forwarder.forward(call, plan, true));
    } catch (error) {
      throw this.#ownSyntaxError(call.sql, error);
    }
  }

  /** A statement without tables, run by a tablet: what vtgate would have computed fails in vtgate's words. */
  async #withoutTables(call: StatementCall, plan: StatementPlan): Promise<StatementOutcome> {
    try {
      return await this.#forwarder.forward(call, plan, false);
    } catch (error) {
      if (!this.#forwarder.rewriter.isComputed(plan, call.session)) throw ownUnionError(error, call.sql);
      const sql = withoutOverflow(error, call.sql);
      if (sql === null) throw ownEvaluationError(error, call.sql);
      return this.#withoutTables({ ...call, sql }, this.#planner.plan(sql));
    }
  }

  /** A plain text goes to the tablet unread; when that finds it to be none, vtgate's own words are due. */
  #ownSyntaxError(sql: string, error: unknown): unknown {
    if (!(error instanceof VitessError) || !/syntax error at position|Expected a single/.test(error.message))
      return error;
    const { execute } = this.#planner.reading(sql);
    const refused = execute.kind === 'refused' && /^(?:syntax error|Expected)/.test(execute.message);
    return refused ? new VitessError('INVALID_ARGUMENT', execute.message) : error;
  }

  /** What a SELECT leaves in the session. */
  async #selected(call: StatementCall, plan: StatementPlan, result: StatementOutcome): Promise<StatementOutcome> {
    const { session } = call;
    const most = this.behaviour.maxMemoryRows ?? defaultMaxMemoryRows;
    if (result.rows.length > most) {
      const message = `in-memory row count exceeded allowed limit of ${most}`;
      throw new VitessError('RESOURCE_EXHAUSTED', message, states.packetTooLarge);
    }
    session.foundRows = BigInt(result.streamed ?? result.rows.length);
    session.rowCount = -1n;
    if (plan.tellsSession !== null) {
      const link = this.router.route(anyServing(session.target));
      const sql = 'select found_rows(), last_insert_id()';
      const asked = await executeAtShard(
        this.#forwarder.shardStatement({ ...call, binds: undefined }, link, sql, false, false),
      );
      const [found, last] = asked.rows[0] === undefined ? [] : rowTexts(asked.rows[0]);
      if (plan.tellsSession.foundRows) session.foundRows = BigInt(found ?? 0);
      if (plan.tellsSession.lastInsertId) session.lastInsertId = BigInt(last ?? 0);
    }
    return result;
  }

  async #other(call: StatementCall, plan: StatementPlan): Promise<StatementOutcome> {
    const { session, caller, sql, signal } = call;
    const { statement } = plan;
    switch (statement.kind) {
      case 'select-no-table': {
        if (plan.usesLocks)
          demandLocksOnly(
            sql,
            (text) => this.#forwarder.rewriter.computedNames({ ...call, sql: `select ${text}` })?.[0] ?? text,
          );
        if (plan.marks.length > 0 && this.#forwarder.rewriter.isComputed(plan, session))
          demandArguments(plan.marks, call.binds);
        const result = this.#forwarder.constantRow(call, plan) ?? (await this.#withoutTables(call, plan));
        // vtgate computes these without a tablet.
        if (call.counted !== undefined && this.#forwarder.rewriter.isComputed(plan, session))
          call.counted.shardQueries = 0;
        return this.#selected(
          call,
          plan,
          this.#forwarder.rewriter.isComputed(plan, session)
            ? computedResult(this.#forwarder.rewriter, call, result)
            : result,
        );
      }
      case 'dml': {
        this.#requirePrimary(session);
        if (!session.autocommit && !session.inTransaction) begin(session, []);
        const result = await this.#forwarder.forward(call, plan, true);
        session.rowCount = result.rowsAffected;
        session.foundRows = 0n;
        if (result.insertIdChanged || result.insertId !== 0n) session.lastInsertId = result.insertId;
        return result;
      }
      case 'begin': {
        await commit(session, caller, this.#forwarder.callOptions(session, signal));
        const { readOnly, readWrite, consistentSnapshot } = statement;
        const modes = [
          ...(consistentSnapshot ? [accessModes.consistentSnapshot] : []),
          ...(readWrite ? [accessModes.readWrite] : []),
          ...(readOnly ? [accessModes.readOnly] : []),
        ];
        begin(session, modes);
        return this.#done(session);
      }
      case 'commit':
      case 'rollback': {
        refuseChain(sql, statement);
        const options = this.#forwarder.callOptions(session, signal);
        await (statement.kind === 'commit' ? commit : rollback)(session, caller, options);
        return this.#done(session);
      }
      case 'savepoint':
      case 'release-savepoint':
      case 'rollback-to':
        await runSavepoint(this.#forwarder, call, plan);
        return this.#done(session, -1n);
      case 'set':
        await runSet(this.#forwarder, this.#vschema, call, statement.assignments);
        return this.#done(session);
      case 'use':
        this.use(session, statement.target);
        return this.#done(session, -1n);
      case 'show':
        return runShow(this.#forwarder, this.#vschema, call, plan);
      case 'vexplain':
        return runVexplain(this.#forwarder, call, statement, (explained, its) => this.#dispatch(explained, its));
      case 'ddl': {
        const temporary = temporaryTable.test(sql);
        const own = await ownDdl(sql, this.router, this.#vschema, this.behaviour, {
          username: caller.immediate.username ?? '',
          target: session.target,
          timeoutMs: this.#forwarder.callOptions(session).deadlineMs ?? 0,
          signal,
        });
        if (own !== null) return own;
        demandAllowedDdl(sql, session, this.behaviour);
        await demandRoutableDdl(sql, this.#planner.reading(sql), this.router);
        const online = isOnline(sql, session);
        // DDL ends a transaction, as in MySQL; temporary tables do not.
        if (!temporary) await commit(session, caller, this.#forwarder.callOptions(session, signal));
        const result = await this.#forwarder.forward(call, plan, temporary, temporary);
        session.rowCount = 0n;
        return online ? migrationAnswer() : result;
      }
      case 'kill':
        if (this.kill !== null) {
          const { what, id } = statement;
          if (this.kill(what, Number(id))) return this.#done(session, -1n);
          throw new VitessError('NOT_FOUND', `Unknown thread id: ${id}`, states.unknownThread);
        }
        throw new VitessError(
          'PERMISSION_DENIED',
          'VT07001: kill statement execution not permitted.',
          states.killDenied,
        );
      case 'lock-tables':
      case 'unlock-tables':
        // Real vtgate answers OK and does nothing.
        return this.#done(session, -1n);
      case 'prepare':
        prepareText(session, sql, (text) => this.plan(text).syntaxError, await preparedValue(this, call));
        return this.#done(session, -1n);
      case 'execute':
        return executeText(this, call);
      case 'deallocate':
        deallocateText(session, sql);
        return this.#done(session, -1n);
      case 'empty':
        // Recorded: a comment to the end of its line is a statement that does nothing.
        if (/^\s*(?:--|#)/.test(sql)) return this.#done(session, -1n);
        throw new VitessError('INVALID_ARGUMENT', 'Query was empty', states.emptyQuery);
      default: {
        refuseUnplanned(sql, call.stream !== undefined);
        const messages = streamedTable.exec(sql)?.[1];
        if (messages !== undefined && call.stream !== undefined) return this.#forwarder.messages(call, messages);
        if (revertForm.test(sql)) return migrationAnswer();
        const reserve = holdingFlush.test(sql);
        const result = await this.#forwarder.forward(call, plan, statement.kind !== 'explain', reserve);
        session.rowCount = result.fields.length > 0 ? -1n : result.rowsAffected;
        return result;
      }
    }
  }

  /**
   * Takes a new target. Throws VT05003 for a database that no keyspace has, and refuses any tablet but a primary while a
   * transaction is open (go/vt/vtgate/executorcontext/vcursor_impl.go, SetTarget).
   */
  use(session: GatewaySession, target: string): void {
    const taken = this.router.target(target);
    if (session.inTransaction && taken.type !== 'primary') {
      const text = "can't execute the given command because you have an active transaction";
      throw new VitessError('INVALID_ARGUMENT', text, states.lockOrActiveTransaction);
    }
    session.target = taken;
    session.targetString = target;
  }

  /** An OK; ROW_COUNT() is 0 after SET, DDL and the ends of a transaction and -1 after all else (executor.go, saveSessionStats). */
  #done(session: GatewaySession, rowCount = 0n): StatementResult {
    session.rowCount = rowCount;
    return emptyResult;
  }

  #requirePrimary({ target }: GatewaySession): void {
    if (target.type === 'primary' || target.type === 'unknown') return;
    throw new VitessError(
      'FAILED_PRECONDITION',
      `supported only for primary tablet type, current type: ${target.type}`,
    );
  }
}

const revertForm = /^\s*revert\s+vitess_migration\b/i;
/** FLUSH that holds locks, for which the session keeps its connection. */
const holdingFlush = /^\s*flush\b[\s\S]*\b(?:with\s+read\s+lock|for\s+export)\b/i;

/** `STREAM * FROM table`: the messages of a message table. */
const streamedTable = /^\s*stream\s+\S+\s+from\s+(?:[`\w]+\.)?`?(\w+)/i;
