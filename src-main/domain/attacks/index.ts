export * from './attack';
export * from './result';
export * from './score';
export * from './accepted';
