import { spawn } from 'node:child_process';
import { chmod, mkdir, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { GatehouseError } from '../../domain/kernel';
import { endProcess, findProcess, forgetProcess, noteChild, noteProcess, type OperatingSystem } from '../backend';

export interface ProgramOptions {
  /** What it is called in sentences: `vtgate main`. */
  readonly name: string;
  readonly path: string;
  readonly args: readonly string[];
  readonly os: OperatingSystem;
  /** Working folder. */
  readonly cwd: string;
  /** Beside PATH, HOME and TMPDIR; nothing else of this process is handed on. */
  readonly env?: Readonly<Record<string, string>>;
  /** Where its output goes, mode 0600; what is there is kept. */
  readonly logFile: string;
  /** Remembers the process for the next start, in case this program is killed. */
  readonly noteFile: string;
  /** Resolves true as soon as it can be used; asked again and again. */
  readonly ready: () => Promise<boolean>;
  readonly signal?: AbortSignal;
  /** Milliseconds until it must be ready; default 60,000. */
  readonly startTimeoutMs?: number;
}

/** A program that was started and is ready. */
export interface RunningProgram {
  readonly name: string;
  readonly pid: number;
  readonly logFile: string;
  /** Whether it has not ended. */
  readonly runs: boolean;
  /** The end of what it has written since it was started, at most 8,000 characters. */
  log(): Promise<string>;
  /** SIGTERM, then SIGKILL after `graceMs`. May be called again. */
  stop(graceMs?: number): Promise<void>;
}

const POLL_MS = 50;
const LOG_CHARACTERS = 8_000;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Starts a program in a process group of its own (a terminal's Ctrl-C ends it in order, through Gatehouse), without a
 * terminal and with an environment of its own, and waits until it is ready. What an earlier, killed Gatehouse left running
 * under the same note is ended first. Rejects with GatehouseError `vitess.program-ended`, `vitess.program-timeout` or the
 * signal's reason, and leaves nothing running.
 */
export async function startProgram(options: ProgramOptions): Promise<RunningProgram> {
  const { name, os, logFile, noteFile } = options;
  for (const file of [logFile, noteFile]) await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const left = await findProcess(noteFile, options.path, os);
  if (left !== null) await endProcess(left, os, 5_000);
  const log = await open(logFile, 'a', 0o600);
  await chmod(logFile, 0o600);
  const logStart = (await log.stat()).size;
  const { PATH, HOME } = process.env;
  const child = spawn(options.path, options.args, {
    cwd: options.cwd,
    detached: os.signals,
    stdio: ['ignore', log.fd, log.fd],
    windowsHide: true,
    env: {
      ...(PATH === undefined ? {} : { PATH }),
      ...(HOME === undefined ? {} : { HOME }),
      TMPDIR: options.cwd,
      ...options.env,
    },
  });
  noteChild(child, [noteFile]);
  await log.close();
  let ended: { readonly code: number | null; readonly signal: string | null } | null = null;
  child.once('error', () => (ended ??= { code: null, signal: null }));
  child.once('exit', (code, signal) => (ended ??= { code, signal }));
  const tail = async (): Promise<string> =>
    (await readFile(logFile)).subarray(logStart).toString('utf8').slice(-LOG_CHARACTERS);
  const started = child.pid === undefined ? null : await os.processStart(child.pid);
  const known = child.pid === undefined || started === null ? null : { pid: child.pid, started };
  let stopping: Promise<void> | null = null;
  const stop = (graceMs = 10_000): Promise<void> =>
    (stopping ??= (async () => {
      if (ended === null && known !== null) await endProcess(known, os, graceMs);
      await forgetProcess(noteFile);
    })());
  const until = performance.now() + (options.startTimeoutMs ?? 60_000);
  try {
    if (child.pid !== undefined) await noteProcess(noteFile, child.pid, os);
    for (;;) {
      options.signal?.throwIfAborted();
      const end = ended as { readonly code: number | null; readonly signal: string | null } | null;
      if (end !== null)
        throw new GatehouseError({
          code: 'vitess.program-ended',
          summary: `${name} ended while it started${end.code === null ? '' : ` (exit code ${end.code})`}; see ${logFile}.`,
          detail: await tail(),
        });
      if (await options.ready().catch(() => false)) break;
      if (performance.now() > until)
        throw new GatehouseError({
          code: 'vitess.program-timeout',
          summary: `${name} did not become ready in time; see ${logFile}.`,
          detail: await tail(),
        });
      await pause(POLL_MS);
    }
  } catch (error) {
    await stop(1_000);
    throw error;
  }
  return {
    name,
    pid: child.pid ?? 0,
    logFile,
    get runs() {
      return ended === null;
    },
    log: tail,
    stop,
  };
}
