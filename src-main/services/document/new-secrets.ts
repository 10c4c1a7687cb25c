import { digestsOf } from '../../domain/users';
import type { DraftStore, HistoryStore, SecretStore } from '../../servers/store';

/** Secrets of callers; others, such as those of a MySQL that is just being started, are none of a draft's business. */
const OF_CALLERS = /^(?:users|users-typed|grpc)\//;

/** Remembers which secrets of callers there are; the answer names those that have come since. */
export function newSecretsSince(secrets: Pick<SecretStore, 'names'>): () => readonly string[] {
  const before = new Set(secrets.names());
  return () => secrets.names().filter((name) => OF_CALLERS.test(name) && !before.has(name));
}

/**
 * Removes secrets that edits have made since the last apply and that no version needs: not what is applied, nothing that
 * can be undone or done again, and nothing in the history. A secret is needed where its name stands in quotes, its value
 * is written, or a hash of it.
 */
export async function removeUnusedSecrets(
  store: DraftStore,
  history: HistoryStore,
  secrets: Pick<SecretStore, 'get' | 'names' | 'remove'>,
): Promise<void> {
  const { newSecrets, base, files, undo, redo } = store.state;
  if (newSecrets.length === 0) return;
  const hashes = new Set([...Object.values(base), ...Object.values(files)].map(({ hash }) => hash));
  for (const { changes } of [...undo, ...redo])
    for (const { before, after } of changes) for (const ref of [before, after]) if (ref !== null) hashes.add(ref.hash);
  const texts = await Promise.all([...hashes].map(async (hash) => (await store.content(hash)).toString('latin1')));
  for (const { number } of await history.list()) {
    const version = await history.read(number).catch(() => null);
    // A version that cannot be read may need anything.
    if (version === null) return;
    for (const [path, content] of version.contents) if (path.endsWith('.json')) texts.push(content.toString('latin1'));
  }
  const folded = texts.map((text) => text.toLowerCase());
  const needed = (name: string): boolean => {
    const value = secrets.get(name)?.reveal();
    if (value === undefined || value === '') return true;
    const written = [JSON.stringify(name), JSON.stringify(value)].map((text) => Buffer.from(text).toString('latin1'));
    const { native, sha2 } = digestsOf(value);
    return (
      texts.some((text) => written.some((found) => text.includes(found))) ||
      folded.some((text) => text.includes(native) || text.includes(sha2))
    );
  };
  const unused = newSecrets.filter((name) => !needed(name));
  if (unused.length > 0) await secrets.remove(unused);
  // What only an undone step needs is looked at again after the next apply.
  await store.setNewSecrets(newSecrets.filter((name) => !unused.includes(name) && secrets.names().includes(name)));
}
