import { sqlUser } from '../../domain/identity';
import type { ImmediateCaller } from '../../domain/identity';
import type { Recorder } from '../recorder';
import type { CallOptions, query } from '../rpc';
import type { Fidelity } from '../../domain/fidelity/fidelity';
import { deallocateText, executeText, prepareText } from './text-prepare';
import { dressShow, showLocally, withoutDatabase } from './show-statement';
import { emptyResult, rowTexts, type ResultSink, type StatementResult } from './result';
import { applyEdits, parameterEdits, qualifierEdits, sessionCallEdits, variableEdits, type Edit } from './rewrite';
import type { Router } from './router';
import { isSystemSchema, type SessionTarget } from './target';
import type { GatewaySession, SessionCaller } from './session';
import { applySet } from './set-statement';
import { executeAtShard, rpcOf, streamAtShard, type ShardStatement } from './shard-calls';
import { StatementPlanner, type StatementPlan } from './statement-plan';
import type { TabletLink } from './tablet-link';
import { begin, commit, rollback } from './transactions';
import { states, VitessError } from './vitess-error';

/** One statement of one client. */
export interface StatementCall {
  readonly session: GatewaySession;
  readonly caller: SessionCaller;
  readonly sql: string;
  readonly binds?: { readonly [name: string]: query.IBindVariable } | undefined;
  /** `?` in the text are parameters `v1`, `v2`, … of `binds`. */
  readonly prepared?: boolean;
  readonly signal?: AbortSignal | undefined;
  /** Where rows go as they arrive, for statements that stream. */
  readonly stream?: ResultSink | undefined;
  /** The text that the query log shows, where it is not `sql`. */
  readonly shownSql?: string;
  /** Counts what is sent to tablets, for the query log. */
  readonly counted?: { shardQueries: number } | undefined;
}

/** Rows that `stream` took are in `streamed` and not in `rows`. */
export type StatementOutcome = StatementResult & { readonly streamed?: number };

const streamable = new Set<StatementPlan['kind']>(['select', 'select-no-table', 'show', 'explain', 'call']);

/** Statements that change what only the MySQL connection knows: temporary tables. */
const temporaryTable = /^\s*create\s+temporary\b/i;

const accessModes = { consistentSnapshot: 0, readWrite: 1, readOnly: 2 } as const;

/** A statement without tables runs anywhere: at the primary, unless a shard was named. */
const anyServing = (target: SessionTarget): SessionTarget =>
  target.shard === null ? { ...target, type: 'primary', alias: null } : target;

/** `sql_select_limit` of the session, as vtgate puts it into a SELECT that has no limit of its own. */
function limited(sql: string, { options }: GatewaySession): string {
  const limit = options.sqlSelectLimit ?? 0n;
  if (limit <= 0n || /\blimit\b/i.test(sql)) return sql;
  return `(${sql.replace(/;\s*$/, '')}\n) limit ${limit}`;
}

/** Runs statements: answers what is the session's own business and forwards the rest to a tablet. */
export class Executor {
  readonly #planner: StatementPlanner;
  /** Statements run since the start. */
  statements = 0;

  constructor(
    readonly router: Router,
    readonly serverVersion: string,
    fidelity: Fidelity,
    private readonly recorder: Recorder,
  ) {
    this.#planner = new StatementPlanner(fidelity);
  }

  plan(sql: string): StatementPlan {
    return this.#planner.plan(sql);
  }

  /** Vitess's statement type and the tables, for the query log. */
  describe(sql: string): { readonly type: string; readonly tables: readonly string[] } {
    const { type, execute } = this.#planner.reading(sql);
    const tables = execute.kind === 'plan' ? [...new Set(execute.permissions.map(({ table }) => table))] : [];
    return { type, tables };
  }

  /** Runs one statement. Throws VitessError with the complete text. */
  run(call: StatementCall): Promise<StatementOutcome> {
    const plan = this.#planner.plan(call.sql);
    this.statements += 1;
    return plan.kind === 'select' ? this.#select(call, plan) : this.#other(call, plan);
  }

  /** The options of every call to a tablet on behalf of `call`. */
  callOptions(session: GatewaySession, signal?: AbortSignal): CallOptions {
    const { metadata, queryTimeoutMs } = session;
    if (metadata === undefined && queryTimeoutMs === 0) return signal === undefined ? {} : { signal };
    return {
      ...(signal === undefined ? {} : { signal }),
      ...(metadata === undefined ? {} : { metadata }),
      ...(queryTimeoutMs === 0 ? {} : { deadlineMs: queryTimeoutMs }),
    };
  }

  async #select(call: StatementCall, plan: StatementPlan): Promise<StatementOutcome> {
    const { session } = call;
    if (!session.autocommit && !session.inTransaction) begin(session, []);
    return this.#selected(call, plan, await this.#forward(call, plan, true));
  }

  /** What a SELECT leaves in the session. */
  async #selected(call: StatementCall, plan: StatementPlan, result: StatementOutcome): Promise<StatementOutcome> {
    const { session } = call;
    session.foundRows = BigInt(result.streamed ?? result.rows.length);
    session.rowCount = -1n;
    if (plan.tellsSession !== null) {
      const link = this.router.route(anyServing(session.target));
      const sql = 'select found_rows(), last_insert_id()';
      const asked = await executeAtShard(this.#shardStatement({ ...call, binds: undefined }, link, sql, false, false));
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
        return this.#selected(call, plan, await this.#forward(call, plan, false));
      }
      case 'dml': {
        this.#requirePrimary(session);
        if (!session.autocommit && !session.inTransaction) begin(session, []);
        const result = await this.#forward(call, plan, true);
        session.rowCount = result.rowsAffected;
        session.foundRows = 0n;
        if (result.insertIdChanged || result.insertId !== 0n) session.lastInsertId = result.insertId;
        return result;
      }
      case 'begin': {
        await commit(session, caller, this.callOptions(session, signal));
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
        const options = this.callOptions(session, signal);
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
        return this.#done(session);
      case 'show':
        return this.#show(call, plan);
      case 'ddl': {
        const temporary = temporaryTable.test(sql);
        this.#requirePrimary(session);
        // DDL ends a transaction, as in MySQL; temporary tables do not.
        if (!temporary) await commit(session, caller, this.callOptions(session, signal));
        const result = await this.#forward(call, plan, temporary, temporary);
        session.rowCount = 0n;
        return result;
      }
      case 'kill':
        throw new VitessError(
          'PERMISSION_DENIED',
          'VT07001: kill statement execution not permitted.',
          states.killDenied,
        );
      case 'lock-tables':
      case 'unlock-tables':
        // Real vtgate answers OK and does nothing.
        return this.#done(session);
      case 'prepare':
        prepareText(session, sql);
        return this.#done(session);
      case 'execute':
        return executeText(this, call);
      case 'deallocate':
        deallocateText(session, sql);
        return this.#done(session);
      case 'empty':
        // Recorded: a comment to the end of its line is a statement that does nothing.
        if (/^\s*(?:--|#)/.test(sql)) return this.#done(session);
        throw new VitessError('INVALID_ARGUMENT', 'Query was empty', states.emptyQuery);
      default: {
        const result = await this.#forward(call, plan, statement.kind !== 'explain');
        session.rowCount = result.fields.length > 0 ? -1n : result.rowsAffected;
        return result;
      }
    }
  }

  /** Takes a new target. Throws VT05003 for a database that no keyspace has. */
  use(session: GatewaySession, target: string): void {
    session.target = this.router.target(target);
    session.targetString = target;
  }

  #done(session: GatewaySession): StatementResult {
    session.rowCount = 0n;
    return emptyResult;
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
        const name =
          plan.statement.kind === 'savepoint' ||
          plan.statement.kind === 'rollback-to' ||
          plan.statement.kind === 'release-savepoint'
            ? plan.statement.name
            : '';
        throw new VitessError('INVALID_ARGUMENT', `SAVEPOINT ${name} does not exist`, {
          errno: 1305,
          sqlState: '42000',
        });
      }
      // Outside a transaction a savepoint would end with its own statement.
      if (session.autocommit) return this.#done(session);
      begin(session, []);
    }
    await this.#forward(call, plan, true);
    return this.#done(session);
  }

  async #set(call: StatementCall, assignments: Parameters<typeof applySet>[2] | null): Promise<StatementOutcome> {
    const { session, caller, sql, signal } = call;
    if (assignments === null) {
      throw new VitessError('INVALID_ARGUMENT', `syntax error at position ${sql.length + 1}`);
    }
    const username = caller.immediate.username ?? '';
    const settingsBefore = new Map(session.systemVariables);
    const outcome = applySet(session, sql, assignments, username);
    const options = this.callOptions(session, signal);
    if (outcome.commits) await commit(session, caller, options);
    if (outcome.onConnection !== null)
      await this.#forwardText(call, outcome.onConnection, { mayBegin: false, reserve: true });
    if (outcome.settingsChanged) await this.#settleConnections(call, settingsBefore);
    return this.#done(session);
  }

  /** Connections that the session holds learn of new settings at once; pooled ones get them with the next statement. */
  async #settleConnections(call: StatementCall, before: ReadonlyMap<string, string>): Promise<void> {
    const { session } = call;
    const changed = [...session.systemVariables].filter(([name, value]) => before.get(name) !== value);
    if (changed.length === 0) return;
    const text = `set ${changed.map(([name, value]) => `${name} = ${value}`).join(', ')}`;
    for (const { link, reservedId } of [...session.shards]) {
      await executeAtShard(this.#shardStatement({ ...call, binds: undefined }, link, text, false, reservedId === 0n));
    }
  }

  async #show(call: StatementCall, plan: StatementPlan): Promise<StatementOutcome> {
    const { session, sql } = call;
    const local = showLocally(sql, session, this.router);
    if (local !== null) {
      session.rowCount = -1n;
      return local;
    }
    const { sql: text, keyspace } = withoutDatabase(sql, this.router);
    const result = await this.#forward(
      { ...call, sql: text, stream: undefined },
      plan,
      true,
      false,
      keyspace,
      text !== sql,
    );
    session.rowCount = -1n;
    const named = keyspace ?? this.router.keyspaceOf(session.target);
    return dressShow(sql, result, named, this.serverVersion);
  }

  /** Forwards a text that needs no reading any more. */
  #forwardText(
    call: StatementCall,
    sql: string,
    how: { readonly mayBegin: boolean; readonly reserve: boolean },
  ): Promise<StatementResult> {
    const link = this.router.route(call.session.target);
    return this.#send(
      this.#shardStatement({ ...call, binds: undefined }, link, sql, how.mayBegin, how.reserve),
      undefined,
      call,
    );
  }

  /**
   * With `mysql` or another system schema as the default database a bare name would mean a table there, but at the
   * tablet it means one of the keyspace.
   */
  #requireQualified(sql: string, plan: StatementPlan): void {
    const { execute, qualifiers } = plan.reading ?? this.#planner.reading(sql);
    if (execute.kind !== 'plan') return;
    const tables = execute.permissions.filter(({ table }) => table !== 'dual').length;
    if (tables <= qualifiers.length) return;
    const what = 'table names without their database while a system schema is the default';
    throw new VitessError('UNIMPLEMENTED', `VT12001: unsupported: ${what}`);
  }

  #shardStatement(
    call: StatementCall,
    link: TabletLink,
    sql: string,
    mayBegin: boolean,
    reserve: boolean,
  ): ShardStatement {
    const { session, caller, binds, signal } = call;
    return { session, caller, link, sql, binds, mayBegin, reserve, options: this.callOptions(session, signal) };
  }

  /** Finds the tablet, puts the session's own values into the text and sends it. */
  #forward(
    call: StatementCall,
    plan: StatementPlan,
    mayBegin: boolean,
    reserve = false,
    keyspaceNamed: string | null = null,
    rewritten = false,
  ): Promise<StatementOutcome> {
    const { session, caller, stream, prepared } = call;
    let { sql } = call;
    let keyspace = keyspaceNamed;
    const own = reserve || plan.usesLocks;
    if (plan.reading !== null || plan.marks.length > 0) {
      const edits: Edit[] = [];
      if (plan.reading !== null && !rewritten) {
        keyspace = qualifierEdits(plan.reading, this.router, edits) ?? keyspace;
        sessionCallEdits(plan.reading, session, sqlUser(caller.immediate as ImmediateCaller), edits);
      }
      if (!rewritten) {
        variableEdits(sql, plan.marks, session, this.serverVersion, edits);
        if (prepared === true) parameterEdits(plan.marks, edits);
      }
      sql = applyEdits(sql, edits);
    }
    if (isSystemSchema(session.target.keyspace)) this.#requireQualified(call.sql, plan);
    if (plan.kind === 'select') sql = limited(sql, session);
    const target = plan.kind === 'select-no-table' ? anyServing(session.target) : session.target;
    const link = keyspace === null ? this.router.route(target) : this.router.route(target, keyspace);
    const statement = this.#shardStatement(call, link, sql, mayBegin, own);
    const sink = stream !== undefined && streamable.has(plan.kind) ? stream : undefined;
    return plan.setsUserVariables || plan.tellsSession !== null
      ? this.#sendOnOwn(statement, sink, call)
      : this.#send(statement, sink, call);
  }

  /**
   * A statement that leaves user variables behind runs on a connection that the session keeps. A tablet reserves one for
   * a SET, so one is sent ahead where there is none yet.
   */
  async #sendOnOwn(
    statement: ShardStatement,
    sink: ResultSink | undefined,
    call: StatementCall,
  ): Promise<StatementOutcome> {
    const held = statement.session.shardOf(statement.link)?.reservedId ?? 0n;
    if (held === 0n) {
      const ahead = { ...statement, sql: 'set @__gatehouse_own = 1', binds: undefined, reserve: true };
      await executeAtShard(ahead);
    }
    return this.#send(statement, sink, call);
  }

  #send(statement: ShardStatement, sink: ResultSink | undefined, call: StatementCall): Promise<StatementOutcome> {
    if (call.counted !== undefined) call.counted.shardQueries += 1;
    if (this.recorder.enabled('gateway') || this.recorder.enabled('link')) return this.#traced(statement, sink);
    return sink === undefined ? executeAtShard(statement) : streamAtShard(statement, sink);
  }

  async #traced(statement: ShardStatement, sink: ResultSink | undefined): Promise<StatementOutcome> {
    const { session, link, sql } = statement;
    const { traceId } = session;
    const { keyspace, shard, type, tablet } = link;
    const rpc = rpcOf(statement, sink !== undefined);
    const address = `${tablet.host}:${tablet.port}`;
    const data = { rpc, tablet: tablet.alias, target: `${keyspace}/${shard}@${type}`, address, sql };
    this.recorder.record(traceId, 'gateway', 'statement.forwarded', 'ok', data);
    try {
      const outcome = await (sink === undefined ? executeAtShard(statement) : streamAtShard(statement, sink));
      this.#traceLink(traceId, link);
      const rows = 'streamed' in outcome ? (outcome.streamed as number) : outcome.rows.length;
      const numbers = { rows, rowsAffected: Number(outcome.rowsAffected) };
      this.recorder.record(traceId, 'gateway', 'statement.answered', 'ok', numbers);
      return outcome;
    } catch (error) {
      this.#traceLink(traceId, link);
      const code = error instanceof VitessError ? error.code : 'UNKNOWN';
      const message = error instanceof Error ? error.message : String(error);
      this.recorder.record(traceId, 'gateway', 'statement.answered', 'refused', { code, message });
      throw error;
    }
  }

  /** Shows how the link is protected, as the gateway's end of it saw. */
  #traceLink(traceId: string, link: TabletLink): void {
    if (!this.recorder.enabled('link')) return;
    const { tls, lastFailure } = link.connection;
    const protection = link.tablet.tls === undefined ? { tls: false } : { tls: true, ...(tls ?? {}) };
    const failed = lastFailure !== null;
    const data = { tablet: link.tablet.alias, ...protection, ...(failed ? { failure: lastFailure } : {}) };
    this.recorder.record(traceId, 'link', 'link.used', failed ? 'failed' : 'ok', data);
  }
}
