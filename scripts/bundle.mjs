import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** The repository's folder. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Bundles programs of the tests, which are TypeScript, so that Node runs them; packages stay outside.
 *
 * @param name folder below `out`
 * @param entryPoints name of each bundle (`.mjs`) to its source, from the repository's folder
 * @returns where a bundle lies, by its name
 */
export async function bundle(name, entryPoints) {
  const outdir = join(root, 'out', name);
  mkdirSync(outdir, { recursive: true });
  await build({
    absWorkingDir: root,
    entryPoints,
    outdir,
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
  return (one) => join(outdir, `${one}.mjs`);
}

/** This program's environment, with the folder of MySQL 9 where scripts/get-mysql has put it. */
export function withMysql9() {
  const folder =
    process.env.GATEHOUSE_MYSQL9_BIN ??
    join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'gatehouse', 'mysql', 'bin');
  return existsSync(join(folder, 'mysqld')) ? { ...process.env, GATEHOUSE_MYSQL9_BIN: folder } : process.env;
}
