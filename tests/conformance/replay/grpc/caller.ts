import { createSecureContext, type SecureContext, type SecureVersion } from 'node:tls';
import { isIP } from 'node:net';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, credentials, Metadata, type ChannelCredentials, type ServiceError } from '@grpc/grpc-js';
import type { MethodDefinition } from '../../../../src-main/servers/rpc';

/** How a recorded caller secures its connection. */
export interface CallerTls {
  /** Absent: the system's authorities. */
  readonly ca?: string;
  readonly cert?: string;
  readonly serverName?: string;
  /** `1.1`, `1.2`, `1.3`: the highest version. */
  readonly max?: string;
}

/** The context of one caller, from the files of `certs`. */
export function callerContext(tls: CallerTls, certs: string): SecureContext {
  const file = (name: string): string => readFileSync(join(certs, name), 'utf8');
  const old = tls.max === '1.0' || tls.max === '1.1';
  return createSecureContext({
    ...(tls.ca === undefined ? {} : { ca: file(`${tls.ca}.pem`) }),
    ...(tls.cert === undefined ? {} : { cert: file(`${tls.cert}.pem`), key: file(`${tls.cert}-key.pem`) }),
    ...(tls.max === undefined ? {} : { maxVersion: `TLSv${tls.max}`.replace('TLSv1.0', 'TLSv1') as SecureVersion }),
    // Versions that are out of use need a security level that is out of use.
    ...(old ? { minVersion: 'TLSv1' as const, ciphers: 'DEFAULT@SECLEVEL=0' } : {}),
  });
}

export type Outcome<Response> =
  | { readonly code: 'OK'; readonly responses: readonly Response[] }
  | { readonly code: string; readonly message: string; readonly responses: readonly Response[] };

/** Names of codes by number, as the recordings write them. */
const codeNames = (
  'OK CANCELLED UNKNOWN INVALID_ARGUMENT DEADLINE_EXCEEDED NOT_FOUND ALREADY_EXISTS PERMISSION_DENIED RESOURCE_EXHAUSTED ' +
  'FAILED_PRECONDITION ABORTED OUT_OF_RANGE UNIMPLEMENTED INTERNAL UNAVAILABLE DATA_LOSS UNAUTHENTICATED'
).split(' ');
export const codeName = (code: number): string => codeNames[code] ?? 'UNKNOWN';

/** One connection of a foreign gRPC library (grpc-js) to a port of ours. */
export class GrpcCaller {
  readonly #client: Client;

  constructor(port: number, tls: CallerTls | undefined, certs: string) {
    let channel: ChannelCredentials = credentials.createInsecure();
    const name = tls?.serverName;
    if (tls !== undefined) channel = credentials.createFromSecureContext(callerContext(tls, certs));
    // A name that is an address is what is dialled; another name is put in its place.
    const override = name !== undefined && isIP(name) === 0 ? { 'grpc.ssl_target_name_override': name } : {};
    this.#client = new Client(`${name !== undefined && isIP(name) !== 0 ? name : '127.0.0.1'}:${port}`, channel, {
      ...override,
      'grpc.enable_retries': 0,
    });
  }

  /** Calls and gathers what comes: everything, or with `first` the first response only. */
  call<Request, Response, RequestInit, ResponseInit>(
    method: Pick<
      MethodDefinition<Request, Response, RequestInit, ResponseInit>,
      'path' | 'kind' | 'request' | 'response'
    >,
    request: RequestInit,
    pairs: readonly (readonly [string, string])[] = [],
    first = false,
  ): Promise<Outcome<Response>> {
    const metadata = new Metadata();
    for (const [key, value] of pairs) metadata.add(key, headerValue(value));
    const encode = (message: RequestInit): Buffer => Buffer.from(method.request.encode(message));
    const decode = (bytes: Buffer): Response => method.response.decode(bytes);
    const deadline = Date.now() + 20_000;
    const responses: Response[] = [];
    return new Promise((resolve) => {
      const failed = (error: ServiceError): void =>
        resolve({ code: codeName(error.code), message: error.details, responses });
      if (method.kind === 'unary') {
        this.#client.makeUnaryRequest(
          method.path,
          encode,
          decode,
          request,
          metadata,
          { deadline },
          (error, response) => {
            if (error !== null) return failed(error);
            resolve({ code: 'OK', responses: [response as Response] });
          },
        );
        return;
      }
      const stream = this.#client.makeServerStreamRequest(method.path, encode, decode, request, metadata, { deadline });
      stream.on('data', (response: Response) => {
        responses.push(response);
        if (!first) return;
        resolve({ code: 'OK', responses });
        stream.cancel();
      });
      stream.on('error', (error: ServiceError) => failed(error));
      stream.on('end', () => resolve({ code: 'OK', responses }));
    });
  }

  /** Sends one message on a stream both sides may write to, and takes one back. */
  exchange<Request, Response, RequestInit, ResponseInit>(
    method: Pick<MethodDefinition<Request, Response, RequestInit, ResponseInit>, 'path' | 'request' | 'response'>,
    request: RequestInit,
    pairs: readonly (readonly [string, string])[] = [],
  ): Promise<Outcome<Response>> {
    const metadata = new Metadata();
    for (const [key, value] of pairs) metadata.add(key, headerValue(value));
    const stream = this.#client.makeBidiStreamRequest(
      method.path,
      (message: RequestInit) => Buffer.from(method.request.encode(message)),
      (bytes: Buffer) => method.response.decode(bytes),
      metadata,
      { deadline: Date.now() + 20_000 },
    );
    return new Promise((resolve) => {
      stream.on('data', (response: Response) => {
        resolve({ code: 'OK', responses: [response] });
        stream.cancel();
      });
      stream.on('error', (error: ServiceError) =>
        resolve({ code: codeName(error.code), message: error.details, responses: [] }),
      );
      stream.on('end', () => resolve({ code: 'OK', responses: [] }));
      stream.write(request);
    });
  }

  close(): void {
    this.#client.close();
  }
}

/** Bytes of UTF-8 in a header, as Go writes them; Node takes header values as latin 1. */
const headerValue = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');
