import { spawn } from 'node:child_process';
import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { acquireLock } from '../../../src-main/servers/store';

export const root = join(import.meta.dirname, '..', '..', '..');
const bundle = join(root, 'out', 'cli', 'gatehouse.js');
const page = join(root, 'out', 'renderer', 'index.html');

const run = (command: string, args: readonly string[]): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`${args.join(' ')} ended with ${code}`))));
  });

const changedAt = (path: string): Promise<number> =>
  stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );

async function isFresh(built: string, sources: readonly string[]): Promise<boolean> {
  const at = await changedAt(built);
  for (const folder of sources) {
    const names = await readdir(join(root, folder), { recursive: true });
    for (const name of names)
      if (/\.(ts|js|mjs|svelte|css|html)$/.test(name) && (await changedAt(join(root, folder, name))) > at) return false;
  }
  return at > 0;
}

async function build(fresh: () => Promise<boolean>, command: string, args: readonly string[]): Promise<void> {
  await mkdir(join(root, 'out'), { recursive: true });
  for (;;) {
    if (await fresh()) return;
    const lock = await acquireLock(join(root, 'out', '.building'), 'tests');
    if (!lock.ok) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      continue;
    }
    try {
      if (!(await fresh())) await run(command, args);
    } finally {
      await lock.value.release();
    }
    return;
  }
}

/** Builds the command line when its source is newer than what was built; test files that run at once build it once. */
export const buildProgram = (): Promise<void> =>
  build(() => isFresh(bundle, ['src-main']), process.execPath, ['scripts/build-cli.mjs']);

/** Builds the page and the desktop entry when their sources are newer. */
export const buildPage = (): Promise<void> =>
  build(() => isFresh(page, ['src-renderer', 'src-main/contract']), 'npx', [
    '--no-install',
    'electron-vite',
    'build',
    '--logLevel',
    'error',
  ]);
