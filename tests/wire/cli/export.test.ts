import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { buildProgram, expectMistake, gatehouse } from '../../support/cli/gatehouse';

let folder: string;
let shop: string;
beforeAll(async () => {
  await buildProgram();
  folder = await mkdtemp(join(tmpdir(), 'gh-export-'));
  shop = join(folder, 'shop');
  expect((await gatehouse(['init', shop, '--from', 'shop'])).code).toBe(0);
  // A few cells are enough here.
  const path = join(shop, 'tests', 'shop.json');
  const suite = JSON.parse(await readFile(path, 'utf8')) as { tables: unknown[]; admissions: unknown[] };
  suite.admissions = suite.admissions.slice(0, 2);
  await writeFile(path, JSON.stringify({ ...suite, tables: [], allow: {} }));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('gatehouse export', () => {
  it('runs the tests first, once, and answers with one document', async () => {
    const out = join(folder, 'out');
    const first = await gatehouse(['export', shop, '--vitess', '24', '--out', out, '--json']);
    expect([first.code, first.stderr]).toEqual([0, '']);
    const document = JSON.parse(first.stdout) as { files: { path: string; mode: string }[]; proof: object };
    expect(document).toMatchObject({
      schema: 1,
      dir: out,
      vitess: '24',
      proof: { state: 'current', emulated: '24.0.4', failing: [] },
    });
    expect(document.files).toContainEqual({ path: 'users.json', kind: 'users', mode: '0600' });
    const again = await gatehouse(['export', shop, '--vitess', '24', '--out', out, '--force']);
    expect(again.code).toBe(0);
    expect(again.stdout + again.stderr).not.toContain('ready from the template');
    expect(again.stdout).toMatch(/\d+ of \d+ as expected, \d/);
  });

  it('says in the README that there was no proof', async () => {
    const out = join(folder, 'out22');
    const end = await gatehouse(['export', shop, '--vitess', '22', '--out', out, '--no-proof']);
    expect(end.code).toBe(0);
    expect(end.stdout).toContain('Exported without proof.');
    expect(await readFile(join(out, 'README.txt'), 'utf8')).toContain(
      'None: the tests were not run before this export.',
    );
    expect(await readFile(join(out, 'flags', 'vtgate-main.flags'), 'utf8')).toContain('--mysql_server_ssl_cert=');
  });

  it('ends with 1 when a test is not as expected, and still exports', async () => {
    const path = join(shop, 'tests', 'shop.json');
    const before = await readFile(path, 'utf8');
    await writeFile(path, before.replace('"verdict":"refused"', '"verdict":"allow"'));
    const out = join(folder, 'out1');
    const end = await gatehouse(['export', shop, '--vitess', '24', '--out', out]);
    await writeFile(path, before);
    expect([end.code, end.stdout]).toEqual([1, expect.stringMatching(/expected allow, was refused/)]);
    expect(await readdir(out)).toContain('README.txt');
  });

  test.each<[number, RegExp, string[]]>([
    [2, /required option '--vitess/, ['--out', 'OUT']],
    [2, /required option '--out/, ['--vitess', '24']],
    [2, /choices are|Allowed choices/, ['--vitess', '21', '--out', 'OUT']],
    [2, /in the workspace/, ['--vitess', '24', '--out', 'SHOP/x']],
    [2, /is not empty/, ['--vitess', '24', '--out', 'FULL']],
    [2, /is a file/, ['--vitess', '24', '--out', 'FULL/f']],
    [2, /HOST:PORT/, ['--vitess', '24', '--out', 'OUT', '--topo', 'a b']],
  ])('%i, %s: %j', async (code, words, args) => {
    const full = join(folder, 'full');
    await rm(full, { recursive: true, force: true });
    await mkdir(full);
    await writeFile(join(full, 'f'), '');
    const names: Record<string, string> = { OUT: join(folder, 'never'), SHOP: shop, FULL: full };
    const end = await gatehouse([
      'export',
      shop,
      ...args.map((word) => word.replace(/^(OUT|SHOP|FULL)/, (name) => names[name] ?? name)),
    ]);
    expectMistake(end, code, words);
    expect(await readdir(folder)).not.toContain('never');
  });
});
