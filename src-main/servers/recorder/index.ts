export * from './recorder';
export { redactedValue, redactSecrets, redactText } from './redact';
export type * from './trace-step';
