export * from './types';
export * from './grpc-types';
export type { UsersDoor } from './signatures';
