export * from './counters';
export * from './mask';
export * from './row';
