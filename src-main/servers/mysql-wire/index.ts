export { createMysqlServer } from './create-mysql-server';
export { MysqlError } from './types';
export type * from './types';
