// Builds the gallery and takes its pictures, light and dark, wide and narrow, under the content policy of the product.
// `node tests/component/gallery/shots.mjs OUT [page …]`; says which page broke the policy or threw.
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { chromium } from '@playwright/test';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, preview } from 'vite';

const [out = join(tmpdir(), 'gatehouse-gallery'), ...wanted] = process.argv.slice(2);
const pages =
  wanted.length > 0 ? wanted : ['controls', 'states', 'verdicts', 'lists', 'floats', 'menu', 'matrix', 'code'];
const executablePath = [process.env.GATEHOUSE_CHROMIUM, '/usr/bin/chromium'].find((path) => path && existsSync(path));
const outDir = mkdtempSync(join(tmpdir(), 'gallery-'));
mkdirSync(out, { recursive: true });
const config = { configFile: false, root: import.meta.dirname, logLevel: 'warn', build: { outDir, emptyOutDir: true } };
await build({ ...config, plugins: [svelte()] });
const server = await preview({ ...config, preview: { port: 0, host: '127.0.0.1' } });
const browser = await chromium.launch({ ...(executablePath ? { executablePath } : {}), args: ['--no-sandbox'] });
try {
  for (const name of pages)
    for (const colorScheme of ['light', 'dark'])
      for (const width of [1280, 680]) {
        if (width === 680 && colorScheme === 'dark') continue;
        const page = await browser.newPage({ colorScheme, viewport: { width, height: 800 } });
        const faults = [];
        page.on('console', (line) => /error|warning/.test(line.type()) && faults.push(line.text()));
        page.on('pageerror', (error) => faults.push(error.message));
        await page.goto(`${server.resolvedUrls.local[0]}#${name}`);
        await page.waitForLoadState('networkidle');
        await page.waitForTimeout(300);
        await page.screenshot({ path: join(out, `${name}-${colorScheme}-${width}.png`) });
        const drawn = await page
          .locator('#drawn')
          .textContent({ timeout: 100 })
          .catch(() => null);
        if (drawn !== null) console.log(`${name} ${colorScheme} ${width}: drawn in ${drawn}`);
        for (const fault of faults) console.log(`${name} ${colorScheme} ${width}: ${fault}`);
        await page.close();
      }
} finally {
  await browser.close();
  await server.close();
  rmSync(outDir, { recursive: true, force: true });
}
