import { constants, type IncomingHttpHeaders, type OutgoingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { vtCodes } from '../../domain/kernel';
import { FrameReader, frameMessage } from './framing';
import { decodeGrpcTimeout } from './grpc-timeout';
import { firstText, readMetadata, writeMetadata } from './metadata';
import { encodeGrpcMessage } from './percent-coding';
import type { RegisteredMethod, Router } from './services';
import { fitStatusMessage } from './status';
import { GrpcStatusError, type CallContext, type GrpcPeer, type Metadata } from './types';

/** What the calls of one server have in common. */
export interface CallPolicy {
  readonly router: Router;
  readonly authorize: ((context: CallContext) => void) | null;
  readonly maxMessageBytes: number;
  /** Told about every call that ended, once; `code` is 0 for OK. */
  readonly ended: (context: CallContext, code: number, message: string) => void;
  /** Told about exceptions of handlers that are no GrpcStatusError. */
  readonly crashed: (context: CallContext, error: unknown) => void;
}

const CONTENT_TYPE = 'application/grpc';
const OK_HEADERS: OutgoingHttpHeaders = { ':status': 200, 'content-type': CONTENT_TYPE };
const OK_TRAILERS: OutgoingHttpHeaders = { 'grpc-status': '0' };
const WITH_TRAILERS = { waitForTrailers: true };

/** `application/grpc`, `application/grpc+proto`, `application/grpc;charset=x`: what grpc-go takes for gRPC. */
const isGrpcContentType = (value: string | undefined): boolean =>
  value !== undefined &&
  (value.length === CONTENT_TYPE.length ? value === CONTENT_TYPE : /^application\/grpc[+;]/i.test(value));

/** One call on one HTTP/2 stream, from its headers to its trailers. */
export class ServerCall implements CallContext {
  readonly path: string;
  readonly peer: GrpcPeer;
  staticUser: string | null = null;
  readonly #stream: ServerHttp2Stream;
  readonly #policy: CallPolicy;
  readonly #rawHeaders: readonly string[];
  #metadata: Metadata | null = null;
  #controller: AbortController | null = null;
  #abortReason: GrpcStatusError | null = null;
  /** Who hears of a cancellation: nobody or one, as a rule. */
  #listener: (() => void) | null = null;
  #moreListeners: Set<() => void> | null = null;
  #deadline: NodeJS.Timeout | null = null;
  /** No more may be sent: the status is out, or nobody is there to read it. */
  #done = false;

  constructor(
    stream: ServerHttp2Stream,
    path: string,
    rawHeaders: readonly string[],
    peer: GrpcPeer,
    policy: CallPolicy,
  ) {
    this.#stream = stream;
    this.path = path;
    this.#rawHeaders = rawHeaders;
    this.peer = peer;
    this.#policy = policy;
  }

  get metadata(): Metadata {
    return (this.#metadata ??= readMetadata(this.#rawHeaders));
  }

  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController();
      if (this.#abortReason !== null) this.#controller.abort(this.#abortReason);
    }
    return this.#controller.signal;
  }

  get cancelled(): boolean {
    return this.#abortReason !== null;
  }

  onCancel(listener: () => void): () => void {
    if (this.#listener === null) {
      this.#listener = listener;
      return () => {
        if (this.#listener === listener) this.#listener = null;
      };
    }
    const more = (this.#moreListeners ??= new Set());
    more.add(listener);
    return () => void more.delete(listener);
  }

  text(key: string): string | undefined {
    return firstText(this.#rawHeaders, key);
  }

  /** Judges the headers, then reads the request and runs the handler. Never throws. */
  start(headers: IncomingHttpHeaders): void {
    const stream = this.#stream;
    stream.on('error', () => undefined);
    stream.once('close', () => this.#onClose());
    const method = this.#admit(headers);
    if (method === null || this.#done) return;
    if (method.kind === 'bidi-stream') void this.#answer(method, method.handler(this.#requests(method, headers), this));
    else this.#readOne(method, headers);
  }

  #admit(headers: IncomingHttpHeaders): RegisteredMethod | null {
    const verb = headers[':method'];
    if (verb !== 'POST') {
      const text = `Received a HEADERS frame with :method ${JSON.stringify(verb)} which should be POST`;
      return this.#refuse(405, vtCodes.INTERNAL, text);
    }
    const contentType = headers['content-type'];
    if (!isGrpcContentType(contentType))
      return this.#refuse(
        415,
        vtCodes.INVALID_ARGUMENT,
        `invalid gRPC request content-type ${JSON.stringify(contentType ?? '')}`,
      );
    const timeout = headers['grpc-timeout'];
    if (timeout !== undefined) {
      const read = decodeGrpcTimeout(String(timeout));
      if ('fault' in read) return this.#refuse(400, vtCodes.INTERNAL, `malformed grpc-timeout: ${read.fault}`);
      const ms = Math.min(read.ms, 0x7fff_ffff);
      this.#deadline = setTimeout(() => this.#expire(), ms);
    }
    const method = this.#policy.router.find(this.path);
    if (method === undefined) {
      this.#fail(new GrpcStatusError(vtCodes.UNIMPLEMENTED, this.#policy.router.explainMiss(this.path)));
      return null;
    }
    try {
      this.#policy.authorize?.(this);
    } catch (error) {
      this.#fail(error);
      return null;
    }
    if (method.handler === null) {
      const name = this.path.slice(this.path.lastIndexOf('/') + 1);
      this.#fail(new GrpcStatusError(vtCodes.UNIMPLEMENTED, `method ${name} not implemented`));
      return null;
    }
    return method;
  }

  #readOne(method: RegisteredMethod, headers: IncomingHttpHeaders): void {
    const stream = this.#stream;
    const reader = new FrameReader(this.#policy.maxMessageBytes, String(headers['grpc-encoding'] ?? ''));
    let request: Buffer | null = null;
    stream.on('data', (chunk: Buffer) => {
      if (this.#done) return;
      try {
        for (const message of reader.push(chunk)) {
          if (request !== null) throw new GrpcStatusError(vtCodes.INTERNAL, 'the request holds more than one message');
          request = message;
        }
      } catch (error) {
        this.#fail(error);
      }
    });
    stream.on('end', () => {
      if (this.#done) return;
      if (request === null || !reader.atBoundary)
        this.#fail(new GrpcStatusError(vtCodes.INTERNAL, 'the request ended before its message was complete'));
      else this.#run(method, request);
    });
  }

  #run(method: RegisteredMethod, bytes: Buffer): void {
    try {
      const request = this.#decode(method, bytes);
      if (method.kind === 'unary')
        method.handler!(request, this).then(
          (response) => this.#respond(method, response),
          (error: unknown) => this.#fail(error),
        );
      else if (method.kind === 'server-stream') void this.#answer(method, method.handler!(request, this));
    } catch (error) {
      this.#fail(error);
    }
  }

  #decode(method: RegisteredMethod, bytes: Buffer): unknown {
    try {
      return method.request.decode(bytes);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new GrpcStatusError(vtCodes.INTERNAL, `grpc: error unmarshalling request: ${reason}`);
    }
  }

  async *#requests(method: RegisteredMethod, headers: IncomingHttpHeaders): AsyncGenerator<unknown> {
    const reader = new FrameReader(this.#policy.maxMessageBytes, String(headers['grpc-encoding'] ?? ''));
    for await (const chunk of this.#stream) {
      for (const message of reader.push(chunk as Buffer)) yield this.#decode(method, message);
    }
  }

  #respond(method: RegisteredMethod, response: unknown): void {
    if (this.#done) return;
    const stream = this.#stream;
    try {
      const frame = frameMessage(method.response.encode(response), this.#policy.maxMessageBytes, 'server');
      this.#finish(0, '');
      stream.respond(OK_HEADERS, WITH_TRAILERS);
      stream.once('wantTrailers', sendOkTrailers);
      stream.end(frame);
    } catch (error) {
      this.#fail(error);
    }
  }

  async #answer(method: RegisteredMethod, responses: AsyncIterable<unknown>): Promise<void> {
    const stream = this.#stream;
    try {
      for await (const response of responses) {
        if (this.#done) return;
        const frame = frameMessage(method.response.encode(response), this.#policy.maxMessageBytes, 'server');
        if (!stream.headersSent) stream.respond(OK_HEADERS, WITH_TRAILERS);
        if (!stream.write(frame)) await drained(stream);
      }
      if (this.#done) return;
      if (!stream.headersSent) stream.respond(OK_HEADERS, WITH_TRAILERS);
      this.#finish(0, '');
      stream.once('wantTrailers', sendOkTrailers);
      stream.end();
    } catch (error) {
      this.#fail(error);
    }
  }

  #onClose(): void {
    if (this.#done) return;
    const reason = new GrpcStatusError(vtCodes.CANCELED, 'context canceled');
    this.#finish(reason.code, reason.message);
    this.#abort(reason);
  }

  #expire(): void {
    if (this.#done) return;
    const reason = new GrpcStatusError(vtCodes.DEADLINE_EXCEEDED, 'context deadline exceeded');
    this.#fail(reason);
    this.#abort(reason);
  }

  #abort(reason: GrpcStatusError): void {
    this.#abortReason = reason;
    this.#listener?.();
    if (this.#moreListeners !== null) for (const listener of [...this.#moreListeners]) listener();
    this.#controller?.abort(reason);
  }

  #finish(code: number, message: string): void {
    this.#done = true;
    if (this.#deadline !== null) clearTimeout(this.#deadline);
    this.#policy.ended(this, code, message);
  }

  #refuse(httpStatus: number, code: number, message: string): null {
    this.#sendStatus(httpStatus, code, message, new Map());
    return null;
  }

  /** Ends the call with the status of `error`; an error that carries none is a fault of ours and stays inside. */
  #fail(error: unknown): void {
    if (this.#done) return;
    if (error instanceof GrpcStatusError) {
      this.#sendStatus(200, error.code, error.message, error.metadata);
      return;
    }
    this.#policy.crashed(this, error);
    this.#sendStatus(200, vtCodes.INTERNAL, 'the server failed while it handled the call', new Map());
  }

  #sendStatus(httpStatus: number, code: number, text: string, metadata: Metadata): void {
    if (this.#done) return;
    const stream = this.#stream;
    const message = fitStatusMessage(text);
    this.#finish(code, message);
    if (stream.destroyed || stream.closed) return;
    const status: OutgoingHttpHeaders = { 'grpc-status': String(code) };
    if (message !== '') status['grpc-message'] = encodeGrpcMessage(message);
    try {
      writeMetadata(metadata, status);
      if (stream.headersSent) {
        stream.once('wantTrailers', () => stream.sendTrailers(status));
        stream.end();
      } else stream.respond({ ':status': httpStatus, 'content-type': CONTENT_TYPE, ...status }, { endStream: true });
      // The client may still be sending: it is told to stop, and what is on its way is thrown away.
      if (!stream.readableEnded) {
        stream.resume();
        if (!stream.endAfterHeaders) stream.once('finish', () => stream.close(constants.NGHTTP2_NO_ERROR));
      }
    } catch {
      stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    }
  }
}

function sendOkTrailers(this: ServerHttp2Stream): void {
  this.sendTrailers(OK_TRAILERS);
}

/** Waits until the client has taken enough, or has gone. */
const drained = (stream: ServerHttp2Stream): Promise<void> =>
  new Promise((resolve) => {
    if (stream.destroyed) return resolve();
    const settle = (): void => {
      stream.off('drain', settle);
      stream.off('close', settle);
      resolve();
    };
    stream.once('drain', settle);
    stream.once('close', settle);
  });
