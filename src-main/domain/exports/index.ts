export * from './differences';
export * from './export-files';
export * from './fixed-ports';
export * from './flags';
export * from './readme';
export * from './start-flags';
