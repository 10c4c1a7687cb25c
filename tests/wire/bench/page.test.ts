import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { chromiumPath, startChromium, type Chromium } from '../../../src-main/services/bench/page/chromium';
import { measurePageSize } from '../../../src-main/services/bench/page/page-size';
import { makeWideWorkspace } from '../../../src-main/services/bench/page/wide-workspace';
import { loadWorkspace } from '../../../src-main/services/workspace/load-workspace';
import { makePage } from '../../support/browser-shell';

const samples = join(import.meta.dirname, '../../../resources/samples');
const endings: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});
const folder = async (): Promise<string> => {
  const made = await mkdtemp(join(tmpdir(), 'gh-bench-'));
  endings.push(() => rm(made, { recursive: true, force: true }));
  return made;
};

test('a wide workspace has the callers and tables asked for, and loads without an error', async () => {
  const dir = join(await folder(), 'wide');
  await makeWideWorkspace(dir, samples, { callers: 30, tables: 41, longNames: true });
  const loaded = await loadWorkspace(dir);
  if (!loaded.ok) throw new Error(loaded.failure.summary);
  const { users, acls, findings } = loaded.value;
  expect(findings.filter(({ level }) => level === 'error')).toEqual([]);
  expect([...users.values()].map((file) => file.users.size)).toEqual([30]);
  expect([...acls.values()].flatMap((file) => file.groups.map(({ entries }) => entries.length))).toEqual([
    ...Array<number>(8).fill(5),
    1,
  ]);
});

test('the size of a page is that of its files, and what is loaded first is told from the rest', async () => {
  const root = await makePage();
  const [first, all] = await measurePageSize(root);
  expect(first).toMatchObject({ unit: 'KiB', detail: expect.stringMatching(/^2 files/) });
  expect(all).toMatchObject({ detail: expect.stringMatching(/^3 files/) });
  await writeFile(join(root, 'assets', 'later.js'), 'x'.repeat(10_000));
  const [same, more] = await measurePageSize(root);
  expect(same).toEqual(first);
  expect(more).toMatchObject({ detail: expect.stringMatching(/^4 files, 10 KiB/) });
  expect(await measurePageSize(join(root, 'nowhere'))).toEqual([
    { name: expect.any(String) as string, reason: expect.stringMatching(/npm run build:app/) },
  ]);
});

const path = chromiumPath();
if (path === null) console.log('Chromium’s protocol not tested: no Chromium here.');
test.skipIf(path === null)('a tab evaluates, waits for promises, throws what the page throws', async () => {
  const chromium: Chromium = await startChromium(path ?? '');
  endings.push(() => chromium.close());
  const tab = await chromium.open();
  expect(await tab.evaluate('new Promise((resolve) => setTimeout(() => resolve(6 * 7), 5))')).toBe(42);
  await expect(tab.evaluate('nothing.there')).rejects.toThrow(/nothing is not defined/);
  await expect(tab.send('Nothing.there')).rejects.toThrow(/wasn't found/);
  await tab.close();
});
