import { join } from 'node:path';

/**
 * Electron's binary as it lies on disk, or why the browser shell opens instead.
 *
 * @param {{
 *   folder: string,
 *   env: Record<string, string | undefined>,
 *   platform: string,
 *   exists(file: string): boolean,
 *   read(file: string): string,
 * }} place folder of the package `electron`, environment, system and its files
 * @returns {{ binary: string, why: null } | { binary: null, why: string }}
 */
export function findElectron({ folder, env, platform, exists, read }) {
  const usual = { darwin: 'Electron.app/Contents/MacOS/Electron', win32: 'electron.exe' }[platform] ?? 'electron';
  const note = join(folder, 'path.txt');
  const name = exists(note) ? read(note).trim() : usual;
  const binary = join(env['ELECTRON_OVERRIDE_DIST_PATH'] || join(folder, 'dist'), name);
  if (!exists(binary))
    return {
      binary: null,
      why: 'Electron’s binary is not here; "node node_modules/electron/install.js" fetches it. Gatehouse opens in the browser instead.',
    };
  if (platform === 'linux' && !env['DISPLAY'] && !env['WAYLAND_DISPLAY'])
    return { binary: null, why: 'There is no display for Electron’s window. Gatehouse opens in the browser instead.' };
  return { binary, why: null };
}
