export * from './client-session';
export { fieldOf, type Fields } from './hpack-decoder';
export type { SentField } from './hpack-encoder';
export { errors as http2Errors } from './protocol';
export type { Http2Connection, Http2Limits } from './connection';
export * from './stream';
export * from './server-session';
