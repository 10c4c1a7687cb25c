import {
  GrpcStatusError,
  queryMethods,
  serve,
  type CallContext,
  type Handlers,
  type query,
  type RegisteredService,
} from '../rpc';
import { traceMetadataKey, type Recorder } from '../recorder';
import { noVariables, TabletRequest, type RequestHead } from './tablet-request';
import type { TabletConfig } from './config';
import type { Engine } from './engine';
import type { HealthBroadcast } from './health';
import { answerError, truncated, type AnsweredError } from './request-errors';
import type { TabletQueryLog } from './query-log';
import type { BackendAccess } from './backend-access';
import { RowChannel } from './row-channel';
import { codeNumber, VtError } from './vt-error';
import { logRecord, recordReceived } from './request-record';
import { streamSchema } from './schema-stream';
import { demandTarget } from './target-check';
import { twoPhaseHandlers } from './two-phase';
import { unusedStreams } from './unused-streams';

const traceIdForm = /^[0-9a-f]{24}$/;

export interface QueryServiceParts {
  readonly config: TabletConfig;
  readonly engine: Engine;
  readonly backend: BackendAccess;
  readonly health: HealthBroadcast;
  readonly log: TabletQueryLog;
  readonly recorder: Recorder;
  readonly streamBufferBytes: number;
  /** True once the tablet is being stopped. */
  readonly draining: () => boolean;
}

/** The same call, cancelled by another signal. */
const withSignal = (context: CallContext, signal: AbortSignal): CallContext => ({
  path: context.path,
  peer: context.peer,
  staticUser: context.staticUser,
  get metadata() {
    return context.metadata;
  },
  text: (key) => context.text(key),
  signal,
  get cancelled() {
    return signal.aborted;
  },
  onCancel(listener) {
    signal.addEventListener('abort', listener, { once: true });
    return () => signal.removeEventListener('abort', listener);
  },
});

type Bound = RequestHead & { readonly query: query.BoundQuery | null; readonly options: query.ExecuteOptions | null };
type StreamAnswer = query.IBeginStreamExecuteResponse & query.IReserveBeginStreamExecuteResponse;

/** Answers one unary request that has no statement: target, log and texts of errors are seen to. */
export type AskTablet = <T>(
  method: string,
  /** What the query log shows in place of a statement. */
  sql: string,
  message: RequestHead,
  context: CallContext,
  work: (request: TabletRequest) => Promise<T>,
) => Promise<T>;

/** Ids of a transaction and of a reserved connection are those of one connection, or one of them is 0. */
function demandOneId({ transactionId, reservedId }: { readonly transactionId: bigint; readonly reservedId: bigint }) {
  if (transactionId === 0n || reservedId === 0n || transactionId === reservedId) return;
  throw new GrpcStatusError(
    codeNumber('INTERNAL'),
    '[BUG] transactionID and reserveID must match if both are non-zero',
  );
}

/** What a tablet that is closing still takes: statements and ends of transactions, and what is given back. */
const belongsToOpen = ({ method }: TabletRequest, head: RequestHead): boolean =>
  method === 'Release' || ((head as { readonly transactionId?: bigint }).transactionId ?? 0n) !== 0n;

const savepoint = /^\s*(?:savepoint|rollback(?:\s+work)?\s+to|release\s+savepoint)\s/i;

/** vtgate sends a session's savepoints in the place of the settings of a BeginExecute. */
const savepointsApart = (
  preQueries: readonly string[],
): [settings: readonly string[], savepoints: readonly string[]] => [
  preQueries.filter((sql) => !savepoint.test(sql)),
  preQueries.filter((sql) => savepoint.test(sql)),
];

/** `queryservice.Query` as vttablet serves it (vitess-behaviour §§3.2, 3.4). */
export class QueryService {
  readonly #alias: { readonly cell: string; readonly uid: number };

  constructor(private readonly parts: QueryServiceParts) {
    this.#alias = parts.config.alias;
  }

  get service(): RegisteredService {
    const { engine } = this.parts;
    const ask: AskTablet = (method, sql, message, context, work) =>
      this.#answer(this.#plain(method, message, context, sql), message, work);
    const handlers: Handlers<typeof queryMethods> = {
      Execute: (message, context) => {
        demandOneId(message);
        return this.#answer(this.#bound('Execute', message, context), message, async (request) => ({
          result: await engine.execute(request, message),
        }));
      },
      StreamExecute: (message, context) => {
        demandOneId(message);
        return this.#stream(this.#bound('StreamExecute', message, context), message, message);
      },
      Begin: (message, context) =>
        this.#answer(this.#plain('Begin', message, context, 'begin', message.options), message, async (request) => {
          const transactionId = await this.#quietly(request, () => engine.begin(request));
          return { transactionId, tabletAlias: this.#alias };
        }),
      Commit: (message, context) =>
        this.#answer(this.#plain('Commit', message, context, 'commit'), message, async (request) => ({
          reservedId: await this.#quietly(request, () => engine.conclude(request, message.transactionId, 'commit')),
        })),
      Rollback: (message, context) =>
        this.#answer(this.#plain('Rollback', message, context, 'rollback'), message, async (request) => ({
          reservedId: await this.#quietly(request, () => engine.conclude(request, message.transactionId, 'rollback')),
        })),
      BeginExecute: async (message, context) => {
        const transactionId = await this.#begin(
          message,
          context,
          ...savepointsApart(message.preQueries),
          message.reservedId,
        );
        const where = { transactionId, reservedId: message.reservedId };
        const answer = await this.#inBand(this.#bound('Execute', message, context), message, (request) =>
          engine.execute(request, where),
        );
        return { ...answer, transactionId, tabletAlias: this.#alias };
      },
      ReserveExecute: (message, context) => this.#reserveExecute(message, context),
      ReserveBeginExecute: async (message, context) => {
        const { preQueries, postBeginQueries } = message;
        const transactionId = await this.#begin(message, context, preQueries, postBeginQueries, 0n);
        const request = this.#bound('Execute', message, context);
        let reservedId = 0n;
        const answer = await this.#inBand(request, message, async () => {
          if (engine.wantsReservation(request, false)) reservedId = await engine.reserve(request, [], transactionId);
          return engine.execute(request, { transactionId, reservedId });
        });
        return { ...answer, transactionId, reservedId, tabletAlias: this.#alias };
      },
      BeginStreamExecute: (message, context) =>
        this.#beginStream(message, context, ...savepointsApart(message.preQueries), message.reservedId),
      ReserveBeginStreamExecute: (message, context) =>
        this.#beginStream(message, context, message.preQueries, message.postBeginQueries, 0n),
      ReserveStreamExecute: (message, context) => this.#reserveStream(message, context),
      Release: (message, context) =>
        this.#answer(this.#plain('Release', message, context, ''), message, (request) => {
          request.transactionId = message.transactionId;
          engine.release(message.transactionId, message.reservedId);
          return Promise.resolve({});
        }),
      StreamHealth: (_message, context) => this.parts.health.stream(context.signal),
      GetSchema: (message, context) => this.#getSchema(message, context),
      ...twoPhaseHandlers(engine, ask),
      ...unusedStreams(this.parts.config, this.parts.backend, ask),
    };
    return serve(queryMethods, handlers);
  }

  #traceId(context: CallContext): string {
    const claimed = context.text(traceMetadataKey);
    return claimed !== undefined && traceIdForm.test(claimed) ? claimed : context.peer.traceId;
  }

  #bound(method: string, message: Bound, context: CallContext): TabletRequest {
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

  #plain(
    method: string,
    message: RequestHead,
    context: CallContext,
    sql: string,
    options: query.ExecuteOptions | null = null,
  ): TabletRequest {
    return new TabletRequest(method, context, this.#traceId(context), message, sql, noVariables, options);
  }

  /** Runs begin, commit or rollback, which vttablet's log does not count as queries. */
  async #quietly<T>(request: TabletRequest, work: () => Promise<T>): Promise<T> {
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
  async #attempt<T>(
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
  async #answer<T>(
    request: TabletRequest,
    head: RequestHead,
    work: (request: TabletRequest) => Promise<T>,
  ): Promise<T> {
    const outcome = await this.#attempt(request, head, work);
    if ('error' in outcome) throw this.#status(outcome.error);
    return outcome.value;
  }

  #status({ code, message }: AnsweredError): GrpcStatusError {
    return new GrpcStatusError(codeNumber(code), truncated(message));
  }

  /** The answer of a statement in a transaction that was just opened: its error travels beside the ids. */
  async #inBand(
    request: TabletRequest,
    head: RequestHead,
    work: (request: TabletRequest) => Promise<query.IQueryResult | null>,
  ): Promise<Pick<query.IBeginExecuteResponse, 'error' | 'result'>> {
    const outcome = await this.#attempt(request, head, work);
    if ('value' in outcome) return { result: outcome.value };
    return { error: { code: codeNumber(outcome.error.code), message: outcome.error.message } };
  }

  /** Begins, and runs `postBegin`, statements of vtgate's own: savepoints, which the log shows with the begin. */
  async #begin(
    message: Bound,
    context: CallContext,
    preQueries: readonly string[],
    postBegin: readonly string[],
    reservedId: bigint,
  ): Promise<bigint> {
    const { engine } = this.parts;
    return this.#answer(this.#plain('Begin', message, context, 'begin', message.options), message, async (request) => {
      const transactionId = await this.#quietly(request, () => {
        if (reservedId !== 0n) return engine.beginOn(request, reservedId);
        engine.checkSettings(preQueries);
        return engine.begin(request, preQueries);
      });
      if (postBegin.length > 0) await this.#postBegin(request, message, postBegin, transactionId);
      return transactionId;
    });
  }

  async #postBegin(
    request: TabletRequest,
    head: RequestHead,
    statements: readonly string[],
    transactionId: bigint,
  ): Promise<void> {
    const { engine } = this.parts;
    try {
      for (const sql of statements) {
        const { method, context, traceId, options } = request;
        const own = new TabletRequest(method, context, traceId, head, sql, noVariables, options);
        await engine.execute(own, { transactionId, reservedId: 0n });
        request.planType = own.planType;
        request.queries += own.queries;
        request.rewritten.push(...own.rewritten);
      }
    } catch (error) {
      // Nobody learns the id of this transaction.
      await engine.conclude(request, transactionId, 'rollback').catch(() => undefined);
      throw error;
    }
  }

  async #reserveExecute(
    message: query.ReserveExecuteRequest,
    context: CallContext,
  ): Promise<query.IReserveExecuteResponse> {
    const { engine } = this.parts;
    const { preQueries: settings, transactionId } = message;
    const request = this.#bound('Execute', message, context);
    const wants = engine.wantsReservation(request, false);
    const reservedId = wants ? await this.#reserveAfterAttempt(message, context) : 0n;
    const outcome = await this.#attempt(request, message, () => {
      if (wants) return engine.execute(request, { transactionId, reservedId });
      engine.checkSettings(settings);
      return engine.execute(request, { transactionId, reservedId: 0n, settings });
    });
    // Only what was reserved has a place; settings alone leave none.
    const held = reservedId === 0n ? {} : { reservedId, tabletAlias: this.#alias };
    if ('value' in outcome) return { result: outcome.value, ...held };
    // Once a connection is reserved its id must reach the caller, so the error travels beside it.
    if (reservedId === 0n) throw this.#status(outcome.error);
    return { error: { code: codeNumber(outcome.error.code), message: outcome.error.message }, ...held };
  }

  /**
   * vttablet finds out that a statement needs a connection of its own by running it without one; its log tells of that
   * attempt and of the reservation. Returns the connection's id; throws the status of what else is wrong.
   */
  async #reserveAfterAttempt(message: query.ReserveExecuteRequest, context: CallContext): Promise<bigint> {
    const { engine } = this.parts;
    const { preQueries, transactionId, options } = message;
    const attempt = this.#bound('Execute', message, context);
    const refused = await this.#attempt(
      attempt,
      message,
      () => {
        engine.checkSettings(preQueries);
        return engine.execute(attempt, { transactionId, reservedId: 0n });
      },
      false,
    );
    if ('error' in refused && !refused.error.message.includes('not allowed without reserved connection'))
      throw this.#status(refused.error);
    const { traceId, variables } = attempt;
    const request = new TabletRequest('Reserve', context, traceId, message, '', variables, options);
    const reserved = await this.#attempt(
      request,
      message,
      () => this.#quietly(request, () => engine.reserve(request, preQueries, transactionId)),
      false,
    );
    if ('error' in reserved) throw this.#status(reserved.error);
    return reserved.value;
  }

  /** Results of a streamed statement; the error, if any, is thrown as `AnsweredError` after what was sent. */
  async *#results(
    request: TabletRequest,
    head: RequestHead,
    where: { readonly transactionId: bigint; readonly reservedId: bigint; readonly settings?: readonly string[] },
  ): AsyncGenerator<query.IQueryResult, AnsweredError | null> {
    const channel = new RowChannel(this.parts.streamBufferBytes);
    const abandoned = new AbortController();
    const signal = AbortSignal.any([request.context.signal, abandoned.signal]);
    const own = request.withContext(withSignal(request.context, signal));
    const attempt = this.#attempt(own, head, (running) => this.parts.engine.stream(running, where, channel)).then(
      (outcome) => {
        channel.end();
        return 'error' in outcome ? outcome.error : null;
      },
    );
    try {
      yield* channel.results();
      return await attempt;
    } finally {
      abandoned.abort();
      await attempt;
    }
  }

  async *#stream(
    request: TabletRequest,
    head: RequestHead,
    where: { readonly transactionId: bigint; readonly reservedId: bigint },
  ): AsyncGenerator<query.IStreamExecuteResponse> {
    const results = this.#results(request, head, where);
    for (;;) {
      const step = await results.next();
      if (step.done === true) {
        if (step.value !== null) throw this.#status(step.value);
        return;
      }
      try {
        yield { result: step.value };
      } catch (error) {
        await results.return(null);
        throw error;
      }
    }
  }

  /** Streams with ids: results first, then one message with the ids and the error (grpcqueryservice/server.go). */
  async *#streamWithIds(
    request: TabletRequest,
    head: RequestHead,
    where: { readonly transactionId: bigint; readonly reservedId: bigint; readonly settings?: readonly string[] },
    ids: StreamAnswer,
  ): AsyncGenerator<StreamAnswer> {
    const results = this.#results(request, head, where);
    const hasId = (ids.transactionId ?? 0n) !== 0n || (ids.reservedId ?? 0n) !== 0n;
    for (;;) {
      const step = await results.next();
      if (step.done !== true) {
        yield { result: step.value };
        continue;
      }
      if (step.value !== null && !hasId) throw this.#status(step.value);
      if (step.value === null) yield ids;
      else yield { ...ids, error: { code: codeNumber(step.value.code), message: step.value.message } };
      return;
    }
  }

  async *#beginStream(
    message: Bound,
    context: CallContext,
    preQueries: readonly string[],
    postBegin: readonly string[],
    reservedId: bigint,
  ): AsyncGenerator<StreamAnswer> {
    const transactionId = await this.#begin(message, context, preQueries, postBegin, reservedId);
    const request = this.#bound('StreamExecute', message, context);
    const ids = { transactionId, tabletAlias: this.#alias };
    yield* this.#streamWithIds(request, message, { transactionId, reservedId }, ids);
  }

  async *#reserveStream(
    message: query.ReserveStreamExecuteRequest,
    context: CallContext,
  ): AsyncGenerator<query.IReserveStreamExecuteResponse> {
    const { engine } = this.parts;
    const { preQueries: settings, transactionId } = message;
    const request = this.#bound('StreamExecute', message, context);
    const outcome = await this.#checked(request, message, () => engine.checkSettings(settings));
    if (outcome !== null) throw this.#status(outcome);
    const where = { transactionId, reservedId: 0n, settings };
    yield* this.#streamWithIds(request, message, where, {});
  }

  async #checked(request: TabletRequest, head: RequestHead, check: () => void): Promise<AnsweredError | null> {
    try {
      demandTarget(head.target, this.parts.config);
      check();
      return null;
    } catch {
      const outcome = await this.#attempt(request, head, () => Promise.resolve(check()));
      return 'error' in outcome ? outcome.error : null;
    }
  }

  async *#getSchema(message: query.GetSchemaRequest, context: CallContext): AsyncGenerator<query.IGetSchemaResponse> {
    const request = this.#plain(
      'GetSchema',
      { effectiveCallerId: null, immediateCallerId: null, target: message.target },
      context,
      '',
    );
    const { backend } = this.parts;
    const head = headOf(request, message.target);
    let answers: query.IGetSchemaResponse[] = [];
    const outcome = await this.#attempt(request, head, async () => {
      answers = await streamSchema(backend, message.tableType as number, message.tableNames);
    });
    if ('error' in outcome) throw this.#status(outcome.error);
    yield* answers;
  }
}

const headOf = (request: TabletRequest, target: query.Target | null = null): RequestHead =>
  ({
    effectiveCallerId: null,
    immediateCallerId:
      request.immediate === null
        ? null
        : { username: request.immediate.username, groups: [...request.immediate.groups] },
    target,
  }) as unknown as RequestHead;
