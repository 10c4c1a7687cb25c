import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';

import {
  createAuthority,
  generateKeyAsync,
  issueCertificate,
  keysMatch,
  pairOf,
  readCertificate,
  roleTemplates,
  toX509,
  type CertificateRole,
  type KeyPair,
  type KeySpec,
} from '../../../../src-main/domain/certs';
import { FixedClock } from '../../../../src-main/domain/kernel';
import { haveCommand, runForeign, temporaryDirectory } from '../../../support/certs/foreign-tools';
import { authority, client, daysFromNow, list, now, server } from '../../../support/certs/pki';

const directory = temporaryDirectory();
const haveOpenssl = haveCommand('openssl', 'openssl verify');
const haveCerttool = haveCommand('certtool', 'certtool --verify-chain');
const haveKeytool = haveCommand('keytool', 'keytool -printcert');

const specs: readonly KeySpec[] = ['ecdsa-p256', 'ecdsa-p384', 'rsa-2048', 'ed25519'];

describe('createAuthority and issueCertificate', () => {
  const root = authority('Root CA', { subject: { country: 'CH', organization: 'Acme', commonName: 'Root CA' } });
  const middle = authority('Middle CA', {
    issuer: root,
    pathLength: 0,
    nameConstraints: { permitted: { dns: ['example.org'] } },
  });

  test('an authority has what RFC 5280 wants of one', () => {
    expect(root.certificate).toMatchObject({
      version: 3,
      isCa: true,
      pathLength: null,
      keyUsage: ['digitalSignature', 'keyCertSign', 'cRLSign'],
      signatureAlgorithm: 'ecdsa-sha256',
      key: { algorithm: 'ecdsa', bits: 256, curve: 'P-256' },
    });
    expect(root.certificate.authorityKeyId).toBe(root.certificate.subjectKeyId);
    expect(middle.certificate).toMatchObject({
      isCa: true,
      pathLength: 0,
      issuerText: 'CN=Root CA,O=Acme,C=CH',
      authorityKeyId: root.certificate.subjectKeyId,
    });
    expect(middle.certificate.rawIssuer.equals(root.certificate.rawSubject)).toBe(true);
  });

  test('a leaf carries what was asked for, and Node reads the same', () => {
    const leaf = issueCertificate({
      issuer: root,
      role: 'tablet-server',
      subject: { organization: 'Acme', commonName: 'vttablet server instance' },
      dnsNames: ['vttablet server instance', 'localhost', '*.example.org'],
      ipAddresses: ['127.0.0.1', '::1', '2001:db8::10:0:0:1'],
      uris: ['spiffe://acme/tablet'],
      emails: ['ops@example.org'],
      crlDistributionPoint: 'http://crl.example.org/root.crl',
      serial: '00ab01',
      notBefore: daysFromNow(-1),
      notAfter: daysFromNow(1),
    });
    expect(leaf.certificate).toMatchObject({
      serial: 'ab01',
      isCa: false,
      pathLength: null,
      keyUsage: ['digitalSignature'],
      extendedKeyUsage: ['serverAuth'],
      dnsNames: ['vttablet server instance', 'localhost', '*.example.org'],
      ipAddresses: ['127.0.0.1', '::1', '2001:db8::10:0:0:1'],
      uris: ['spiffe://acme/tablet'],
      emails: ['ops@example.org'],
      crlDistributionPoints: ['http://crl.example.org/root.crl'],
      notBefore: daysFromNow(-1),
      notAfter: daysFromNow(1),
    });
    const node = toX509(leaf.certificate);
    expect(node.serialNumber).toBe('AB01');
    expect(node.subjectAltName).toContain('IP Address:2001:DB8:0:0:10:0:0:1');
    expect(node.checkPrivateKey(leaf.privateKey)).toBe(true);
    expect(node.checkIssued(toX509(root.certificate))).toBe(true);
    expect(node.verify(root.privateKey.type === 'private' ? pairOf(root.privateKey).publicKey : root.privateKey)).toBe(
      true,
    );
    expect(leaf.privateKeyPem.reveal()).toMatch(/^-----BEGIN PRIVATE KEY-----\n[^-]+-----END PRIVATE KEY-----\n$/);
    expect(`${leaf.privateKeyPem}`).toBe('[secret]');
  });

  test.each(Object.keys(roleTemplates) as CertificateRole[])('role %s has one purpose', (role) => {
    const { certificate } = issueCertificate({ issuer: root, role, subject: { commonName: role } });
    expect(certificate.extendedKeyUsage).toEqual(roleTemplates[role].extendedKeyUsage);
    expect(certificate.extendedKeyUsage).toEqual([role.includes('server') ? 'serverAuth' : 'clientAuth']);
    expect(certificate.keyUsage).toContain('digitalSignature');
  });

  test('odd ones for tests: no purpose, no usage, several names, none', () => {
    const bare = issueCertificate({ issuer: root, subject: {}, extendedKeyUsage: [], keyUsage: [], dnsNames: ['dev'] });
    expect(bare.certificate).toMatchObject({
      extendedKeyUsage: null,
      keyUsage: null,
      subjectText: '',
      lastCommonName: '',
    });
    const odd = issueCertificate({
      issuer: root,
      role: 'caller',
      subject: { commonName: ['a', 'b'] },
      extendedKeyUsage: ['any', '1.2.3.4'],
      keyUsage: ['keyEncipherment', 'decipherOnly'],
    });
    expect(odd.certificate).toMatchObject({
      lastCommonName: 'b',
      extendedKeyUsage: ['any', '1.2.3.4'],
      keyUsage: ['keyEncipherment', 'decipherOnly'],
    });
  });

  test('an RSA server may also encipher keys, as TLS 1.2 has it', () => {
    const rsa = server(root, ['gate.example'], { key: 'rsa-2048' });
    expect(rsa.certificate.keyUsage).toEqual(['digitalSignature', 'keyEncipherment']);
    expect(client(root, 'x', { key: 'rsa-2048' }).certificate.keyUsage).toEqual(['digitalSignature']);
  });

  test('clock, random and defaults', () => {
    const clock = new FixedClock('2026-03-01T10:00:00.250Z');
    const random = (size: number): Buffer => Buffer.alloc(size, 0xff);
    const { certificate } = createAuthority({ subject: { commonName: 'x' }, clock, random });
    expect(certificate.serial).toBe(`7f${'ff'.repeat(15)}`);
    expect(certificate.notBefore).toEqual(new Date('2026-03-01T09:55:00Z'));
    expect(certificate.notAfter).toEqual(new Date('2036-02-27T09:55:00Z'));
    const leaf = issueCertificate({
      issuer: authority('x'),
      subject: { commonName: 'y' },
      clock,
      random: (size) => Buffer.alloc(size),
    });
    expect(leaf.certificate.serial).toBe(`40${'00'.repeat(15)}`);
    expect(leaf.certificate.notAfter.getTime() - leaf.certificate.notBefore.getTime()).toBe(365 * 86_400_000);
  });

  test('serial numbers are positive, 16 bytes and never the same', () => {
    const serials = new Set(Array.from({ length: 200 }, () => client(root, 'x').certificate.serial));
    expect(serials.size).toBe(200);
    for (const serial of serials) expect(serial).toMatch(/^[4-7][0-9a-f]{31}$/);
  });

  test('years beyond 2049 and before 1950', () => {
    const { certificate } = createAuthority({
      subject: { commonName: 'long' },
      notBefore: new Date('1949-12-31T23:59:59Z'),
      notAfter: new Date('9999-12-31T23:59:59Z'),
    });
    expect([certificate.notBefore, certificate.notAfter]).toEqual([
      new Date('1949-12-31T23:59:59Z'),
      new Date('9999-12-31T23:59:59Z'),
    ]);
  });

  test('RSA of 3072 bits, made in the thread pool', async () => {
    const key = await generateKeyAsync('rsa-3072');
    expect(client(root, 'x', { key }).certificate.key).toEqual({ algorithm: 'rsa', bits: 3072 });
  });

  test("somebody else's public key, and a key given", async () => {
    const theirs = await generateKeyAsync();
    const issued = issueCertificate({
      issuer: root,
      role: 'caller',
      subject: { commonName: 'x' },
      publicKey: theirs.publicKey,
    });
    expect(issued).not.toHaveProperty('privateKey');
    expect(keysMatch(theirs.privateKey, issued.certificate.publicKey)).toBe(true);
    expect(keysMatch((await generateKeyAsync('rsa-2048')).privateKey, issued.certificate.publicKey)).toBe(false);
    expect(client(root, 'x', { key: theirs }).privateKey).toBe(theirs.privateKey);
  });

  const refused: readonly (readonly [string, () => unknown, string])[] = [
    ['a leaf as issuer', () => client(client(root, 'leaf'), 'x'), 'certs.not-an-authority'],
    ['an intermediate below a leaf', () => authority('x', { issuer: client(root, 'leaf') }), 'certs.not-an-authority'],
    ['an end before the start', () => client(root, 'x', { notBefore: now, notAfter: now }), 'certs.validity'],
    ['no time at all', () => client(root, 'x', { notBefore: new Date(Number.NaN) }), 'certs.validity'],
    ['a host name as IP address', () => client(root, 'x', { ipAddresses: ['localhost'] }), 'certs.ip-address'],
    ['an octal IP address', () => client(root, 'x', { ipAddresses: ['127.0.0.01'] }), 'certs.ip-address'],
    ['a DNS name beyond ASCII', () => client(root, 'x', { dnsNames: ['zoë.example'] }), 'certs.name-characters'],
    ['a DNS name with a zero', () => client(root, 'x', { dnsNames: ['a\0b'] }), 'certs.name-characters'],
    ['an empty DNS name', () => client(root, 'x', { dnsNames: [''] }), 'certs.name-characters'],
    ['a serial number that is none', () => client(root, 'x', { serial: 'xyz' }), 'certs.serial'],
    ['a serial number of 21 bytes', () => client(root, 'x', { serial: '01'.repeat(21) }), 'certs.serial'],
    ['an unknown purpose', () => client(root, 'x', { extendedKeyUsage: ['server'] }), 'certs.purpose'],
    ['an unknown key kind', () => client(root, 'x', { key: 'rsa-1024' as KeySpec }), 'certs.key-kind'],
  ];
  test.each(refused)('%s is refused with a sentence', (_what, make, code) => {
    expect(make).toThrow(
      expect.objectContaining({
        failure: expect.objectContaining({ code, summary: expect.stringMatching(/\.$/) as string }),
      }),
    );
  });
});

describe.runIf(haveOpenssl)('OpenSSL agrees', () => {
  test.each(specs)('openssl verify -x509_strict: root, intermediate, leaf, list of %s', (spec) => {
    const root = createAuthority({ subject: { commonName: `Root ${spec}` }, key: spec });
    const middle = createAuthority({
      subject: { commonName: `Middle ${spec}` },
      key: spec,
      issuer: root,
      pathLength: 0,
      nameConstraints: { permitted: { dns: ['example.org'] }, excluded: { ip: ['10.0.0.0/8'] } },
    });
    const leaf = issueCertificate({
      issuer: middle,
      key: spec,
      role: 'gateway-server',
      subject: { commonName: 'gate' },
      dnsNames: ['gate.example.org'],
      ipAddresses: ['127.0.0.1', '::1'],
      uris: ['spiffe://x/y'],
      crlDistributionPoint: 'http://crl.example.org/',
    });
    const caller = issueCertificate({ issuer: root, key: spec, role: 'caller', subject: {}, dnsNames: ['dev'] });
    const files = {
      root: directory.write(`${spec}-root.pem`, root.pem),
      middle: directory.write(`${spec}-middle.pem`, middle.pem),
      leaf: directory.write(`${spec}-leaf.pem`, leaf.pem),
      caller: directory.write(`${spec}-caller.pem`, caller.pem),
    };
    const strict = ['verify', '-x509_strict', '-policy_check', '-CAfile', files.root];
    expect(
      runForeign('openssl', [
        ...strict,
        '-untrusted',
        files.middle,
        '-purpose',
        'sslserver',
        '-verify_hostname',
        'gate.example.org',
        files.leaf,
      ]),
    ).toMatchObject({ code: 0 });
    expect(
      runForeign('openssl', [...strict, '-untrusted', files.middle, '-purpose', 'sslclient', files.leaf]).code,
    ).not.toBe(0);
    expect(runForeign('openssl', [...strict, '-purpose', 'sslclient', files.caller])).toMatchObject({ code: 0 });
    const text = runForeign('openssl', ['x509', '-in', files.leaf, '-noout', '-text']).text;
    expect(text).toContain('X509v3 Basic Constraints: critical\n                CA:FALSE');
    expect(text).toContain('URI:http://crl.example.org/');
    expect(text).not.toMatch(/<unsupported>|unknown/i);
  });

  test('a name outside the constraints is refused there as here', () => {
    const root = authority('R', {
      nameConstraints: { permitted: { dns: ['example.org'] } },
      notBefore: new Date(Date.now() - 1e6),
      days: 2,
    });
    const leaf = server(root, ['gate.example.com'], { notBefore: new Date(Date.now() - 1e6), days: 1 });
    const answer = runForeign('openssl', [
      'verify',
      '-CAfile',
      directory.write('nc-root.pem', root.pem),
      directory.write('nc-leaf.pem', leaf.pem),
    ]);
    expect(answer.text).toContain('permitted subtree violation');
  });

  test('several common names, multi-valued RDNs and every attribute are printed alike', () => {
    const subject = [
      { type: 'C', value: 'CH' },
      [
        { type: 'O', value: 'Acme' },
        { type: 'OU', value: 'Zoë' },
      ],
      { type: 'CN', value: 'a' },
      { type: 'CN', value: 'b' },
      { type: 'DC', value: 'x' },
    ];
    const { pem } = createAuthority({ subject });
    const { text } = runForeign('openssl', ['x509', '-noout', '-subject', '-nameopt', 'RFC2253,utf8,-esc_msb'], pem);
    expect(text.trim()).toBe('subject=DC=x,CN=b,CN=a,OU=Zoë+O=Acme,C=CH');
  });
});

describe.runIf(haveCerttool)('GnuTLS agrees', () => {
  test.each(['ecdsa-p256', 'rsa-2048', 'ed25519'] as const)('certtool --verify-chain: %s', (spec) => {
    const root = createAuthority({ subject: { commonName: 'Root' }, key: spec });
    const middle = createAuthority({ subject: { commonName: 'Middle' }, key: spec, issuer: root });
    const leaf = issueCertificate({
      issuer: middle,
      key: spec,
      role: 'gateway-server',
      subject: { commonName: 'gate' },
      dnsNames: ['gate.example.org'],
    });
    const answer = runForeign('certtool', ['--verify-chain'], leaf.pem + middle.pem + root.pem);
    expect(answer).toMatchObject({
      code: 0,
      text: expect.stringContaining('Chain verification output: Verified.') as string,
    });
    const crl = list(root, [leaf.certificate.serial]);
    expect(runForeign('certtool', ['--crl-info'], crl.pem).text).toContain('Revoked certificates (1)');
  });
});

describe.runIf(haveKeytool)('Java agrees', () => {
  test('keytool -printcert and -printcrl', () => {
    const root = createAuthority({ subject: { commonName: 'Root', organization: 'Acme' } });
    const leaf = issueCertificate({
      issuer: root,
      role: 'caller',
      subject: { commonName: 'anna' },
      dnsNames: ['dev', 'two words'],
      ipAddresses: ['::1'],
    });
    const text = runForeign('keytool', [
      '-J-Duser.language=en',
      '-printcert',
      '-file',
      directory.write('java.pem', leaf.pem),
    ]).text;
    expect(text).toContain('Owner: CN=anna');
    expect(text).toContain('clientAuth');
    expect(text).toContain('Signature algorithm name: SHA256withECDSA');
    const crl = list(root, [{ serial: leaf.certificate.serial, date: now, reason: 'keyCompromise' }]);
    expect(
      runForeign('keytool', ['-J-Duser.language=en', '-printcrl', '-file', directory.write('java.crl', crl.pem)]).text,
    ).toMatch(/Reason Code: KEY_COMPROMISE/);
  });
});

test('what is written is DER: reading and writing again changes nothing', () => {
  const root = authority('Root');
  for (const { der } of [
    root,
    client(root, 'x', {
      dnsNames: ['a'],
      serial: randomBytes(20)
        .toString('hex')
        .replace(/^[89a-f]/, '7'),
    }),
  ]) {
    const reading = readCertificate(der);
    expect(reading.ok && reading.value.der.equals(der)).toBe(true);
  }
  const weak = (generateKeyPairSync as unknown as (type: string, options: object) => KeyPair)('rsa', {
    modulusLength: 1024,
  });
  expect(client(root, 'weak', { key: weak }).certificate.key).toEqual({ algorithm: 'rsa', bits: 1024 });
});
