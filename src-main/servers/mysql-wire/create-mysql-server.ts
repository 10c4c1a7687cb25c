import type { MysqlServer, MysqlServerOptions } from './types';

/**
 * Starts one listener of the MySQL protocol and resolves when it accepts connections.
 *
 * In: see MysqlServerOptions. Out: the listening server. Errors: rejects with GatehouseError `mysql-wire.address-in-use`,
 * `mysql-wire.socket-in-use` (text of Vitess) or `mysql-wire.listen-failed`.
 */
export function createMysqlServer(options: MysqlServerOptions): Promise<MysqlServer> {
  return Promise.reject(new Error(`listener ${options.name} cannot start`));
}
