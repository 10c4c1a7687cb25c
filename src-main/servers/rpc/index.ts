export * from './types';
export { binlogdata, query, tableacl, topodata, vtgate, vtrpc } from './generated/messages';
export { codecOf, complete } from './method-definition';
export { queryMethods, vitessMethods } from './methods';
