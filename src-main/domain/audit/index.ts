export { canonicalJson, type AuditValue } from './canonical';
export * from './record';
export * from './verify';
