import { spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildProgram, expectMistake, gatehouse as run, program } from '../../support/cli/gatehouse';

let folder: string;
let shop: string;

beforeAll(async () => {
  await buildProgram();
  folder = await mkdtemp(join(tmpdir(), 'gh-cli-'));
  shop = join(folder, 'shop');
  expect((await run(['init', shop, '--from', 'shop'])).code).toBe(0);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('mistakes', () => {
  test.each<[number, RegExp, string[]]>([
    [2, /unknown command 'verfy'/, ['verfy']],
    [2, /Usage/, []],
    [2, /Usage/, ['certs']],
    [2, /unknown option '--colour'/, ['check', '--colour']],
    [2, /missing required argument 'dir'/, ['init']],
    [2, /choices are|Allowed choices/, ['init', 'x', '--from', 'nothing']],
    [2, /name a workspace/, ['check']],
    [2, /is no workspace/, ['check', 'NONE']],
    [2, /is no workspace/, ['verify', 'NONE']],
    [2, /is no workspace/, ['up', 'NONE']],
    [2, /is no workspace/, ['query', 'NONE', '--as', 'web', 'select 1']],
    [2, /is no workspace/, ['decide', 'NONE', 'select 1', '--immediate', 'x']],
    [2, /is no workspace/, ['certs', 'list', 'NONE']],
    [2, /is a file/, ['check', 'FILE']],
    [2, /is not empty/, ['init', 'SHOP']],
    [2, /no folder/, ['init', 'FILE']],
    [2, /no folder/, ['init', 'FILE/below']],
    [2, /NONE is not there/, ['check', '--users', 'NONE']],
    [2, /NONE is not there/, ['check', '--acl', 'NONE']],
    [2, /cannot be read \(EISDIR\)/, ['check', '--acl', 'SHOP']],
    [2, /is not there/, ['decide', 'SHOP', '--batch', 'NONE']],
    [2, /is a folder/, ['decide', 'SHOP', '--batch', 'SHOP']],
    [2, /name a statement/, ['decide', 'SHOP', '--user', 'web']],
    [2, /not both/, ['decide', 'SHOP', 'select 1', '--batch', '-']],
    [2, /no caller "anyone"/, ['query', 'SHOP', '--as', 'anyone', 'select 1']],
    [2, /no transport "pigeon"/, ['query', 'SHOP', '--as', 'web', '--over', 'pigeon', 'select 1']],
    [2, /no cell "99999"/, ['verify', 'SHOP', '--trace', '99999']],
    [2, /no cell's id contains "zzz"/, ['verify', 'SHOP', '--only', 'zzz']],
    [2, /a number from 1 to 64/, ['verify', 'SHOP', '--concurrency', '0']],
    [2, /auto, or a number/, ['up', 'SHOP', '--ports', '80']],
    [2, /file descriptor is a number/, ['up', 'SHOP', '--passphrase-fd', 'x']],
    [2, /descriptor 77 cannot be read/, ['init', 'NONE', '--passphrase-fd', '77']],
    [2, /no authority "nobody"/, ['certs', 'issue', 'SHOP', '--authority', 'nobody', '--id', 'a', '--cn', 'a']],
    [2, /not below pki/, ['certs', 'inspect', 'SHOP', '../../etc/passwd']],
    [2, /is not there/, ['certs', 'inspect', 'SHOP', 'pki/callers/none-cert.pem']],
    [2, /is there already/, ['certs', 'export', 'SHOP', 'pki/callers/olga-cert.pem', '--out', 'FILE']],
    [3, /.+/, ['up', 'SHOP', '--mysqld', 'FILE']],
    [3, /cannot be opened/, ['up', 'SHOP', '--passphrase-fd', '3']],
  ])('%i, %s: gatehouse %j', async (code, words, args) => {
    const file = join(folder, 'a-file');
    await writeFile(file, 'not a program', { mode: 0o600 });
    const names: Record<string, string> = { NONE: join(folder, 'none'), FILE: file, SHOP: shop };
    const filled = args.map((word) => word.replace(/^(NONE|FILE|SHOP)/, (name) => names[name] ?? name));
    const end = await run(filled, { third: 'a wrong passphrase' });
    expectMistake(end, code, new RegExp(words.source.replace('NONE', 'none')));
  });

  test('files that this user may not read', async () => {
    const file = join(folder, 'closed.json');
    await writeFile(file, '{}', { mode: 0o000 });
    // Root reads everything.
    const end = await run(['check', '--users', file]);
    if (process.getuid?.() === 0) expect(end.code).not.toBe(3);
    else expectMistake(end, 2, /cannot be read \(EACCES\)/);
    await chmod(file, 0o600);
  });

  test('broken files: findings with their places on standard output, exit 4', async () => {
    const broken = join(folder, 'broken');
    await mkdir(broken);
    await writeFile(join(broken, 'gatehouse.json'), '{\n  "schema": 1,\n  "name": oops\n}');
    const end = await run(['check', broken]);
    expect(end.code).toBe(4);
    expect(end.stdout).toContain('gatehouse.json:3:11: error: ');
    for (const command of ['up', 'verify'])
      expectMistake(await run([command, broken]), 4, /gatehouse\.json:3:11: error: [^]*nothing was loaded/);
    await writeFile(join(broken, 'gatehouse.json'), '{"schema": 99}');
    expectMistake(await run(['up', broken]), 4, /written by a newer Gatehouse \(schema 99\)/);
    await writeFile(join(broken, 'gatehouse.json'), '{}');
    expectMistake(await run(['up', broken]), 4, /does not say which schema/);
  });

  test('a reader that goes away ends the command quietly', () => {
    const piped = spawnSync('sh', ['-c', `"${process.execPath}" "${program}" --help | head -1; echo done >&2`], {
      encoding: 'utf8',
    });
    expect([piped.stdout, piped.stderr]).toEqual([expect.stringMatching(/^Usage: gatehouse.*\n$/), 'done\n']);
    const questions = `${JSON.stringify({ caller: { user: 'web' }, sql: 'select 1 from orders' })}\n`.repeat(20_000);
    const many = spawnSync('sh', ['-c', `"${process.execPath}" "${program}" decide "${shop}" --batch - | head -1`], {
      encoding: 'utf8',
      input: questions,
    });
    expect(many.stderr).toBe('');
    expect(many.stdout.trim().split('\n')).toHaveLength(1);
  });
});
