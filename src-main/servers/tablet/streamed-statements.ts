import type { CallContext, query } from '../rpc';
import { beginRequest } from './begin-request';
import type { TabletConfig } from './config';
import type { Bound, Engines, ExecRequest } from './exec-request';
import type { AnsweredError } from './request-errors';
import { RowChannel } from './row-channel';
import type { RequestHead, TabletRequest } from './tablet-request';
import { demandTarget } from './target-check';
import { codeNumber } from './vt-error';

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

type StreamAnswer = query.IBeginStreamExecuteResponse & query.IReserveBeginStreamExecuteResponse;

export interface StreamedStatementsParts extends Engines {
  readonly config: TabletConfig;
  readonly exec: ExecRequest;
  readonly streamBufferBytes: number;
}

/** The calls whose statement's rows travel as a stream of messages. */
export class StreamedStatements {
  constructor(private readonly parts: StreamedStatementsParts) {}

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
    const attempt = this.parts.exec
      .attempt(own, head, (running) => this.parts.engine.stream(running, where, channel))
      .then((outcome) => {
        channel.end();
        return 'error' in outcome ? outcome.error : null;
      });
    try {
      yield* channel.results();
      return await attempt;
    } finally {
      abandoned.abort();
      await attempt;
    }
  }

  /** StreamExecute. */
  async *plain(
    request: TabletRequest,
    head: RequestHead,
    where: { readonly transactionId: bigint; readonly reservedId: bigint },
  ): AsyncGenerator<query.IStreamExecuteResponse> {
    const results = this.#results(request, head, where);
    for (;;) {
      const step = await results.next();
      if (step.done === true) {
        if (step.value !== null) throw this.parts.exec.status(step.value);
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
      if (step.value !== null && !hasId) throw this.parts.exec.status(step.value);
      if (step.value === null) yield ids;
      else yield { ...ids, error: { code: codeNumber(step.value.code), message: step.value.message } };
      return;
    }
  }

  /** BeginStreamExecute and ReserveBeginStreamExecute: begins first, with `postBegin` behind the begin. */
  async *begun(
    message: Bound,
    context: CallContext,
    preQueries: readonly string[],
    postBegin: readonly string[],
    reservedId: bigint,
  ): AsyncGenerator<StreamAnswer> {
    const transactionId = await beginRequest(
      this.parts.exec,
      this.parts,
      message,
      context,
      preQueries,
      postBegin,
      reservedId,
    );
    const request = this.parts.exec.bound('StreamExecute', message, context);
    const ids = { transactionId, tabletAlias: this.parts.config.alias };
    yield* this.#streamWithIds(request, message, { transactionId, reservedId }, ids);
  }

  /** ReserveStreamExecute: `preQueries` are settings of the connection, and nothing is reserved. */
  async *reserved(
    message: query.ReserveStreamExecuteRequest,
    context: CallContext,
  ): AsyncGenerator<query.IReserveStreamExecuteResponse> {
    const { engine } = this.parts;
    const { preQueries: settings, transactionId } = message;
    const request = this.parts.exec.bound('StreamExecute', message, context);
    const outcome = await this.#checked(request, message, () => engine.checkSettings(settings));
    if (outcome !== null) throw this.parts.exec.status(outcome);
    const where = { transactionId, reservedId: 0n, settings };
    yield* this.#streamWithIds(request, message, where, {});
  }

  async #checked(request: TabletRequest, head: RequestHead, check: () => void): Promise<AnsweredError | null> {
    try {
      demandTarget(head.target, this.parts.config);
      check();
      return null;
    } catch {
      const outcome = await this.parts.exec.attempt(request, head, () => Promise.resolve(check()));
      return 'error' in outcome ? outcome.error : null;
    }
  }
}
