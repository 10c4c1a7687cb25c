export * from './recorder';
export { redactedValue, redactSecrets } from './redact';
export type * from './trace-step';
