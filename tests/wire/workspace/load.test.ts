import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { systemClock, type Finding } from '../../../src-main/domain/kernel';
import type { Migration } from '../../../src-main/domain/workspace';
import { acquireLock } from '../../../src-main/servers/store';
import { initWorkspace } from '../../../src-main/services/workspace/init-workspace';
import { loadWorkspace, requireSound } from '../../../src-main/services/workspace/load-workspace';
import { upgradeTopology } from '../../../src-main/services/workspace/upgrade-workspace';
import { WorkspacePaths } from '../../../src-main/services/workspace/workspace-paths';
import { root } from '../../support/cli/gatehouse';

let templates: string;
let folder: string;
let dir: string;
beforeAll(async () => {
  templates = await mkdtemp(join(tmpdir(), 'gh-load-'));
  const made = await initWorkspace({
    dir: join(templates, 'shop'),
    sample: 'shop',
    samples: join(root, 'resources', 'samples'),
    clock: systemClock,
    unlocker: { kind: 'key-file' },
  });
  expect(made.ok).toBe(true);
});
afterAll(() => rm(templates, { recursive: true, force: true }));
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gh-load-'));
  dir = join(folder, 'shop');
  await cp(join(templates, 'shop'), dir, { recursive: true });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Findings of level error, whether the workspace was loaded or not. */
const errors = async (): Promise<Finding[]> => {
  const loaded = await loadWorkspace(dir);
  const findings = loaded.ok ? loaded.value.findings : (loaded.failure.findings ?? []);
  return findings.filter(({ level }) => level === 'error');
};
const named = [
  'gatehouse.json',
  'users.json',
  'grpc-users.json',
  'acl.json',
  'tests/shop.json',
  'pki/gateways/main-cert.pem',
  'pki/gateways/main-key.pem',
  'pki/callers/ca-cert.pem',
  'pki/callers/crl.pem',
  'pki/tablet-servers/tablet-100-cert.pem',
  'pki/mysql/server-key.pem',
];

describe('every file at fault gives findings and ends nothing', () => {
  test('sound as it is made', async () => expect(await errors()).toEqual([]));

  test.each(named)('%s is gone', async (file) => {
    await rm(join(dir, file));
    if (file === 'gatehouse.json') {
      expect(await loadWorkspace(dir)).toMatchObject({ ok: false, failure: { code: 'workspace.missing' } });
      return;
    }
    // Tests are not named anywhere: without them there is nothing to verify, which is no fault.
    if (file.startsWith('tests/')) return expect(await errors()).toEqual([]);
    expect(await errors()).toContainEqual(expect.objectContaining({ code: 'workspace.file-missing', file }));
  });

  test.each(named)('%s is a folder', async (file) => {
    await rm(join(dir, file));
    await mkdir(join(dir, file));
    const loaded = await loadWorkspace(dir);
    if (file === 'gatehouse.json')
      expect(loaded).toMatchObject({ ok: false, failure: { code: 'workspace.unreadable' } });
    else
      expect(await errors()).toContainEqual(
        expect.objectContaining({ file, message: expect.stringContaining('EISDIR') }),
      );
  });

  test.each(named.flatMap((file) => [[file, ''] as const, [file, '\u0000\u00ff{['] as const, [file, '[]'] as const]))(
    '%s holds %j',
    async (file, content) => {
      await writeFile(join(dir, file), Buffer.from(content, 'latin1'));
      const found = await errors();
      // A list without users is a sound one.
      if (file !== 'grpc-users.json' || content !== '[]') expect(found.map((finding) => finding.file)).toContain(file);
      for (const finding of found) {
        expect(finding.message).not.toBe('');
        expect(finding.remedy).not.toBe('');
      }
      const loaded = await loadWorkspace(dir);
      if (loaded.ok && found.length > 0) expect(() => requireSound(loaded.value)).toThrow(/fault/);
    },
  );

  test.each(named)('%s is cut short or changed anywhere', async (file) => {
    const whole = await readFile(join(dir, file));
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(255), fc.boolean(), async (at, byte, cut) => {
        const bytes = cut ? whole.subarray(0, at) : Buffer.from(whole);
        if (!cut) bytes[at] = byte;
        await writeFile(join(dir, file), bytes);
        const loaded = await loadWorkspace(dir);
        for (const { line, column, remedy } of loaded.ok ? loaded.value.findings : (loaded.failure.findings ?? [])) {
          expect(line).toBeGreaterThanOrEqual(0);
          expect(column).toBeGreaterThanOrEqual(0);
          expect(remedy).not.toBe('');
        }
        // What ends behind a whole certificate, before the next has begun, is a shorter chain.
        const ends = /-----END CERTIFICATE-----(?![^]*-----BEGIN CERTIFICATE-----)/.test(bytes.toString('latin1'));
        if (cut && at > 0 && at < whole.length - 2 && !ends) expect((await errors()).length).toBeGreaterThan(0);
      }),
      { numRuns: Math.ceil(Number(process.env['FUZZ_RUNS'] ?? 10_000) / 1_000) },
    );
  });

  test('names that lead nowhere are found all at once, with their places', async () => {
    const suite = JSON.parse(await readFile(join(dir, 'tests/shop.json'), 'utf8')) as {
      callers: { gateway: string; certificate?: string }[];
      gatewayTrust: string;
    };
    suite.gatewayTrust = 'pki/none.pem';
    suite.callers[0]!.gateway = 'nowhere';
    suite.callers[3]!.certificate = 'pki/callers/nobody-cert.pem';
    suite.callers[4]!.certificate = 'pki/callers/crl.pem';
    await writeFile(join(dir, 'tests/shop.json'), JSON.stringify(suite, null, 1));
    const acl = await readFile(join(dir, 'acl.json'), 'utf8');
    await writeFile(join(dir, 'acl.json'), acl.replace('"shop_web"', '"shop_wbe"'));
    const found = await errors();
    expect(found.map(({ code, file, line }) => [code, file, line > 0])).toEqual([
      ['suite.file-missing', 'tests/shop.json', true],
      ['suite.unknown-gateway', 'tests/shop.json', true],
      ['suite.file-missing', 'tests/shop.json', true],
      ['suite.file-missing', 'tests/shop.json', true],
      ['suite.certificate-name', 'tests/shop.json', true],
    ]);
    const loaded = await loadWorkspace(dir);
    expect(loaded.ok && loaded.value.findings).toContainEqual(
      expect.objectContaining({
        code: 'acl.unknown-principal',
        file: 'acl.json',
        remedy: expect.stringContaining('"shop_web"'),
      }),
    );
  });

  test('a certificate nobody names that cannot be read, and two suites of one name', async () => {
    await mkdir(join(dir, 'pki/callers/odd-cert.pem'));
    await cp(join(dir, 'tests/shop.json'), join(dir, 'tests/twice.json'));
    expect((await errors()).map(({ code, file }) => [code, file])).toEqual([
      ['workspace.file-unreadable', 'pki/callers/odd-cert.pem'],
      ['suite.duplicate-name', 'tests/twice.json'],
    ]);
  });

  test('a folder that is no workspace, a file, nothing at all', async () => {
    for (const [place, words] of [
      [folder, 'has no gatehouse.json'],
      [join(dir, 'acl.json'), 'is a file'],
      [join(folder, 'none'), 'has no gatehouse.json'],
    ] as const)
      expect(await loadWorkspace(place)).toMatchObject({
        ok: false,
        failure: { code: 'workspace.missing', summary: expect.stringContaining(words) },
      });
  });
});

describe('schemas', () => {
  const write = (document: object): Promise<void> => writeFile(join(dir, 'gatehouse.json'), JSON.stringify(document));

  test.each([
    ['workspace.newer-schema', 'newer Gatehouse (schema 2)', { schema: 2, something: 'else' }],
    ['workspace.unknown-schema', 'does not say which schema', { name: 'x' }],
    ['workspace.unknown-schema', 'does not say which schema', { schema: 'one' }],
    ['workspace.unknown-schema', 'does not say which schema', { schema: -1 }],
    ['workspace.unknown-schema', 'ever wrote schema 0', { schema: 0 }],
  ])('%s: %s', async (code, words, document) => {
    await write(document);
    const before = await readFile(join(dir, 'gatehouse.json'), 'utf8');
    const loaded = await loadWorkspace(dir);
    expect(loaded).toMatchObject({ ok: false, failure: { code, summary: expect.stringContaining(words) } });
    expect(!loaded.ok && loaded.failure.findings).toHaveLength(1);
    expect(await readFile(join(dir, 'gatehouse.json'), 'utf8')).toBe(before);
  });

  const steps: Migration[] = [
    { from: 1, about: 'names are labels', upgrade: ({ name, ...rest }) => ({ ...rest, label: name }) },
    {
      from: 2,
      about: 'labels are loud',
      upgrade: (document) => ({ ...document, label: String(document['label']).toUpperCase() }),
    },
  ];

  test('an older file is upgraded step by step, and what it was is kept', async () => {
    const old = Buffer.from('{"schema": 1, "name": "shop", "more": [1]}');
    await writeFile(join(dir, 'gatehouse.json'), old);
    const paths = new WorkspacePaths(dir);
    const upgraded = await upgradeTopology(paths, old, { steps, current: 3 });
    if (!upgraded.ok) throw new Error(upgraded.failure.summary);
    expect(JSON.parse(upgraded.value.bytes.toString())).toEqual({ schema: 3, label: 'SHOP', more: [1] });
    expect(await readFile(paths.topology)).toEqual(upgraded.value.bytes);
    const [kept, ...others] = await readdir(paths.history);
    expect(others).toEqual([]);
    expect(await readFile(join(paths.history, kept ?? ''))).toEqual(old);
    expect(upgraded.value.findings).toEqual([
      expect.objectContaining({
        code: 'workspace.upgraded',
        level: 'info',
        remedy: expect.stringContaining(kept ?? '-'),
      }),
    ]);
    // Once it is upgraded there is nothing more to do.
    expect(await upgradeTopology(paths, upgraded.value.bytes, { steps, current: 3 })).toEqual({
      ok: true,
      value: { bytes: upgraded.value.bytes, findings: [] },
    });
  });

  test('not while somebody holds the workspace, and not where a step is missing', async () => {
    const old = await readFile(join(dir, 'gatehouse.json'));
    const paths = new WorkspacePaths(dir);
    const lock = await acquireLock(paths.lock, 'gatehouse up');
    expect(await upgradeTopology(paths, old, { steps, current: 3 })).toMatchObject({
      ok: false,
      failure: { code: 'workspace.locked', summary: expect.stringContaining('gatehouse up') },
    });
    if (lock.ok) await lock.value.release();
    expect(await upgradeTopology(paths, old, { steps: steps.slice(0, 1), current: 3 })).toMatchObject({
      ok: false,
      failure: { code: 'workspace.unknown-schema' },
    });
    expect(await readFile(paths.topology)).toEqual(old);
    expect(await readdir(paths.history).catch(() => [])).toEqual([]);
  });
});
