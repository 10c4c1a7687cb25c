export * from './types';
export * from './certificate';
export * from './crl';
export * from './signatures';
