import type { MessageCodec, MethodDefinition } from './types';

/** A message class of the generated codec. */
export interface MessageType<Read, Written> {
  encode(message: Written): { finish(): Uint8Array };
  decode(bytes: Uint8Array): Read;
}

/** The codec of a generated message class. */
export const codecOf = <Read, Written>(type: MessageType<Read, Written>): MessageCodec<Read, Written> => ({
  encode: (message) => type.encode(message).finish(),
  decode: (bytes) => type.decode(bytes),
});

/**
 * A message with every field set, made of some of them: what the receiving side would get. For tests and for callers of
 * handlers that are not at the other end of a connection.
 */
export const complete = <Read, Written>(type: MessageType<Read, Written>, init: Written): Read =>
  type.decode(type.encode(init).finish());

const define =
  <Kind extends MethodDefinition<unknown, unknown>['kind']>(kind: Kind) =>
  <Request, RequestInit, Response, ResponseInit>(
    path: string,
    request: MessageType<Request, RequestInit>,
    response: MessageType<Response, ResponseInit>,
  ): MethodDefinition<Request, Response, RequestInit, ResponseInit> & { readonly kind: Kind } => ({
    path,
    kind,
    request: codecOf(request),
    response: codecOf(response),
  });

/** One request, one response. */
export const unary = define('unary');

/** One request, any number of responses. */
export const serverStream = define('server-stream');
