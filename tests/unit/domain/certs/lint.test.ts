import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';

import {
  lintCertificate,
  type CertificateRequest,
  type IssuedIdentity,
  type KeyPair,
  type ParsedCertificate,
} from '../../../../src-main/domain/certs';
import { certificateWith, oidTlv, resign, tlv } from '../../../support/certs/altered';
import { authority, client, daysFromNow, server } from '../../../support/certs/pki';

const root = authority('Root CA');
const keys = (type: string, options: object): KeyPair =>
  (generateKeyPairSync as unknown as (type: string, options: object) => KeyPair)(type, options);
const caller = (request: Partial<CertificateRequest>): ParsedCertificate => client(root, 'anna', request).certificate;
const altered = (
  identity: IssuedIdentity,
  change: Parameters<typeof certificateWith>[1],
  hash = 'sha256',
): ParsedCertificate => resign(certificateWith(identity, change), root, hash).certificate;
const leaf = client(root, 'anna');

/** Findings as code:level; every lint at least once, and certificates that have none. */
const rows: readonly (readonly [string, () => ParsedCertificate, readonly string[]])[] = [
  ['a plain caller', () => leaf.certificate, []],
  ['a plain server', () => server(root, ['gate.example', '*.example.org']).certificate, []],
  ['a plain RSA server', () => server(root, ['gate.example'], { key: 'rsa-2048' }).certificate, []],
  ['a plain authority', () => root.certificate, []],
  [
    'a plain intermediate',
    () =>
      authority('Middle', { issuer: root, pathLength: 0, nameConstraints: { permitted: { dns: ['example.org'] } } })
        .certificate,
    [],
  ],
  ['RSA 1024', () => caller({ key: keys('rsa', { modulusLength: 1024 }) }), ['weak-key:error']],
  ['P-224', () => caller({ key: keys('ec', { namedCurve: 'P-224' }) }), ['weak-key:error']],
  ['RSA 8200', () => withKeyBits(8200), ['large-key:error']],
  ['Ed25519', () => caller({ key: 'ed25519' }), ['ed25519-in-tls:warning']],
  ['P-521', () => caller({ key: keys('ec', { namedCurve: 'P-521' }) }), ['p521-in-tls:warning']],
  [
    'an unknown kind of key',
    () => altered(leaf, { publicKey: keys('x25519', {}).publicKey.export({ type: 'spki', format: 'der' }) }),
    ['unknown-key:error'],
  ],
  ['SHA-1', () => altered(leaf, {}, 'sha1'), ['weak-signature:error']],
  ['SHA-1 of a root, which nobody looks at', () => altered(root, {}, 'sha1'), []],
  ['an unknown signature', () => altered(leaf, {}, 'sha3-256'), ['unknown-signature:error']],
  [
    'an unknown critical extension',
    () => altered(leaf, { extension: { oid: '1.2.3.4', critical: true } }),
    ['unknown-critical-extension:error'],
  ],
  [
    'version 1',
    () => altered(leaf, { versionOne: true }),
    ['old-version:warning', 'any-purpose:warning', 'no-authority-identifier:info'],
  ],
  ['serial number zero', () => altered(leaf, { serial: Buffer.of(0) }), ['serial:warning']],
  ['serial number of 21 bytes', () => altered(leaf, { serial: Buffer.alloc(21, 1) }), ['serial:warning']],
  [
    'an end before the start',
    () => altered(leaf, { validity: ['260601000000Z', '260101000000Z'] }),
    ['validity:error'],
  ],
  [
    'an authority that cannot sign',
    () => certificateWith(root, { keyUsage: ['cRLSign'] }).certificate,
    ['authority-cannot-sign:error'],
  ],
  [
    'an authority that cannot revoke',
    () => certificateWith(root, { keyUsage: ['keyCertSign'] }).certificate,
    ['authority-cannot-revoke:warning'],
  ],
  [
    'an authority without identifier',
    () => certificateWith(root, { removeExtension: '2.5.29.14' }).certificate,
    ['no-key-identifier:warning'],
  ],
  [
    'IP name constraints',
    () => authority('x', { nameConstraints: { excluded: { ip: ['10.0.0.0/8'] } } }).certificate,
    ['ip-name-constraint:warning'],
  ],
  [
    'directory name constraints',
    () =>
      certificateWith(root, {
        extension: {
          oid: '2.5.29.30',
          critical: false,
          value: tlv(
            0x30,
            tlv(0xa0, tlv(0x30, tlv(0xa4, tlv(0x30, tlv(0x31, tlv(0x30, oidTlv('2.5.4.10'), tlv(0x0c, 'Acme'))))))),
          ),
        },
      }).certificate,
    ['unread-name-constraint:warning'],
  ],
  [
    'rules about policies',
    () =>
      certificateWith(root, { extension: { oid: '2.5.29.36', critical: false, value: tlv(0x30, tlv(0x80, '\0')) } })
        .certificate,
    ['policy-rules:warning'],
  ],
  ['keyEncipherment alone', () => caller({ keyUsage: ['keyEncipherment'] }), ['no-digital-signature:error']],
  ['no key usage at all', () => caller({ keyUsage: [] }), []],
  ['no purpose', () => caller({ extendedKeyUsage: [] }), ['any-purpose:warning']],
  ['any purpose', () => caller({ extendedKeyUsage: ['any'] }), ['any-purpose:warning']],
  [
    'both purposes',
    () => caller({ extendedKeyUsage: ['clientAuth', 'serverAuth'], dnsNames: ['x'] }),
    ['both-purposes:info'],
  ],
  ['a server without names', () => server(root, []).certificate, ['no-names:error']],
  [
    'a server for three years',
    () => server(root, ['gate.example'], { days: 1000 }).certificate,
    ['long-validity:info'],
  ],
  ['a server named with spaces', () => server(root, ['vttablet server instance']).certificate, ['odd-dns-name:info']],
  ['a name that ends with a dot', () => server(root, ['gate.example.']).certificate, ['odd-dns-name:info']],
  ['a caller without common name', () => caller({ subject: { organization: 'Acme' } }), ['no-common-name:warning']],
  ['two common names', () => caller({ subject: { commonName: ['a', 'b'] } }), ['several-common-names:warning']],
  [
    'a subject that imitates another',
    () => caller({ subject: { commonName: 'x,O=Acme' } }),
    ['misleading-subject:info'],
  ],
  [
    'the shape of vttlstest',
    () =>
      caller({
        subject: { commonName: 'vtgate client 1' },
        extendedKeyUsage: ['serverAuth', 'clientAuth'],
        dnsNames: ['localhost', 'vtgate client 1'],
        ipAddresses: ['127.0.0.1', '::1'],
      }),
    ['both-purposes:info', 'odd-dns-name:info', 'localhost-group:info'],
  ],
  ['no authority identifier', () => altered(leaf, { removeExtension: '2.5.29.35' }), ['no-authority-identifier:info']],
];

describe('lintCertificate', () => {
  const met = new Set<string>();
  test.each(rows)('%s', (_what, make, wanted) => {
    const findings = lintCertificate(make(), { file: 'pki/x.pem', line: 7 });
    expect(findings.map(({ code, level }) => `${code.replace('certificate.', '')}:${level}`)).toEqual(wanted);
    for (const finding of findings) {
      met.add(finding.code);
      expect(finding).toMatchObject({ file: 'pki/x.pem', line: 7, column: 1 });
      expect(finding.remedy).toMatch(/\.$/);
    }
  });

  test('what Gatehouse issues by itself has no finding in any role', () => {
    for (const validity of [{ days: 90 }, { days: 365 }]) {
      expect(
        lintCertificate(
          server(root, ['tablet.example'], { role: 'tablet-server', notBefore: daysFromNow(-1), ...validity })
            .certificate,
        ),
      ).toEqual([]);
      for (const role of ['gateway-as-tablet-client', 'control-plane-client', 'caller', 'mysql-client'] as const)
        expect(lintCertificate(caller({ role, ...validity }))).toEqual([]);
    }
    expect(met.size).toBeGreaterThan(25);
  });
});

function withKeyBits(bits: number): ParsedCertificate {
  const modulus = Buffer.alloc(bits / 8, 0xab);
  const publicKey = tlv(
    0x30,
    tlv(0x30, oidTlv('1.2.840.113549.1.1.1'), tlv(0x05)),
    tlv(0x03, Buffer.of(0), tlv(0x30, tlv(0x02, Buffer.of(0), modulus), tlv(0x02, Buffer.of(1, 0, 1)))),
  );
  return altered(leaf, { publicKey });
}
