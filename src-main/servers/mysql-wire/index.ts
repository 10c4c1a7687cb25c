export { createMysqlServer } from './create-mysql-server';
export { DropConnectionError, MysqlError } from './types';
export type * from './types';
