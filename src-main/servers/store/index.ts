export * from './atomic-write';
export { appendAudit, auditPath, readAuditFile } from './audit-file';
export * from './control-socket';
export * from './draft';
export * from './lock';
export * from './private-folder';
export * from './process-start';
export * from './secrets';
