// `npm run soak -- [MINUTES]`: good and hostile clients at a gateway and a tablet for 10 minutes, or as many as are given.
//
// Over the second half memory may grow by less than 1 MiB a minute and open files not at all. Prints what was held and a
// verdict; ends with 1 when a bar is missed, a good client is not served or a fault is left uncaught.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const minutes = Number(process.argv[2] ?? 10);
if (!(minutes > 0)) {
  console.error('usage: npm run soak -- [MINUTES]');
  process.exit(2);
}
const out = join(root, 'out', 'soak');
mkdirSync(out, { recursive: true });
await build({
  absWorkingDir: root,
  entryPoints: { soak: 'tests/soak/soak.ts', server: 'tests/soak/server.ts' },
  outdir: out,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  splitting: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  target: 'node20',
  sourcemap: true,
  logLevel: 'warning',
});
const mysql9 =
  process.env.GATEHOUSE_MYSQL9_BIN ??
  join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'gatehouse', 'mysql', 'bin');
const env = existsSync(join(mysql9, 'mysqld')) ? { ...process.env, GATEHOUSE_MYSQL9_BIN: mysql9 } : process.env;
const { status } = spawnSync(process.execPath, ['--enable-source-maps', join(out, 'soak.mjs'), String(minutes)], {
  cwd: root,
  env,
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
