import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { CertificateImportReport } from '../../../src-main/contract/areas/certificates';
import { certificateImportReport } from '../../../src-main/contract/areas/certificates';
import {
  createAuthority,
  createCrl,
  createCsr,
  encryptPrivateKey,
  issueCertificate,
  writePkcs12,
  type IssuedIdentity,
} from '../../../src-main/domain/certs';
import { Secret } from '../../../src-main/domain/kernel';
import { importFiles, inspectImport } from '../../../src-main/services/certs/import/import-service';
import '../../support/fuzz-seed';
import { authorityOf } from './authority';
import { certificatesIn, codeOf, rowOf, shopCopies, snapshot, viewOf, type ShopCopies } from './shop-copy';

const run = promisify(execFile);
const secret = new Secret('open sesame');
let copies: ShopCopies;
let dir: string;
let foreign: IssuedIdentity;
let middle: IssuedIdentity;
let leaf: IssuedIdentity;
beforeAll(async () => {
  copies = await shopCopies();
  foreign = createAuthority({ subject: { commonName: 'Corp Root' } });
  middle = createAuthority({ subject: { commonName: 'Corp Issuing' }, issuer: foreign });
  leaf = issueCertificate({ issuer: middle, subject: { commonName: 'robot' }, role: 'caller', dnsNames: ['bots'] });
});
afterAll(() => copies.remove());
beforeEach(async () => {
  dir = await copies.fresh();
});

type Given = Record<string, string | Buffer>;
const files = (given: Given) =>
  Object.entries(given).map(([name, content]) => ({ name, bytes: Buffer.from(content as Buffer) }));
const look = (given: Given, passphrases: Secret[] = []) => inspectImport(dir, files(given), passphrases);
const take = (given: Given, passphrases: Secret[] = []) => importFiles(dir, files(given), passphrases);
const file = ({ files: list }: CertificateImportReport, name: string) => {
  const found = list.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no report about ${name}`);
  return found;
};
/** A certificate of the shop’s own callers’ authority, with its key. */
const own = async (commonName = 'robot'): Promise<IssuedIdentity> => {
  const { issuer } = await authorityOf(dir, 'callers');
  return issueCertificate({ issuer, subject: { commonName }, role: 'caller' });
};

describe('what is found, linked and missing', () => {
  test('a certificate and its key in two files, dropped together', async () => {
    const made = await own();
    const report = await take({ 'robot.crt': made.pem, 'client.key': made.privateKeyPem.reveal() });
    expect(file(report, 'client.key')).toMatchObject({ outcome: 'import', lines: ['The key fits robot.'] });
    expect(file(report, 'robot.crt').lines).toEqual(['Certificate robot, signed by Shop callers CA.']);
    expect(report).toMatchObject({ certificates: 1, keys: 1, show: 'pki/callers/robot-cert.pem' });
    expect(await rowOf(dir, 'pki/callers/robot-cert.pem')).toMatchObject({
      key: 'clear',
      status: 'valid',
      role: 'caller',
    });
    expect(((await stat(join(dir, 'pki/callers/robot-key.pem'))).mode & 0o777).toString(8)).toBe('600');
    // As gateways are to be shown it: with its intermediate, without the root.
    expect((await certificatesIn(dir, 'pki/callers/robot-cert.pem')).length).toBe(2);
  });

  test('a key for a certificate that is here without one', async () => {
    const key = await readFile(join(dir, 'pki/callers/olga-key.pem'), 'utf8');
    await rm(join(dir, 'pki/callers/olga-key.pem'));
    const report = await take({ 'olga.key': key });
    expect(file(report, 'olga.key').lines).toEqual(['The key fits olga.']);
    expect(await rowOf(dir, 'pki/callers/olga-cert.pem')).toMatchObject({ key: 'clear' });
  });

  test('a certificate without its key says what it is good for', async () => {
    const report = await take({ 'old.pem': leaf.pem });
    expect(file(report, 'old.pem').lines).toEqual([
      'Certificate robot, signer unknown (CN=Corp Issuing).',
      'No key. It can be used to check others, not to identify.',
    ]);
    expect(await rowOf(dir, 'pki/imported/robot-cert.pem')).toMatchObject({
      connected: false,
      status: 'signer-unknown',
    });
  });

  test('authorities in any order: the tree is connected, the leaf lies with its signer', async () => {
    const report = await take({ 'leaf.pem': leaf.pem, 'bundle.pem': middle.pem + foreign.pem });
    expect(report.writes).toEqual(
      expect.arrayContaining([
        'pki/corp-root/ca-cert.pem',
        'pki/corp-issuing/ca-cert.pem',
        'pki/corp-issuing/robot-cert.pem',
      ]),
    );
    expect(await rowOf(dir, 'pki/corp-issuing/robot-cert.pem')).toMatchObject({ connected: true, status: 'valid' });
    expect(file(report, 'bundle.pem').lines).toContain('No key. It can be used to check others, not to sign.');
    expect((await rowOf(dir, 'pki/corp-root/ca-cert.pem')).canSign).toBe(false);
  });

  test('what is here already is not written again', async () => {
    const before = await snapshot(dir);
    const given = await readFile(join(dir, 'pki/callers/olga-cert.pem'), 'utf8');
    const report = await take({ 'olga.pem': given });
    expect(file(report, 'olga.pem')).toMatchObject({
      outcome: 'present',
      lines: ['Shop callers CA is here already.', 'olga is here already.'],
    });
    expect(await snapshot(dir)).toEqual(before);
  });

  test('a key that fits nothing, and a public key', async () => {
    const before = await snapshot(dir);
    const stranger = createCsr({ subject: { commonName: 'x' } });
    const pem = stranger.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const report = await take({
      'x.key': pem,
      'x.pub': '-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----\n',
    });
    expect(file(report, 'x.key')).toMatchObject({
      outcome: 'unused',
      lines: ['A private key that fits no certificate here.'],
    });
    expect(file(report, 'x.pub')).toMatchObject({ outcome: 'unused' });
    expect(await snapshot(dir)).toEqual(before);
  });

  test('a newer CRL of an authority here, and none of a stranger', async () => {
    const { issuer } = await authorityOf(dir, 'callers');
    const list = (of: typeof issuer, day: number) =>
      createCrl({
        issuer: of,
        number: 99,
        thisUpdate: new Date(Date.now() + day * 86_400_000),
        nextUpdate: new Date(Date.now() + 90 * 86_400_000),
        revoked: [{ serial: 'abcd', date: new Date() }],
      }).pem;
    const report = await take({ 'new.crl': list(issuer, 0.01), 'strange.crl': list(foreign, 0) });
    expect(file(report, 'new.crl').lines).toEqual(['CRL of Shop callers CA with 1 entry.']);
    expect(file(report, 'strange.crl')).toMatchObject({ outcome: 'unused' });
    const older = await take({ 'old.crl': list(issuer, -3) });
    expect(file(older, 'old.crl').lines[0]).toMatch(/not newer/);
    expect((await viewOf(dir)).crls.find(({ file: path }) => path === 'pki/callers/crl.pem')?.entries).toBe(1);
  });

  test('a certificate request is offered for issuing, not imported', async () => {
    const request = createCsr({ subject: { commonName: 'robot' }, dnsNames: ['bots'] });
    const before = await snapshot(dir);
    const report = await take({ 'robot.csr': request.pem });
    expect(file(report, 'robot.csr')).toMatchObject({
      outcome: 'request',
      request: { commonName: 'robot', dns: ['bots'] },
    });
    expect(await snapshot(dir)).toEqual(before);
  });
});

describe('forms', () => {
  test.each<[string, () => string | Buffer | Promise<string | Buffer>]>([
    ['PEM', () => leaf.pem],
    ['PEM with text around it', () => `subject=robot\n${leaf.pem}\nthat was it`],
    ['DER', () => leaf.der],
    ['base64 without armour', () => leaf.der.toString('base64')],
  ])('a certificate as %s', async (_, content) => {
    const report = await look({ 'a.cer': await content() });
    expect([report.certificates, file(report, 'a.cer').outcome]).toEqual([1, 'import']);
  });

  test.each(['pkcs8', 'sec1'] as const)('a key as DER (%s)', async (type) => {
    const report = await look({ 'a.cer': leaf.der, 'a.key': leaf.privateKey.export({ type, format: 'der' }) });
    expect(report.keys).toBe(1);
  });

  test('PKCS#12 of ours and of openssl, with the right passphrase only', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'gh-p12-'));
    try {
      await writeFile(join(folder, 'c.pem'), leaf.pem + middle.pem);
      await writeFile(join(folder, 'k.pem'), leaf.privateKeyPem.reveal(), { mode: 0o600 });
      await run('openssl', [
        ...['pkcs12', '-export', '-in', join(folder, 'c.pem'), '-inkey', join(folder, 'k.pem')],
        ...['-out', join(folder, 'a.p12'), '-passout', 'pass:open sesame'],
      ]);
      const theirs = await readFile(join(folder, 'a.p12'));
      const ours = await writePkcs12({
        certificates: [leaf.certificate],
        privateKey: leaf.privateKey,
        passphrase: secret,
      });
      for (const content of [theirs, ours]) {
        expect(file(await look({ 'a.p12': content }), 'a.p12')).toMatchObject({
          outcome: 'passphrase',
          lines: ['It is encrypted. Its passphrase is needed.'],
        });
        expect(file(await look({ 'a.p12': content }, [new Secret('wrong')]), 'a.p12').lines).toEqual([
          'The passphrase does not open it.',
        ]);
        const opened = await look({ 'a.p12': content }, [new Secret('wrong'), secret]);
        expect(opened.keys).toBe(1);
        expect(opened.certificates).toBeGreaterThan(0);
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  test('an encrypted key: nothing of its file without the passphrase, and in clear with it', async () => {
    const made = await own();
    const sealed = await encryptPrivateKey(made.privateKeyPem, secret);
    const both = made.pem + (sealed.ok ? sealed.value : '');
    const before = await snapshot(dir);
    expect((await take({ 'both.pem': both })).certificates).toBe(0);
    expect(await snapshot(dir)).toEqual(before);
    const report = await take({ 'both.pem': both }, [secret]);
    expect(file(report, 'both.pem').lines[0]).toMatch(/kept unencrypted, readable by its owner alone/);
    expect(await rowOf(dir, 'pki/callers/robot-cert.pem')).toMatchObject({ key: 'clear' });
  });
});

describe('broken and hostile files are refused with place and remedy, and nothing is written', () => {
  const damaged = (): string => leaf.pem.replace(/\n(.{10})/, '\n!!!!$1');
  test.each<[string, () => string | Buffer, RegExp]>([
    ['an empty file', () => '', /empty/],
    ['a text', () => 'shopping list', /no certificate inside/],
    ['a picture', () => Buffer.from('89504e470d0a1a0a', 'hex'), /no certificate inside/],
    ['damaged base64', damaged, /./],
    ['an end that is missing', () => leaf.pem.replace(/-----END.*/, ''), /./],
    ['a truncated DER', () => leaf.der.subarray(0, 300), /cannot be read/],
    ['a truncated PKCS#12', () => Buffer.from('308209a002010330820966', 'hex'), /./],
    ['PKCS#7', () => '-----BEGIN PKCS7-----\nMAsGCSqGSIb3DQEHAg==\n-----END PKCS7-----\n', /PKCS#7/],
    [
      'an OpenSSH key',
      () => '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n',
      /private key/,
    ],
    ['half a bundle', () => leaf.pem + damaged(), /./],
    ['a file that is too large', () => Buffer.alloc(1_100_000, 0x41), /larger than 1 MB/],
    ['far too many blocks', () => '-----BEGIN X-----\nAAAA\n-----END X-----\n'.repeat(500), /more than 400/],
  ])('%s', async (_, content, message) => {
    const before = await snapshot(dir);
    const report = await take({ 'bad.pem': content(), 'good.pem': await readFile(join(dir, 'pki/root/ca-cert.pem')) });
    const bad = file(report, 'bad.pem');
    expect(bad.outcome).toBe('refused');
    expect(bad.findings[0]?.message).toMatch(message);
    expect(bad.findings[0]?.remedy).toMatch(/\w{3}/);
    expect(bad.findings.every((finding) => finding.file === 'bad.pem')).toBe(true);
    expect(await snapshot(dir)).toEqual(before);
  });

  test('a good file beside a bad one is imported, and both are told apart', async () => {
    const report = await take({ 'bad.pem': damaged(), 'good.pem': leaf.pem });
    expect(report.files.map(({ outcome }) => outcome)).toEqual(['refused', 'import']);
    expect(report.certificates).toBe(1);
  });

  test.each([
    '../../../etc/passwd',
    '/etc/passwd',
    'C:\\x',
    '..',
    'CON',
    '\u0000',
    'a'.repeat(300),
    '​',
    '-rf',
    'ca',
    '.hidden',
    'é/ü',
  ])('a name is only a name: %j', async (name) => {
    const made = issueCertificate({ issuer: foreign, subject: { commonName: name || 'x' }, role: 'caller' });
    const authority = createAuthority({ subject: { commonName: name || 'x' } });
    const before = Object.keys(await snapshot(join(dir, '..')));
    const { writes } = await take({ [name]: made.pem, b: authority.pem });
    for (const path of writes)
      expect(path).toMatch(/^pki\/[a-z0-9][a-z0-9_.-]*\/([a-z0-9][a-z0-9_.-]*-)?(ca-)?(leaf-)?cert\.pem$/);
    const after = Object.keys(await snapshot(join(dir, '..'))).filter((path) => !before.includes(path));
    expect(after.sort()).toEqual(writes.map((path) => `/${dir.split('/').at(-1) ?? ''}/${path}`).sort());
  });

  test('a stray key keeps its place: what is imported beside it gets another name', async () => {
    await mkdir(join(dir, 'pki/imported'), { recursive: true });
    await writeFile(join(dir, 'pki/imported/robot-key.pem'), 'somebody’s key');
    const { writes } = await take({ 'a.pem': leaf.pem, 'a.key': leaf.privateKeyPem.reveal() });
    expect(writes.sort()).toEqual(['pki/imported/robot-2-cert.pem', 'pki/imported/robot-2-key.pem']);
    expect(await readFile(join(dir, 'pki/imported/robot-key.pem'), 'utf8')).toBe('somebody’s key');
  });

  test('a link out of the workspace is not followed', async () => {
    await rm(join(dir, 'pki/imported'), { recursive: true, force: true });
    const outside = await mkdtemp(join(tmpdir(), 'gh-outside-'));
    try {
      await import('node:fs/promises').then(({ symlink }) => symlink(outside, join(dir, 'pki/imported')));
      expect(await codeOf(take({ 'a.pem': leaf.pem }))).toBe('certs.outside');
      expect(Object.keys(await snapshot(outside))).toEqual([]);
    } finally {
      await rm(outside, { recursive: true, force: true });
    }
  });

  test('too many files, too many certificates', async () => {
    const many = Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`${index}`, 'x']));
    expect(await codeOf(take(many))).toBe('certs.too-many-files');
    const lots = Object.fromEntries(Array.from({ length: 2 }, (_, index) => [`${index}.pem`, leaf.pem.repeat(300)]));
    expect(await codeOf(take(lots))).toBe('certs.too-many');
  });

  test('no report ever holds a key or a passphrase', async () => {
    const report = await take(
      { 'a.pem': leaf.pem + leaf.privateKeyPem.reveal(), 'b.p12': Buffer.from('3080020103', 'hex') },
      [secret],
    );
    const text = JSON.stringify(report);
    expect(text).not.toContain('PRIVATE');
    expect(text).not.toContain('sesame');
    expect(text).not.toContain(leaf.privateKeyPem.reveal().split('\n')[1]);
  });

  test('any bytes: a report as the contract has it, never an exception', async () => {
    const p12 = await writePkcs12({
      certificates: [leaf.certificate],
      privateKey: leaf.privateKey,
      passphrase: secret,
    });
    const seeds = [
      Buffer.from(leaf.pem + leaf.privateKeyPem.reveal()),
      leaf.der,
      Buffer.from(createCsr({ subject: { commonName: 'x' } }).pem),
      p12,
      leaf.privateKey.export({ type: 'pkcs8', format: 'der' }),
    ];
    const mutated = fc
      .tuple(
        fc.constantFrom(...seeds),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 }),
        fc.nat(),
        fc.boolean(),
      )
      .map(([seed, changes, cut, whole]) => {
        const bytes = Buffer.from(seed);
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        return whole ? bytes : bytes.subarray(0, cut % bytes.length);
      });
    const anything = fc.oneof(
      mutated,
      fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)),
      fc.string().map((text) => Buffer.from(`-----BEGIN ${text}-----\n${text}\n-----END ${text}-----`)),
    );
    const before = await snapshot(dir);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.string(), anything), { minLength: 1, maxLength: 3 }), async (given) => {
        const report = await inspectImport(
          dir,
          given.map(([name, bytes]) => ({ name, bytes })),
          [],
        );
        expect(certificateImportReport.parse(report)).toEqual(report);
        expect(report.files.length).toBe(given.length);
      }),
      { numRuns: 120 },
    );
    expect(await snapshot(dir)).toEqual(before);
  }, 60_000);
});
