import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DyingProgram } from '../../support/dying-program';
import { DocumentFixture, replaceIn } from './document-fixture';

let dying: DyingProgram | null = null;
let fixture: DocumentFixture;
beforeEach(async () => {
  fixture = await DocumentFixture.make('user-guide');
  await writeFile(join(fixture.dir, 'extra.sql'), 'select 1;\n');
});
afterEach(async () => {
  dying?.restore();
  await fixture.end();
});

/** Several files change, one comes, one goes. */
const change = async (dir: string): Promise<void> => {
  await replaceIn('acl.json', '"readers": [', '"readers": ["more", ')(dir);
  await writeFile(join(dir, 'tests', 'more.json'), '{"schema":1,"name":"more","callers":[]}');
  await rm(join(dir, 'extra.sql'));
};

it('an edit that is cut off anywhere leaves the draft before it or after it', async () => {
  const document = await fixture.open();
  await document.edit('First', (dir) => writeFile(join(dir, 'schema.sql'), 'select 1;\n'));
  await document.close();
  const outcomes = new Set<string>();
  dying = new DyingProgram();
  for (let count = 0; ; count += 1) {
    const now = await fixture.open();
    expect(now.changedFiles).toEqual(['schema.sql']);
    const end = await dying.run(count, () => now.edit('Change', change));
    await fixture.forget();
    const after = await fixture.open();
    const seen = [after.undoLabel, ...after.changedFiles];
    outcomes.add(seen.join(' '));
    if (after.undoLabel === 'Change') {
      expect(seen).toEqual(['Change', 'acl.json', 'extra.sql', 'schema.sql', 'tests/more.json']);
      await after.undo();
    } else expect(seen).toEqual(['First', 'schema.sql']);
    expect(await after.read((dir) => fileCount(dir))).toBe(await fileCount(fixture.dir));
    await after.close();
    if (end !== 'dead') break;
    expect(count).toBeLessThan(200);
  }
  expect(outcomes.size).toBe(2);
});

it('an apply that is cut off anywhere is completed or put back as a whole', async () => {
  const before = await fixture.appliedSet();
  const first = await fixture.open();
  await first.edit('Change', change);
  await first.close();
  const seen = new Set<string>();
  dying = new DyingProgram(['rename', 'rm']);
  for (let count = 0; ; count += 1) {
    const now = await fixture.open();
    const end = await dying.run(count, () => now.apply('cut off'));
    await fixture.forget();
    const after = await fixture.open();
    const state = (await fixture.appliedSet()) === before ? 'before' : 'after';
    seen.add(state);
    const versions = await after.history();
    if (state === 'before') {
      expect(after.changedFiles).toHaveLength(3);
      expect(versions.filter(({ origin }) => origin === 'applied')).toEqual([]);
    } else {
      expect(after.changedFiles).toEqual([]);
      expect(versions.map(({ note }) => note)).toEqual(['cut off', '']);
    }
    expect(after.changedOnDisk).toEqual([]);
    expect((await readdir(fixture.dir, { recursive: true })).filter((name) => name.endsWith('.new'))).toEqual([]);
    await after.close();
    if (state === 'after') {
      if (end !== 'dead') break;
      // What was completed is taken back, for the next round.
      const back = await fixture.open();
      await back.restore(1);
      await back.apply('back');
      await back.undo();
      await back.close();
      expect(await fixture.appliedSet()).toBe(before);
      await rm(join(fixture.dir, '.gatehouse', 'history'), { recursive: true });
    }
    expect(count).toBeLessThan(400);
  }
  expect([...seen].sort()).toEqual(['after', 'before']);
}, 120_000);

it('the same holds for a process that is really killed', async () => {
  const bundle = join(import.meta.dirname, '..', '..', '..', 'node_modules', '.cache', 'apply-child.mjs');
  buildSync({
    entryPoints: [join(import.meta.dirname, 'apply-child.ts')],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
  });
  const before = await fixture.appliedSet();
  const document = await fixture.open();
  await document.edit('Change', change);
  await document.close();
  for (const renames of [12, 13, 20]) {
    const child = spawn(process.execPath, [bundle, fixture.dir, String(renames)], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
    expect(signal).toBe('SIGKILL');
    const after = await fixture.open();
    expect(await fixture.appliedSet()).toBe(before);
    expect(after.changedFiles).toHaveLength(3);
    await after.close();
  }
});

async function fileCount(dir: string): Promise<number> {
  const { scanFiles } = await import('../../../src-main/servers/store');
  return (await scanFiles(dir)).files.size;
}
