// `npm run test:vitess [-- VITEST ARGUMENTS]`
//
// The sample workspaces on real vtgate and vttablet beside the embedded engine, cell by cell (docs/design.md, section 3). Needs
// the programs below on the PATH and a user who is not root; where that is not so it says so, runs nothing and ends with 0.
import { spawn } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const programs = ['vtgate', 'vttablet', 'vtctldclient', 'etcd'];

const found = (program) =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => {
    if (!isAbsolute(folder)) return false;
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });

const missing = programs.filter((program) => !found(program));
if (missing.length > 0) {
  console.log(`Not on the PATH: ${missing.join(', ')}.`);
  console.log('Nothing was run: Gatehouse was not held against real Vitess here.');
  process.exit(0);
}
if (process.getuid?.() === 0) {
  console.log('The programs are there, but vtgate and vttablet refuse to run as root, and this is root.');
  console.log('Nothing was run: Gatehouse was not held against real Vitess here. Run it as another user.');
  process.exit(0);
}
const mysql9 =
  process.env.GATEHOUSE_MYSQL9_BIN ??
  join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'gatehouse', 'mysql', 'bin');
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
const child = spawn(
  process.execPath,
  [vitest, 'run', '--config', 'tests/vitess/vitest.config.ts', ...process.argv.slice(2)],
  {
    cwd: root,
    stdio: 'inherit',
    env: existsSync(join(mysql9, 'mysqld')) ? { ...process.env, GATEHOUSE_MYSQL9_BIN: mysql9 } : process.env,
  },
);
child.on('exit', (code, signal) => (process.exitCode = signal === null ? (code ?? 1) : 1));
