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

/**
 * Finds a server that still runs on our data directory: by our own note (pid and start time), or by mysqld's pid file,
 * and in both cases only if its command line names our option file, so that no stranger is ever signalled.
 */
export async function findOrphan(
  note: string,
  pidFile: string,
  optionFile: string,
  os: OperatingSystem,
): Promise<KnownProcess | null> {
  const pids: { pid: number; started: string | null }[] = [];
  try {
    const value = JSON.parse(await readFile(note, 'utf8')) as Partial<KnownProcess>;
    if (typeof value.pid === 'number' && typeof value.started === 'string')
      pids.push({ pid: value.pid, started: value.started });
  } catch {
    // No note, or one that was cut: the pid file is left.
  }
  const pid = Number((await readFile(pidFile, 'latin1').catch(() => '')).trim());
  if (Number.isSafeInteger(pid) && pid > 1) pids.push({ pid, started: null });
  for (const candidate of pids) {
    const started = await os.processStart(candidate.pid);
    if (started === null || (candidate.started !== null && candidate.started !== started)) continue;
    const command = await os.processCommand(candidate.pid);
    if (command?.includes(optionFile) === true) return { pid: candidate.pid, started };
  }
  return null;
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
