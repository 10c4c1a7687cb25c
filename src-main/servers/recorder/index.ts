export * from './recorder';
export { redactedValue, redactSecrets, redactText } from './redact';
export type * from './trace-step';
export { createSentRecorder, type SentRecorder, type TraceEvent, type TraceWishes } from './sent-recorder';
export { createTraceTime, type TraceTime } from './trace-time';
