import type { ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';

/** Every server and every initialising program that this process has started and that runs, with the files it leaves. */
const children = new Map<ChildProcess, readonly (string | null)[]>();

const drafts = new Set<string>();

/** Remembers a folder that is of no use unfinished, until the returned function is called. */
export function noteDraft(folder: string): () => void {
  drafts.add(folder);
  return () => void drafts.delete(folder);
}

/** Remembers a child for as long as it runs; `leaves` are the files and folders that are of no use without it. */
export function noteChild(child: ChildProcess, leaves: readonly (string | null)[] = []): void {
  if (child.pid === undefined) return;
  children.set(child, leaves);
  child.once('exit', () => children.delete(child));
}

/**
 * SIGKILL to every MySQL or MariaDB that this process started, and its socket, notes and lock removed; how many there
 * were. Synchronous, for a program that ends with the next line; the data survives (InnoDB recovers).
 */
export function killManagedServers(): number {
  const found = [...children];
  children.clear();
  for (const [child] of found) child.kill('SIGKILL');
  // A killed process may write until it is gone.
  const options = { recursive: true, force: true, maxRetries: 20, retryDelay: 25 };
  for (const path of [...found.flatMap(([, leaves]) => leaves), ...drafts]) if (path !== null) rmSync(path, options);
  return found.length;
}
