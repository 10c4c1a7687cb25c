import { createConnection } from 'mysql2/promise';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { GatehouseError, Secret } from '../../domain/kernel';
import { generatePassword } from '../../domain/users';
import { writeFileAtomic } from '../../servers/store';
import type { RunningBackend } from './backends';

/** Users of Vitess's own on a MySQL that it manages, with what each may do (init_db.sql of Vitess; vitess-behaviour §9.7). */
const USERS = {
  vt_dba: 'ALL PRIVILEGES ON *.* TO ? WITH GRANT OPTION',
  vt_allprivs: 'ALL PRIVILEGES ON *.* TO ?',
  vt_filtered: 'ALL PRIVILEGES ON *.* TO ?',
  vt_repl: 'REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO ?',
  vt_appdebug: 'SELECT, SHOW DATABASES, PROCESS ON *.* TO ?',
} as const;

/** What a vttablet is given beside its exported flags. */
export interface VitessDatabase {
  readonly env: Readonly<Record<string, string>>;
  readonly flags: readonly string[];
}

/**
 * Puts a managed MySQL where vttablet looks for one that mysqlctl made: `vt_NUMBER/my.cnf` below VTDATAROOT with its
 * socket, and Vitess's users with passwords of this run. They may log in over the Unix socket alone; their passwords lie in
 * a file of mode 0600 in `folder`, never in flags.
 */
export async function offerToVttablet(backend: RunningBackend, uid: number, folder: string): Promise<VitessDatabase> {
  if (backend.rootPassword === null || backend.socket === null)
    throw new GatehouseError({
      code: 'vitess.backend',
      summary: `The engine "vitess" reaches a MySQL of Gatehouse's own over its Unix socket, which ${backend.name} has not.`,
    });
  const passwords = new Map<string, Secret>();
  const connection = await createConnection({
    socketPath: backend.socket,
    user: 'root',
    password: backend.rootPassword.reveal(),
  });
  try {
    for (const [user, rights] of Object.entries(USERS)) {
      const password = new Secret(generatePassword({ bits: 192 }));
      const account = `${connection.escape(user)}@'localhost'`;
      await connection.query(`DROP USER IF EXISTS ${account}`);
      await connection.query(`CREATE USER ${account} IDENTIFIED BY ${connection.escape(password.reveal())}`);
      await connection.query(`GRANT ${rights.replace('?', account)}`);
      passwords.set(user, password);
    }
    // The tablet's own user reads and writes what Vitess keeps there: prepared transactions, its view of the schema.
    const { user } = backend.connection;
    await connection.query(
      `GRANT SELECT, INSERT, UPDATE, DELETE ON \`\\_vt\`.* TO ${connection.escape(user)}@'localhost'`,
    );
  } finally {
    connection.destroy();
  }
  const { password } = backend.connection;
  passwords.set(backend.connection.user, password);
  const credentials = join(folder, `db-credentials-${uid}.json`);
  await writeFileAtomic(
    credentials,
    `${JSON.stringify(Object.fromEntries([...passwords].map(([user, secret]) => [user, [secret.reveal()]])))}\n`,
    0o600,
  );
  const home = join(folder, `vt_${String(uid).padStart(10, '0')}`);
  await mkdir(home, { recursive: true, mode: 0o700 });
  await writeFileAtomic(
    join(home, 'my.cnf'),
    `[mysqld]\nserver-id = ${uid}\nport = ${backend.port}\nsocket = ${backend.socket}\n`,
    0o600,
  );
  return { env: { VTDATAROOT: folder, VTROOT: folder }, flags: [`--db-credentials-file=${credentials}`] };
}
