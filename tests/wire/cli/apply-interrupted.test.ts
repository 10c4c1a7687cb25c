import { mkdtempSync, rmSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { gatehouse } from '../../support/command-line';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-journal-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('files of two versions are not run: an apply that was cut off is told, with what completes it', async () => {
  const dir = join(folder, 'w');
  expect((await gatehouse(['init', dir, '--from', 'reference'])).code).toBe(0);
  const journal = join(dir, '.gatehouse', 'apply.json');
  await writeFile(journal, '{}');
  const up = await gatehouse(['up', dir]);
  expect(up.code).not.toBe(0);
  expect(up.stderr).toContain('may be of two versions');
  expect(up.stderr).toContain('gatehouse serve');
  await rm(journal);
  expect((await gatehouse(['check', dir])).stderr).not.toContain('two versions');
});
