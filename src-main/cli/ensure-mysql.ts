import { spawn } from 'node:child_process';
import { access, readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import type { ServicePorts } from '../services/ports';
import { findMysqld } from '../servers/backend';
import { CommandExit, exitCode } from './exit';
import type { Terminal } from './terminal';

const PACKAGES = ['mariadb-server-core', 'mariadb-client-core'];

/** Whether this is root on Debian or a derivative with apt. */
async function aptIsOurs(): Promise<boolean> {
  if (process.getuid?.() !== 0) return false;
  try {
    await access('/usr/bin/apt-get');
    return /^ID(_LIKE)?=.*debian/m.test(await readFile('/etc/os-release', 'utf8'));
  } catch {
    return false;
  }
}

function run(program: string, args: readonly string[], signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      signal,
    });
    let words = '';
    child.stderr.on('data', (chunk: Buffer) => (words = (words + chunk.toString('utf8')).slice(-2_000)));
    child.on('error', reject);
    child.on('exit', (code) =>
      code === 0
        ? resolve()
        : reject(
            new CommandExit(
              exitCode.environment,
              `${program} ${args[0] ?? ''} failed: ${words.trim().split('\n').at(-1) ?? `exit ${code}`}`,
            ),
          ),
    );
  });
}

/**
 * Makes sure that there is a mysqld or mariadbd and returns its path. Where there is none: as root on Debian it says what it would do, asks
 * (or takes `yes`) and installs with apt; elsewhere it prints the one line that installs it and ends with exit code 3.
 */
export async function ensureMysql(options: {
  readonly ports: ServicePorts;
  readonly mysqld: string | undefined;
  readonly yes: boolean;
  readonly signal: AbortSignal;
  readonly terminal: Terminal;
  readonly onStep: (text: string, detail: string) => void;
}): Promise<string> {
  const find = () =>
    findMysqld({
      os: options.ports.os,
      extra: [process.env['GATEHOUSE_MYSQLD']],
      ...(options.mysqld === undefined ? {} : { path: options.mysqld }),
    });
  const found = await find();
  if (found.ok) {
    options.onStep(`${found.value.vendor} ${found.value.version}`, found.value.path);
    return found.value.path;
  }
  if (options.mysqld !== undefined || !(await aptIsOurs()))
    throw new CommandExit(exitCode.environment, found.failure.summary);
  const { terminal } = options;
  terminal.line(
    `  There is no mysqld or mariadbd here. It can be installed with:\n    apt-get update && apt-get install --no-install-recommends ${PACKAGES.join(' ')}`,
  );
  if (!options.yes) {
    if (!process.stdin.isTTY)
      throw new CommandExit(exitCode.environment, 'nobody to ask: run the line above, or call again with --yes.');
    const ask = createInterface({ input: process.stdin, output: process.stderr });
    const answer = await ask
      .question('  Install it now? [y/N] ', { signal: options.signal })
      .finally(() => ask.close());
    if (!/^y(es)?$/i.test(answer.trim())) throw new CommandExit(exitCode.environment, 'nothing was installed.');
  }
  await run('apt-get', ['update', '-qq'], options.signal);
  options.onStep('package lists', 'apt-get update');
  await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...PACKAGES], options.signal);
  const again = await find();
  if (!again.ok) throw new CommandExit(exitCode.environment, again.failure.summary);
  options.onStep(`${again.value.vendor} ${again.value.version} installed`, again.value.path);
  return again.value.path;
}
