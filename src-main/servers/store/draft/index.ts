export * from './draft-state';
export * from './draft-store';
export * from './object-store';
export * from './tracked-files';
export * from './write-tracked';
