import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fail, succeed, type Failure, type Result } from '../../domain/kernel';
import { processStart } from './process-start';

/** Who holds a workspace. */
export interface LockHolder {
  readonly pid: number;
  readonly start: string;
  /** `gatehouse up`, `Gatehouse`, … */
  readonly program: string;
  /** ISO time. */
  readonly since: string;
}

/** A held lock; `release` gives it back, also when called twice. */
export interface WorkspaceLock {
  release(): Promise<void>;
}

/**
 * Takes the lock file at `path` for this process. A lock whose holder is gone (pid and start time) is taken over.
 * Fails with `workspace.locked`, naming the holder.
 */
export async function acquireLock(path: string, program: string): Promise<Result<WorkspaceLock, Failure & { holder?: LockHolder }>> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const mine: LockHolder = { pid: process.pid, start: processStart(process.pid) ?? '', program, since: new Date().toISOString() };
  for (let attempt = 0; attempt < 5; attempt += 1) {
    // A link appears with its whole content or not at all, so no reader ever sees an empty lock.
    const draft = `${path}.${randomBytes(6).toString('hex')}`;
    await writeFile(draft, JSON.stringify(mine), { mode: 0o600, flag: 'wx' });
    try {
      await link(draft, path);
      let held = true;
      return succeed({
        release: async () => {
          if (!held) return;
          held = false;
          await rm(path, { force: true });
        },
      });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const holder = await readLock(path);
      if (holder !== null)
        return fail({
          code: 'workspace.locked',
          summary: `The workspace is held by ${holder.program} (process ${holder.pid}, since ${holder.since}). Stop it, or attach to it.`,
          holder,
        });
      // Moved away first: of two programs that find the same dead lock only one succeeds in moving it.
      const dead = `${draft}.dead`;
      try {
        await rename(path, dead);
        await rm(dead, { force: true });
      } catch (problem) {
        if ((problem as NodeJS.ErrnoException).code !== 'ENOENT') throw problem;
      }
    } finally {
      await rm(draft, { force: true });
    }
  }
  return fail({ code: 'workspace.locked', summary: 'The workspace is being taken by another program at this moment. Try again.' });
}

/** The living holder of the lock file, or null: nobody, or somebody who is gone. */
export async function readLock(path: string): Promise<LockHolder | null> {
  let holder: LockHolder;
  try {
    holder = JSON.parse(await readFile(path, 'utf8')) as LockHolder;
  } catch {
    return null;
  }
  return typeof holder.pid === 'number' && processStart(holder.pid) === holder.start ? holder : null;
}
