import { join } from 'node:path';
import { buildSync } from 'esbuild';

/** The repository's folder. */
const root = join(import.meta.dirname, '..', '..');
const made = new Set<string>();

/**
 * A program of this tree as one file that Node runs, bundled once for each test process; packages stay outside.
 *
 * @param name of the file, before the process's id
 * @param contents TypeScript whose imports begin at the repository's folder
 * @returns its path
 */
export function bundled(name: string, contents: string): string {
  const outfile = join(root, 'node_modules', '.cache', `gatehouse-${name}-${process.pid}.mjs`);
  if (!made.has(outfile))
    buildSync({
      stdin: { contents, resolveDir: root, loader: 'ts' },
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
      logLevel: 'silent',
    });
  made.add(outfile);
  return outfile;
}
