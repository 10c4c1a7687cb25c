export * from './cell';
export * from './expand';
export * from './predict';
export * from './read-suite';
export * from './suite';
