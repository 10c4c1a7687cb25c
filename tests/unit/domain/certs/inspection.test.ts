import { describe, expect, test } from 'vitest';

import { createAuthority, inspectCertificate, issueCertificate, shortSerial } from '../../../../src-main/domain/certs';
import { authority, client, daysFromNow, now, server } from '../../../support/certs/pki';

const root = authority('Root CA', {
  subject: { country: 'CH', organization: 'Acme', commonName: 'Root CA' },
  serial: '01',
  key: 'rsa-2048',
});
const middle = authority('Middle CA', { issuer: root, serial: '0123456789abcdef0123', pathLength: 0 });

const golden: readonly (readonly [string, () => string, string])[] = [
  [
    'root',
    () => inspectCertificate(root.certificate, { now }),
    `Kind     Root CA
Key      RSA 2048, signed with rsa-sha256
Serial   1
Subject  CN=Root CA,O=Acme,C=CH
Issuer   CN=Root CA,O=Acme,C=CH
Valid    2026-02-21 12:00 UTC to 2031-08-14 12:00 UTC (1900 days left)`,
  ],
  [
    'intermediate',
    () => inspectCertificate(middle.certificate),
    `Kind     Intermediate CA
Key      ECDSA P-256, signed with rsa-sha256
Serial   12345678…0123
Subject  CN=Middle CA
Issuer   CN=Root CA,O=Acme,C=CH
Valid    2026-02-21 12:00 UTC to 2031-08-14 12:00 UTC`,
  ],
  [
    'server with every kind of name',
    () =>
      inspectCertificate(
        server(middle, ['gate.example', '*.apps.example'], {
          serial: 'ab',
          ipAddresses: ['127.0.0.1', '::1'],
          uris: ['spiffe://x/y'],
          emails: ['a@example.org'],
          key: 'ecdsa-p384',
        }).certificate,
        { now },
      ),
    `Kind     TLS server certificate
Key      ECDSA P-384, signed with ecdsa-sha256
Serial   ab
Subject  CN=gate.example (DNS gate.example, *.apps.example; IP 127.0.0.1, ::1; URI spiffe://x/y; e-mail a@example.org)
Issuer   CN=Middle CA
Valid    2026-05-22 12:00 UTC to 2026-08-30 12:00 UTC (90 days left)`,
  ],
  [
    'expired client without subject',
    () =>
      inspectCertificate(
        client(middle, 'x', {
          subject: {},
          dnsNames: ['dev'],
          serial: 'ab',
          key: 'ed25519',
          notBefore: daysFromNow(-30),
          days: 27,
        }).certificate,
        { now },
      ),
    `Kind     TLS client certificate
Key      Ed25519, signed with ecdsa-sha256
Serial   ab
Subject  (none) (DNS dev)
Issuer   CN=Middle CA
Valid    2026-05-02 12:00 UTC to 2026-05-29 12:00 UTC (expired 3 days ago)`,
  ],
  [
    'both purposes, not yet valid',
    () =>
      inspectCertificate(
        client(middle, 'x', {
          extendedKeyUsage: ['serverAuth', 'clientAuth'],
          serial: 'ab',
          notBefore: daysFromNow(1),
          days: 1,
        }).certificate,
        { now },
      ),
    `Kind     TLS server and client certificate
Key      ECDSA P-256, signed with ecdsa-sha256
Serial   ab
Subject  CN=x
Issuer   CN=Middle CA
Valid    2026-06-02 12:00 UTC to 2026-06-03 12:00 UTC (begins in 1 day)`,
  ],
  [
    'no purpose; the last hours',
    () =>
      inspectCertificate(
        client(middle, 'x', { extendedKeyUsage: [], serial: 'ab', notAfter: new Date(now.getTime() + 3_600_000) })
          .certificate,
        { now },
      ),
    `Kind     Certificate for any purpose
Key      ECDSA P-256, signed with ecdsa-sha256
Serial   ab
Subject  CN=x
Issuer   CN=Middle CA
Valid    2026-05-22 12:00 UTC to 2026-06-01 13:00 UTC (less than a day left)`,
  ],
  [
    'another purpose',
    () =>
      inspectCertificate(
        client(middle, 'x', { extendedKeyUsage: ['codeSigning', '1.2.3'], serial: 'ab' }).certificate,
      ).split('\n')[0] ?? '',
    'Kind     Certificate for codeSigning, 1.2.3',
  ],
];

describe('inspectCertificate', () => {
  test.each(golden)('%s', (_what, inspect, text) => {
    expect(inspect()).toBe(text);
  });

  test('is six lines whatever the certificate says', () => {
    const nasty = createAuthority({ subject: { commonName: 'a\nValid    forever\r\u2028\u202egnp.exe\u0000' } });
    const text = inspectCertificate(nasty.certificate);
    expect(text.split(/[\n\r\u2028]/)).toHaveLength(6);
    expect(text).toContain('CN=a\\u{a}Valid    forever\\u{d}\\u{2028}\\u{202e}gnp.exe\\u{0}');
  });

  test('serial numbers are shortened from 17 digits on', () => {
    expect(shortSerial('0123456789abcdef')).toBe('0123456789abcdef');
    expect(shortSerial('0123456789abcdef0')).toBe('01234567…def0');
    expect(issueCertificate({ issuer: root, subject: {} }).certificate.serial).toHaveLength(32);
  });
});
