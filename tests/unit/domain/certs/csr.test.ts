import { describe, expect, test } from 'vitest';

import { createCsr, generateKeyAsync, issueFromCsr, keysMatch, readCsr } from '../../../../src-main/domain/certs';
import { signBody } from '../../../support/certs/altered';
import { haveCommand, runForeign, temporaryDirectory } from '../../../support/certs/foreign-tools';
import { authority, daysFromNow, judgeClient } from '../../../support/certs/pki';

const directory = temporaryDirectory();
const haveOpenssl = haveCommand('openssl', 'openssl req');
const names = {
  dnsNames: ['dev', 'two words'],
  ipAddresses: ['10.0.0.1'],
  uris: ['spiffe://x/y'],
  emails: ['a@example.org'],
};

describe('certificate requests', () => {
  test.each(['ecdsa-p256', 'ecdsa-p384', 'rsa-2048', 'ed25519'] as const)(
    '%s: written, read, verified by OpenSSL',
    (key) => {
      const made = createCsr({ subject: { organization: 'Acme', commonName: 'anna' }, key, ...names });
      const reading = readCsr(made.der);
      expect(reading).toMatchObject({ ok: true, value: { subjectText: 'CN=anna,O=Acme', ...names } });
      expect(reading.ok && keysMatch(made.privateKey, reading.value.publicKey)).toBe(true);
      if (!haveOpenssl) return;
      const answer = runForeign('openssl', [
        'req',
        '-verify',
        '-noout',
        '-text',
        '-nameopt',
        'RFC2253',
        '-in',
        directory.write(`${key}.csr`, made.pem),
      ]);
      expect(answer).toMatchObject({ code: 0, text: expect.stringContaining('self-signature verify OK') as string });
      expect(answer.text).toContain(
        'DNS:dev, DNS:two words, IP Address:10.0.0.1, URI:spiffe://x/y, email:a@example.org',
      );
    },
  );

  test('without names and without subject', () => {
    expect(readCsr(createCsr({ subject: {} }).der)).toMatchObject({
      ok: true,
      value: { subjectText: '', dnsNames: [] },
    });
  });

  test.runIf(haveOpenssl)('of OpenSSL, with other attributes and extensions beside the names', () => {
    const config = directory.write(
      'req.cnf',
      '[req]\nprompt=no\ndistinguished_name=d\nreq_extensions=e\nattributes=a\n[d]\nC=CH\n1.CN=anna\n2.CN=berta\n[a]\nchallengePassword=secret12\n[e]\nbasicConstraints=CA:TRUE\nkeyUsage=keyCertSign\nsubjectAltName=DNS:dev,IP:::1\n',
    );
    const made = runForeign('openssl', [
      'req',
      '-new',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-keyout',
      '/dev/null',
      '-config',
      config,
      '-outform',
      'PEM',
    ]);
    const der = Buffer.from(
      made.text.replace(/[\s\S]*-----BEGIN CERTIFICATE REQUEST-----/, '').replace(/-----END[\s\S]*/, ''),
      'base64',
    );
    const reading = readCsr(der);
    expect(reading).toMatchObject({
      ok: true,
      value: { subjectText: 'CN=berta,C=CH', dnsNames: ['dev'], ipAddresses: ['::1'] },
    });
    // What the applicant asked for beyond names is not granted.
    if (!reading.ok) return;
    const issued = issueFromCsr(reading.value, { issuer: authority('Root'), role: 'caller' });
    expect(issued.certificate).toMatchObject({
      isCa: false,
      keyUsage: ['digitalSignature'],
      extendedKeyUsage: ['clientAuth'],
    });
  });

  test('the certificate for a request is accepted, with its names or others', async () => {
    const root = authority('Root');
    const key = await generateKeyAsync();
    const reading = readCsr(
      createCsr({
        subject: [
          { type: 'O', value: 'Acme' },
          { type: 'CN', value: 'anna' },
        ],
        key,
        dnsNames: ['dev'],
      }).der,
    );
    if (!reading.ok) throw new Error(reading.failure.summary);
    const issued = issueFromCsr(reading.value, { issuer: root, role: 'caller', notBefore: daysFromNow(-1) });
    expect(judgeClient({ chain: [issued], anchors: [root] })).toMatchObject({
      ok: true,
      peer: { commonName: 'anna', dnsNames: ['dev'], subjects: ['CN=anna,O=Acme'] },
    });
    const other = issueFromCsr(reading.value, {
      issuer: root,
      role: 'caller',
      subject: { commonName: 'berta' },
      dnsNames: [],
    });
    expect(other.certificate).toMatchObject({ subjectText: 'CN=berta', dnsNames: [] });
    expect(keysMatch(key.privateKey, other.certificate.publicKey)).toBe(true);
  });

  test('a request whose author does not hold the key is refused', async () => {
    const made = createCsr({ subject: { commonName: 'anna' } });
    const stranger = await generateKeyAsync();
    expect(readCsr(signBody(made.der, stranger.privateKey, 'sha256'))).toMatchObject({
      ok: false,
      failure: { code: 'certs.csr-signature' },
    });
    const changed = Buffer.from(made.der);
    changed.write('erna', changed.indexOf('anna'), 'latin1');
    expect(readCsr(changed)).toMatchObject({ ok: false, failure: { code: 'certs.csr-signature' } });
  });

  test('SHA-1 and bytes that are no request are refused', () => {
    const made = createCsr({ subject: { commonName: 'anna' } });
    const failure = readCsr(signBody(made.der, made.privateKey, 'sha1'));
    expect(failure).toMatchObject({
      ok: false,
      failure: { code: 'certs.csr-signature', summary: expect.stringContaining('ecdsa-sha1') as string },
    });
    for (const bytes of [
      Buffer.alloc(0),
      Buffer.from('3000', 'hex'),
      authority('x').der,
      Buffer.alloc(100_000, 0x30),
    ]) {
      expect(readCsr(bytes)).toMatchObject({ ok: false, failure: { code: 'certs.malformed-csr' } });
    }
  });
});
