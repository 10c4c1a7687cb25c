export * from './clock';
export * from './disposable-bag';
export * from './failure';
export * from './finding';
export * from './json-tree';
export * from './result';
export * from './secret';
export * from './vt-code';
