export * from './cell';
export * from './expand';
export * from './read-suite';
export * from './suite';
