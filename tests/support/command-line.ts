import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { bundled } from './bundled';

const root = join(import.meta.dirname, '..', '..');

/** The command line as it is in this tree. */
const entry = (): string => bundled('cli', `import { main } from './src-main/cli.ts';\nawait main(process.argv);\n`);

export interface CommandOutcome {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A `gatehouse` that runs. */
export interface RunningCommand {
  readonly child: ChildProcess;
  /** What it has written so far. */
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Resolves with the first line of standard output that `test` accepts; rejects when it ends before. */
  line(test: (line: string) => boolean): Promise<string>;
  readonly ended: Promise<CommandOutcome>;
}

/** Starts `gatehouse ARGUMENTS`. */
export function startGatehouse(args: readonly string[], env: NodeJS.ProcessEnv = {}): RunningCommand {
  const child = spawn(process.execPath, [entry(), ...args], {
    cwd: root,
    env: { ...process.env, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = once(child, 'close').then(([code, signal]): CommandOutcome => ({
    code: code as number | null,
    signal: signal as string | null,
    stdout,
    stderr,
  }));
  return {
    child,
    stdout: () => stdout,
    stderr: () => stderr,
    line: (test) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const whole = stdout.slice(0, stdout.lastIndexOf('\n') + 1).split('\n');
          const found = whole.find((line) => line !== '' && test(line));
          if (found === undefined) return;
          child.stdout.off('data', look);
          resolve(found);
        };
        child.stdout.on('data', look);
        look();
        void ended.then(({ code }) => reject(new Error(`it ended with ${code}: ${stdout}${stderr}`)));
      }),
    ended,
  };
}

/** Runs `gatehouse ARGUMENTS` to its end. */
export const gatehouse = (args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<CommandOutcome> =>
  startGatehouse(args, env).ended;
