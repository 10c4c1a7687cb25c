export * from './cell';
export * from './coverage';
export * from './expand';
export * from './predict';
export * from './read-suite';
export * from './suite';
export * from './time-left';
