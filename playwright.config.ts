import { defineConfig } from '@playwright/test';

const json = process.env['PLAYWRIGHT_JSON_OUTPUT_NAME'];

export default defineConfig({
  testDir: 'tests/e2e',
  testMatch: '**/*.spec.ts',
  workers: 1,
  timeout: 60_000,
  reporter: json === undefined ? [['list']] : [['list'], ['json', { outputFile: json }]],
  outputDir: 'test-results',
});
