import { link, open, readFile, rm, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { fail, succeed, type Result } from '../../domain/kernel';
import type { OperatingSystem } from './operating-system';

interface Holder {
  readonly pid: number;
  readonly started: string | null;
}

/** A folder held by this process until `release`. */
export interface DataLock {
  release(): Promise<void>;
}

const TRIES = 50;
const PAUSE_MS = 20;

const read = async (path: string): Promise<{ text: string; holder: Holder | null } | null> => {
  const text = await readFile(path, 'utf8').catch(() => null);
  if (text === null) return null;
  try {
    const value = JSON.parse(text) as Partial<Holder>;
    const holder =
      typeof value.pid === 'number' && Number.isSafeInteger(value.pid) && value.pid > 0
        ? { pid: value.pid, started: value.started ?? null }
        : null;
    return { text, holder };
  } catch {
    return { text, holder: null };
  }
};

const lives = async (holder: Holder, os: OperatingSystem): Promise<boolean> => {
  const started = await os.processStart(holder.pid);
  return started !== null && (holder.started === null || holder.started === started);
};

/** Makes `path` with our identity at once and whole, or says that it exists: a link to a finished file is atomic. */
async function create(path: string, text: string): Promise<boolean> {
  const draft = `${path}.${process.pid}.${randomBytes(6).toString('hex')}`;
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

/**
 * Takes the lock file `path` for this process: it names the holder's pid and start time, so that a lock of a process that
 * ended (or whose pid belongs to another process since) counts for nothing. Taking over such a lock is itself guarded by
 * a second file, so that of two programs only one wins.
 *
 * Fails with `backend.data-dir-in-use` when a running process holds it.
 */
export async function takeLock(path: string, os: OperatingSystem): Promise<Result<DataLock>> {
  const mine = JSON.stringify({ pid: process.pid, started: await os.processStart(process.pid) });
  const token = `${mine.slice(0, -1)},"token":"${randomBytes(8).toString('hex')}"}`;
  const guard = `${path}.takeover`;
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    if (await create(path, token))
      return succeed({
        release: async () => {
          if ((await read(path))?.text === token) await rm(path, { force: true });
        },
      });
    const found = await read(path);
    if (found === null) continue;
    if (found.holder !== null && (await lives(found.holder, os)))
      return fail({
        code: 'backend.data-dir-in-use',
        summary: `The data directory is in use by process ${found.holder.pid}: stop that program first (${path}).`,
      });
    if (await create(guard, mine)) {
      try {
        if ((await read(path))?.text === found.text) await rm(path, { force: true });
      } finally {
        await rm(guard, { force: true });
      }
    } else {
      const other = await read(guard);
      if (other !== null && (other.holder === null || !(await lives(other.holder, os))))
        await rm(guard, { force: true });
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
  return fail({
    code: 'backend.data-dir-in-use',
    summary: `The lock ${path} could not be taken: other programs are taking it over and over.`,
  });
}

/** Writes `text` to a file that only the owner may read, replacing what was there, and puts it on disk. */
export async function writePrivate(path: string, text: string): Promise<void> {
  await rm(path, { force: true });
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}
