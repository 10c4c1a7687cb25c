export * from './attack';
export * from './result';
export * from './score';
