import { defineConfig } from 'vitest/config';

/** Run by scripts/vitess.mjs, where Vitess's own programs are on the PATH; no part of `npm test`. */
export default defineConfig({
  test: {
    name: 'vitess',
    include: ['tests/vitess/**/*.test.ts'],
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 240_000,
    hookTimeout: 240_000,
  },
});
