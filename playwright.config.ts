import { defineConfig } from '@playwright/test';
import { whyNoElectron } from './tests/e2e/support/electron-binary';

const json = process.env['PLAYWRIGHT_JSON_OUTPUT_NAME'];
const noElectron = whyNoElectron();
if (noElectron !== null && process.env['TEST_WORKER_INDEX'] === undefined)
  console.log(`End-to-end tests run in the browser shell only: ${noElectron}.`);

export default defineConfig<object, { shell: 'browser' | 'electron' }>({
  testDir: 'tests/e2e',
  testMatch: '**/*.spec.ts',
  globalSetup: './tests/e2e/build.ts',
  workers: 1,
  timeout: 90_000,
  // A machine with other work answers late; what a page must be quick at is measured by `npm run bench`.
  expect: { timeout: 15_000 },
  reporter: json === undefined ? [['list']] : [['list'], ['json', { outputFile: json }]],
  outputDir: 'test-results',
  projects: [
    {
      name: 'browser',
      use: { shell: 'browser' },
      // Without Electron its own spec runs here, to say why it does not.
      ...(noElectron === null ? { testIgnore: '**/electron.spec.ts' } : {}),
    },
    ...(noElectron === null ? [{ name: 'electron', use: { shell: 'electron' as const } }] : []),
  ],
});
