import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { expect } from 'vitest';
import { root } from './build';

export { buildPage, buildProgram, root } from './build';

export const program = join(root, 'bin', 'gatehouse.mjs');
/** What a command said and how it ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Content for file descriptor 3. */
  readonly third?: string;
  readonly timeoutMs?: number;
  /** Another installation's entry. */
  readonly program?: string;
}

/** A command that runs. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  readonly stdout: () => string;
  /** Resolves with the first standard output that `test` accepts; rejects when the command ends before. */
  readonly until: (test: (stdout: string) => boolean) => Promise<string>;
}

/** Starts `gatehouse ARGS` as a process of its own. */
export function start(args: readonly string[], options: RunOptions = {}): Running {
  const { NODE_OPTIONS: _dropped, FORCE_COLOR: _color, ...env } = process.env;
  const child = spawn(process.execPath, [options.program ?? program, ...args], {
    cwd: options.cwd ?? root,
    env: { ...env, GATEHOUSE_CACHE: join(root, 'node_modules', '.cache', 'gatehouse-tests'), ...options.env },
    stdio: ['pipe', 'pipe', 'pipe', options.third === undefined ? 'ignore' : 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  const watchers = new Set<() => void>();
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    for (const watch of watchers) watch();
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(options.input ?? '');
  const third = child.stdio[3] as NodeJS.WritableStream | null | undefined;
  if (options.third !== undefined) {
    third?.on('error', () => undefined);
    third?.end(options.third);
  }
  const timer = setTimeout(() => child.kill('SIGKILL'), options.timeoutMs ?? 60_000);
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, stdout, stderr });
    });
  });
  const until = (test: (stdout: string) => boolean): Promise<string> =>
    new Promise((resolve, reject) => {
      const watch = (): void => {
        if (!test(stdout)) return;
        watchers.delete(watch);
        resolve(stdout);
      };
      watchers.add(watch);
      watch();
      void ended.then((end) => reject(new Error(`ended with ${end.code}: ${end.stdout}${end.stderr}`)));
    });
  return { child, ended, stdout: () => stdout, until };
}

/** Runs `gatehouse ARGS` to its end. */
export const gatehouse = (args: readonly string[], options: RunOptions = {}): Promise<Ended> =>
  start(args, options).ended;

/** A mistake of the user's: this exit code, a line that says what, and no stack trace. */
export function expectMistake(end: Ended, code: number, words: RegExp): void {
  expect([end.code, end.stderr]).toEqual([code, expect.stringMatching(words)]);
  expect(end.stdout + end.stderr).not.toMatch(/^\s+at .*:\d+:\d+\)?$/m);
  expect(end.stderr).not.toContain('error of Gatehouse itself');
}
