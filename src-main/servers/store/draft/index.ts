export * from './apply-journal';
export * from './disk-watcher';
export * from './draft-state';
export * from './draft-store';
export * from './history-store';
export * from './object-store';
export * from './tracked-files';
export * from './write-tracked';
