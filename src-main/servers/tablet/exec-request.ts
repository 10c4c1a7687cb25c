import { GrpcStatusError, type CallContext, type query } from '../rpc';
import { traceMetadataKey, type Recorder } from '../recorder';
import type { BackendAccess } from './backend-access';
import type { TabletConfig } from './config';
import type { Engine } from './engine';
import type { TabletQueryLog } from './query-log';
import { answerError, truncated, type AnsweredError } from './request-errors';
import { logRecord, recordReceived } from './request-record';
import { noVariables, TabletRequest, type RequestHead } from './tablet-request';
import { demandTarget } from './target-check';
import type { TxEngine } from './tx-engine';
import { codeNumber, VtError } from './vt-error';

const traceIdForm = /^[0-9a-f]{24}$/;

/** A request with a statement. */
export type Bound = RequestHead & {
  readonly query: query.BoundQuery | null;
  readonly options: query.ExecuteOptions | null;
};

/** Answers one unary request that has no statement: target, log and texts of errors are seen to. */
export type AskTablet = <T>(
  method: string,
  /** What the query log shows in place of a statement. */
  sql: string,
  message: RequestHead,
  context: CallContext,
  work: (request: TabletRequest) => Promise<T>,
) => Promise<T>;

/** What a tablet that is closing still takes: statements and ends of transactions, and what is given back. */
const belongsToOpen = ({ method }: TabletRequest, head: RequestHead): boolean =>
  method === 'Release' || ((head as { readonly transactionId?: bigint }).transactionId ?? 0n) !== 0n;

/** What does the work of requests: statements, and transactions with reserved connections. */
export interface Engines {
  readonly engine: Engine;
  readonly transactions: TxEngine;
}

export interface ExecRequestParts {
  readonly config: TabletConfig;
  readonly backend: BackendAccess;
  readonly log: TabletQueryLog;
  readonly recorder: Recorder;
  /** True once the tablet is being stopped. */
  readonly draining: () => boolean;
}

/**
 * What is done around the work of every request: target and state before, log record and text of the error after
 * (go/vt/vttablet/tabletserver/tabletserver.go, execRequest).
 */
export class ExecRequest {
  constructor(private readonly parts: ExecRequestParts) {}

  #traceId(context: CallContext): string {
    const claimed = context.text(traceMetadataKey);
    return claimed !== undefined && traceIdForm.test(claimed) ? claimed : context.peer.traceId;
  }

  /** A request with a statement, as it came. Throws GrpcStatusError where there is none. */
  bound(method: string, message: Bound, context: CallContext): TabletRequest {
    const { query: bound, options } = message;
    // vttablet panics here, and its client sees that.
    if (bound === null)
      throw new GrpcStatusError(
        codeNumber('UNKNOWN'),
        'uncaught panic: runtime error: invalid memory address or nil pointer dereference',
      );
    const { sql, bindVariables } = bound;
    return new TabletRequest(method, context, this.#traceId(context), message, sql, bindVariables, options);
  }

  /** A request without one; `sql` is what the query log shows in its place. */
  plain(
    method: string,
    message: RequestHead,
    context: CallContext,
    sql: string,
    options: query.ExecuteOptions | null = null,
  ): TabletRequest {
    return new TabletRequest(method, context, this.#traceId(context), message, sql, noVariables, options);
  }

  /** Runs begin, commit or rollback, which vttablet's log does not count as queries. */
  async quietly<T>(request: TabletRequest, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } finally {
      request.queries = 0;
      request.rewritten = [];
    }
  }

  /**
   * Does `work` for a request, with target check before and log record after; errors come back as data. `arrives`: it is
   * what came in, and not a part of it that the log tells by itself.
   */
  async attempt<T>(
    request: TabletRequest,
    head: RequestHead,
    work: (request: TabletRequest) => Promise<T>,
    arrives = true,
  ): Promise<{ readonly value: T } | { readonly error: AnsweredError }> {
    if (arrives && this.parts.recorder.enabled('tablet', request.traceId))
      recordReceived(this.parts.recorder, this.parts.config, request, head);
    let error: AnsweredError | null = null;
    try {
      demandTarget(head.target, this.parts.config);
      if (this.parts.draining())
        throw new VtError('CLUSTER_EVENT', 'operation not allowed in state SHUTTING_DOWN', true);
      const { backend } = this.parts;
      if (backend.unsure !== null) await backend.unsure;
      backend.demandServing(belongsToOpen(request, head));
      return { value: await work(request) };
    } catch (thrown) {
      error = answerError(thrown, {
        sql: request.sql,
        variables: request.variables,
        user: request.user,
        maxLimit: request.maxLimit,
        terse: this.parts.config.terseErrors === true,
      });
      return { error };
    } finally {
      this.parts.log.add(logRecord(request, error?.message ?? ''));
    }
  }

  /** The answer of a unary call, or its error as gRPC status. */
  async answer<T>(request: TabletRequest, head: RequestHead, work: (request: TabletRequest) => Promise<T>): Promise<T> {
    const outcome = await this.attempt(request, head, work);
    if ('error' in outcome) throw this.status(outcome.error);
    return outcome.value;
  }

  /** An error as gRPC status, short enough for trailers. */
  status({ code, message }: AnsweredError): GrpcStatusError {
    return new GrpcStatusError(codeNumber(code), truncated(message));
  }

  /** The answer of a statement in a transaction that was just opened: its error travels beside the ids. */
  async inBand(
    request: TabletRequest,
    head: RequestHead,
    work: (request: TabletRequest) => Promise<query.IQueryResult | null>,
  ): Promise<Pick<query.IBeginExecuteResponse, 'error' | 'result'>> {
    const outcome = await this.attempt(request, head, work);
    if ('value' in outcome) return { result: outcome.value };
    return { error: { code: codeNumber(outcome.error.code), message: outcome.error.message } };
  }
}
