export * from './types';
export { binlogdata, query, tableacl, topodata, vtgate, vtrpc } from './generated/messages';
export { codecOf, complete } from './method-definition';
export { queryMethods, vitessMethods } from './methods';
export { serve, type Handlers, type RegisteredService } from './services';
export { createGrpcServer } from './server';
export { createGrpcClient } from './client';
export { healthMethods } from './health';
export { DEFAULT_MAX_MESSAGE_BYTES } from './framing';
