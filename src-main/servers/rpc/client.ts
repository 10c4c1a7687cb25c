import { vtCodes } from '../../domain/kernel';
import { createTlsDialer, type TlsDialer } from '../tls';
import { NotProcessedError, StreamCall, UnaryCall } from './client-call';
import type { ClientConnection } from './client-connection';
import { NotConnectedError, openConnection } from './client-connection';
import { DEFAULT_MAX_MESSAGE_BYTES, frameMessage } from './framing';
import { encodeGrpcTimeout } from './grpc-timeout';
import type { SentField } from './h2';
import { sentMetadata } from './metadata';
import {
  GrpcStatusError,
  type CallOptions,
  type ConnectionFailure,
  type GrpcClient,
  type GrpcClientOptions,
  type Metadata,
  type MethodDefinition,
} from './types';

/** Waiting times after failed attempts: 50 ms, then 1.6 times as long each time, at most 5 s. A laptop's links come back fast. */
const FIRST_BACKOFF_MS = 50;
const BACKOFF_FACTOR = 1.6;
const LONGEST_BACKOFF_MS = 5000;
/** How often a call that no server began is sent again. */
const REPEATS = 3;

const canceled = (): GrpcStatusError => new GrpcStatusError(vtCodes.CANCELED, 'context canceled');

/** A client of options.host and options.port. It dials with the first call; throws GatehouseError when its certificates do not load. */
export function createGrpcClient(options: GrpcClientOptions): GrpcClient {
  return new Client(options);
}

class Client implements GrpcClient {
  readonly #options: GrpcClientOptions;
  readonly #maxBytes: number;
  readonly #authority: string;
  readonly #credentials: readonly SentField[];
  /** Headers of calls without metadata and deadline, by path: the usual case. */
  readonly #plainHeaders = new Map<string, readonly SentField[]>();
  /** The same with metadata: a session hands over the same metadata with each of its calls. */
  readonly #dressedHeaders = new WeakMap<Metadata, Map<string, readonly SentField[]>>();
  #dialer: TlsDialer | null;
  #connection: ClientConnection | null = null;
  #connecting: Promise<ClientConnection> | null = null;
  #dialling = new AbortController();
  /** Counts configurations, so that an attempt begun under an old one does not count. */
  #generation = 0;
  #backoffMs = 0;
  #retryAt = 0;
  #closed = false;
  readonly #open = new Set<ClientConnection>();
  lastConnectionError: ConnectionFailure | null = null;

  constructor(options: GrpcClientOptions) {
    this.#options = options;
    this.#maxBytes = options.maxMessageBytes ?? DEFAULT_MAX_MESSAGE_BYTES;
    this.#authority = `${options.host.includes(':') ? `[${options.host}]` : options.host}:${options.port}`;
    const { credentials } = options;
    this.#credentials =
      credentials === undefined
        ? []
        : sentMetadata(
            new Map([
              ['username', [credentials.username]],
              ['password', [credentials.password]],
            ]),
            'secret',
          );
    this.#dialer = this.#load(options.tls);
  }

  async unary<Request, Response, RequestInit, ResponseInit>(
    method: MethodDefinition<Request, Response, RequestInit, ResponseInit>,
    request: RequestInit,
    options: CallOptions = {},
  ): Promise<Response> {
    const started = performance.now();
    const frame = frameMessage(method.request.encode(request), this.#maxBytes, 'client');
    for (let repeat = 0; ; repeat += 1) {
      const connection = this.#ready() ?? (await this.#connected(options, started));
      try {
        const call = this.#begin(UnaryCall, connection, method.path, frame, options, started);
        return this.#decode(method, await call.answer);
      } catch (error) {
        if (!(error instanceof NotProcessedError)) throw error;
        if (repeat >= REPEATS) throw new GrpcStatusError(vtCodes.UNAVAILABLE, error.message);
      }
    }
  }

  async *stream<Request, Response, RequestInit, ResponseInit>(
    method: MethodDefinition<Request, Response, RequestInit, ResponseInit>,
    request: RequestInit,
    options: CallOptions = {},
  ): AsyncGenerator<Response> {
    const started = performance.now();
    const frame = frameMessage(method.request.encode(request), this.#maxBytes, 'client');
    for (let repeat = 0; ; repeat += 1) {
      const connection = this.#ready() ?? (await this.#connected(options, started));
      let call: StreamCall | null = null;
      try {
        call = this.#begin(StreamCall, connection, method.path, frame, options, started);
        for (let message = await call.next(); message !== null; message = await call.next())
          yield this.#decode(method, message);
        return;
      } catch (error) {
        if (!(error instanceof NotProcessedError)) throw error;
        if (repeat >= REPEATS) throw new GrpcStatusError(vtCodes.UNAVAILABLE, error.message);
      } finally {
        call?.cancel();
      }
    }
  }

  async connect(options: Pick<CallOptions, 'signal'> = {}): Promise<void> {
    if (this.#ready() === null) await this.#connected(options, performance.now());
  }

  update(tls: GrpcClientOptions['tls']): void {
    this.#dialer = this.#load(tls);
    this.#renounce();
    this.#connection?.drain();
    this.#connection = null;
    this.#retryAt = 0;
    this.#backoffMs = 0;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#renounce();
    this.#connection = null;
    const ends = [...this.#open].map(
      ({ session }) =>
        new Promise<void>((resolve) => {
          if (session.destroyed) return resolve();
          session.once('close', () => resolve());
          session.destroy();
        }),
    );
    await Promise.all(ends);
  }

  #begin<Call>(
    Kind: new (...args: ConstructorParameters<typeof UnaryCall>) => Call,
    connection: ClientConnection,
    path: string,
    frame: Buffer,
    options: CallOptions,
    started: number,
  ): Call {
    const { signal } = options;
    if (signal?.aborted === true) throw canceled();
    const headers = this.#headers(connection, path, options);
    // Between the wait for a connection and this moment it may have gone again; a request on it would throw.
    if (!connection.usable) throw new NotProcessedError('the connection ended before the call began');
    return new Kind(connection, headers, frame, {
      maxBytes: this.#maxBytes,
      signal,
      deadlineMs: this.#left(options, started),
    });
  }

  /** Whatever is being dialled is of no use any more. */
  #renounce(): void {
    this.#generation += 1;
    this.#connecting = null;
    this.#dialling.abort();
    this.#dialling = new AbortController();
  }

  #load(tls: GrpcClientOptions['tls']): TlsDialer | null {
    if (tls === undefined) return null;
    const { fidelity, recorder, part = 'link', name } = this.#options;
    return createTlsDialer(
      { ...tls, alpn: ['h2'] },
      {
        part,
        ...(fidelity === undefined ? {} : { fidelity }),
        ...(recorder === undefined ? {} : { recorder }),
        ...(name === undefined ? {} : { name }),
      },
    );
  }

  /** The connection in use, or null when there is none that takes calls. */
  #ready(): ClientConnection | null {
    return this.#connection !== null && this.#connection.usable ? this.#connection : null;
  }

  /** Waits for a connection; fails at once while a failed attempt is not long enough ago (grpc-go's fail-fast calls). */
  async #connected(options: CallOptions, started: number): Promise<ClientConnection> {
    if (options.signal?.aborted === true) throw canceled();
    for (;;) {
      if (this.#closed) throw new GrpcStatusError(vtCodes.CANCELED, 'grpc: the client connection is closing');
      const ready = this.#ready();
      if (ready !== null) return ready;
      const generation = this.#generation;
      try {
        return await this.#within(this.#attempt(), options, started);
      } catch (error) {
        // A newer configuration deserves an attempt of its own.
        if (error instanceof NotConnectedError && generation !== this.#generation) continue;
        if (error instanceof NotConnectedError) throw new GrpcStatusError(vtCodes.UNAVAILABLE, error.failure.message);
        throw error;
      }
    }
  }

  #attempt(): Promise<ClientConnection> {
    if (this.#connecting !== null) return this.#connecting;
    if (this.lastConnectionError !== null && performance.now() < this.#retryAt)
      return Promise.reject(new NotConnectedError(this.lastConnectionError));
    const { host, port, connectTimeoutMs: timeoutMs = 10_000, recorder, name = 'grpc client' } = this.#options;
    const traceId = recorder?.open(name, `${host}:${port}`) ?? '';
    const generation = this.#generation;
    const { signal } = this.#dialling;
    const lost = (connection: ClientConnection, failure: ConnectionFailure): void => {
      if (connection === this.#connection) this.lastConnectionError = failure;
    };
    const attempt = openConnection({ host, port, dialer: this.#dialer, timeoutMs, traceId, signal }, lost).then(
      (connection) => {
        if (generation !== this.#generation) {
          connection.session.destroy();
          throw new NotConnectedError({ message: 'the configuration changed', refusal: null, at: new Date() });
        }
        this.#open.add(connection);
        connection.session.once('close', () => this.#open.delete(connection));
        this.#connecting = null;
        this.#connection = connection;
        this.#backoffMs = 0;
        this.#retryAt = 0;
        this.lastConnectionError = null;
        return connection;
      },
      (error: unknown) => {
        if (generation === this.#generation && error instanceof NotConnectedError) {
          this.#connecting = null;
          this.lastConnectionError = error.failure;
          this.#backoffMs = Math.min(this.#backoffMs * BACKOFF_FACTOR || FIRST_BACKOFF_MS, LONGEST_BACKOFF_MS);
          this.#retryAt = performance.now() + this.#backoffMs;
        }
        throw error;
      },
    );
    this.#connecting = attempt;
    attempt.catch(() => undefined);
    return attempt;
  }

  /** `work`, unless the caller gives up or runs out of time first. */
  #within<T>(work: Promise<T>, options: CallOptions, started: number): Promise<T> {
    const { signal } = options;
    const left = this.#left(options, started);
    if (signal === undefined && left === undefined) return work;
    return new Promise<T>((resolve, reject) => {
      const onAbort = (): void => reject(canceled());
      signal?.addEventListener('abort', onAbort, { once: true });
      const late = (): void => reject(new GrpcStatusError(vtCodes.DEADLINE_EXCEEDED, 'context deadline exceeded'));
      const timer = left === undefined ? null : setTimeout(late, left);
      work.then(resolve, reject).finally(() => {
        if (timer !== null) clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
      });
    });
  }

  #left({ deadlineMs }: CallOptions, started: number): number | undefined {
    return deadlineMs === undefined ? undefined : Math.max(0, deadlineMs - (performance.now() - started));
  }

  #headers(connection: ClientConnection, path: string, options: CallOptions): readonly SentField[] {
    const key = `${connection.scheme} ${path}`;
    let plain = this.#plainHeaders.get(key);
    if (plain === undefined) {
      const same = (name: string, value: string): SentField => ({ name, value, how: 'indexed' });
      plain = [
        same(':method', 'POST'),
        same(':scheme', connection.scheme),
        same(':authority', this.#authority),
        same(':path', path),
        same('content-type', 'application/grpc'),
        same('user-agent', 'gatehouse'),
        same('te', 'trailers'),
        ...this.#credentials,
      ];
      this.#plainHeaders.set(key, plain);
    }
    const { metadata, deadlineMs } = options;
    if (deadlineMs === undefined) return metadata === undefined ? plain : this.#dressed(metadata, key, plain);
    const timeout: SentField = { name: 'grpc-timeout', value: encodeGrpcTimeout(deadlineMs), how: 'plain' };
    return [...(metadata === undefined ? plain : dressed(plain, metadata)), timeout];
  }

  #dressed(metadata: Metadata, key: string, plain: readonly SentField[]): readonly SentField[] {
    let known = this.#dressedHeaders.get(metadata);
    if (known === undefined) this.#dressedHeaders.set(metadata, (known = new Map()));
    let headers = known.get(key);
    if (headers === undefined) {
      headers = dressed(plain, metadata);
      known.set(key, headers);
    }
    return headers;
  }

  #decode<Response>(method: { readonly response: { decode(bytes: Uint8Array): Response } }, bytes: Buffer): Response {
    try {
      return method.response.decode(bytes);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new GrpcStatusError(vtCodes.INTERNAL, `grpc: failed to unmarshal the received message: ${reason}`);
    }
  }
}

/** Fields of every call with those of one call; what a caller names takes the place of what is sent otherwise. */
const dressed = (plain: readonly SentField[], metadata: Metadata): readonly SentField[] => [
  ...plain.filter(({ name }) => !metadata.has(name)),
  ...sentMetadata(metadata, 'plain'),
];
