// `npm start`: builds the app and opens it; the browser shell where Electron's binary or a display is missing.
// Never loads the package `electron`: that would try to fetch the binary.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findElectron } from './find-electron.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const electronFolder = dirname(createRequire(import.meta.url).resolve('electron/package.json'));

if (!process.argv.includes('--no-build')) {
  for (const [script, ...args] of [['scripts/build-cli.mjs'], [viteProgram(), 'build', '--logLevel', 'warn']]) {
    const done = spawnSync(process.execPath, [script, ...args], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
    if (done.status !== 0) process.exit(done.status ?? 1);
  }
}
const rest = process.argv.slice(2).filter((argument) => argument !== '--no-build');
const found = findElectron({
  folder: electronFolder,
  env: process.env,
  platform: process.platform,
  exists: existsSync,
  read: (file) => readFileSync(file, 'utf8'),
});
if (found.binary === null) process.stdout.write(`${found.why}\n`);
const child =
  found.binary === null
    ? spawn(process.execPath, [join(root, 'bin/gatehouse.mjs'), 'serve', ...rest], { stdio: 'inherit' })
    : spawn(found.binary, [root, ...rest], { stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(signal === null ? (code ?? 0) : 0));

function viteProgram() {
  const folder = dirname(createRequire(import.meta.url).resolve('electron-vite/package.json'));
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return join(folder, bin['electron-vite']);
}
