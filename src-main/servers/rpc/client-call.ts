import {
  constants,
  type ClientHttp2Stream,
  type IncomingHttpHeaders,
  type IncomingHttpStatusHeader,
  type OutgoingHttpHeaders,
} from 'node:http2';
import { vtCodes } from '../../domain/kernel';
import { onAbort } from './abort-hub';
import type { ClientConnection } from './client-connection';
import { FrameReader } from './framing';
import { readMetadataObject } from './metadata';
import { decodeGrpcMessage } from './percent-coding';
import { statusOfHttp, statusOfReset } from './status';
import { GrpcStatusError } from './types';

/** A call that the server certainly did not begin (RFC 9113 §8.7): it may be sent again. */
export class NotProcessedError extends Error {}

/** One call on one HTTP/2 stream, seen from the client. Its owner gets each message, then the end. */
export abstract class ClientCall {
  protected readonly stream: ClientHttp2Stream;
  readonly #connection: ClientConnection;
  readonly #maxBytes: number;
  readonly #stopListening: (() => void) | null;
  #reader: FrameReader | null = null;
  #headers: (IncomingHttpHeaders & IncomingHttpStatusHeader) | null = null;
  #refused = false;
  #trailers: IncomingHttpHeaders | null = null;
  #deadline: NodeJS.Timeout | null = null;
  #over = false;

  constructor(
    connection: ClientConnection,
    headers: OutgoingHttpHeaders,
    request: Buffer,
    options: {
      readonly maxBytes: number;
      readonly signal: AbortSignal | undefined;
      readonly deadlineMs: number | undefined;
    },
  ) {
    this.#connection = connection;
    this.#maxBytes = options.maxBytes;
    const stream = connection.session.request(headers, { endStream: false });
    this.stream = stream;
    connection.openCalls += 1;
    // Node announces headers a tick later than it hands out data that came with them, so data is asked for only then.
    stream.once('response', (received) => {
      this.#headers = received;
      stream.on('data', (chunk: Buffer) => this.#onData(chunk));
    });
    stream.on('trailers', (received: IncomingHttpHeaders) => (this.#trailers = received));
    stream.on('error', (error: NodeJS.ErrnoException) => {
      // A connection has 2^30 streams; the calls after the last one need another connection.
      if (error.code !== 'ERR_HTTP2_OUT_OF_STREAMS') return;
      this.#refused = true;
      connection.drain();
    });
    stream.once('close', () => {
      connection.openCalls -= 1;
      this.#onClose();
    });
    if (options.deadlineMs !== undefined) {
      const ms = Math.min(options.deadlineMs, 0x7fff_ffff);
      this.#deadline = setTimeout(() => {
        this.#end(new GrpcStatusError(vtCodes.DEADLINE_EXCEEDED, 'context deadline exceeded'));
      }, ms);
    }
    this.#stopListening = options.signal === undefined ? null : onAbort(options.signal, () => this.cancel());
    stream.end(request);
  }

  /** One message of the server, in order. */
  protected abstract onMessage(message: Buffer): void;
  /** The end, once; null is status OK. No message follows. */
  protected abstract onEnd(error: Error | null): void;

  /** Ends the call from this side; the server is told. */
  cancel(): void {
    this.#end(new GrpcStatusError(vtCodes.CANCELED, 'context canceled'));
  }

  #onData(chunk: Buffer): void {
    if (this.#over) return;
    try {
      this.#reader ??= this.#begin();
      for (const message of this.#reader.push(chunk)) if (!this.#over) this.onMessage(message);
    } catch (error) {
      this.#end(error as Error);
    }
  }

  #begin(): FrameReader {
    const headers: IncomingHttpHeaders & IncomingHttpStatusHeader = this.#headers ?? {};
    const status = headers[':status'] ?? 0;
    if (status !== 200) {
      const { code, message } = statusOfHttp(status);
      throw new GrpcStatusError(code, message);
    }
    const contentType = headers['content-type'] ?? '';
    if (!contentType.startsWith('application/grpc')) {
      const text = `unexpected HTTP status code received from server: 200 (OK); transport: received unexpected content-type ${JSON.stringify(contentType)}`;
      throw new GrpcStatusError(vtCodes.UNKNOWN, text);
    }
    return new FrameReader(this.#maxBytes, String(headers['grpc-encoding'] ?? ''));
  }

  #onClose(): void {
    if (this.#over) return;
    this.#end(this.#outcome());
  }

  /** What the headers, trailers and the way the stream ended amount to. */
  #outcome(): Error | null {
    const trailers = this.#trailers ?? this.#headers;
    const status = trailers?.['grpc-status'];
    if (trailers !== null && trailers !== undefined && status !== undefined) {
      const code = Number(status);
      if (code === 0 && this.#reader?.atBoundary === false)
        return new GrpcStatusError(vtCodes.INTERNAL, 'unexpected EOF');
      if (code === 0) return null;
      const message = decodeGrpcMessage(String(trailers['grpc-message'] ?? ''));
      const valid = /^\d+$/.test(String(status));
      return new GrpcStatusError(valid ? code : vtCodes.UNKNOWN, message, readMetadataObject(trailers));
    }
    const { rstCode } = this.stream;
    if (this.#headers !== null && this.#headers[':status'] !== 200) {
      const { code, message } = statusOfHttp(this.#headers[':status'] ?? 0);
      return new GrpcStatusError(code, message);
    }
    if (this.#headers === null && (this.#refused || rstCode === constants.NGHTTP2_REFUSED_STREAM))
      return new NotProcessedError('the server refused the stream before it began');
    if (this.#connection.session.destroyed || this.#connection.session.closed)
      return new GrpcStatusError(vtCodes.UNAVAILABLE, 'error reading from server: EOF');
    if (rstCode !== undefined && rstCode !== constants.NGHTTP2_NO_ERROR) {
      const { code, message } = statusOfReset(rstCode);
      return new GrpcStatusError(code, message);
    }
    return new GrpcStatusError(vtCodes.INTERNAL, 'server closed the stream without sending trailers');
  }

  #end(error: Error | null): void {
    if (this.#over) return;
    this.#over = true;
    if (this.#deadline !== null) clearTimeout(this.#deadline);
    this.#stopListening?.();
    if (!this.stream.closed && !this.stream.destroyed) this.stream.close(constants.NGHTTP2_CANCEL);
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
        if (this.#queue.length === AHEAD >> 1 && this.stream.isPaused()) this.stream.resume();
        return message;
      }
      if (this.#ended) {
        if (this.#error !== null) throw this.#error;
        return null;
      }
      if (this.stream.isPaused()) this.stream.resume();
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }
}
