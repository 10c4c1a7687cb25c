import { describe, expect, test } from 'vitest';

import {
  generateKeyAsync,
  keysMatch,
  readPkcs12,
  writePkcs12,
  type KeySpec,
  type IssuedIdentity,
} from '../../../../src-main/domain/certs';
import { Secret } from '../../../../src-main/domain/kernel';
import { haveCommand, runForeign, temporaryDirectory } from '../../../support/certs/foreign-tools';
import { authority, client } from '../../../support/certs/pki';

const directory = temporaryDirectory();
const haveOpenssl = haveCommand('openssl', 'openssl pkcs12');
const haveKeytool = haveCommand('keytool', 'keytool -list');
const passphrase = new Secret('Pass-phrase 1');

const root = authority('Root CA');
const middle = authority('Middle CA', { issuer: root });
const chainFor = (key: KeySpec): IssuedIdentity => client(middle, 'anna', { key });

/** Writing and reading cost hundreds of thousands of rounds each, so every kind of key is written once. */
const written = new Map<KeySpec, Promise<{ readonly leaf: IssuedIdentity; readonly data: Buffer }>>();
function write(spec: KeySpec): Promise<{ readonly leaf: IssuedIdentity; readonly data: Buffer }> {
  const known = written.get(spec);
  if (known !== undefined) return known;
  const leaf = chainFor(spec);
  const certificates = [leaf.certificate, middle.certificate, root.certificate];
  const made = writePkcs12({ certificates, privateKey: leaf.privateKey, passphrase }).then((data) => ({ leaf, data }));
  written.set(spec, made);
  return made;
}

describe('PKCS#12', () => {
  test.each(['ecdsa-p256', 'rsa-2048', 'ed25519'] as const)(
    '%s: written, read here, by OpenSSL and by Java',
    async (spec) => {
      const { leaf, data } = await write(spec);
      const reading = await readPkcs12(data, passphrase);
      expect(reading.ok && reading.value.certificates.map(({ subjectText }) => subjectText)).toEqual([
        'CN=anna',
        'CN=Middle CA',
        'CN=Root CA',
      ]);
      expect(
        reading.ok &&
          reading.value.privateKey !== null &&
          keysMatch(reading.value.privateKey, leaf.certificate.publicKey),
      ).toBe(true);
      const file = directory.write(`${spec}.p12`, data);
      if (haveOpenssl) {
        const { code, text } = runForeign('openssl', [
          'pkcs12',
          '-in',
          file,
          '-nodes',
          '-info',
          '-passin',
          `pass:${passphrase.reveal()}`,
        ]);
        expect(code).toBe(0);
        expect(text).toContain('MAC: sha256, Iteration 200000');
        expect(text.match(/PBES2, PBKDF2, AES-256-CBC, Iteration 200000, PRF hmacWithSHA256/g)).toHaveLength(2);
        expect(text.match(/BEGIN CERTIFICATE/g)).toHaveLength(3);
        expect(text).toContain('friendlyName: anna');
        expect(text).toContain('BEGIN PRIVATE KEY');
      }
      if (haveKeytool && spec !== 'ed25519') {
        const { text } = runForeign('keytool', [
          '-J-Duser.language=en',
          '-list',
          '-keystore',
          file,
          '-storepass',
          passphrase.reveal(),
        ]);
        expect(text).toContain('anna');
        expect(text).toContain('PrivateKeyEntry');
      }
    },
  );

  test('another passphrase opens nothing', async () => {
    const { data } = await write('ecdsa-p256');
    for (const wrong of ['', 'pass-phrase 1']) {
      expect(await readPkcs12(data, new Secret(wrong))).toMatchObject({
        ok: false,
        failure: { code: 'certs.passphrase-wrong' },
      });
    }
  });

  test('a changed byte is noticed', async () => {
    const { data } = await write('ecdsa-p256');
    for (const at of [600, data.length - 60]) {
      const changed = Buffer.from(data);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect((await readPkcs12(changed, passphrase)).ok).toBe(false);
    }
  });

  test('a key of somebody else and an empty passphrase are refused when written', async () => {
    const leaf = chainFor('ecdsa-p256');
    const stranger = await generateKeyAsync();
    await expect(
      writePkcs12({ certificates: [leaf.certificate], privateKey: stranger.privateKey, passphrase }),
    ).rejects.toMatchObject({ failure: { code: 'certs.key-mismatch' } });
    await expect(writePkcs12({ certificates: [], privateKey: stranger.privateKey, passphrase })).rejects.toMatchObject({
      failure: { code: 'certs.key-mismatch' },
    });
    await expect(
      writePkcs12({ certificates: [leaf.certificate], privateKey: leaf.privateKey, passphrase: new Secret('') }),
    ).rejects.toMatchObject({ failure: { code: 'certs.passphrase-empty' } });
  });

  test('bytes that are no PKCS#12', async () => {
    for (const data of [
      Buffer.alloc(0),
      Buffer.from('3003020103', 'hex'),
      root.der,
      Buffer.from(root.pem),
      Buffer.alloc(5_000_000, 0x30),
    ]) {
      expect(await readPkcs12(data, passphrase)).toMatchObject({
        ok: false,
        failure: { code: 'certs.pkcs12-malformed' },
      });
    }
  });
});

describe.runIf(haveOpenssl)('PKCS#12 of other programs', () => {
  const made = (
    spec: KeySpec,
    options: readonly string[],
  ): { readonly data: string; readonly leaf: IssuedIdentity } => {
    const leaf = chainFor(spec);
    const out = directory.write('other.p12', '');
    const answer = runForeign('openssl', [
      'pkcs12',
      '-export',
      ...options,
      '-name',
      'my key',
      '-out',
      out,
      '-passout',
      `pass:${passphrase.reveal()}`,
      '-inkey',
      directory.write('key.pem', leaf.privateKeyPem.reveal()),
      '-in',
      directory.write('leaf.pem', leaf.pem),
      '-certfile',
      directory.write('chain.pem', middle.pem + root.pem),
    ]);
    expect(answer).toMatchObject({ code: 0 });
    return { data: out, leaf };
  };

  test.each<readonly [string, KeySpec, readonly string[]]>([
    ['OpenSSL 3', 'ecdsa-p256', []],
    ['OpenSSL 3, RSA', 'rsa-2048', []],
    ['OpenSSL 3, Ed25519', 'ed25519', []],
    ['OpenSSL -legacy: RC2-40 and 3DES', 'ecdsa-p256', ['-legacy']],
    ['OpenSSL -legacy, RSA', 'rsa-2048', ['-legacy']],
    ['3DES for both', 'ecdsa-p256', ['-legacy', '-descert']],
    ['AES-128, MAC SHA-512', 'ecdsa-p256', ['-keypbe', 'AES-128-CBC', '-certpbe', 'AES-128-CBC', '-macalg', 'sha512']],
    ['MAC SHA-384, unencrypted certificates', 'ecdsa-p256', ['-certpbe', 'NONE', '-macalg', 'sha384']],
    ['everything unencrypted', 'ecdsa-p256', ['-certpbe', 'NONE', '-keypbe', 'NONE']],
    ['without MAC', 'ecdsa-p256', ['-nomac']],
  ])('%s', async (_what, spec, options) => {
    const { data, leaf } = made(spec, options);
    const { readFileSync } = await import('node:fs');
    const reading = await readPkcs12(readFileSync(data), passphrase);
    expect(reading.ok ? reading.value.certificates.map(({ subjectText }) => subjectText) : reading.failure).toEqual([
      'CN=anna',
      'CN=Middle CA',
      'CN=Root CA',
    ]);
    expect(
      reading.ok &&
        reading.value.privateKey !== null &&
        keysMatch(reading.value.privateKey, leaf.certificate.publicKey),
    ).toBe(true);
    if (!options.includes('NONE') && !options.includes('-nomac')) {
      expect(await readPkcs12(readFileSync(data), new Secret('wrong'))).toMatchObject({
        ok: false,
        failure: { code: 'certs.passphrase-wrong' },
      });
    }
  });

  test.runIf(haveKeytool)('Java', async () => {
    const { readFileSync } = await import('node:fs');
    const file = `${directory.path}/java.p12`;
    const answer = runForeign('keytool', [
      '-J-Duser.language=en',
      '-genkeypair',
      '-keyalg',
      'EC',
      '-groupname',
      'secp256r1',
      '-alias',
      'k',
      '-dname',
      'CN=java',
      '-keystore',
      file,
      '-storetype',
      'PKCS12',
      '-storepass',
      passphrase.reveal(),
    ]);
    expect(answer).toMatchObject({ code: 0 });
    const reading = await readPkcs12(readFileSync(file), passphrase);
    expect(
      reading.ok && [reading.value.certificates[0]?.subjectText, reading.value.privateKey?.asymmetricKeyType],
    ).toEqual(['CN=java', 'ec']);
  });
});
