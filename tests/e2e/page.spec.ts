import { chromium, expect, test } from '@playwright/test';
import { createReadStream, existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { chromiumArguments, chromiumPath } from '../support/chromium';

const page = join(import.meta.dirname, '../../out/renderer');
const types: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };
let server: Server;

test.beforeAll(async () => {
  server = createServer((request, response) => {
    const path = join(page, request.url === '/' ? 'index.html' : (request.url ?? ''));
    if (!existsSync(path)) return void response.writeHead(404).end();
    response.setHeader('content-type', types[extname(path)] ?? 'application/octet-stream');
    createReadStream(path).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
test.afterAll(() => new Promise<void>((resolve) => void server.close(() => resolve())));

test('the built page opens under its own content policy', async () => {
  const why = 'no Chromium here: set GATEHOUSE_CHROMIUM or install the package chromium';
  if (chromiumPath === null) console.log(`Page not tested: ${why}.`);
  test.skip(chromiumPath === null, why);
  const browser = await chromium.launch({ executablePath: chromiumPath ?? '', args: chromiumArguments });
  try {
    const tab = await browser.newPage();
    const faults: string[] = [];
    tab.on(
      'console',
      (message) => message.type() === 'error' && !message.text().includes('favicon') && faults.push(message.text()),
    );
    tab.on('pageerror', (error) => faults.push(error.message));
    await tab.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await expect(tab.getByRole('heading', { level: 1 })).toHaveText('Gatehouse');
    expect(faults.filter((fault) => !/404/.test(fault))).toEqual([]);
  } finally {
    await browser.close();
  }
});
