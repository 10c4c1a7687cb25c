import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { AppSettingsStore, defaultSettings } from '../../../../src-main/services/settings/app-settings';

let dir: string;
const file = (): string => join(dir, 'settings.json');
const opened = async (): Promise<AppSettingsStore> => {
  const store = new AppSettingsStore(dir);
  await store.load();
  return store;
};
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'gh-settings-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

describe('the app’s settings', () => {
  it('have their usual values without a file, and a change is kept for this user alone', async () => {
    const store = await opened();
    expect(store.part).toMatchObject({ values: defaultSettings, faults: [] });
    await store.set({ appearance: 'dark' });
    await store.set({ startOnOpen: true });
    expect((await opened()).values).toEqual({ ...defaultSettings, appearance: 'dark', startOnOpen: true });
    expect((await stat(file())).mode & 0o777).toBe(0o600);
  });

  it('drop only the keys that are broken, and tell of each', async () => {
    await writeFile(
      file(),
      JSON.stringify({ appearance: 'pink', startOnOpen: true, mysqld: 'bin/mysqld', workspacesDir: 7 }),
    );
    const store = await opened();
    expect(store.values).toEqual({ ...defaultSettings, startOnOpen: true });
    expect(store.part.faults).toEqual([
      { key: 'appearance', message: 'It must be "system", "light" or "dark".' },
      { key: 'workspacesDir', message: 'It must be a folder’s whole path, or null.' },
      { key: 'mysqld', message: 'It must be a program’s whole path, or null.' },
    ]);
    await store.set({ appearance: 'light' });
    expect(store.part.faults.map(({ key }) => key)).toEqual(['workspacesDir', 'mysqld']);
  });

  it('keep what a newer version has written', async () => {
    await writeFile(file(), JSON.stringify({ appearance: 'dark', future: { a: 1 } }));
    await (await opened()).set({ startOnOpen: true });
    expect(JSON.parse(await readFile(file(), 'utf8'))).toMatchObject({
      appearance: 'dark',
      future: { a: 1 },
      startOnOpen: true,
    });
  });

  test.each(['{', '[]', 'null', '"x"'])(
    'say that a file with %s is none, and leave it alone until a change',
    async (text) => {
      await writeFile(file(), text);
      const store = await opened();
      expect(store.values).toEqual(defaultSettings);
      expect(store.part.faults).toHaveLength(1);
      expect(await readFile(file(), 'utf8')).toBe(text);
    },
  );

  it('refuse a value that is none', async () => {
    const store = await opened();
    await expect(store.set({ mysqld: 'mysqld' })).rejects.toMatchObject({ failure: { code: 'settings.value' } });
    expect(store.values).toEqual(defaultSettings);
  });
});
