import { join } from 'node:path';
import type { Failure } from '../../domain/kernel';
import { isDatabaseName } from './accounts';
import type { ManagedMysqlOptions } from './managed-mysql';
import type { ServerPaths } from './server-options';

/** Where everything of one managed server lies. */
export interface Layout extends ServerPaths {
  readonly home: string;
  readonly lock: string;
  readonly marker: string;
  readonly optionFile: string;
  readonly processNote: string;
}

/** The files of a managed server, all in its own folder but for the socket. */
export const layout = (options: ManagedMysqlOptions): Layout => {
  const home = options.dataDir;
  return {
    home,
    data: join(home, 'mysql'),
    lock: join(home, 'lock'),
    marker: join(home, 'backend.json'),
    optionFile: join(home, 'my.cnf'),
    processNote: join(home, 'process.json'),
    pidFile: join(home, 'mysqld.pid'),
    log: join(home, 'mysqld.log'),
    initFile: join(home, 'init.sql'),
    noFiles: join(home, 'no-files'),
    temporary: join(home, 'tmp'),
    socket: options.os.unixSockets ? join(options.runDir, 'mysql.sock') : null,
  };
};

/** What is wrong with the options before anything is touched, or null. */
export function checkOptions(options: ManagedMysqlOptions, paths: Layout): Failure | null {
  const { socket } = paths;
  if (socket !== null && Buffer.byteLength(socket) > options.os.maxSocketPath)
    return {
      code: 'backend.socket-path-too-long',
      summary: `The path ${socket} is longer than the ${options.os.maxSocketPath} bytes a Unix socket may have: use a shorter folder.`,
    };
  const wrong = options.databases.find((name) => !isDatabaseName(name));
  if (wrong !== undefined)
    return {
      code: 'backend.database-name',
      summary: `"${wrong}" cannot be a database of a workspace: use letters, digits, "_", "$" and "-", and no name of MySQL's own schemas.`,
    };
  if (!/^[0-9A-Za-z_]{1,32}$/.test(options.appUser.name) || options.appUser.name === 'root')
    return {
      code: 'backend.user-name',
      summary: 'The tablet\'s MySQL user needs a name of letters, digits and "_" that is not root.',
    };
  return null;
}
