import { vtCodes } from '../../domain/kernel';
import { FrameReader, frameMessage } from './framing';
import { fieldOf, http2Errors, type Fields, type Http2Stream, type SentField, type StreamOwner } from './h2';
import { decodeGrpcTimeout } from './grpc-timeout';
import { firstText, readMetadata, sentMetadata } from './metadata';
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
const indexed = (name: string, value: string): SentField => ({ name, value, how: 'indexed' });
const OK_HEADERS: readonly SentField[] = [indexed(':status', '200'), indexed('content-type', CONTENT_TYPE)];
const OK_TRAILERS: readonly SentField[] = [indexed('grpc-status', '0')];
/** Parts of a request's body that wait for a handler before the client is made to wait. */
const PARTS_AHEAD = 16;

/** `application/grpc`, `application/grpc+proto`, `application/grpc;charset=x`: what grpc-go takes for gRPC. */
const isGrpcContentType = (value: string | undefined): boolean =>
  value !== undefined &&
  (value.length === CONTENT_TYPE.length ? value === CONTENT_TYPE : /^application\/grpc[+;]/i.test(value));

/** One call on one HTTP/2 stream, from its headers to its trailers. */
export class ServerCall implements CallContext, StreamOwner {
  readonly path: string;
  readonly peer: GrpcPeer;
  staticUser: string | null = null;
  readonly #stream: Http2Stream;
  readonly #policy: CallPolicy;
  readonly #rawHeaders: Fields;
  readonly #left: () => void;
  #metadata: Metadata | null = null;
  #controller: AbortController | null = null;
  #abortReason: GrpcStatusError | null = null;
  /** Who hears of a cancellation: nobody or one, as a rule. */
  #listener: (() => void) | null = null;
  #moreListeners: Set<() => void> | null = null;
  #deadline: NodeJS.Timeout | null = null;
  #begun = false;
  #headersSent = false;
  /** The method whose single request is being read. */
  #method: RegisteredMethod | null = null;
  #reader: FrameReader | null = null;
  #request: Buffer | null = null;
  /** What a method that takes many requests reads from. */
  #parts: Parts | null = null;
  /** Wakes a stream of answers that waited for the client. */
  #drained: (() => void) | null = null;
  /** No more may be sent: the status is out, or nobody is there to read it. */
  #done = false;

  /** `left` is called when the stream is over. */
  constructor(stream: Http2Stream, fields: Fields, peer: GrpcPeer, policy: CallPolicy, left: () => void) {
    this.#stream = stream;
    this.path = fieldOf(fields, ':path') ?? '';
    this.#rawHeaders = fields;
    this.peer = peer;
    this.#policy = policy;
    this.#left = left;
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
  fields(_fields: Fields, end: boolean): void {
    if (!this.#begun) {
      this.#begun = true;
      this.#start();
    }
    if (end) this.ended();
  }

  data(chunk: Buffer): void {
    if (this.#done) return;
    if (this.#parts !== null) return this.#parts.push(chunk);
    if (this.#reader === null) return;
    try {
      for (const message of this.#reader.push(chunk)) {
        if (this.#request !== null)
          throw new GrpcStatusError(vtCodes.INTERNAL, 'the request holds more than one message');
        this.#request = message;
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  ended(): void {
    this.#parts?.end();
    if (this.#done || this.#method === null) return;
    if (this.#request === null || this.#reader?.atBoundary !== true)
      this.#fail(new GrpcStatusError(vtCodes.INTERNAL, 'the request ended before its message was complete'));
    else this.#run(this.#method, this.#request);
  }

  drained(): void {
    const resume = this.#drained;
    this.#drained = null;
    resume?.();
  }

  closed(): void {
    this.#left();
    this.#parts?.end();
    this.drained();
    if (this.#done) return;
    const reason = new GrpcStatusError(vtCodes.CANCELED, 'context canceled');
    this.#finish(reason.code, reason.message);
    this.#abort(reason);
  }

  #start(): void {
    const method = this.#admit();
    if (method === null || this.#done) return;
    if (method.kind === 'bidi-stream') {
      this.#parts = new Parts(this.#stream);
      void this.#answer(method, method.handler(this.#requests(method, this.#parts), this));
      return;
    }
    this.#method = method;
    this.#reader = this.#newReader();
  }

  #newReader(): FrameReader {
    return new FrameReader(this.#policy.maxMessageBytes, fieldOf(this.#rawHeaders, 'grpc-encoding') ?? '');
  }

  #admit(): RegisteredMethod | null {
    const headers = this.#rawHeaders;
    const verb = fieldOf(headers, ':method');
    if (verb !== 'POST') {
      const text = `Received a HEADERS frame with :method ${JSON.stringify(verb)} which should be POST`;
      return this.#refuse(405, vtCodes.INTERNAL, text);
    }
    const contentType = fieldOf(headers, 'content-type');
    if (!isGrpcContentType(contentType))
      return this.#refuse(
        415,
        vtCodes.INVALID_ARGUMENT,
        `invalid gRPC request content-type ${JSON.stringify(contentType ?? '')}`,
      );
    const timeout = fieldOf(headers, 'grpc-timeout');
    if (timeout !== undefined) {
      const read = decodeGrpcTimeout(timeout);
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

  async *#requests(method: RegisteredMethod, parts: Parts): AsyncGenerator<unknown> {
    const reader = this.#newReader();
    for (;;) {
      const part = await parts.next();
      if (part === null) return;
      for (const message of reader.push(part)) yield this.#decode(method, message);
    }
  }

  #respond(method: RegisteredMethod, response: unknown): void {
    if (this.#done) return;
    const stream = this.#stream;
    try {
      const frame = frameMessage(method.response.encode(response), this.#policy.maxMessageBytes, 'server');
      this.#finish(0, '');
      stream.headers(OK_HEADERS);
      stream.data(frame);
      stream.trailers(OK_TRAILERS);
    } catch (error) {
      this.#fail(error);
    }
  }

  async #answer(method: RegisteredMethod, responses: AsyncIterable<unknown>): Promise<void> {
    try {
      for await (const response of responses) {
        if (this.#done) return;
        const frame = frameMessage(method.response.encode(response), this.#policy.maxMessageBytes, 'server');
        this.#sendHeaders();
        if (!this.#stream.data(frame) && !this.#stream.closed)
          await new Promise<void>((resolve) => (this.#drained = resolve));
      }
      if (this.#done) return;
      this.#sendHeaders();
      this.#finish(0, '');
      this.#stream.trailers(OK_TRAILERS);
    } catch (error) {
      this.#fail(error);
    }
  }

  #sendHeaders(): void {
    if (this.#headersSent) return;
    this.#headersSent = true;
    this.#stream.headers(OK_HEADERS);
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
    const message = fitStatusMessage(text);
    this.#finish(code, message);
    const plain = (name: string, value: string): SentField => ({ name, value, how: 'plain' });
    const status = [plain('grpc-status', String(code))];
    if (message !== '') status.push(plain('grpc-message', encodeGrpcMessage(message)));
    try {
      status.push(...sentMetadata(metadata, 'plain'));
    } catch {
      this.#stream.reset(http2Errors.internal);
      return;
    }
    if (this.#headersSent) this.#stream.trailers(status);
    else
      this.#stream.headers(
        [indexed(':status', String(httpStatus)), indexed('content-type', CONTENT_TYPE), ...status],
        true,
      );
  }
}

/** The body of a request in parts, for a method that reads it at its own pace. */
class Parts {
  readonly #parts: Buffer[] = [];
  #ended = false;
  #wake: (() => void) | null = null;

  constructor(private readonly stream: Http2Stream) {}

  push(part: Buffer): void {
    this.#parts.push(part);
    if (this.#parts.length >= PARTS_AHEAD) this.stream.pause();
    this.#wake?.();
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  /** The next part, null at the end. */
  async next(): Promise<Buffer | null> {
    if (this.#parts.length === 0 && !this.#ended) await new Promise<void>((resolve) => (this.#wake = resolve));
    if (this.#parts.length < PARTS_AHEAD) this.stream.resume();
    return this.#parts.shift() ?? null;
  }
}
