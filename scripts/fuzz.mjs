// `npm run fuzz -- [CASES] [vitest arguments]`: every fuzzing test with 100,000 cases a parser, or as many as are given, and
// another seed each time; FUZZ_SEED repeats one.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const args = process.argv.slice(2);
const runs = /^\d+$/.test(args[0] ?? '') ? args.shift() : '100000';
const seed = process.env.FUZZ_SEED ?? String(Math.floor(Math.random() * 2 ** 31));
const fuzzes = /FUZZ_RUNS|support\/fuzz\/campaign/;
const files = readdirSync(join(root, 'tests'), { recursive: true })
  .map((name) => join('tests', name))
  .filter((name) => name.endsWith('.test.ts') && fuzzes.test(readFileSync(join(root, name), 'utf8')));
console.log(`${files.length} files, ${runs} cases a parser, FUZZ_SEED=${seed}`);
const { status } = spawnSync(
  'npx',
  [
    '--no-install',
    'vitest',
    'run',
    '--project',
    'node',
    '--testTimeout',
    '7200000',
    ...(args.length > 0 ? args : files),
  ],
  { cwd: root, env: { ...process.env, FUZZ_RUNS: runs, FUZZ_SEED: seed }, stdio: 'inherit' },
);
process.exitCode = status ?? 1;
