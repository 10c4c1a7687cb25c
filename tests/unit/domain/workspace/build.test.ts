import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { defaultFidelity } from '../../../../src-main/domain/fidelity/fidelity';
import { FixedClock } from '../../../../src-main/domain/kernel';
import { authenticate, parseGrpcUsersFile, parseUsersFile, sha2Reply } from '../../../../src-main/domain/users';
import {
  buildWorkspace,
  migrate,
  readFaultyRecord,
  readRecipe,
  type Recipe,
} from '../../../../src-main/domain/workspace';

const run = promisify(execFile);
const clock = new FixedClock(new Date());
const samples = join(import.meta.dirname, '..', '..', '..', '..', 'resources', 'samples');
const recipeOf = async (name: string): Promise<Recipe> => {
  const { recipe, findings } = readRecipe(await readFile(join(samples, name, 'sample.json')), 'sample.json');
  if (recipe === null) throw new Error(JSON.stringify(findings));
  return recipe;
};
const read = (value: unknown) => readRecipe(Buffer.from(JSON.stringify(value)), 'sample.json');

describe.each(['shop', 'reference', 'user-guide'])('what the recipe of %s makes', (name) => {
  let folder: string;
  let recipe: Recipe;
  let built: ReturnType<typeof buildWorkspace>;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gh-build-'));
    recipe = await recipeOf(name);
    built = buildWorkspace(recipe, { clock });
    for (const { path, content, mode } of built.files) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), content, { mode });
    }
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('openssl accepts every chain, and refuses those that are faulty on purpose', async () => {
    for (const item of recipe.certificates) {
      const cert = join(folder, `pki/${item.authority}/${item.id}-cert.pem`);
      const roots = recipe.authorities.filter(({ issuer }) => issuer === null).map(({ id }) => id);
      const anchors = join(folder, 'roots.pem');
      await writeFile(
        anchors,
        (await Promise.all(roots.map((id) => readFile(join(folder, `pki/${id}/ca-cert.pem`), 'utf8')))).join(''),
      );
      const purpose = /server$/.test(item.role) ? 'sslserver' : 'sslclient';
      const outcome = await run('openssl', [
        ...['verify', '-x509_strict', '-purpose', purpose, '-CAfile', anchors, '-untrusted', cert, cert],
      ]).then(
        () => 'ok',
        (error: { stderr: string }) => error.stderr,
      );
      // Another authority's certificate is sound in itself.
      if (item.fault === null || item.fault === 'other-authority') expect([item.id, outcome]).toEqual([item.id, 'ok']);
      else expect(outcome).toMatch(item.fault === 'expired' ? /has expired/ : /not yet valid/);
    }
  });

  test('each key belongs to its certificate and is for its owner alone', () => {
    for (const { path, content, mode } of built.files) {
      if (path.endsWith('-key.pem')) {
        expect(mode).toBe(0o600);
        const cert = built.files.find((file) => file.path === path.replace(/-key\.pem$/, '-cert.pem'));
        const pub = createPublicKey(createPrivateKey(content)).export({ type: 'spki', format: 'der' });
        expect(new X509Certificate(cert?.content ?? '').publicKey.export({ type: 'spki', format: 'der' })).toEqual(pub);
      } else if (path.endsWith('.pem') || path === 'pki/faulty.json') {
        expect([path, mode]).toEqual([path, 0o644]);
        expect(content).not.toContain('PRIVATE');
      } else expect([path, mode]).toEqual([path, 0o600]);
    }
  });

  test('what is faulty on purpose is on record, by fingerprint', () => {
    const record = built.files.find(({ path }) => path === 'pki/faulty.json');
    const faults = readFaultyRecord(record?.content ?? '');
    const found = built.files.flatMap(({ path, content }) => {
      const fault = /CERTIFICATE/.test(content)
        ? faults.get(new X509Certificate(content).fingerprint256.replaceAll(':', '').toLowerCase())
        : undefined;
      return fault === undefined ? [] : [[path, fault]];
    });
    const wanted = recipe.certificates.flatMap(({ authority, id, fault, revoked }) =>
      fault === null && revoked === null ? [] : [[`pki/${authority}/${id}-cert.pem`, fault ?? 'revoked']],
    );
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(wanted));
    expect(wanted.length > 0).toBe(record !== undefined);
  });

  test.each(['', '{', 'null', '[]', '{"certificates":1}', '{"certificates":{"x":"tired"}}'])(
    'a record that is no record is empty: %s',
    (text) => expect(readFaultyRecord(text).size).toBe(0),
  );

  test('roots are not sent along, intermediates are', () => {
    for (const item of recipe.certificates) {
      const file = built.files.find(({ path }) => path === `pki/${item.authority}/${item.id}-cert.pem`);
      const count = file?.content.match(/BEGIN CERTIFICATE/g)?.length;
      const isRoot = recipe.authorities.find(({ id }) => id === item.authority)?.issuer === null;
      expect([item.id, count]).toEqual([item.id, isRoot ? 1 : 2]);
    }
  });

  test('every revoked certificate is on its authority’s list and no other is', async () => {
    for (const id of recipe.crls) {
      const crl = join(folder, `pki/${id}/crl.pem`);
      const { stdout } = await run('openssl', [
        'crl',
        '-in',
        crl,
        '-noout',
        '-text',
        '-CAfile',
        join(folder, `pki/${id}/ca-cert.pem`),
      ]);
      const serials = [...stdout.matchAll(/Serial Number: ([0-9A-F]+)/g)].map(([, serial]) => serial);
      const revoked = recipe.certificates
        .filter((item) => item.authority === id && item.revoked !== null)
        .map((item) => built.files.find(({ path }) => path === `pki/${id}/${item.id}-cert.pem`)?.content ?? '')
        .map((pem) => new X509Certificate(pem).serialNumber);
      expect(serials).toEqual(revoked);
    }
  });

  test('the hashes let their passwords in and no others', () => {
    for (const [path, users] of recipe.users) {
      const file = built.files.find((candidate) => candidate.path === path);
      const reading = parseUsersFile(Buffer.from(file?.content ?? ''), { file: path, fidelity: defaultFidelity });
      expect(reading.findings.filter(({ level }) => level === 'error')).toEqual([]);
      if (reading.users === null) throw new Error('not read');
      const salt = Buffer.alloc(20, 7);
      const login = (user: string, password: string) =>
        authenticate(
          reading.users!,
          { user, method: 'caching_sha2_password', salt, reply: sha2Reply(password, salt), unixSocket: false },
          defaultFidelity,
        ).kind;
      for (const [user, entries] of users)
        for (const entry of entries) {
          const password = built.secrets.get(entry.password.secret)?.reveal() ?? '';
          expect(password.length).toBeGreaterThanOrEqual(40);
          expect(file?.content).not.toContain(password);
          expect([user, login(user, password)]).toEqual([user, 'accepted']);
          expect(login(user, `${password}x`)).toBe('denied');
          for (const [other] of users) if (other !== user) expect(login(other, password)).toBe('denied');
        }
    }
    for (const [path] of recipe.grpcUsers) {
      const file = built.files.find((candidate) => candidate.path === path);
      expect(
        parseGrpcUsersFile(Buffer.from(file?.content ?? ''), { file: path, fidelity: defaultFidelity }).users,
      ).not.toBeNull();
    }
  });

  test('nothing is alike in two workspaces but what is not secret', () => {
    const again = buildWorkspace(recipe, { clock });
    expect(again.files.map(({ path, mode }) => [path, mode])).toEqual(
      built.files.map(({ path, mode }) => [path, mode]),
    );
    again.files.forEach(({ content }, index) => expect(content).not.toBe(built.files[index]?.content));
    for (const [secret, value] of again.secrets) expect(value.reveal()).not.toBe(built.secrets.get(secret)?.reveal());
  });
});

test('passwords come from the random bytes that are given', () => {
  const { recipe } = read({
    schema: 1,
    title: 't',
    about: 'a',
    users: { 'u.json': { a: [{ password: { secret: 's' }, hashes: ['sha2'] }] } },
  });
  const random = (size: number): Buffer => Buffer.alloc(size, 5);
  const [first, second] = [0, 1].map(() => buildWorkspace(recipe as Recipe, { clock, random }));
  expect(first?.files).toEqual(second?.files);
  expect(first?.secrets.get('s')?.reveal()).toBe(second?.secrets.get('s')?.reveal());
});

describe('a recipe at fault', () => {
  const base = { schema: 1, title: 't', about: 'a' };

  test('all faults at once, with their places', () => {
    const { recipe, findings } = readRecipe(
      Buffer.from(
        '{\n "schema": 2,\n "title": 3,\n "authorities": [{"id": "a"}],\n "crls": ["a", 1],\n "constructor": 1\n}',
      ),
      'sample.json',
    );
    expect(recipe).toBeNull();
    expect(findings.map(({ code, line }) => [code, line])).toEqual([
      ['sample.type', 2],
      ['sample.type', 3],
      ['sample.missing-key', 4],
      ['sample.type', 5],
      ['sample.unknown-key', 6],
      ['sample.missing-key', 1],
    ]);
  });

  test.each([
    [{ authorities: [{ id: 'a', commonName: 'a', issuer: 'b' }] }],
    [{ certificates: [{ authority: 'b', id: 'a', role: 'caller', commonName: 'a' }] }],
    [{ crls: ['b'] }],
    [{ bundles: [{ path: 'pki/x.pem', authorities: ['b'] }] }],
  ])('a reference to nothing: %j', (more) => {
    const { recipe } = read({ ...base, ...more });
    expect(() => buildWorkspace(recipe as Recipe, { clock })).toThrow(/"b", which it does not define/);
  });

  test('never throws, whatever it holds', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 100 }),
          fc.json().map((text) => Buffer.from(text)),
        ),
        (bytes) => {
          const { recipe, findings } = readRecipe(bytes, 'sample.json');
          expect(recipe === null).toBe(findings.length > 0);
        },
      ),
      { numRuns: Number(process.env['FUZZ_RUNS'] ?? 10_000) },
    );
  });
});

test('migrate never throws and never calls an unknown schema known', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.integer().map((schema) => JSON.stringify({ schema })),
      ),
      (source) => {
        const outcome = migrate(source);
        expect(outcome.kind).not.toBe('upgraded');
        if (outcome.kind === 'newer') expect(outcome.schema).toBeGreaterThan(1);
      },
    ),
    { numRuns: Number(process.env['FUZZ_RUNS'] ?? 10_000) },
  );
});
