import { database } from './database';
import { grpcLogins } from './grpc-logins';
import { mysqlLogins } from './mysql-logins';
import { outgoingTls } from './outgoing';
import { pages } from './pages';
import type { FlagRule } from './rule';
import { grpcTls, mysqlTls } from './server-tls';
import { tableAcl } from './table-acl';

export * from './rule';

/** Every rule, in the order of a connection: the ports, who may come in, the links onward, the tables, MySQL, pages. */
export const flagRules: readonly FlagRule[] = [
  mysqlTls,
  mysqlLogins,
  grpcTls,
  grpcLogins,
  outgoingTls,
  tableAcl,
  database,
  pages,
];
