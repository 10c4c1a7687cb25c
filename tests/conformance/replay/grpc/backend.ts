import { asRoot, startBackend, type Backend } from '../../../wire/tablet/tablet-fixture';

/** The MySQL of the recordings where it is installed, else MariaDB; with `statements` run in the keyspace's database. */
export async function replayBackend(...statements: readonly string[]): Promise<Backend> {
  const backend = await startBackend('MySQL').catch(() => startBackend('MariaDB'));
  await asRoot(backend, ...statements);
  return backend;
}
