import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { systemClock, Secret } from '../../../src-main/domain/kernel';
import { SecretStore, type Unlocker } from '../../../src-main/servers/store';
import { trackedSecrets } from '../../../src-main/services/check/tracked-secrets';
import { initWorkspace, sampleNames, type SampleName } from '../../../src-main/services/workspace/init-workspace';
import { loadWorkspace } from '../../../src-main/services/workspace/load-workspace';
import { buildProgram, gatehouse, program, root } from '../../support/cli/gatehouse';

let folder: string;
beforeAll(buildProgram);
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gh-init-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const init = (dir: string, sample: SampleName = 'shop', unlocker: Unlocker = { kind: 'key-file' }) =>
  initWorkspace({ dir, sample, samples: join(root, 'resources', 'samples'), clock: systemClock, unlocker });
const filesOf = async (dir: string): Promise<string[]> => {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(dir.length + 1));
};

describe('a new workspace', () => {
  test.each(sampleNames)('%s: private files 0600, the rest 0644, and nothing at fault', async (sample) => {
    const dir = join(folder, 'w');
    const made = await init(dir, sample);
    if (!made.ok) throw new Error(made.failure.summary);
    const files = await filesOf(dir);
    expect(files.filter((file) => !file.startsWith('.gatehouse/')).sort()).toEqual([...made.value.files].sort());
    for (const file of files) {
      const isPrivate = /-key\.pem$|^\.gatehouse\/|users[^/]*\.json$/.test(file);
      expect([file, (await stat(join(dir, file))).mode & 0o777]).toEqual([file, isPrivate ? 0o600 : 0o644]);
    }
    expect((await stat(join(dir, '.gatehouse'))).mode & 0o777).toBe(0o700);
    expect(JSON.stringify(made.value)).not.toContain('PRIVATE');
    expect(await readdir(folder)).toEqual(['w']);
    const loaded = await loadWorkspace(dir);
    if (!loaded.ok) throw new Error(loaded.failure.summary);
    expect(loaded.value.findings.filter(({ level }) => level === 'error')).toEqual([]);
  });

  test('a long and odd folder name still makes a workspace that loads', async () => {
    for (const name of ['.hidden', 'ein Ördner mit Leerzeichen', 'x'.repeat(120), '-rf']) {
      const made = await init(join(folder, name), 'empty');
      expect([name, made.ok]).toEqual([name, true]);
      expect([name, (await loadWorkspace(join(folder, name))).ok]).toEqual([name, true]);
    }
  });

  test('the passphrase opens its secrets, and nothing else does', async () => {
    const dir = join(folder, 'w');
    const passphrase = new Secret('correct horse battery staple');
    const made = await init(dir, 'shop', { kind: 'passphrase', passphrase });
    expect(made.ok && made.value.secrets.length).toBeGreaterThan(0);
    const secrets = join(dir, '.gatehouse', 'secrets');
    expect(await readdir(secrets)).toEqual(['vault.json']);
    expect((await SecretStore.open(secrets, { kind: 'passphrase', passphrase })).ok).toBe(true);
    for (const wrong of [
      { kind: 'key-file' },
      { kind: 'passphrase', passphrase: new Secret('correct horse') },
    ] as Unlocker[])
      expect(await SecretStore.open(secrets, wrong)).toMatchObject({ ok: false, failure: { code: 'secrets.locked' } });
  });
});

describe('what is there is never overwritten', () => {
  test.each<[string, string, (place: string) => Promise<unknown>]>([
    [
      'a folder with a file',
      'workspace.not-empty',
      async (place) => (await mkdir(place), writeFile(join(place, 'a'), 'mine')),
    ],
    [
      'a folder with a hidden file',
      'workspace.not-empty',
      async (place) => (await mkdir(place), writeFile(join(place, '.a'), 'mine')),
    ],
    ['another workspace', 'workspace.not-empty', (place) => init(place, 'empty')],
    ['a file', 'workspace.not-a-folder', (place) => writeFile(place, 'mine')],
    ['a link to nothing', 'workspace.not-a-folder', (place) => symlink(join(folder, 'gone'), place)],
  ])('%s', async (_, code, prepare) => {
    const place = join(folder, 'w');
    await prepare(place);
    const before = [await readdir(folder), (await lstat(place)).mtimeMs];
    const made = await init(place);
    expect(made).toMatchObject({ ok: false, failure: { code } });
    expect([await readdir(folder), (await lstat(place)).mtimeMs]).toEqual(before);
  });

  test('below a file', async () => {
    await writeFile(join(folder, 'f'), 'mine');
    expect(await init(join(folder, 'f', 'w'))).toMatchObject({
      ok: false,
      failure: { code: 'workspace.not-a-folder' },
    });
  });

  test('of several that start at once in one place exactly one makes it', async () => {
    const made = await Promise.all(Array.from({ length: 4 }, () => init(join(folder, 'w'), 'empty')));
    expect(made.filter(({ ok }) => ok)).toHaveLength(1);
    expect(await readdir(folder)).toEqual(['w']);
  });
});

describe('an empty folder that is there already', () => {
  test('gives way', async () => {
    await mkdir(join(folder, 'w'));
    expect((await init(join(folder, 'w'))).ok).toBe(true);
  });

  test('is kept when somebody stands in it, or when it is a link', async () => {
    const dir = join(folder, 'w');
    await mkdir(dir);
    const { ino } = await stat(dir);
    expect((await gatehouse(['init', '.', '--from', 'empty'], { cwd: dir })).code).toBe(0);
    expect((await stat(dir)).ino).toBe(ino);
    expect((await readdir(dir)).sort()).toEqual(['.gatehouse', '.gitignore', 'gatehouse.json', 'w.gatehouse']);

    await mkdir(join(folder, 'real'));
    await symlink(join(folder, 'real'), join(folder, 'link'));
    expect((await init(join(folder, 'link'), 'empty')).ok).toBe(true);
    expect((await lstat(join(folder, 'link'))).isSymbolicLink()).toBe(true);
    expect(await readdir(join(folder, 'real'))).toContain('gatehouse.json');
  });
});

test('a program that is killed in the middle leaves no half-made workspace', async () => {
  let whole = 0;
  let killed = 0;
  for (let round = 0; round < 12; round += 1) {
    const place = join(folder, `w${round}`);
    const child = spawn(process.execPath, [program, 'init', place, '--from', 'shop'], { stdio: 'ignore' });
    const ended = once(child, 'exit');
    // Killed as soon as the draft is there and holds a few files more than in the round before.
    let done = false;
    void ended.then(() => (done = true));
    while (!done) {
      const names = await readdir(folder);
      const draft = names.find((name) => name.startsWith(`.w${round}.gatehouse-new-`));
      const files = draft === undefined ? 0 : (await filesOf(join(folder, draft)).catch(() => [])).length;
      if (files > round * 4) child.kill('SIGKILL');
      await new Promise((resolve) => setImmediate(resolve));
    }
    const [, signal] = (await ended) as [number | null, string | null];
    if (signal === 'SIGKILL') killed += 1;
    if (!(await readdir(folder)).includes(`w${round}`)) continue;
    whole += 1;
    const loaded = await loadWorkspace(place);
    expect(loaded.ok && loaded.value.findings.filter(({ level }) => level === 'error')).toEqual([]);
    expect((await SecretStore.open(join(place, '.gatehouse', 'secrets'), { kind: 'key-file' })).ok).toBe(true);
  }
  expect(killed).toBeGreaterThan(3);
  expect(whole).toBeLessThan(12);
}, 60_000);

describe('git', () => {
  const git = (...args: string[]) => {
    const ran = spawnSync('git', ['-C', join(folder, 'w'), '-c', 'user.name=a', '-c', 'user.email=a@b.c', ...args], {
      encoding: 'utf8',
    });
    expect([args, ran.status, ran.stderr]).toEqual([args, 0, expect.anything()]);
    return ran.stdout;
  };

  test('takes everything but private keys, passwords in clear and the program’s own folder', async () => {
    await init(join(folder, 'w'));
    git('init', '-q');
    git('add', '-A');
    const taken = git('ls-files').trim().split('\n');
    expect(taken).toEqual(expect.arrayContaining(['gatehouse.json', 'acl.json', 'users.json', 'pki/root/ca-cert.pem']));
    for (const path of taken) {
      expect(path).not.toMatch(/-key\.pem$|^\.gatehouse\/|grpc-users/);
      expect([path, await readFile(join(folder, 'w', path), 'utf8')]).toEqual([
        path,
        expect.not.stringContaining('PRIVATE KEY'),
      ]);
    }
    expect(await trackedSecrets(join(folder, 'w'))).toEqual([]);

    git('add', '-f', 'pki/root/ca-key.pem', 'grpc-users.json', '.gatehouse/secrets/key');
    const found = await trackedSecrets(join(folder, 'w'));
    expect(found.map(({ file, level }) => [file, level])).toEqual([
      ['.gatehouse/secrets/key', 'error'],
      ['grpc-users.json', 'error'],
      ['pki/root/ca-key.pem', 'error'],
    ]);
    const checked = await gatehouse(['check', join(folder, 'w')]);
    expect([checked.code, checked.stdout]).toEqual([4, expect.stringContaining('git rm --cached pki/root/ca-key.pem')]);
  });

  test('is not needed', async () => {
    await init(join(folder, 'w'), 'empty');
    expect(await trackedSecrets(join(folder, 'w'))).toEqual([]);
  });
});
