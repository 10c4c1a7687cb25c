import { commentDirectives, type GatewayRefusal, type SetAssignment, type VexplainType } from '../../domain/sql';
import type { Fidelity } from '../../domain/fidelity/fidelity';
import { DropConnectionError } from '../mysql-wire/types';
import type { Recorder } from '../recorder';
import type { CallOptions } from '../rpc';
import { anyServing, Forwarder } from './forwarder';
import { defaultMaxMemoryRows, type GatewayBehaviour } from './behaviour';
import { demandAllowedDdl, demandRoutableDdl, isOnline, mayChangeVschema, migrationAnswer, ownDdl } from './ddl-rules';
import { computedFields } from './local-results';
import { demandLocksOnly } from './lock-functions';
import { demandArguments } from './missing-arguments';
import { emptyResult, rowTexts, withContent, type StatementResult } from './result';
import { Lru } from './lru';
import { ownEvaluationError, ownUnionError, withoutOverflow } from './own-evaluation';
import type { Router } from './router';
import type { GatewaySession } from './session';
import { changedValue, changeQuestion, planSet, setInGateway } from './set-statement';
import { executeAtShard } from './shard-calls';
import {
  dressShow,
  gtidQuery,
  printedShow,
  showLocally,
  tableList,
  vschemaTablesOf,
  withoutDatabase,
} from './show-statement';
import type { StatementCall, StatementNotes, StatementOutcome } from './statement-call';
import { StatementPlanner, type StatementPlan } from './statement-plan';
import { travelsAsHint } from './system-variables';
import type { TabletLink } from './tablet-link';
import { parseTarget } from './target';
import { deallocateText, executeText, preparedVariable, prepareText } from './text-prepare';
import { previousFailed } from './transaction-failure';
import { begin, commit, rollback } from './transactions';
import { constantVariables } from './user-variables';
import { demandHarmless, firstText, vexplainAnswer, vexplainQueries, withValues } from './vexplain';
import { asTerse, states, VitessError } from './vitess-error';
import { Vschema } from './vschema';

/** Statements that change what only the MySQL connection knows: temporary tables. */
const temporaryTable = /^\s*(?:create|drop)\s+temporary\b/i;

/** ER_NOT_SUPPORTED_YET, the number of vtgate's own warnings. */
const notSupportedYet = 1235;

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
  /** By link, whether hints are understood behind it. */
  /** Statements run since the start. */
  statements = 0;

  constructor(
    readonly router: Router,
    readonly serverVersion: string,
    private readonly fidelity: Fidelity,
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
    if (pendingVariables.size > 0 && readsVariables(plan) && !readsKnownOnly(plan, call.session))
      return this.#setPending(call).then(() => this.#dispatch(call, plan));
    return this.#dispatch(call, plan);
  }

  #dispatch(call: StatementCall, plan: StatementPlan): Promise<StatementOutcome> {
    return plan.kind === 'select' ? this.#select(call, plan) : this.#other(call, plan);
  }

  /** Tells the session's MySQL connection of the user variables that it does not know yet. */
  async #setPending(call: StatementCall): Promise<void> {
    const { pendingVariables } = call.session;
    const assignments = [...pendingVariables.values()].map(({ assignment }) => assignment).join(', ');
    const unseen = { ...call, counted: undefined };
    await this.#forwarder.forwardText(unseen, `set ${assignments}`, { mayBegin: false, reserve: true });
    pendingVariables.clear();
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
            ? withNames(computedResult(call, result), this.#forwarder.rewriter.computedNames(call))
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
        this.#refuseChain(sql, statement);
        const options = this.#forwarder.callOptions(session, signal);
        await (statement.kind === 'commit' ? commit : rollback)(session, caller, options);
        return this.#done(session);
      }
      case 'savepoint':
      case 'release-savepoint':
      case 'rollback-to':
        return this.#savepoint(call, plan);
      case 'set':
        return this.#set(call, statement.assignments);
      case 'use':
        this.use(session, statement.target);
        return this.#done(session, -1n);
      case 'show':
        return this.#show(call, plan);
      case 'vexplain':
        return this.#vexplain(call, statement);
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
        prepareText(session, sql, (text) => this.plan(text).syntaxError, await this.#preparedValue(call));
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

  /** The text in the user variable that a PREPARE names; null when none is named or it was never set. */
  async #preparedValue(call: StatementCall): Promise<string | null> {
    const name = preparedVariable(call.sql);
    if (name === null || !call.session.userVariables.has(name)) return null;
    const kept = call.session.pendingVariables.get(name)?.value.value;
    if (kept != null) return Buffer.from(kept).toString('utf8');
    const sql = `select @\`${name.replaceAll('`', '``')}\``;
    const [row] = (await this.run({ ...call, sql, binds: undefined, stream: undefined })).rows;
    return row === undefined ? null : (rowTexts(row)[0] ?? null);
  }

  #requirePrimary({ target }: GatewaySession): void {
    if (target.type === 'primary' || target.type === 'unknown') return;
    throw new VitessError(
      'FAILED_PRECONDITION',
      `supported only for primary tablet type, current type: ${target.type}`,
    );
  }

  /** vtgate's grammar has no `AND CHAIN` and no `RELEASE`. */
  #refuseChain(sql: string, { chain, release }: { readonly chain: boolean; readonly release: boolean }): void {
    if (!chain && !release) return;
    const found = /\b(and|no|release)\b/i.exec(sql);
    const near = found?.[1] ?? '';
    const position = (found?.index ?? 0) + near.length + 1;
    throw new VitessError('INVALID_ARGUMENT', `syntax error at position ${position} near '${near.toLowerCase()}'`);
  }

  async #savepoint(call: StatementCall, plan: StatementPlan): Promise<StatementOutcome> {
    const { session } = call;
    if (!session.inTransaction) {
      if (plan.kind !== 'savepoint') {
        throw new VitessError('NOT_FOUND', `SAVEPOINT does not exist: ${call.sql}`, {
          errno: 1305,
          sqlState: '42000',
        });
      }
      // Outside a transaction a savepoint would end with its own statement.
      if (session.autocommit) return this.#done(session, -1n);
      begin(session, []);
    }
    const isOpen = session.shards.some(({ transactionId }) => transactionId !== 0n);
    // Where no shard has begun there is nothing to mark: the one that begins is told.
    if (isOpen) await this.#forwarder.forward(call, plan, true);
    session.savepoints.push(call.sql);
    return this.#done(session, -1n);
  }

  async #set(call: StatementCall, assignments: readonly SetAssignment[] | null): Promise<StatementOutcome> {
    const { session, caller, sql, signal } = call;
    if (assignments === null) {
      throw new VitessError('INVALID_ARGUMENT', `syntax error at position ${sql.length + 1}`);
    }
    const username = caller.immediate.username ?? '';
    const plan = planSet(sql, assignments, username, mayChangeVschema(this.behaviour, username));
    for (const { name, valueText } of plan.metadata) this.#vschema.setMetadata(name, valueText);
    let commits = false;
    for (const assignment of plan.gateway) if (setInGateway(session, assignment)) commits = true;
    for (const { name, value } of session.takesSettings ? plan.connection : []) {
      await this.#setOnConnections(call, name, this.#forwarder.rewriter.withVariables(value, session));
    }
    if (commits) await commit(session, caller, this.#forwarder.callOptions(session, signal));
    if (plan.onConnection !== null) {
      const constants = session.keepsVariables ? constantVariables(sql, assignments) : null;
      if (constants === null) {
        if (session.pendingVariables.size > 0) await this.#setPending(call);
        await this.#forwarder.forwardText(call, plan.onConnection, { mayBegin: false, reserve: true });
      } else for (const [name, pending] of constants) session.pendingVariables.set(name, pending);
    }
    for (const name of plan.userVariables) session.userVariables.add(name);
    session.warnings = plan.warnings.map((message) => ({ code: notSupportedYet, message }));
    return this.#done(session);
  }

  /** A tablet says what a variable would become; connections that the session holds learn of it at once. */
  async #setOnConnections(call: StatementCall, name: string, value: string): Promise<void> {
    const { session } = call;
    const link = this.router.route(session.target);
    const ask = (at: TabletLink, sql: string, reserve: boolean): Promise<StatementResult> =>
      executeAtShard(this.#forwarder.shardStatement({ ...call, binds: undefined }, at, sql, false, reserve));
    const changed = changedValue(name, await ask(link, changeQuestion({ name, value }), false));
    if (changed === null) return;
    session.systemVariables.set(name, changed);
    // A hint is doubtful to the access check of hardened mode; a setting is not.
    const hinted = this.fidelity.mode === 'vitess' && travelsAsHint(name) && link.health.takesHints;
    if (hinted) session.hintable.add(name);
    if (hinted && !session.usesSettings) return;
    session.usesSettings = true;
    for (const shard of [...session.shards]) await ask(shard.link, `set ${name} = ${changed}`, shard.reservedId === 0n);
  }

  /** The tables of a keyspace as vtgate follows them, and those that ALTER VSCHEMA has named. */
  async #tablesOf(keyspace: string): Promise<readonly string[]> {
    const link = this.router.route(anyServing({ ...parseTarget(keyspace), type: 'primary' }));
    const followed = await link.schema.followed();
    return [...new Set([...followed, ...this.#vschema.tablesOf(keyspace)])].sort();
  }

  async #vexplain(
    call: StatementCall,
    { type, at }: { readonly type: VexplainType; readonly at: number },
  ): Promise<StatementOutcome> {
    const { session } = call;
    const explained = { ...call, sql: call.sql.slice(at), stream: undefined };
    const plan = this.#planner.plan(explained.sql);
    if (plan.refusal !== null) throw refusalError(plan.refusal);
    demandHarmless(type, plan, commentDirectives(call.sql));
    const { described, shard } = this.#forwarder.describe(explained, plan);
    if (type === 'keys' || type === 'plan') return vexplainAnswer(type, described, null, null);
    const notes: StatementNotes = { shardQueries: 0 };
    const result = await this.#dispatch({ ...explained, counted: notes }, plan);
    session.rowCount = -1n;
    const { canonical = { sql: explained.sql, binds: {} }, shardQueries } = notes;
    const sent = shardQueries > 0 && described.sql !== null;
    // What was sent has the session's hints, which the query log leaves out.
    const shown = notes.canonical === undefined ? canonical.sql : (described.sql ?? canonical.sql);
    if (type === 'queries')
      return vexplainQueries(
        sent ? [{ keyspace: described.keyspace, shard, sql: withValues({ ...canonical, sql: shown }) }] : [],
      );
    const observed = type === 'trace' ? { rows: result.rows.length, queries: shardQueries } : null;
    if (type === 'trace' || !sent) return vexplainAnswer(type, described, observed, null);
    const asked = { ...call, binds: undefined, stream: undefined, counted: undefined };
    const explain = `explain format = json ${withValues(canonical)}`;
    const mysql = await this.#forwarder.forwardText(asked, explain, { mayBegin: false, reserve: false });
    return vexplainAnswer(type, described, null, firstText(mysql));
  }

  async #show(call: StatementCall, plan: StatementPlan): Promise<StatementOutcome> {
    const { session, sql } = call;
    const keyspaceShown = vschemaTablesOf(sql, this.router, session.target);
    const tables = keyspaceShown === null ? null : await this.#tablesOf(keyspaceShown);
    const local = tables === null ? showLocally(sql, session, this.router, this.#vschema) : tableList(tables);
    if (local !== null) {
      session.rowCount = -1n;
      return local;
    }
    const gtid = gtidQuery(sql, this.router, this.router.keyspaceOf(session.target));
    if (!session.autocommit && !session.inTransaction) begin(session, []);
    const { sql: text, keyspace } = gtid ?? printedShow(withoutDatabase(sql, this.router), this.router);
    const result = await this.#forwarder.forward(
      { ...call, sql: text, stream: undefined },
      plan,
      true,
      false,
      keyspace,
      text !== sql,
    );
    session.rowCount = -1n;
    const named = keyspace ?? this.router.keyspaceOf(session.target);
    return dressShow(sql, result, named, session, this.serverVersion);
  }
}

/** A result under the names that vtgate gives to columns it computes: its own printing of the expressions. */
function withNames(result: StatementOutcome, names: readonly string[] | null): StatementOutcome {
  if (names === null || names.length !== result.fields.length) return result;
  const fields = result.fields.map((field, at) => Object.assign(field, { name: names[at] as string }));
  return { ...result, fields };
}

const computedResult = ({ sql, binds }: StatementCall, result: StatementOutcome): StatementOutcome =>
  result.streamed === undefined ? withContent(result, { fields: computedFields(sql, result.fields, binds) }) : result;

/** Statements that see to the variables they read by themselves. */
const ownVariables = new Set<StatementPlan['kind']>(['set', 'prepare', 'execute', 'deallocate']);

const readsVariables = ({ kind, marks }: StatementPlan): boolean =>
  !ownVariables.has(kind) && marks.some((mark) => mark.kind === 'user-variable');

/** Whether the session itself has the value of every user variable that a query reads. */
const readsKnownOnly = ({ kind, marks, setsUserVariables }: StatementPlan, session: GatewaySession): boolean =>
  (kind === 'select' || kind === 'select-no-table') &&
  !setsUserVariables &&
  marks.every((mark) => {
    const name = mark.name.toLowerCase();
    return mark.kind !== 'user-variable' || session.pendingVariables.has(name) || !session.userVariables.has(name);
  });

const revertForm = /^\s*revert\s+vitess_migration\b/i;
/** FLUSH that holds locks, for which the session keeps its connection. */
const holdingFlush = /^\s*flush\b[\s\S]*\b(?:with\s+read\s+lock|for\s+export)\b/i;

/** Statements that vtgate's grammar knows and its planner does not (VT13001). */
const unplanned: readonly (readonly [RegExp, string])[] = [
  [/^\s*purge\b/i, 'unexpected statement type: *sqlparser.PurgeBinaryLogs'],
];

const refusalError = (refusal: GatewayRefusal): Error =>
  refusal.kind === 'panic'
    ? new DropConnectionError('a statement at which real vtgate panics')
    : new VitessError(refusal.code, refusal.message);

/** `STREAM * FROM table`: the messages of a message table. */
const streamedTable = /^\s*stream\s+\S+\s+from\s+(?:[`\w]+\.)?`?(\w+)/i;

/** Statements that only stream, by the name of their plan. */
const streamsOnly = /^\s*(?:(vstream)|stream)\b/i;

function refuseUnplanned(sql: string, streams: boolean): void {
  const only = streamsOnly.exec(sql);
  if (only !== null && !streams) {
    const plan = only[1] === undefined ? 'MStream' : 'VStream';
    throw new VitessError('INTERNAL', `VT13001: [BUG] TryExecute is not supported for ${plan}`);
  }
  // Nothing streams changes here: the stream ends before it has begun.
  if (only?.[1] !== undefined)
    throw new VitessError('UNKNOWN', 'unexpected: query ended without no results and no error');
  const found = unplanned.find(([form]) => form.test(sql));
  if (found !== undefined) throw new VitessError('INTERNAL', `VT13001: [BUG] ${found[1]}`);
}
