import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
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

const TRIES = 50;
const PAUSE_MS = 20;

/** Makes `path` with `text` at once and whole, or says that it exists: no reader ever sees an empty lock. */
async function create(path: string, text: string): Promise<boolean> {
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  await writeFile(draft, text, { mode: 0o600, flag: 'wx' });
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

const textOf = (path: string): Promise<string | null> => readFile(path, 'utf8').catch(() => null);

/** The holder that a lock's text names, if that process still runs. */
function living(text: string | null): LockHolder | null {
  try {
    const holder = JSON.parse(text ?? '') as Partial<LockHolder> | null;
    if (typeof holder?.pid !== 'number' || typeof holder.start !== 'string' || holder.start === '') return null;
    if (processStart(holder.pid) !== holder.start) return null;
    return { program: 'another program', since: 'an unknown time', ...holder } as LockHolder;
  } catch {
    return null;
  }
}

/**
 * Takes the lock file at `path` for this process. A lock whose holder is gone (pid and start time) is taken over; that is
 * guarded by a second file, so that of several programs which find the same dead lock only one wins.
 * Fails with `workspace.locked`, naming the holder.
 */
export async function acquireLock(
  path: string,
  program: string,
): Promise<Result<WorkspaceLock, Failure & { holder?: LockHolder }>> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const mine = JSON.stringify({
    pid: process.pid,
    start: processStart(process.pid) ?? '',
    program,
    since: new Date().toISOString(),
    token: randomBytes(8).toString('hex'),
  });
  const guard = `${path}.takeover`;
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    if (await create(path, mine))
      return succeed({
        release: async () => {
          if ((await textOf(path)) === mine) await rm(path, { force: true });
        },
      });
    const found = await textOf(path);
    if (found === null) continue;
    const holder = living(found);
    if (holder !== null)
      return fail({
        code: 'workspace.locked',
        summary: `The workspace is held by ${holder.program} (process ${holder.pid}, since ${holder.since}). Stop it, or attach to it.`,
        holder,
      });
    if (await create(guard, mine)) {
      try {
        if ((await textOf(path)) === found) await rm(path, { force: true });
      } finally {
        await rm(guard, { force: true });
      }
    } else {
      const other = await textOf(guard);
      if (other !== null && living(other) === null) await rm(guard, { force: true });
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
  return fail({
    code: 'workspace.locked',
    summary: 'The workspace is being taken by another program at this moment. Try again.',
  });
}

/** The living holder of the lock file, or null: nobody, or somebody who is gone. */
export async function readLock(path: string): Promise<LockHolder | null> {
  return living(await textOf(path));
}
