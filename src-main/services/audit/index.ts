export * from './audit-trail';
export * from './change-facts';
export * from './audit-secrets';
export * from './exported-entry';
