export * from './client-session';
export { fieldOf, type Fields } from './hpack-decoder';
export type { SentField } from './hpack-encoder';
export { errors as http2Errors } from './protocol';
export type { Http2Connection } from './connection';
export type { Http2Limits } from './connection-types';
export * from './stream';
export * from './server-session';
