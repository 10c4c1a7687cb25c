import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import { access, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Secret } from '../../domain/kernel';
import { GatehouseError } from '../../domain/kernel';
import { writeFileAtomic } from '../../servers/store';

const there = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** How to reach a managed MySQL as its root. */
export interface RootAccess {
  readonly host: string;
  readonly port: number;
  readonly socket: string | null;
  readonly password: Secret;
}

/**
 * Runs a keyspace's schema file once in the life of a managed data directory. A seeding that was cut short (its note is
 * there, its end is not) starts over in an empty database; a database with tables that no seeding made is left alone.
 */
export async function seedDatabase(
  root: RootAccess,
  dataDir: string,
  database: string,
  schema: string,
  signal?: AbortSignal,
): Promise<'seeded' | 'kept'> {
  const begun = join(dataDir, `seed-${database}.begun`);
  const done = join(dataDir, `seed-${database}.done`);
  if (await there(done)) return 'kept';
  signal?.throwIfAborted();
  const connection = await createConnection({
    ...(root.socket === null ? { host: root.host, port: root.port } : { socketPath: root.socket }),
    user: 'root',
    password: root.password.reveal(),
    multipleStatements: true,
  });
  try {
    if (await there(begun))
      await connection.query(`DROP DATABASE IF EXISTS \`${database}\`; CREATE DATABASE \`${database}\``);
    else if ((await countTables(connection, database)) > 0) {
      await writeFileAtomic(done, 'the database had tables of its own\n', 0o600);
      return 'kept';
    }
    await writeFileAtomic(begun, '', 0o600);
    await connection.query(`USE \`${database}\``);
    await connection.query(schema);
    await writeFileAtomic(done, '', 0o600);
    await rm(begun, { force: true });
    return 'seeded';
  } catch (error) {
    if (error instanceof GatehouseError) throw error;
    throw new GatehouseError(
      {
        code: 'cluster.schema',
        summary: `The schema file of database "${database}" failed: ${(error as Error).message}`,
        detail: String(error),
      },
      { cause: error },
    );
  } finally {
    connection.destroy();
  }
}

async function countTables(connection: Connection, database: string): Promise<number> {
  const [rows] = await connection.query<RowDataPacket[]>(
    'SELECT COUNT(*) AS n FROM information_schema.tables WHERE table_schema = ?',
    [database],
  );
  return Number(rows[0]?.['n'] ?? 0);
}
