import { svelte } from '@sveltejs/vite-plugin-svelte';
import { svelteTesting } from '@testing-library/svelte/vite';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    testTimeout: 30_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          include: ['tests/{unit,wire,conformance,security,clients}/**/*.test.ts'],
          setupFiles: ['tests/support/fuzz-seed.ts'],
          pool: 'forks',
        },
      },
      {
        extends: true,
        plugins: [svelte(), svelteTesting()],
        test: {
          name: 'component',
          environment: 'jsdom',
          include: ['tests/component/**/*.test.ts'],
          setupFiles: ['tests/component/set-up.ts'],
          css: { include: [/tokens\.css/] },
          pool: 'forks',
        },
      },
    ],
  },
});
