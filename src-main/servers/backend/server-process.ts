import { readFile, rm } from 'node:fs/promises';
import type { OperatingSystem } from './operating-system';
import { writePrivate } from './data-lock';

/** A mysqld that was started earlier for the same data directory. */
export interface KnownProcess {
  readonly pid: number;
  readonly started: string;
}

const POLL_MS = 10;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Notes pid and start time of a server, so that it is known again after a crash of this program. */
export async function noteProcess(file: string, pid: number, os: OperatingSystem): Promise<void> {
  const started = await os.processStart(pid);
  if (started !== null) await writePrivate(file, JSON.stringify({ pid, started }));
}

/** What a note says, or null: there is none, or it was cut. */
async function readNote(file: string): Promise<KnownProcess | null> {
  try {
    const { pid, started } = JSON.parse(await readFile(file, 'utf8')) as Partial<KnownProcess>;
    return typeof pid === 'number' && typeof started === 'string' ? { pid, started } : null;
  } catch {
    return null;
  }
}

/** The process, if it runs, is the one that was noted and names `mark` in its command line, so that no stranger is signalled. */
async function confirmed(
  { pid, started }: { readonly pid: number; readonly started: string | null },
  mark: string,
  os: OperatingSystem,
): Promise<KnownProcess | null> {
  const now = await os.processStart(pid);
  if (now === null || (started !== null && started !== now)) return null;
  const command = await os.processCommand(pid);
  return command?.includes(mark) === true ? { pid, started: now } : null;
}

/** The process of a note, if it still runs and its command line has `mark` in it. */
export async function findProcess(note: string, mark: string, os: OperatingSystem): Promise<KnownProcess | null> {
  const noted = await readNote(note);
  return noted === null ? null : confirmed(noted, mark, os);
}

/** Finds a server that still runs on our data directory: by our own note, or by mysqld's pid file. */
export async function findOrphan(
  note: string,
  pidFile: string,
  optionFile: string,
  os: OperatingSystem,
): Promise<KnownProcess | null> {
  const noted = await findProcess(note, optionFile, os);
  if (noted !== null) return noted;
  const pid = Number((await readFile(pidFile, 'latin1').catch(() => '')).trim());
  return Number.isSafeInteger(pid) && pid > 1 ? confirmed({ pid, started: null }, optionFile, os) : null;
}

/** Waits until a process is gone, at most `limitMs`; says whether it is. */
export async function waitForEnd(known: KnownProcess, os: OperatingSystem, limitMs: number): Promise<boolean> {
  const until = performance.now() + limitMs;
  while ((await os.processStart(known.pid)) === known.started) {
    if (performance.now() > until) return false;
    await pause(POLL_MS);
  }
  return true;
}

/**
 * Ends a server: SIGTERM, which mysqld takes as a clean shutdown, then SIGKILL after `limitMs`. Returns whether the
 * shutdown was clean. The data survives either way (InnoDB recovers).
 */
export async function endProcess(known: KnownProcess, os: OperatingSystem, limitMs: number): Promise<boolean> {
  const send = async (signal: NodeJS.Signals): Promise<void> => {
    if ((await os.processStart(known.pid)) !== known.started) return;
    try {
      process.kill(known.pid, signal);
    } catch {
      // It ended in between.
    }
  };
  await send('SIGTERM');
  if (await waitForEnd(known, os, limitMs)) return true;
  await send('SIGKILL');
  await waitForEnd(known, os, limitMs);
  return false;
}

/** Removes what a server that no longer runs has left. */
export async function forgetProcess(...files: readonly (string | null)[]): Promise<void> {
  await Promise.all(files.map((file) => (file === null ? undefined : rm(file, { force: true }))));
}
