import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Electron's binary, found on disk only: loading the package would try to fetch it. */
export function electronBinary(): string | null {
  const folder = dirname(createRequire(import.meta.url).resolve('electron/package.json'));
  const dist = process.env['ELECTRON_OVERRIDE_DIST_PATH'] ?? join(folder, 'dist');
  const note = join(folder, 'path.txt');
  const name = existsSync(note) ? readFileSync(note, 'utf8') : 'electron';
  return existsSync(join(dist, name)) ? join(dist, name) : null;
}

/** Why specs cannot run in Electron here, or null. */
export function whyNoElectron(): string | null {
  if (electronBinary() === null)
    return 'Electron’s binary is not here (node node_modules/electron/install.js fetches it)';
  if (
    process.platform === 'linux' &&
    (process.env['DISPLAY'] ?? '') === '' &&
    (process.env['WAYLAND_DISPLAY'] ?? '') === ''
  )
    return 'there is no display';
  return null;
}
