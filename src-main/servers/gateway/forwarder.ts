import { impossibleQuery } from '../../domain/sql';
import type { Recorder } from '../recorder';
import { queryMethods, type CallOptions } from '../rpc';
import { constantRow } from './constant-row';
import type { Fidelity } from '../../domain/fidelity/fidelity';
import type { GatewayBehaviour } from './behaviour';
import { withDoubles } from './double-binds';
import { runLocks } from './lock-session';
import { emptyResult, type ResultSink, type StatementResult } from './result';
import type { Router } from './router';
import type { GatewaySession } from './session';
import { executeAtShard, rpcOf, streamAtShard, type ShardStatement } from './shard-calls';
import type { StatementCall, StatementOutcome } from './statement-call';
import type { StatementPlan, StatementPlanner } from './statement-plan';
import { StatementRewriter } from './statement-rewriter';
import type { TabletLink } from './tablet-link';
import type { SessionTarget } from './target';
import { afterFailure } from './transaction-failure';
import { VitessError } from './vitess-error';
import type { Described } from './vexplain';

const streamable = new Set<StatementPlan['kind']>(['select', 'select-no-table', 'show', 'explain', 'call', 'other']);

/** What vtgate streams as well, for the tablet to refuse. */
const migration = /^\s*alter\s+vitess_migration\b/i;

/** A statement without tables runs anywhere: at the primary, unless a shard was named. */
export const anyServing = (target: SessionTarget): SessionTarget =>
  target.shard === null ? { ...target, type: 'primary', alias: null } : target;

/** Sends statements to tablets: has the text made, finds the tablet, records the hop. */
export class Forwarder {
  readonly rewriter: StatementRewriter;

  constructor(
    readonly router: Router,
    readonly serverVersion: string,
    readonly planner: StatementPlanner,
    private readonly recorder: Recorder,
    readonly fidelity: Fidelity,
    readonly behaviour: GatewayBehaviour,
  ) {
    this.rewriter = new StatementRewriter(router, serverVersion, planner);
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
    const printed = rewritten ? null : this.rewriter.asPrinted(call, plan);
    const outgoing = printed ?? this.rewriter.asWritten(call, plan, rewritten);
    const keyspace = outgoing.keyspace ?? keyspaceNamed;
    const computed = plan.kind === 'select-no-table' && this.rewriter.isComputed(plan, session);
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

  /** What would be sent for a statement, and the shard that it would be sent to. Throws VitessError as sending would. */
  describe(call: StatementCall, plan: StatementPlan): { readonly described: Described; readonly shard: string } {
    const computed = plan.kind === 'select-no-table' && this.rewriter.isComputed(plan, call.session);
    const outgoing = this.rewriter.asPrinted(call, plan) ?? this.rewriter.asWritten(call, plan, false);
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

  /** The answer to a statement of constants, for which no tablet is asked; null where one is. */
  constantRow(call: StatementCall, plan: StatementPlan): StatementResult | null {
    // Hardened mode has a tablet look at whatever is asked.
    if (this.fidelity.mode !== 'vitess' || call.prepared === true || call.binds !== undefined) return null;
    if (plan.usesLocks || !this.rewriter.isComputed(plan, call.session)) return null;
    const names = this.rewriter.computedNames(call);
    if (names === null) return null;
    this.rewriter.asPrinted(call, plan);
    return constantRow(this.rewriter.asWritten(call, plan, false).sql, names);
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
