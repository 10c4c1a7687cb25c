export * from './caller-id';
export * from './grpc-caller';
export * from './mysql-caller';
