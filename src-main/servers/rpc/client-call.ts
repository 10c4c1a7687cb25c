import { vtCodes } from '../../domain/kernel';
import { onAbort } from './abort-hub';
import type { ClientConnection } from './client-connection';
import { FrameReader } from './framing';
import { fieldOf, http2Errors, NoStreamsLeftError, type Fields, type SentField, type StreamEnd } from './h2';
import type { Http2Stream, StreamOwner } from './h2';
import { readMetadata } from './metadata';
import { decodeGrpcMessage } from './percent-coding';
import { statusOfHttp, statusOfReset } from './status';
import { GrpcStatusError } from './types';

/** A call that the server certainly did not begin (RFC 9113 §8.7): it may be sent again. */
export class NotProcessedError extends Error {}

/** The HTTP status of an answer; 0 when it has none. */
const httpStatus = (fields: Fields): number => Number(fieldOf(fields, ':status') ?? 0);

/** One call on one HTTP/2 stream, seen from the client. Its owner gets each message, then the end. */
export abstract class ClientCall implements StreamOwner {
  protected readonly stream: Http2Stream;
  readonly #connection: ClientConnection;
  readonly #maxBytes: number;
  readonly #stopListening: (() => void) | null;
  #reader: FrameReader | null = null;
  #headers: Fields | null = null;
  #trailers: Fields | null = null;
  #deadline: NodeJS.Timeout | null = null;
  #over = false;

  /** Throws NotProcessedError when the connection has no streams left. */
  constructor(
    connection: ClientConnection,
    headers: readonly SentField[],
    request: Buffer,
    options: {
      readonly maxBytes: number;
      readonly signal: AbortSignal | undefined;
      readonly deadlineMs: number | undefined;
    },
  ) {
    this.#connection = connection;
    this.#maxBytes = options.maxBytes;
    try {
      this.stream = connection.session.request(headers, request, this);
    } catch (error) {
      if (!(error instanceof NoStreamsLeftError)) throw error;
      // The calls after a connection's last stream need another connection.
      connection.drain();
      throw new NotProcessedError(error.message);
    }
    connection.openCalls += 1;
    if (options.deadlineMs !== undefined) {
      const ms = Math.min(options.deadlineMs, 0x7fff_ffff);
      this.#deadline = setTimeout(() => {
        this.#end(new GrpcStatusError(vtCodes.DEADLINE_EXCEEDED, 'context deadline exceeded'));
      }, ms);
    }
    this.#stopListening = options.signal === undefined ? null : onAbort(options.signal, () => this.cancel());
  }

  /** One message of the server, in order. */
  protected abstract onMessage(message: Buffer): void;
  /** The end, once; null is status OK. No message follows. */
  protected abstract onEnd(error: Error | null): void;

  /** Ends the call from this side; the server is told. */
  cancel(): void {
    this.#end(new GrpcStatusError(vtCodes.CANCELED, 'context canceled'));
  }

  fields(fields: Fields, _end: boolean): void {
    if (this.#headers !== null) this.#trailers = fields;
    // Answers of 1xx precede the one that counts.
    else if (fieldOf(fields, ':status')?.startsWith('1') !== true) this.#headers = fields;
  }

  ended(): void {
    // The stream's end says what there is to say.
  }

  data(chunk: Buffer): void {
    if (this.#over) return;
    try {
      this.#reader ??= this.#begin();
      for (const message of this.#reader.push(chunk)) if (!this.#over) this.onMessage(message);
    } catch (error) {
      this.#end(error as Error);
    }
  }

  #begin(): FrameReader {
    const headers = this.#headers ?? [];
    const status = httpStatus(headers);
    if (status !== 200) {
      const { code, message } = statusOfHttp(status);
      throw new GrpcStatusError(code, message);
    }
    const contentType = fieldOf(headers, 'content-type') ?? '';
    if (!contentType.startsWith('application/grpc')) {
      const text = `unexpected HTTP status code received from server: 200 (OK); transport: received unexpected content-type ${JSON.stringify(contentType)}`;
      throw new GrpcStatusError(vtCodes.UNKNOWN, text);
    }
    return new FrameReader(this.#maxBytes, fieldOf(headers, 'grpc-encoding') ?? '');
  }

  closed(how: StreamEnd, code: number): void {
    this.#connection.openCalls -= 1;
    if (!this.#over) this.#end(this.#outcome(how, code));
  }

  /** What the headers, trailers and the way the stream ended amount to. */
  #outcome(how: StreamEnd, resetCode: number): Error | null {
    const trailers = this.#trailers ?? this.#headers;
    const status = trailers === null ? undefined : fieldOf(trailers, 'grpc-status');
    if (trailers !== null && status !== undefined) {
      const code = Number(status);
      if (code === 0 && this.#reader?.atBoundary === false)
        return new GrpcStatusError(vtCodes.INTERNAL, 'unexpected EOF');
      if (code === 0) return null;
      const message = decodeGrpcMessage(fieldOf(trailers, 'grpc-message') ?? '');
      const valid = /^\d+$/.test(status);
      return new GrpcStatusError(valid ? code : vtCodes.UNKNOWN, message, readMetadata(trailers));
    }
    if (this.#headers !== null && httpStatus(this.#headers) !== 200) {
      const { code, message } = statusOfHttp(httpStatus(this.#headers));
      return new GrpcStatusError(code, message);
    }
    if (this.#headers === null && (how === 'refused' || (how === 'reset' && resetCode === http2Errors.refusedStream)))
      return new NotProcessedError('the server refused the stream before it began');
    if (how === 'lost') return new GrpcStatusError(vtCodes.UNAVAILABLE, 'error reading from server: EOF');
    if (how === 'reset' && resetCode !== http2Errors.none) {
      const { code, message } = statusOfReset(resetCode);
      return new GrpcStatusError(code, message);
    }
    return new GrpcStatusError(vtCodes.INTERNAL, 'server closed the stream without sending trailers');
  }

  #end(error: Error | null): void {
    if (this.#over) return;
    this.#over = true;
    if (this.#deadline !== null) clearTimeout(this.#deadline);
    this.#stopListening?.();
    if (!this.stream.closed) this.stream.reset(http2Errors.cancel);
    this.onEnd(error);
  }
}

/** A call with one answer. */
export class UnaryCall extends ClientCall {
  #answer: Buffer | null = null;
  #settle!: { resolve: (answer: Buffer) => void; reject: (error: Error) => void };
  readonly answer = new Promise<Buffer>((resolve, reject) => {
    this.#settle = { resolve, reject };
  });

  protected onMessage(message: Buffer): void {
    if (this.#answer !== null) throw new GrpcStatusError(vtCodes.INTERNAL, 'the server sent more than one answer');
    this.#answer = message;
  }

  protected onEnd(error: Error | null): void {
    if (error !== null) this.#settle.reject(error);
    else if (this.#answer !== null) this.#settle.resolve(this.#answer);
    else this.#settle.reject(new GrpcStatusError(vtCodes.INTERNAL, 'the server ended the call without an answer'));
  }
}

/** Messages kept for a consumer before the server is made to wait. */
const AHEAD = 16;

/** A call with any number of answers, read at the consumer's pace. */
export class StreamCall extends ClientCall {
  readonly #queue: Buffer[] = [];
  #ended = false;
  #error: Error | null = null;
  #wake: (() => void) | null = null;

  protected onMessage(message: Buffer): void {
    this.#queue.push(message);
    if (this.#queue.length >= AHEAD) this.stream.pause();
    this.#notify();
  }

  protected onEnd(error: Error | null): void {
    this.#ended = true;
    this.#error = error;
    this.#notify();
  }

  /** The next message; null at the end. Rejects with the status when it is not OK, after the messages before it. */
  async next(): Promise<Buffer | null> {
    for (;;) {
      const message = this.#queue.shift();
      if (message !== undefined) {
        if (this.#queue.length <= AHEAD >> 1) this.stream.resume();
        return message;
      }
      if (this.#ended) {
        if (this.#error !== null) throw this.#error;
        return null;
      }
      this.stream.resume();
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }
}
