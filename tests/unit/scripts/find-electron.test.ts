import { describe, expect, it } from 'vitest';
// @ts-expect-error a script without declarations
import { findElectron } from '../../../scripts/find-electron.mjs';

interface Place {
  files?: Record<string, string>;
  env?: Record<string, string>;
  platform?: string;
}
const find = ({ files = {}, env = {}, platform = 'linux' }: Place): { binary: string | null; why: string | null } =>
  (findElectron as (place: object) => { binary: string | null; why: string | null })({
    folder: '/e',
    env,
    platform,
    exists: (file: string) => file in files,
    read: (file: string) => files[file],
  });

describe('finding Electron', () => {
  it('takes the installed binary where there is a display', () => {
    expect(find({ files: { '/e/path.txt': 'electron', '/e/dist/electron': '' }, env: { DISPLAY: ':0' } })).toEqual({
      binary: '/e/dist/electron',
      why: null,
    });
  });
  it('takes the binary of ELECTRON_OVERRIDE_DIST_PATH, and the usual name without path.txt', () => {
    const env = { ELECTRON_OVERRIDE_DIST_PATH: '/own', WAYLAND_DISPLAY: 'wayland-0' };
    expect(find({ files: { '/own/electron': '' }, env }).binary).toBe('/own/electron');
    const app = '/own/Electron.app/Contents/MacOS/Electron';
    expect(find({ files: { [app]: '' }, env, platform: 'darwin' }).binary).toBe(app);
  });
  it('says in one sentence what is missing and which line fetches it', () => {
    const { binary, why } = find({ env: { DISPLAY: ':0' } });
    expect(binary).toBeNull();
    expect(why).toContain('node node_modules/electron/install.js');
  });
  it('says that there is no display', () => {
    const { binary, why } = find({ files: { '/e/dist/electron': '' } });
    expect(binary).toBeNull();
    expect(why).toContain('no display');
  });
});
