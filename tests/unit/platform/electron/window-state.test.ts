import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { requestedWorkspace } from '../../../../src-main/platform/electron/opened-files';
import { vaultStrength } from '../../../../src-main/platform/electron/system-vault';
import { readWindowState, writeWindowState } from '../../../../src-main/platform/electron/window-state';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-window-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const screen = { x: 0, y: 0, width: 1920, height: 1080 };
const place = { x: 100, y: 50, width: 1000, height: 700, maximized: true, fullScreen: false };

describe('the place of the window', () => {
  it('comes back', async () => {
    const file = join(folder, 'deep', 'window.json');
    await writeWindowState(file, place);
    expect(readWindowState(file, [screen])).toEqual(place);
  });
  it('is forgotten when its screen is gone, or the file is damaged or not one of ours', async () => {
    const file = join(folder, 'window.json');
    await writeWindowState(file, { ...place, x: 4_000 });
    expect(readWindowState(file, [screen])).toBeNull();
    for (const text of ['{', '{"x":"1"}', '{"x":1,"y":1,"width":5,"height":5,"maximized":false,"fullScreen":false}']) {
      writeFileSync(file, text);
      expect(readWindowState(file, [screen])).toBeNull();
    }
    expect(readWindowState(join(folder, 'none.json'), [screen])).toBeNull();
  });
});

describe('a workspace asked for by argument', () => {
  it('is a folder or a .gatehouse file that exists, and no option', () => {
    const marker = join(folder, 'shop.gatehouse');
    writeFileSync(marker, '{}');
    expect(requestedWorkspace([folder], '/')).toBe(folder);
    expect(requestedWorkspace(['--flag', marker], '/')).toBe(marker);
    expect(requestedWorkspace(['shop.gatehouse'], folder)).toBe(marker);
    expect(requestedWorkspace(['--inspect=1', join(folder, 'none'), `${folder}\0`], '/')).toBeNull();
  });
});

describe('the system’s keychain', () => {
  const storage = (available: boolean, backend: string) =>
    ({ isEncryptionAvailable: () => available, getSelectedStorageBackend: () => backend }) as never;
  it.each([
    [true, 'gnome_libsecret', 'linux', 'protected'],
    [true, 'basic_text', 'linux', 'weak'],
    [true, 'unknown', 'linux', 'weak'],
    [false, 'kwallet6', 'linux', 'none'],
    [true, '', 'darwin', 'protected'],
    [false, '', 'win32', 'none'],
  ] as const)('available %s, %s on %s: %s', (available, backend, platform, strength) => {
    expect(vaultStrength(storage(available, backend), platform)).toBe(strength);
  });
});
