export * from './findings';
export * from './read-topology';
export * from './topology';
