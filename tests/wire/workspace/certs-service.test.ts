import { execFile } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { encryptPrivateKey, readPkcs12 } from '../../../src-main/domain/certs';
import { FixedClock, Secret, systemClock } from '../../../src-main/domain/kernel';
import { CertsService, type IssueOptions } from '../../../src-main/services/certs/certs-service';
import { initWorkspace } from '../../../src-main/services/workspace/init-workspace';
import { root } from '../../support/cli/gatehouse';

const run = promisify(execFile);
const openssl = async (...args: string[]): Promise<string> => (await run('openssl', args)).stdout;
let templates: string;
let folder: string;
let dir: string;
let certs: CertsService;
const clock = new FixedClock(new Date());
const passphrase = new Secret('open sesame');
const at = (path: string): string => join(dir, path);
const olga = 'pki/callers/olga-cert.pem';
const trust = { trust: 'pki/callers/ca-cert.pem', purpose: 'client', name: null } as const;
const issue = (more: Partial<IssueOptions> = {}): Promise<string[]> =>
  certs.issue({
    authority: 'callers',
    id: 'robot',
    role: 'caller',
    commonName: 'robot',
    dns: ['bots'],
    ip: [],
    days: 30,
    key: 'ecdsa-p256',
    ...more,
  });
const codeOf = (doing: Promise<unknown>): Promise<string> =>
  doing.then(
    () => 'done',
    (error: { failure?: { code: string } }) => error.failure?.code ?? String(error),
  );

beforeAll(async () => {
  templates = await mkdtemp(join(tmpdir(), 'gh-certs-'));
  const samples = join(root, 'resources', 'samples');
  const made = await initWorkspace({
    dir: join(templates, 'w'),
    sample: 'shop',
    samples,
    clock: systemClock,
    unlocker: { kind: 'key-file' },
  });
  expect(made.ok).toBe(true);
});
afterAll(() => rm(templates, { recursive: true, force: true }));
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gh-certs-'));
  dir = join(folder, 'w');
  await cp(join(templates, 'w'), dir, { recursive: true });
  certs = new CertsService(dir, clock);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('issue', () => {
  test.each(['ecdsa-p256', 'rsa-2048', 'ed25519'] as const)(
    '%s: openssl accepts it, the key is private',
    async (key) => {
      expect(await issue({ key })).toEqual(['pki/callers/robot-cert.pem', 'pki/callers/robot-key.pem']);
      const cert = at('pki/callers/robot-cert.pem');
      expect(
        await openssl(
          'verify',
          '-x509_strict',
          '-purpose',
          'sslclient',
          '-CAfile',
          at('pki/root/ca-cert.pem'),
          '-untrusted',
          cert,
          cert,
        ),
      ).toContain('OK');
      expect((await stat(at('pki/callers/robot-key.pem'))).mode & 0o777).toBe(0o600);
      expect(await certs.verify('pki/callers/robot-cert.pem', trust)).toMatchObject({
        ok: true,
        peer: { commonName: 'robot', dnsNames: ['bots'] },
      });
    },
  );

  test.each<[string, Partial<IssueOptions>]>([
    ['certs.exists', { id: 'olga' }],
    ['certs.exists', { id: 'ca' }],
    ['certs.id', { id: '../robot' }],
    ['certs.id', { id: '' }],
    ['certs.authority', { authority: 'nobody' }],
    ['certs.authority', { authority: '../pki/callers' }],
    ['certs.authority', { authority: '.' }],
  ])('%s: %j', async (code, more) => {
    const before = await readdir(dir, { recursive: true });
    expect(await codeOf(issue(more))).toBe(code);
    expect(await readdir(dir, { recursive: true })).toEqual(before);
  });
});

describe('renew', () => {
  test.each(['ecdsa-p256', 'rsa-2048', 'ed25519'] as const)('keeps names, usages and kind of key (%s)', async (key) => {
    await issue({ key, ip: ['127.0.0.1'] });
    const old = new X509Certificate(await readFile(at('pki/callers/robot-cert.pem')));
    await certs.renew('pki/callers/robot-cert.pem', 60);
    const text = await readFile(at('pki/callers/robot-cert.pem'), 'utf8');
    const renewed = new X509Certificate(text);
    expect([renewed.subject, renewed.issuer, renewed.subjectAltName, renewed.keyUsage]).toEqual([
      old.subject,
      old.issuer,
      old.subjectAltName,
      old.keyUsage,
    ]);
    expect(renewed.publicKey.asymmetricKeyType).toBe(old.publicKey.asymmetricKeyType);
    expect(renewed.serialNumber).not.toBe(old.serialNumber);
    expect(renewed.checkPrivateKey(createPrivateKey(await readFile(at('pki/callers/robot-key.pem'))))).toBe(true);
    expect(text.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
  });

  test('an encrypted key stays encrypted, and is never renewed without its passphrase', async () => {
    const sealed = await encryptPrivateKey(await readFile(at('pki/callers/olga-key.pem'), 'utf8'), passphrase);
    if (!sealed.ok) throw new Error('not encrypted');
    await writeFile(at('pki/callers/olga-key.pem'), sealed.value);
    expect(await codeOf(certs.renew(olga, 30))).toBe('certs.passphrase');
    await new CertsService(dir, clock, passphrase).renew(olga, 30);
    const key = await readFile(at('pki/callers/olga-key.pem'), 'utf8');
    expect(key).toContain('BEGIN ENCRYPTED PRIVATE KEY');
    const cert = new X509Certificate(await readFile(at(olga)));
    expect(cert.checkPrivateKey(createPrivateKey({ key, passphrase: 'open sesame' }))).toBe(true);
  });

  test.each([
    ['certs.authority', 'pki/callers/ca-cert.pem'],
    ['certs.name', 'pki/callers/crl.pem'],
    ['certs.name', 'pki/callers/olga-key.pem'],
    ['certs.missing', 'pki/callers/none-cert.pem'],
  ])('%s: %s', async (code, file) => {
    const before = await readFile(at(file), 'utf8').catch(() => null);
    expect(await codeOf(certs.renew(file, 30))).toBe(code);
    expect(await readFile(at(file), 'utf8').catch(() => null)).toBe(before);
  });

  test('a certificate that lies with another authority is renewed by its own, and a stranger’s by nobody', async () => {
    for (const end of ['cert', 'key']) await cp(at(`pki/callers/olga-${end}.pem`), at(`pki/elsewhere/olga-${end}.pem`));
    await certs.renew('pki/elsewhere/olga-cert.pem', 30);
    expect(await certs.verify('pki/elsewhere/olga-cert.pem', trust)).toMatchObject({ ok: true });
    await rm(at('pki/callers/ca-cert.pem'));
    expect(await codeOf(certs.renew(olga, 30))).toBe('certs.stranger');
  });
});

describe('revoke and crl', () => {
  test('the list grows, keeps what was on it, is signed and is believed', async () => {
    const crl = async (): Promise<{ number: string; serials: string[] }> => {
      const text = await openssl(
        'crl',
        '-in',
        at('pki/callers/crl.pem'),
        '-noout',
        '-text',
        '-CAfile',
        at('pki/callers/ca-cert.pem'),
      );
      return {
        number: /CRL Number:\s+(\d+)/.exec(text)?.[1] ?? '',
        serials: [...text.matchAll(/Serial Number: ([0-9A-F]+)/g)].map(([, serial]) => serial ?? ''),
      };
    };
    const first = await crl();
    expect(first.serials).toHaveLength(1);
    expect(await certs.verify(olga, trust)).toMatchObject({ ok: true });
    expect(await certs.revoke(olga, 'keyCompromise')).toBe('pki/callers/crl.pem');
    const second = await crl();
    expect(second.serials).toEqual(expect.arrayContaining(first.serials));
    expect(second.serials).toContain(new X509Certificate(await readFile(at(olga))).serialNumber);
    expect(Number(second.number)).toBe(Number(first.number) + 1);
    expect(await certs.verify(olga, trust)).toMatchObject({ ok: false, cause: 'revoked' });
    expect((await certs.list()).find(({ file }) => file === olga)?.status).toBe('revoked');
    expect(await codeOf(certs.revoke(olga, 'keyCompromise'))).toBe('certs.revoked');
    await certs.writeCrl('callers');
    expect(await crl()).toEqual({ number: String(Number(second.number) + 1), serials: second.serials });
    // A new certificate of the same name is another one.
    await certs.renew(olga, 30);
    expect(await certs.verify(olga, trust)).toMatchObject({ ok: true });
  });

  test('a damaged list is never replaced by one without its entries', async () => {
    await writeFile(at('pki/callers/crl.pem'), '-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n');
    expect(await codeOf(certs.revoke(olga, 'superseded'))).toBe('certs.crl-damaged');
    expect(await codeOf(certs.writeCrl('callers'))).toBe('certs.crl-damaged');
    expect(await codeOf(certs.verify(olga, trust))).toBe('certs.crl-damaged');
    expect(await readFile(at('pki/callers/crl.pem'), 'utf8')).toContain('AAAA');
  });

  test('an intermediate goes on the list of the authority above it, a root on none', async () => {
    expect(await certs.revoke('pki/callers/ca-cert.pem', 'cessationOfOperation')).toBe('pki/root/crl.pem');
    expect(await codeOf(certs.revoke('pki/root/ca-cert.pem', 'superseded'))).toBe('certs.root');
  });

  test('an authority’s encrypted key needs its passphrase', async () => {
    const sealed = await encryptPrivateKey(await readFile(at('pki/callers/ca-key.pem'), 'utf8'), passphrase);
    await writeFile(at('pki/callers/ca-key.pem'), sealed.ok ? sealed.value : '');
    expect(await codeOf(issue())).not.toBe('done');
    certs = new CertsService(dir, clock, new Secret('wrong'));
    expect(await codeOf(issue())).not.toBe('done');
    certs = new CertsService(dir, clock, passphrase);
    expect(await codeOf(issue())).toBe('done');
  });
});

describe('export', () => {
  test('PEM is the chain without the key', async () => {
    const { content, secret } = await certs.export(olga, 'pem', undefined);
    expect([secret, String(content).match(/BEGIN CERTIFICATE/g)?.length]).toEqual([false, 2]);
    expect(String(content)).not.toContain('PRIVATE');
  });

  test('PKCS#12 opens in openssl and here with its passphrase only', async () => {
    const { content, secret } = await certs.export(olga, 'pkcs12', passphrase);
    expect(secret).toBe(true);
    const file = join(folder, 'o.p12');
    await writeFile(file, content);
    const text = await openssl('pkcs12', '-in', file, '-passin', 'pass:open sesame', '-nodes');
    expect(text.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
    expect(createPrivateKey(text).export({ type: 'pkcs8', format: 'pem' })).toBe(
      await readFile(at('pki/callers/olga-key.pem'), 'utf8'),
    );
    await expect(openssl('pkcs12', '-in', file, '-passin', 'pass:wrong', '-nodes')).rejects.toThrow();
    expect((await readPkcs12(content as Buffer, passphrase)).ok).toBe(true);
    expect(await codeOf(certs.export(olga, 'pkcs12', undefined))).toBe('certs.passphrase');
  });

  test('an encrypted key opens in openssl with its passphrase only', async () => {
    const { content } = await certs.export(olga, 'encrypted-key', passphrase);
    const file = join(folder, 'k.pem');
    await writeFile(file, content);
    expect(await openssl('pkey', '-in', file, '-passin', 'pass:open sesame')).toContain('BEGIN PRIVATE KEY');
    await expect(openssl('pkey', '-in', file, '-passin', 'pass:wrong')).rejects.toThrow();
  });

  test('a Kubernetes secret holds chain and key, and a name that Kubernetes takes', async () => {
    await issue({ id: 'Robot_2' });
    const { content } = await certs.export('pki/callers/Robot_2-cert.pem', 'kubernetes', undefined);
    const field = (name: string): string => new RegExp(`${name}: (.+)`).exec(String(content))?.[1] ?? '';
    expect(field('name')).toMatch(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/);
    const leaf = new X509Certificate(Buffer.from(field('tls.crt'), 'base64'));
    expect(leaf.checkPrivateKey(createPrivateKey(Buffer.from(field('tls.key'), 'base64')))).toBe(true);
  });

  test('without its key a certificate is exported as PEM alone', async () => {
    await rm(at('pki/callers/olga-key.pem'));
    expect(await codeOf(certs.export(olga, 'pem', undefined))).toBe('done');
    expect(await codeOf(certs.export(olga, 'pkcs12', passphrase))).toBe('certs.missing');
  });
});

describe('nothing outside pki/ is touched', () => {
  const everything = (file: string): Promise<unknown>[] => [
    certs.read(file),
    certs.renew(file, 1),
    certs.revoke(file, 'superseded'),
    certs.verify(file, trust),
    certs.export(file, 'pem', undefined),
    certs.verify(olga, { ...trust, trust: file }),
  ];

  test.each(['../outside-cert.pem', '/etc/outside-cert.pem', 'pki/../../outside-cert.pem', 'pki', 'users.json', ''])(
    '%j',
    async (file) => {
      await cp(at(olga), join(folder, 'outside-cert.pem'));
      for (const code of await Promise.all(everything(file).map(codeOf))) expect(code).toBe('certs.outside');
    },
  );

  test('not through a symbolic link either', async () => {
    await mkdir(join(folder, 'outside'));
    for (const end of ['cert', 'key'])
      await cp(at(`pki/callers/olga-${end}.pem`), join(folder, 'outside', `olga-${end}.pem`));
    const before = await readFile(join(folder, 'outside', 'olga-key.pem'), 'utf8');
    await symlink(join(folder, 'outside'), at('pki/linked'));
    for (const code of await Promise.all(everything('pki/linked/olga-cert.pem').map(codeOf)))
      expect(code).toBe('certs.outside');
    expect(await readFile(join(folder, 'outside', 'olga-key.pem'), 'utf8')).toBe(before);
  });
});

test('list says how each certificate stands, and reads what it can', async () => {
  await writeFile(at('pki/callers/broken-cert.pem'), 'nothing');
  const list = await certs.list();
  const status = (file: string): string | undefined =>
    list.find((item) => item.file === `pki/callers/${file}-cert.pem`)?.status;
  expect(['olga', 'expired', 'revoked', 'broken'].map(status)).toEqual(['valid', 'expired', 'revoked', undefined]);
  expect(list.filter(({ authority }) => authority)).toHaveLength(7);
  expect(await new CertsService(join(folder, 'none'), clock).list()).toEqual([]);
});

describe('a replaced certificate', () => {
  /** The certificate as it was before it was replaced, in a file of its own. */
  const keepOld = async (): Promise<string> => {
    const old = 'pki/callers/old-cert.pem';
    await cp(at(olga), at(old));
    return old;
  };
  const serialOf = async (file: string): Promise<string> => (await certs.read(file))[0]!.serial;

  test('stays valid, and can be revoked by the serial that was kept', async () => {
    const old = await keepOld();
    await certs.renew(olga, 30);
    expect(await certs.verify(old, trust)).toMatchObject({ ok: true });
    const serial = await serialOf(old);
    const kept = (await readFile(at('pki/callers/issued.jsonl'), 'utf8')).trim().split('\n');
    expect(kept.map((line) => (JSON.parse(line) as { serial: string }).serial)).toEqual([serial, await serialOf(olga)]);

    const written = `0x00${serial.toUpperCase().replace(/(..)(?=.)/g, '$1:')}`;
    expect(await certs.revokeSerial('callers', written, 'keyCompromise')).toMatchObject({
      crl: 'pki/callers/crl.pem',
      certificate: { serial, file: olga },
    });
    expect(await certs.verify(old, trust)).toMatchObject({ ok: false, cause: 'revoked' });
    expect(await certs.verify(olga, trust)).toMatchObject({ ok: true });
    expect(await codeOf(certs.revokeSerial('callers', serial, 'unspecified'))).toBe('certs.revoked');
  });

  test('is revoked with the renewal where that is asked for', async () => {
    const old = await keepOld();
    expect(await certs.renew(olga, 30, { revokeOld: 'superseded' })).toEqual([
      olga,
      'pki/callers/olga-key.pem',
      'pki/callers/crl.pem',
    ]);
    expect(await certs.verify(old, trust)).toMatchObject({ ok: false, cause: 'revoked' });
    expect(await certs.verify(olga, trust)).toMatchObject({ ok: true });
  });

  test('is not replaced when the CRL that should take it cannot be read', async () => {
    const before = await serialOf(olga);
    await writeFile(at('pki/callers/crl.pem'), 'nothing');
    expect(await codeOf(certs.renew(olga, 30, { revokeOld: 'superseded' }))).toBe('certs.crl-damaged');
    expect(await serialOf(olga)).toBe(before);
  });

  test.each(['', 'xyz', '0', '00:00', 'a'.repeat(41)])('%j is no serial', async (serial) => {
    expect(await codeOf(certs.revokeSerial('callers', serial, 'unspecified'))).toBe('certs.serial');
  });
  test('an authority that is none revokes nothing', async () => {
    expect(await codeOf(certs.revokeSerial('../callers', '1', 'unspecified'))).toBe('certs.authority');
  });
  test('a serial that is not on record is revoked, and said to be unknown', async () => {
    expect(await certs.revokeSerial('callers', 'abc', 'unspecified')).toMatchObject({ certificate: null });
  });
  test('a CRL that nobody looks at is named', async () => {
    expect(await certs.unusedCrl('pki/callers/crl.pem')).toBeNull();
    expect(await certs.unusedCrl('pki/gateways/crl.pem')).toContain('no gateway and no tablet');
  });
});
