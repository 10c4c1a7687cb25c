import type { BackendLogin } from '../backend';
import { BackendConnection } from './backend-connection';
import { readSchema } from './schema-tables';

/**
 * Names of the tables and views of a database, sorted, over a connection of its own that is protected as the tablet's
 * are. Throws BackendError, after `limitMs` at the latest.
 */
export async function listTables(login: BackendLogin, database: string, limitMs: number): Promise<string[]> {
  const begun = performance.now();
  const connection = await BackendConnection.open(login, database, { timeoutMs: limitMs });
  // Ending the connection fails the statement that waits on it.
  const timer = setTimeout(() => connection.destroy(), Math.max(1, limitMs - (performance.now() - begun)));
  try {
    return [...(await readSchema(connection)).tables.keys()].sort();
  } finally {
    clearTimeout(timer);
    connection.destroy();
  }
}
