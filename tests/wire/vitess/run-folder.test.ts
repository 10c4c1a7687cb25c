import { mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DisposableBag } from '../../../src-main/domain/kernel';
import { makeRunFolder } from '../../../src-main/services/cluster/run-folder';
import { temporaryFolder } from '../backend/backend-fixture';

let home: { path: string; cleanup: () => Promise<void> };
let note: string;
beforeEach(async () => {
  home = await temporaryFolder();
  note = join(home.path, 'data', 'folder');
});
afterEach(() => home.cleanup());

const there = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

describe('the folder of a run on real programs', () => {
  it('is private, and gone with its note when the run ends', async () => {
    const bag = new DisposableBag();
    const folder = await makeRunFolder(note, bag);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect(await readFile(note, 'utf8')).toBe(`${folder}\n`);
    await writeFile(join(folder, 'key.pem'), 'secret');
    await bag.dispose();
    expect([await there(folder), await there(note)]).toEqual([false, false]);
  });

  it('that a killed run left behind, private keys and all, is removed by the next one', async () => {
    const left = await makeRunFolder(note, new DisposableBag());
    await writeFile(join(left, 'key.pem'), 'secret');
    const bag = new DisposableBag();
    const next = await makeRunFolder(note, bag);
    expect([await there(left), await there(next)]).toEqual([false, true]);
    await bag.dispose();
  });

  it('is never somebody else’s: a note that names another folder, or a link, removes nothing', async () => {
    const other = join(home.path, 'other');
    await mkdir(other);
    const link = join(await mkdtemp(join(tmpdir(), 'gh-')), 'gatehouse-vitess-link');
    await symlink(other, link);
    const direct = join(tmpdir(), `gatehouse-vitess-link-${process.pid}`);
    await symlink(other, direct);
    for (const named of [other, link, direct, `${tmpdir()}/gatehouse-vitess-x/../../${other}`]) {
      await mkdir(join(home.path, 'data'), { recursive: true });
      await writeFile(note, named);
      const bag = new DisposableBag();
      await makeRunFolder(note, bag);
      expect(await there(other)).toBe(true);
      await bag.dispose();
    }
    await rm(direct);
    await rm(join(link, '..'), { recursive: true });
  });
});
