import { _electron, expect, test } from '@playwright/test';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Electron's binary, found on disk only: loading the package would try to fetch it. */
function electronBinary(): string | null {
  const folder = dirname(createRequire(import.meta.url).resolve('electron/package.json'));
  const dist = process.env['ELECTRON_OVERRIDE_DIST_PATH'] ?? join(folder, 'dist');
  const note = join(folder, 'path.txt');
  const name = existsSync(note) ? readFileSync(note, 'utf8') : 'electron';
  return existsSync(join(dist, name)) ? join(dist, name) : null;
}

test('the desktop window opens', async () => {
  const binary = electronBinary();
  const why =
    binary === null
      ? 'Electron’s binary is not here (node node_modules/electron/install.js fetches it)'
      : process.platform === 'linux' && !process.env['DISPLAY']
        ? 'there is no display'
        : null;
  if (why !== null) console.log(`Electron suite not run: ${why}.`);
  test.skip(why !== null, why ?? '');
  const app = await _electron.launch({ executablePath: binary ?? '', args: [join(import.meta.dirname, '../..')] });
  try {
    const window = await app.firstWindow();
    await expect(window.getByRole('heading', { level: 1 })).toHaveText('Gatehouse');
  } finally {
    await app.close();
  }
});
