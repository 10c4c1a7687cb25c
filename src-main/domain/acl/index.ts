export * from './decision';
export * from './decide';
export * from './parse';
export * from './table-acl';
export * from './signatures';
