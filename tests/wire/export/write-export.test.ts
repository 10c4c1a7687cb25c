import { execFile } from 'node:child_process';
import { chmod, lstat, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { encryptPrivateKey, openPrivateKey } from '../../../src-main/domain/certs';
import { GatehouseError, Secret } from '../../../src-main/domain/kernel';
import { keepProof, proofState, type ExportProof } from '../../../src-main/services/export/proof';
import { exportHash, testsHash } from '../../../src-main/services/export/export-hash';
import {
  loadForExport,
  writeExport,
  type ExportOptions,
  type ExportReport,
} from '../../../src-main/services/export/write-export';
import { makeWorkspace, type MadeWorkspace } from '../../support/workspace';

const run = promisify(execFile);
let made: MadeWorkspace;
let out: string;
beforeEach(async () => {
  made = await makeWorkspace('shop');
  out = join(dirname(made.dir), 'out');
});
afterEach(() => made.remove());

const write = (more: Partial<ExportOptions> = {}): Promise<ExportReport> =>
  writeExport({
    dir: made.dir,
    version: '24',
    out,
    includeKeys: false,
    force: false,
    withoutProof: true,
    acceptHardenedOnly: false,
    ...more,
  });
const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: unknown) => (error instanceof GatehouseError ? error.failure.code : String(error)),
  );
const files = async (): Promise<string[]> =>
  (await readdir(out, { recursive: true, withFileTypes: true }))
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(out.length + 1))
    .sort();

/** A proof of the files as they are, with what the test wants in it. */
async function prove(change: Partial<ExportProof> = {}): Promise<void> {
  const workspace = await loadForExport(made.dir, '24');
  await keepProof(workspace.paths, {
    schema: 1,
    version: '24',
    emulated: '24.0.4',
    ranAt: '2026-05-03T10:00:00.000Z',
    files: exportHash(workspace, '24'),
    tests: testsHash(workspace),
    cells: 15,
    asExpected: 15,
    failing: [],
    ...change,
  });
}

describe('what is written', () => {
  it('leaves keys out unless they are asked for, and says which', async () => {
    const report = await write();
    expect((await files()).filter((path) => path.endsWith('-key.pem'))).toEqual([]);
    expect(report.missing).toContain('pki/gateways/main-key.pem');
    for (const path of await files())
      expect(await readFile(join(out, path), 'utf8'), path).not.toContain('PRIVATE KEY');
    expect(await readFile(join(out, 'README.txt'), 'utf8')).toContain('pki/gateways/main-key.pem');
  });

  it('has the modes it lists, whatever the umask', async () => {
    const before = process.umask(0o077);
    const report = await write({ includeKeys: true }).finally(() => process.umask(before));
    expect(report.files.map(({ path }) => path).sort()).toEqual(await files());
    for (const { path, mode } of report.files) expect((await stat(join(out, path))).mode & 0o777, path).toBe(mode);
    expect((await stat(join(out, 'pki/gateways'))).mode & 0o777).toBe(0o755);
    const secret = report.files.filter(({ mode }) => mode === 0o600).map(({ kind }) => kind);
    expect(new Set(secret)).toEqual(new Set(['key', 'users', 'grpc-users']));
  });

  it('is the workspace’s own bytes', async () => {
    await write({ includeKeys: true });
    for (const path of ['users.json', 'acl.json', 'pki/callers/crl.pem', 'pki/gateways/main-key.pem'])
      expect(await readFile(join(out, path)), path).toEqual(await readFile(join(made.dir, path)));
  });

  it('names in its flags files that are there', async () => {
    const report = await write({ includeKeys: true });
    for (const { flags } of report.plan.programs)
      for (const path of flags.flatMap((flag) => /=(\/.*\.(?:pem|json))$/.exec(flag)?.[1] ?? []))
        expect((await lstat(path)).isFile(), path).toBe(true);
  });

  it('can name the folder where it will lie', async () => {
    const report = await write({ place: '/etc/vitess/' });
    expect(report.plan.programs.flatMap(({ flags }) => flags)).toContain(
      '--mysql-auth-server-static-file=/etc/vitess/users.json',
    );
  });

  it('starts programs with the lines of the README, each flag as one word', async () => {
    const topology = JSON.parse(await readFile(join(made.dir, 'gatehouse.json'), 'utf8')) as {
      gateways: { tabletLink: { serverName: string } }[];
    };
    topology.gateways[0]!.tabletLink.serverName = 'vttablet server * $(touch pwned) "x"';
    await writeFile(join(made.dir, 'gatehouse.json'), JSON.stringify(topology));
    const report = await write();
    const bin = join(dirname(made.dir), 'bin');
    await mkdir(bin);
    for (const name of ['vtgate', 'vttablet']) {
      await writeFile(join(bin, name), '#!/bin/sh\nprintf "%s\\0" "$@"\n');
      await chmod(join(bin, name), 0o755);
    }
    const readme = await readFile(join(out, 'README.txt'), 'utf8');
    const lines = [...readme.matchAll(/^ {2}\(IFS='\n'; set -f; exec \w+ \$\(cat \S+\)\)$/gm)].map(([line]) => line);
    expect(lines).toHaveLength(3);
    for (const [index, line] of lines.entries()) {
      const { stdout } = await run('/bin/sh', ['-c', line], { cwd: out, env: { PATH: `${bin}:/usr/bin:/bin` } });
      expect(stdout.split('\0').slice(0, -1)).toEqual(report.plan.programs[index]?.flags);
    }
    expect(await files()).not.toContain('pwned');
  });

  it('refuses a value that would be a flag of its own', async () => {
    const text = await readFile(join(made.dir, 'gatehouse.json'), 'utf8');
    const topology = JSON.parse(text) as { tablets: { acl: { exempt?: string } }[] };
    topology.tablets[0]!.acl.exempt = 'dba\n--grpc-enable-optional-tls';
    await writeFile(join(made.dir, 'gatehouse.json'), JSON.stringify(topology));
    expect(await codeOf(write())).toBe('export.line-break');
    expect(await codeOf(stat(out))).toMatch(/ENOENT/);
  });

  it('refuses private keys that Vitess cannot read', async () => {
    const path = join(made.dir, 'pki/gateways/main-key.pem');
    const key = openPrivateKey(await readFile(path, 'utf8'));
    if (!key.ok) throw new Error('no key');
    const sealed = await encryptPrivateKey(await readFile(path, 'utf8'), new Secret('a passphrase'));
    await writeFile(path, typeof sealed === 'string' ? sealed : (sealed as { value: string }).value);
    expect(await codeOf(write({ includeKeys: true }))).toBe('export.key-encrypted');
    expect(await codeOf(write())).toBe('done');
  });

  it('hands the password of an external MySQL over with the keys only, and no hash of it', async () => {
    const topology = JSON.parse(await readFile(join(made.dir, 'gatehouse.json'), 'utf8')) as { backends: unknown[] };
    topology.backends = [
      { kind: 'external', name: 'local', host: 'db', port: 3306, user: 'vt', passwordSecret: 'db', tls: null },
    ];
    await writeFile(join(made.dir, 'gatehouse.json'), JSON.stringify(topology));
    expect((await write()).missing).toContain('db-credentials-local.json');
    await rm(out, { recursive: true });
    expect(await codeOf(write({ includeKeys: true }))).toBe('export.no-password');
    const secrets = { get: () => new Secret('hunter2') };
    await write({ includeKeys: true, secrets });
    const path = join(out, 'db-credentials-local.json');
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({ vt: ['hunter2'] });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const manifest = JSON.parse(await readFile(join(out, 'proof.json'), 'utf8')) as {
      files: { path: string; mode: string; sha256?: string }[];
    };
    expect(manifest.files.filter(({ mode, sha256 }) => mode === '0600' && sha256 !== undefined)).toEqual([]);
    for (const name of (await files()).filter((file) => file !== 'db-credentials-local.json'))
      expect(await readFile(join(out, name), 'utf8'), name).not.toContain('hunter2');
  });
});

describe('where it is written', () => {
  test.each<[string, (dir: string) => Promise<string>, string]>([
    ['a file', async (dir) => (await writeFile(join(dir, 'f'), ''), join(dir, 'f')), 'export.not-a-folder'],
    ['below a file', async (dir) => (await writeFile(join(dir, 'f'), ''), join(dir, 'f', 'x')), 'export.not-a-folder'],
    [
      'a link',
      async (dir) => (await mkdir(join(dir, 'to')), await symlink(join(dir, 'to'), join(dir, 'l')), join(dir, 'l')),
      'export.link',
    ],
    [
      'a link to nothing',
      async (dir) => (await symlink(join(dir, 'no'), join(dir, 'l')), join(dir, 'l')),
      'export.link',
    ],
    ['the workspace', async (dir) => join(dir, 'shop'), 'export.in-workspace'],
    ['a folder in the workspace', async (dir) => join(dir, 'shop', 'pki', 'out'), 'export.in-workspace'],
    ['a folder around the workspace', async (dir) => dir, 'export.in-workspace'],
    [
      'a folder in the workspace, by a link',
      async (dir) => (await symlink(join(dir, 'shop'), join(dir, 'l')), join(dir, 'l', 'out')),
      'export.in-workspace',
    ],
  ])('not in %s', async (_, place, code) => {
    const folder = dirname(made.dir);
    expect(await codeOf(write({ out: await place(folder), force: true }))).toBe(code);
    expect(await readdir(folder)).not.toContain('README.txt');
  });

  it('not in a folder that holds something, unless forced; then that stays', async () => {
    await mkdir(out);
    await writeFile(join(out, 'mine'), 'x');
    expect(await codeOf(write())).toBe('export.not-empty');
    expect(await files()).toEqual(['mine']);
    await write({ force: true });
    expect(await readFile(join(out, 'mine'), 'utf8')).toBe('x');
    expect(await files()).toContain('README.txt');
    expect((await readdir(out)).filter((name) => name.startsWith('.gatehouse'))).toEqual([]);
  });

  it('in an empty folder too', async () => {
    await mkdir(out);
    expect(await codeOf(write())).toBe('done');
  });

  it('takes back what an earlier export wrote, but nothing secret and nothing changed', async () => {
    await write({ includeKeys: true });
    const topology = JSON.parse(await readFile(join(made.dir, 'gatehouse.json'), 'utf8')) as {
      gateways: { name: string }[];
    };
    topology.gateways = topology.gateways.filter(({ name }) => name === 'main');
    await writeFile(join(made.dir, 'gatehouse.json'), JSON.stringify(topology));
    for (const suite of await readdir(join(made.dir, 'tests'))) await rm(join(made.dir, 'tests', suite));
    await writeFile(join(out, 'pki/callers/crl.pem'), 'mine');
    const report = await write({ force: true });
    expect(await files()).not.toContain('flags/vtgate-certs.flags');
    expect(await files()).not.toContain('pki/gateways/certs-cert.pem');
    expect(report.left).toEqual(expect.arrayContaining(['pki/callers/crl.pem', 'pki/gateways/certs-key.pem']));
    expect(await readFile(join(out, 'pki/callers/crl.pem'), 'utf8')).toBe('mine');
  });

  it('follows no link inside a forced folder, and no path of a forged list', async () => {
    const elsewhere = join(dirname(made.dir), 'elsewhere');
    await mkdir(elsewhere);
    await writeFile(join(elsewhere, 'victim'), 'v');
    await mkdir(out);
    await symlink(elsewhere, join(out, 'pki'));
    expect(await codeOf(write({ force: true }))).toBe('export.link');
    expect(await readdir(elsewhere)).toEqual(['victim']);
    await rm(join(out, 'pki'));
    await symlink(join(elsewhere, 'victim'), join(out, 'acl.json'));
    expect(await codeOf(write({ force: true }))).toBe('export.link');
    await rm(join(out, 'acl.json'));
    const sha256 = '4c94485e0c21ae6c41ce1dfe7b6bfaceea5ab68e40a2476f50208e526f506080';
    await writeFile(
      join(out, 'proof.json'),
      JSON.stringify({
        files: [
          { path: '../elsewhere/victim', sha256 },
          { path: join(elsewhere, 'victim'), sha256 },
        ],
      }),
    );
    expect(await codeOf(write({ force: true }))).toBe('done');
    expect(await readFile(join(elsewhere, 'victim'), 'utf8')).toBe('v');
  });
});

describe('proof', () => {
  it('is demanded: none, of other files, of other tests', async () => {
    const strict = { withoutProof: false };
    expect(await codeOf(write(strict))).toBe('export.no-proof');
    await prove();
    expect(await codeOf(write(strict))).toBe('done');
    await rm(out, { recursive: true });
    await writeFile(join(made.dir, 'acl.json'), `${await readFile(join(made.dir, 'acl.json'), 'utf8')}\n`);
    expect(await codeOf(write(strict))).toBe('export.outdated');
    await prove();
    expect((await proofState(await loadForExport(made.dir, '24'), '24')).kind).toBe('current');
    // Proved for 24 says nothing of 22.
    expect((await proofState(await loadForExport(made.dir, '22'), '22')).kind).toBe('none');
    const [suite = ''] = await readdir(join(made.dir, 'tests'));
    const text = await readFile(join(made.dir, 'tests', suite), 'utf8');
    await writeFile(join(made.dir, 'tests', suite), text.replace('where id = 7', 'where id = 8'));
    expect(await codeOf(write(strict))).toBe('export.outdated');
    expect((await write()).proof.kind).toBe('outdated');
    expect(await readFile(join(out, 'README.txt'), 'utf8')).toContain('Tests ran before the last change');
  });

  it('stops at what passes in hardened mode only, until that is accepted', async () => {
    await prove({ asExpected: 14, failing: [{ id: 'shop/x', expected: 'deny', actual: 'allow', hardenedOnly: true }] });
    expect(await codeOf(write({ withoutProof: false }))).toBe('export.hardened-only');
    // Leaving the proof out is no way around it.
    expect(await codeOf(write({ withoutProof: true }))).toBe('export.hardened-only');
    await write({ acceptHardenedOnly: true, withoutProof: false });
    const readme = await readFile(join(out, 'README.txt'), 'utf8');
    expect(readme.replace(/\s+/g, ' ')).toContain('14 of 15 as expected, 3 May 2026');
    expect(readme).toContain('hardened');
  });

  it('is hashed over what is handed over: a changed flag counts, the place of the folder does not', async () => {
    const before = exportHash(await loadForExport(made.dir, '24'), '24');
    await prove();
    await write();
    await write({ force: true, place: '/elsewhere' });
    expect(exportHash(await loadForExport(made.dir, '24'), '24')).toBe(before);
    const text = await readFile(join(made.dir, 'gatehouse.json'), 'utf8');
    await writeFile(join(made.dir, 'gatehouse.json'), text.replace('"strict": true', '"strict": false'));
    expect(exportHash(await loadForExport(made.dir, '24'), '24')).not.toBe(before);
  });

  it('is none when its file is damaged', async () => {
    await prove();
    await writeFile(join(made.dir, '.gatehouse/proofs/vitess-24.json'), '{"schema": 1');
    expect((await proofState(await loadForExport(made.dir, '24'), '24')).kind).toBe('none');
  });
});
