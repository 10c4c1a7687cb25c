export * from './findings';
export * from './read-topology';
export * from './topology';
export * from './who-checks-whom';
