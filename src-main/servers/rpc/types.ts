import type { VtCode } from '../../domain/kernel';
import type { Fidelity } from '../../domain/fidelity/fidelity';
import type { ClientTlsConfig, SecuredConnection, TlsAcceptor, TlsRefusal } from '../tls/types';
import type { Recorder, TracePart } from '../recorder/trace-step';

/** Encodes and decodes one protobuf message: what is read has every field, what is written may leave fields out. */
export interface MessageCodec<Read, Written = Read> {
  encode(message: Written): Uint8Array;
  /** Throws on bytes that are no such message. */
  decode(bytes: Uint8Array): Read;
}

/**
 * One method of one service, as clients and servers both see it. `RequestInit` and `ResponseInit` are what the sending
 * side hands over (fields may be left out), `Request` and `Response` what the receiving side gets.
 */
export interface MethodDefinition<Request, Response, RequestInit = Request, ResponseInit = Response> {
  /** `/queryservice.Query/Execute`. */
  readonly path: string;
  readonly kind: 'unary' | 'server-stream';
  readonly request: MessageCodec<Request, RequestInit>;
  readonly response: MessageCodec<Response, ResponseInit>;
}

/** Header or trailer metadata; keys in lower case; `-bin` values are Buffers. */
export type Metadata = ReadonlyMap<string, readonly (string | Buffer)[]>;

/** A status other than OK. `code` is the number on the wire, which may be one that gRPC does not define (17, 18). */
export class GrpcStatusError extends Error {
  constructor(
    readonly code: number,
    message: string,
    readonly metadata: Metadata = new Map(),
  ) {
    super(message);
    this.name = 'GrpcStatusError';
  }
}

/** Who is at the other end of a call and what came with it. */
export interface CallContext {
  readonly path: string;
  readonly metadata: Metadata;
  readonly peer: GrpcPeer;
  /** Aborted when the client cancels, its deadline passes or the connection ends. */
  readonly signal: AbortSignal;
  /** Whether `signal` is aborted, or would be: an AbortSignal costs more than a short call, so that it is made on request. */
  readonly cancelled: boolean;
  /** Calls `listener` once when the call is cancelled from here on; the result takes it back. */
  onCancel(listener: () => void): () => void;
  /** The first value of a metadata key (not `-bin`), or undefined; cheaper than `metadata`. */
  text(key: string): string | undefined;
  /** Name that static authentication accepted, or null. */
  staticUser: string | null;
}

export interface GrpcPeer {
  readonly remoteAddress: string;
  readonly secured: SecuredConnection | null;
  /** One id for each accepted connection. */
  readonly traceId: string;
}

export type UnaryHandler<Request, Response> = (request: Request, context: CallContext) => Promise<Response>;
/** Yields responses; the transport awaits the client's flow control between them. */
export type StreamHandler<Request, Response> = (request: Request, context: CallContext) => AsyncIterable<Response>;

export interface GrpcServerOptions {
  readonly name: string;
  readonly listen: { readonly host: string; readonly port: number };
  readonly tls?: TlsAcceptor;
  /** `--grpc-enable-optional-tls`: TLS and plaintext on one port. */
  readonly optionalTls?: boolean;
  /** Runs before every existing method; throws GrpcStatusError to refuse (static and mtls authorisation). */
  readonly authorize?: (context: CallContext) => void;
  readonly recorder: Recorder;
  /** In whose name calls are recorded; default `gateway`. */
  readonly part?: TracePart;
  /** Default 16 MiB, both directions (`--grpc-max-message-size`). */
  readonly maxMessageBytes?: number;
  /** For TLS, and again until the client's first HTTP/2 frame. Default 10 s. */
  readonly handshakeTimeoutMs?: number;
  /** Default 10 s each. */
  readonly keepalive?: KeepaliveTimes;
}

/** `--grpc-server-keepalive-time` and `--grpc-server-keepalive-timeout` of Vitess. */
export interface KeepaliveTimes {
  /** Milliseconds without anything received until the other side is asked whether it is there. */
  readonly afterMs: number;
  /** Milliseconds it has for an answer. */
  readonly timeoutMs: number;
}

export interface GrpcServer {
  /** Connections on which HTTP/2 is spoken at this moment. */
  readonly openConnections: number;
  readonly address: { readonly host: string; readonly port: number };
  stop(options?: { readonly graceMs?: number }): Promise<void>;
}

export interface GrpcClientOptions {
  readonly host: string;
  readonly port: number;
  /** Absent: plaintext. */
  readonly tls?: ClientTlsConfig;
  /** `--grpc-auth-static-client-creds`: sent as metadata `username` and `password` with every call. */
  readonly credentials?: { readonly username: string; readonly password: string };
  readonly maxMessageBytes?: number;
  readonly recorder?: Recorder;
  /** In whose name handshakes are recorded; default `link`. */
  readonly part?: TracePart;
  /** Names the link in messages about its certificates. */
  readonly name?: string;
  /** Rules under which the server's certificate is judged. */
  readonly fidelity?: Fidelity;
  /** TCP, TLS and the server's first HTTP/2 frame each; default 10 s. */
  readonly connectTimeoutMs?: number;
}

/** Why a client is not connected. */
export interface ConnectionFailure {
  /** grpc-go's text, as calls get it with UNAVAILABLE. */
  readonly message: string;
  /** What TLS said, when it was TLS: on this side, or (after a TLS 1.3 handshake) as the server's alert. */
  readonly refusal: TlsRefusal | null;
  readonly at: Date;
}

export interface CallOptions {
  /** Read once and remembered: must not change after it was handed over. */
  readonly metadata?: Metadata;
  readonly signal?: AbortSignal;
  readonly deadlineMs?: number;
}

/** A client of one address: connects when needed, reconnects after a loss, never hides why it could not. */
export interface GrpcClient {
  unary<Request, Response, RequestInit, ResponseInit>(
    method: MethodDefinition<Request, Response, RequestInit, ResponseInit>,
    request: RequestInit,
    options?: CallOptions,
  ): Promise<Response>;
  /** Ending the iteration early cancels the call. */
  stream<Request, Response, RequestInit, ResponseInit>(
    method: MethodDefinition<Request, Response, RequestInit, ResponseInit>,
    request: RequestInit,
    options?: CallOptions,
  ): AsyncIterable<Response>;
  /** Why the latest connection attempt failed or the latest connection ended; null after a good one. */
  readonly lastConnectionError: ConnectionFailure | null;
  /** Connects now, if need be. Rejects with the GrpcStatusError that a call would get. */
  connect(options?: Pick<CallOptions, 'signal'>): Promise<void>;
  /** Takes new certificates for the next connection and drains the present one. */
  update(tls: ClientTlsConfig | undefined): void;
  close(): Promise<void>;
}

export type { VtCode };
