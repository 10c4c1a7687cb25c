import { readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../atomic-write';
import { readChanges, type FileChange } from './draft-state';
import type { ObjectStore } from './object-store';
import { readTracked, type FileRef } from './tracked-files';
import { putTracked } from './write-tracked';

/** What an apply is about to do; on the disk before its first write and until it is done. */
export interface ApplyJournal {
  readonly schema: 1;
  readonly id: string;
  readonly changes: readonly FileChange[];
  /** The version that goes into the history with it. */
  readonly version: number;
}

const pathOf = (dir: string): string => join(dir, '.gatehouse', 'apply.json');

/** The journal of an apply that did not come to its end, or null. One that cannot be read is put aside. */
export async function readJournal(dir: string): Promise<ApplyJournal | null> {
  const text = await readFile(pathOf(dir), 'utf8').catch(() => null);
  if (text === null) return null;
  try {
    const value = JSON.parse(text) as Partial<ApplyJournal> | null;
    const changes = readChanges(value?.changes);
    if (
      value?.schema === 1 &&
      typeof value.id === 'string' &&
      changes !== null &&
      Number.isInteger(value.version) &&
      (value.version as number) > 0
    )
      return { schema: 1, id: value.id, changes, version: value.version as number };
  } catch {
    // Not JSON: the journal is written as a whole before anything else is, so nothing has been written yet.
  }
  await rename(pathOf(dir), `${pathOf(dir)}.damaged`);
  return null;
}

/** Writes the journal; from here on the set of files is completed or put back, whatever happens. */
export const beginApply = (dir: string, journal: ApplyJournal): Promise<void> =>
  writeFileAtomic(pathOf(dir), `${JSON.stringify(journal)}\n`, 0o600);

/** The apply is done, or put back. */
export const endApply = (dir: string): Promise<void> => rm(pathOf(dir), { force: true });

/**
 * Writes one side of every change into the workspace. A file that is neither what it was nor what it is to be was changed
 * by somebody else meanwhile: it is left alone, and its path is in the answer.
 */
export async function writeSide(
  dir: string,
  objects: ObjectStore,
  changes: readonly FileChange[],
  side: 'before' | 'after',
): Promise<string[]> {
  const contents = new Map<FileRef, Buffer>();
  for (const { before, after } of changes) {
    const ref = side === 'before' ? before : after;
    if (ref !== null) contents.set(ref, await objects.get(ref.hash));
  }
  const left: string[] = [];
  for (const change of changes) {
    const wanted = change[side];
    const found = await readTracked(dir, change.path);
    const hash = found === null ? null : found === 'skip' ? undefined : found.ref.hash;
    if (hash === (wanted?.hash ?? null)) continue;
    if (hash !== (change.before?.hash ?? null) && hash !== (change.after?.hash ?? null)) {
      left.push(change.path);
      continue;
    }
    const content = wanted === null ? undefined : contents.get(wanted);
    await putTracked(dir, change.path, wanted === null || content === undefined ? null : { ref: wanted, content });
  }
  return left;
}
