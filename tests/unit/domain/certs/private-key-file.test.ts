import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';

import {
  decryptPrivateKey,
  encryptPrivateKey,
  generateKey,
  generateKeyAsync,
  keysMatch,
  openPrivateKey,
  privateKeyPem,
} from '../../../../src-main/domain/certs';
import { Secret } from '../../../../src-main/domain/kernel';
import { oidTlv, tlv } from '../../../support/certs/altered';
import { haveCommand, runForeign, temporaryDirectory } from '../../../support/certs/foreign-tools';
import { authority } from '../../../support/certs/pki';

const directory = temporaryDirectory();
const haveOpenssl = haveCommand('openssl', 'openssl pkcs8');
const passphrase = new Secret('correct höRse');
const wrong = new Secret('wrong');

const encrypt = async (pem: string | Secret): Promise<string> => {
  const result = await encryptPrivateKey(pem, passphrase);
  if (!result.ok) throw new Error(result.failure.summary);
  return result.value;
};

describe('encrypted private keys', () => {
  test.each(['ecdsa-p256', 'ecdsa-p384', 'rsa-2048', 'ed25519'] as const)(
    '%s: encrypted, opened here, by OpenSSL, and not with another passphrase',
    async (spec) => {
      const pair = await generateKeyAsync(spec);
      const pem = await encrypt(privateKeyPem(pair.privateKey));
      expect(pem).toMatch(/^-----BEGIN ENCRYPTED PRIVATE KEY-----\n/);
      for (const opened of [openPrivateKey(pem, passphrase), await decryptPrivateKey(pem, passphrase)]) {
        expect(opened.ok && keysMatch(opened.value, pair.publicKey)).toBe(true);
      }
      for (const opened of [openPrivateKey(pem, wrong), await decryptPrivateKey(pem, wrong)]) {
        expect(opened).toMatchObject({ ok: false, failure: { code: 'certs.passphrase-wrong' } });
      }
      expect(openPrivateKey(pem)).toMatchObject({ ok: false, failure: { code: 'certs.passphrase-missing' } });
      if (!haveOpenssl) return;
      const file = directory.write(`${spec}.pem`, pem);
      const clear = runForeign('openssl', ['pkcs8', '-in', file, '-passin', `pass:${passphrase.reveal()}`]);
      expect(clear.text).toBe(privateKeyPem(pair.privateKey).reveal());
      const dump = runForeign('openssl', ['asn1parse', '-in', file]).text;
      for (const part of ['PBES2', 'PBKDF2', 'hmacWithSHA256', 'aes-256-cbc', ':030D40']) expect(dump).toContain(part);
    },
  );

  test.runIf(haveOpenssl).each([
    ['AES-128 and SHA-1', ['-v2', 'aes-128-cbc', '-v2prf', 'hmacWithSHA1']],
    ['AES-256 and SHA-512, which BoringSSL refuses', ['-v2', 'aes-256-cbc', '-v2prf', 'hmacWithSHA512']],
    ['3DES', ['-v2', 'des3']],
    ['scrypt', ['-scrypt', '-scrypt_N', '16384']],
  ])('of OpenSSL: %s', async (_what, options) => {
    const pair = generateKey();
    const plain = directory.write('plain.pem', privateKeyPem(pair.privateKey).reveal());
    const { text } = runForeign('openssl', [
      'pkcs8',
      '-topk8',
      ...options,
      '-in',
      plain,
      '-passout',
      `pass:${passphrase.reveal()}`,
    ]);
    const opened = await decryptPrivateKey(text, passphrase);
    expect(opened.ok && keysMatch(opened.value, pair.publicKey)).toBe(true);
    expect((await decryptPrivateKey(text, wrong)).ok).toBe(false);
  });

  test('old encrypted keys with headers', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = privateKey.export({
      type: 'pkcs1',
      format: 'pem',
      cipher: 'aes-128-cbc',
      passphrase: passphrase.reveal(),
    }) as string;
    expect(pem).toContain('Proc-Type: 4,ENCRYPTED');
    const opened = await decryptPrivateKey(pem, passphrase);
    expect(opened.ok && keysMatch(opened.value, publicKey)).toBe(true);
    expect(openPrivateKey(pem)).toMatchObject({ ok: false, failure: { code: 'certs.passphrase-missing' } });
    expect(openPrivateKey(pem, wrong)).toMatchObject({ ok: false, failure: { code: 'certs.passphrase-wrong' } });
  });

  test('every plain form, also behind certificates', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const forms = [
      privateKey.export({ type: 'sec1', format: 'pem' }) as string,
      privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    ];
    for (const pem of [...forms, authority('x').pem + (forms[1] ?? '')]) {
      const opened = openPrivateKey(pem);
      expect(opened.ok && keysMatch(opened.value, publicKey)).toBe(true);
    }
  });

  test('nothing that is no key is opened, and no failure quotes anything', async () => {
    const secret = privateKeyPem(generateKey().privateKey).reveal();
    const cases: readonly (readonly [string, string])[] = [
      ['', 'certs.key-missing'],
      [authority('x').pem, 'certs.key-missing'],
      [secret.replace(/[A-Za-z0-9]{8}/, '!!!!!!!!'), 'certs.key-unreadable'],
      [secret.slice(0, 80), 'certs.key-missing'],
      ['-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----\n', 'certs.'],
    ];
    for (const [pem, code] of cases) {
      for (const opened of [openPrivateKey(pem, passphrase), await decryptPrivateKey(pem, passphrase)]) {
        expect(opened.ok ? 'opened' : opened.failure.code).toContain(code);
        expect(JSON.stringify(opened)).not.toContain(passphrase.reveal());
      }
    }
  });

  test('a hostile number of iterations is refused without counting', async () => {
    const algorithm = (iterations: string): Buffer =>
      tlv(
        0x30,
        oidTlv('1.2.840.113549.1.5.13'),
        tlv(
          0x30,
          tlv(
            0x30,
            oidTlv('1.2.840.113549.1.5.12'),
            tlv(0x30, tlv(0x04, 'saltsalt'), tlv(0x02, Buffer.from(iterations, 'hex'))),
          ),
          tlv(0x30, oidTlv('2.16.840.1.101.3.4.1.42'), tlv(0x04, '0123456789abcdef')),
        ),
      );
    for (const iterations of ['7fffffff', '00989681', '00', 'ff', '7fffffffffff']) {
      const der = tlv(0x30, algorithm(iterations), tlv(0x04, '0123456789abcdef'));
      const pem = `-----BEGIN ENCRYPTED PRIVATE KEY-----\n${der.toString('base64')}\n-----END ENCRYPTED PRIVATE KEY-----\n`;
      expect(await decryptPrivateKey(pem, passphrase)).toMatchObject({
        ok: false,
        failure: { code: 'certs.key-unreadable' },
      });
    }
  });

  test('an empty passphrase and a key that is encrypted already are refused', async () => {
    const pem = privateKeyPem(generateKey().privateKey);
    expect(await encryptPrivateKey(pem, new Secret(''))).toMatchObject({
      ok: false,
      failure: { code: 'certs.passphrase-empty' },
    });
    expect(await encryptPrivateKey(await encrypt(pem), passphrase)).toMatchObject({
      ok: false,
      failure: { code: 'certs.passphrase-missing' },
    });
  });

  test('fewer iterations than 200,000 cannot be asked for', async () => {
    const result = await encryptPrivateKey(privateKeyPem(generateKey().privateKey), passphrase, { iterations: 1 });
    expect(
      result.ok &&
        Buffer.from(result.value.replace(/-----.*-----|\n/g, ''), 'base64').includes(Buffer.from('0203030d40', 'hex')),
    ).toBe(true);
  });
});
