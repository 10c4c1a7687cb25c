export * from './edit-json';
export * from './build';
export * from './ignore-file';
export * from './marker';
export * from './migrate';
export * from './recipe';
