export * from './edit-json';
export * from './faulty-record';
export * from './build';
export * from './changes';
export * from './ignore-file';
export * from './marker';
export * from './migrate';
export * from './recipe';
