// Bundles the command line into out/cli/gatehouse.js and what its threads run into out/cli/engine-thread.js; packages from node_modules stay outside.
import { build } from 'esbuild';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

await build({
  absWorkingDir: root,
  entryPoints: { gatehouse: 'src-main/cli.ts', 'engine-thread': 'src-main/engine-thread.ts' },
  outdir: 'out/cli',
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  target: 'node20',
  sourcemap: true,
  logLevel: 'warning',
});
