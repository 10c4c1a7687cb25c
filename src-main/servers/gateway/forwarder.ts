import { vtCodes } from '../../domain/kernel';
import { idleSpans, impossibleQuery, Oversize, oversizeText } from '../../domain/sql';
import { DropConnectionError } from '../mysql-wire/types';
import { sqlUser, type ImmediateCaller } from '../../domain/identity';
import type { Recorder } from '../recorder';
import { queryMethods, type CallOptions, type query } from '../rpc';
import { Canonical, type CanonicalStatement } from './canonical';
import { constantRow } from './constant-row';
import type { Fidelity } from '../../domain/fidelity/fidelity';
import type { GatewayBehaviour } from './behaviour';
import { digestEdits, piEdits } from './digests';
import { withDoubles } from './double-binds';
import { runLocks } from './lock-session';
import { emptyResult, type ResultSink, type StatementResult } from './result';
import {
  applyEdits,
  parameterEdits,
  qualifierEdits,
  sessionCallEdits,
  unsetVariableEdits,
  variableEdits,
  type Edit,
} from './rewrite';
import type { Router } from './router';
import { scanSql } from './scan-sql';
import type { GatewaySession, SessionCaller } from './session';
import { executeAtShard, rpcOf, streamAtShard, type ShardStatement } from './shard-calls';
import { withSchemaNames } from './schema-names';
import { withSettingHints } from './setting-hints';
import type { StatementPlan, StatementPlanner } from './statement-plan';
import type { TabletLink } from './tablet-link';
import { isSystemSchema, type SessionTarget } from './target';
import { afterFailure } from './transaction-failure';
import { fromTabletStatus, VitessError } from './vitess-error';
import type { Described } from './vexplain';

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
  /** The text is the gateway's own and goes to the tablet unread. */
  readonly own?: boolean;
  /** The text that the query log shows, where it is not `sql`. */
  readonly shownSql?: string;
  /** Counts what is sent to tablets, for the query log. */
  readonly counted?: StatementNotes | undefined;
}

/** What the query log learns of a statement while it is forwarded. */
export interface StatementNotes {
  shardQueries: number;
  /** The text in vtgate's form with all its bind variables, where it was sent so. */
  canonical?: { readonly sql: string; readonly binds: { readonly [name: string]: query.IBindVariable } };
}

/** Rows that `stream` took are in `streamed` and not in `rows`. */
export type StatementOutcome = StatementResult & { readonly streamed?: number };

/** Kinds of statements that vtgate prints anew. */
const printed = new Set<StatementPlan['kind']>(['select', 'select-no-table', 'dml', 'call']);

const streamable = new Set<StatementPlan['kind']>(['select', 'select-no-table', 'show', 'explain', 'call', 'other']);

/** What vtgate streams as well, for the tablet to refuse. */
const migration = /^\s*alter\s+vitess_migration\b/i;

/** A statement without tables runs anywhere: at the primary, unless a shard was named. */
export const anyServing = (target: SessionTarget): SessionTarget =>
  target.shard === null ? { ...target, type: 'primary', alias: null } : target;

/** `sql_select_limit` of the session, as vtgate puts it into a SELECT that has no limit of its own. */
function limited(sql: string, { options }: GatewaySession): string {
  const limit = options.sqlSelectLimit ?? 0n;
  if (limit <= 0n || /\blimit\b/i.test(sql)) return sql;
  return `(${sql.replace(/;\s*$/, '')}\n) limit ${limit}`;
}

const idle = /\binto\b|\bdual\b/i;
const idleEdits = (sql: string): Edit[] =>
  idle.test(sql) ? idleSpans(sql).map((span) => ({ ...span, text: '' })) : [];

/** A text as it goes to the tablet. */
interface Outgoing {
  readonly sql: string;
  readonly binds: StatementCall['binds'];
  readonly keyspace: string | null;
}

/** Sends statements to tablets: finds the tablet, puts the session's own values into the text, records the hop. */
export class Forwarder {
  readonly #canonical: Canonical;

  constructor(
    readonly router: Router,
    readonly serverVersion: string,
    private readonly planner: StatementPlanner,
    private readonly recorder: Recorder,
    private readonly fidelity: Fidelity,
    private readonly behaviour: GatewayBehaviour,
  ) {
    this.#canonical = new Canonical((name) => router.keyspaceNamed(name));
  }

  /** The options of every call to a tablet on behalf of `call`. */
  callOptions(session: GatewaySession, signal?: AbortSignal, asked?: number): CallOptions {
    const { metadata } = session;
    const own = asked ?? session.queryTimeoutMs;
    const limit = this.behaviour.queryTimeoutMs ?? 0;
    const timeoutMs = own === 0 ? limit : limit === 0 ? own : Math.min(own, limit);
    if (metadata === undefined && timeoutMs === 0) return signal === undefined ? {} : { signal };
    return {
      ...(signal === undefined ? {} : { signal }),
      ...(metadata === undefined ? {} : { metadata }),
      ...(timeoutMs === 0 ? {} : { deadlineMs: timeoutMs }),
    };
  }

  /** Whether vtgate computes the statement for this session: not with a shard in the target, and not under a limit. */
  isComputed(plan: StatementPlan, { target, options, systemVariables }: GatewaySession): boolean {
    if (!plan.isComputed || target.shard !== null || (options.sqlSelectLimit ?? 0n) > 0n) return false;
    return plan.mysqlVariables.every((name) => systemVariables.has(name));
  }

  /** `text` with the session's own values in place of the system variables it reads. */
  withVariables(text: string, session: GatewaySession): string {
    if (!text.includes('@@')) return text;
    const edits: Edit[] = [];
    variableEdits(`,${text}+`, scanSql(`,${text}+`), session, this.serverVersion, edits);
    return applyEdits(`,${text}+`, edits).slice(1, -1);
  }

  /** The session's variables as hints of the statement; a statement that takes none makes them settings. */
  #hinted(sql: string, plan: StatementPlan, session: GatewaySession): string {
    const { systemVariables, hintable } = session;
    if (systemVariables.size === 0 || plan.usesLocks || plan.kind === 'show') return sql;
    const hinted = plan.kind === 'select' || plan.kind === 'select-no-table' || plan.kind === 'dml';
    if (session.usesSettings) {
      const some = new Map([...systemVariables].filter(([name]) => hintable.has(name)));
      return hinted && some.size > 0 ? (withSettingHints(sql, some) ?? sql) : sql;
    }
    const text = hinted ? withSettingHints(sql, systemVariables) : null;
    if (text === null) session.usesSettings = true;
    return text ?? sql;
  }

  /** Forwards a text that needs no reading any more. */
  forwardText(
    call: StatementCall,
    sql: string,
    how: { readonly mayBegin: boolean; readonly reserve: boolean },
  ): Promise<StatementResult> {
    const link = this.router.route(call.session.target);
    return this.#send(
      this.shardStatement({ ...call, binds: undefined }, link, sql, how.mayBegin, how.reserve),
      undefined,
      call,
    );
  }

  /**
   * With `mysql` or another system schema as the default database a bare name in a query means a table there, but at the
   * tablet it would mean one of the keyspace. DDL goes to the keyspace, as vtgate's does.
   */
  #schemaEdits({ session, sql }: StatementCall, plan: StatementPlan, edits: Edit[]): void {
    const { keyspace } = session.target;
    const queries = plan.kind === 'select' || plan.kind === 'select-no-table';
    if (!isSystemSchema(keyspace) || (!queries && plan.kind !== 'dml')) return;
    const { bareTables } = plan.reading ?? this.planner.reading(sql);
    if (bareTables.length === 0) return;
    // Recorded: real vtgate panics, of which a client sees the closed connection.
    if (plan.kind === 'dml') throw new DropConnectionError('a change of a table of a system schema');
    for (const { start } of bareTables) edits.push({ start, end: start, text: `${keyspace}.` });
  }

  /** A statement as it goes to one tablet. */
  shardStatement(
    call: StatementCall,
    link: TabletLink,
    sql: string,
    mayBegin: boolean,
    reserve: boolean,
  ): ShardStatement {
    const { session, caller, binds, signal } = call;
    return {
      session,
      caller,
      link,
      sql,
      binds,
      mayBegin,
      reserve,
      options: this.callOptions(session, signal),
      fidelity: this.fidelity,
    };
  }

  /** A transaction at a tablet that is gone has failed. */
  async #failGone({ session, caller }: StatementCall, link: TabletLink): Promise<never> {
    const { prefix, alias } = link;
    const message = `${prefix}tablet: cell:"${alias.cell}" uid:${alias.uid} is either down or nonexistent`;
    throw await afterFailure(session, caller, {}, this.fidelity, true, new VitessError('UNAVAILABLE', message), link);
  }

  /** Finds the tablet, puts the session's own values into the text and sends it. */
  forward(
    call: StatementCall,
    plan: StatementPlan,
    mayBegin: boolean,
    reserve = false,
    keyspaceNamed: string | null = null,
    rewritten = false,
  ): Promise<StatementOutcome> {
    const { session, stream } = call;
    for (const { transactionId, link } of session.shards)
      if (transactionId !== 0n && link.health.gone) return this.#failGone(call, link);
    if (plan.workloadName !== '') session.options = { ...session.options, WorkloadName: plan.workloadName };
    // With a table beside it a lock function goes the way of any SELECT, and the tablet refuses it.
    const own = reserve || (plan.usesLocks && plan.kind === 'select-no-table');
    const printed = rewritten ? null : this.#asPrinted(call, plan);
    const outgoing = printed ?? this.#asWritten(call, plan, rewritten);
    const keyspace = outgoing.keyspace ?? keyspaceNamed;
    const computed = plan.kind === 'select-no-table' && this.isComputed(plan, session);
    const target = computed ? anyServing(session.target) : session.target;
    const link = keyspace === null ? this.router.route(target) : this.router.route(target, keyspace);
    const binds = computed ? withDoubles(outgoing.binds) : outgoing.binds;
    const sent = binds === call.binds ? call : { ...call, binds };
    const plain = this.shardStatement(sent, link, outgoing.sql, mayBegin, own);
    const statement =
      plan.timeoutMs === null ? plain : { ...plain, options: this.callOptions(session, call.signal, plan.timeoutMs) };
    if (plan.usesLocks && plan.kind === 'select-no-table') return runLocks(statement);
    const streams = streamable.has(plan.kind) || (plan.kind === 'ddl' && migration.test(call.sql));
    const sink = stream !== undefined && streams ? stream : undefined;
    return plan.setsUserVariables || plan.tellsSession !== null
      ? this.#sendOnOwn(statement, sink, call)
      : this.#send(statement, sink, call);
  }

  /** What vtgate says of a statement whose message to its tablet has at least so many bytes, before it is made. */
  oversize({ target }: GatewaySession, bytes: number): VitessError {
    return fromTabletStatus(this.router.route(target).prefix, vtCodes.RESOURCE_EXHAUSTED, oversizeText(bytes));
  }

  #canonicalOf(
    { sql, session }: StatementCall,
    how: { readonly prepared: boolean; readonly limited: boolean },
  ): CanonicalStatement | null {
    try {
      return this.#canonical.of(sql, session, this.serverVersion, how);
    } catch (error) {
      throw error instanceof Oversize ? this.oversize(session, error.bytes) : error;
    }
  }

  /** What would be sent for a statement, and the shard that it would be sent to. Throws VitessError as sending would. */
  describe(call: StatementCall, plan: StatementPlan): { readonly described: Described; readonly shard: string } {
    const computed = plan.kind === 'select-no-table' && this.isComputed(plan, call.session);
    const outgoing = this.#asPrinted(call, plan) ?? this.#asWritten(call, plan, false);
    const { target } = call.session;
    const link = outgoing.keyspace === null ? this.router.route(target) : this.router.route(target, outgoing.keyspace);
    const { sql } = outgoing;
    const selects = plan.kind === 'select' || plan.kind === 'select-no-table';
    const described = {
      verb: 'verb' in plan.statement ? plan.statement.verb : 'select',
      keyspace: link.keyspace,
      sql: computed ? null : sql,
      fieldSql: selects ? (impossibleQuery(sql) ?? sql) : null,
    };
    return { described, shard: link.shard };
  }

  /** The messages of a message table, of which a tablet of ours has none: it says so. */
  async messages(call: StatementCall, name: string): Promise<StatementOutcome> {
    const { session, caller, signal } = call;
    const link = this.router.route(session.target);
    const ids = { effectiveCallerId: caller.effective, immediateCallerId: caller.immediate };
    const request = { target: link.target, ...ids, name };
    for await (const _message of link.stream(queryMethods.MessageStream, request, this.callOptions(session, signal)));
    return emptyResult;
  }

  /** The names of the columns of a statement that is computed here, or null where they stay. */
  computedNames(call: StatementCall): readonly string[] | null {
    const how = { prepared: call.prepared === true, limited: false };
    return this.#canonicalOf(call, how)?.columns ?? null;
  }

  /** The answer to a statement of constants, for which no tablet is asked; null where one is. */
  constantRow(call: StatementCall, plan: StatementPlan): StatementResult | null {
    // Hardened mode has a tablet look at whatever is asked.
    if (this.fidelity.mode !== 'vitess' || call.prepared === true || call.binds !== undefined) return null;
    if (plan.usesLocks || !this.isComputed(plan, call.session)) return null;
    const names = this.computedNames(call);
    if (names === null) return null;
    this.#asPrinted(call, plan);
    return constantRow(this.#asWritten(call, plan, false).sql, names);
  }

  /** The statement in vtgate's printing with bind variables, or null where it must go as written. */
  #asPrinted(call: StatementCall, plan: StatementPlan): Outgoing | null {
    if (!printed.has(plan.kind) || isSystemSchema(call.session.target.keyspace)) return null;
    const prepared = call.prepared === true;
    const how = { prepared, limited: plan.kind === 'select' };
    const canonical = this.#canonicalOf(call, how);
    if (canonical === null || canonical.keyspaces.size > 1) return null;
    const binds = call.binds === undefined ? canonical.binds : { ...call.binds, ...canonical.binds };
    if (call.counted !== undefined && !prepared) call.counted.canonical = { sql: canonical.sql, binds };
    if (this.isComputed(plan, call.session)) return null;
    const [keyspace = null] = canonical.keyspaces;
    return { sql: this.#hinted(canonical.sql, plan, call.session), binds, keyspace };
  }

  /** The statement as it was written, but for what only the gateway knows. Throws VitessError for names of no keyspace. */
  #asWritten(call: StatementCall, plan: StatementPlan, rewritten: boolean): Outgoing {
    const { session, caller, prepared } = call;
    let { sql } = call;
    let keyspace: string | null = null;
    const inSchema = isSystemSchema(session.target.keyspace);
    if (!rewritten && (plan.reading !== null || plan.marks.length > 0 || plan.isComputed || inSchema)) {
      const edits: Edit[] = [];
      this.#schemaEdits(call, plan, edits);
      if (plan.reading !== null) {
        const user = sqlUser(caller.immediate as ImmediateCaller);
        const isComputed = this.isComputed(plan, session);
        keyspace = qualifierEdits(plan.reading, this.router, edits);
        sessionCallEdits(plan.reading, session, user, isComputed, this.serverVersion, edits);
      }
      variableEdits(sql, plan.marks, session, this.serverVersion, edits);
      unsetVariableEdits(sql, plan, session, edits);
      if (plan.isComputed) digestEdits(sql, edits);
      if (plan.isComputed) piEdits(sql, edits);
      if (this.isComputed(plan, session)) edits.push(...idleEdits(sql));
      if (prepared === true) parameterEdits(plan.marks, edits);
      sql = applyEdits(sql, edits);
    }
    sql = this.#hinted(sql, plan, session);
    if (plan.kind === 'select') sql = limited(sql, session);
    const named = withSchemaNames(sql, call.binds, (name) => this.router.hasKeyspace(name), session.target.keyspace);
    return { ...named, keyspace };
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
    const { traceId } = statement.session;
    if (this.recorder.enabled('gateway', traceId) || this.recorder.enabled('link', traceId))
      return this.#traced(statement, sink);
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
