import { describe, expect, test } from 'vitest';

import { createCrl, pairOf, readCrl, type RevocationReason } from '../../../../src-main/domain/certs';
import { certificateWith } from '../../../support/certs/altered';
import { haveCommand, runForeign, temporaryDirectory } from '../../../support/certs/foreign-tools';
import { authority, client, daysFromNow, list, now } from '../../../support/certs/pki';

const directory = temporaryDirectory();
const haveOpenssl = haveCommand('openssl', 'openssl crl');
const root = authority('Root CA', { notBefore: new Date(Date.now() - 86_400_000), days: 30 });

/** Reason and what OpenSSL calls it. */
const reasons: readonly (readonly [RevocationReason, string | null])[] = [
  ['unspecified', null],
  ['keyCompromise', 'Key Compromise'],
  ['cACompromise', 'CA Compromise'],
  ['affiliationChanged', 'Affiliation Changed'],
  ['superseded', 'Superseded'],
  ['cessationOfOperation', 'Cessation Of Operation'],
  ['certificateHold', 'Certificate Hold'],
  ['removeFromCRL', 'Remove From CRL'],
  ['privilegeWithdrawn', 'Privilege Withdrawn'],
  ['aACompromise', 'AA Compromise'],
];

describe('createCrl', () => {
  const crl = createCrl({
    issuer: root,
    thisUpdate: now,
    nextUpdate: daysFromNow(7),
    number: 258,
    revoked: reasons.map(([reason], index) => ({ serial: `0${index}ff`, date: daysFromNow(-index), reason })),
  });

  test('writes what was asked for and reads it back', () => {
    expect(crl.pem).toMatch(/^-----BEGIN X509 CRL-----\n[A-Za-z0-9+/=\n]+-----END X509 CRL-----\n$/);
    expect(crl.crl).toMatchObject({
      issuerText: 'CN=Root CA',
      thisUpdate: now,
      nextUpdate: daysFromNow(7),
      number: 258n,
      authorityKeyId: root.certificate.subjectKeyId,
      isDelta: false,
      isIndirect: false,
      isPartial: false,
      unknownCriticalExtensions: [],
    });
    expect([...crl.crl.revoked.values()].map(({ reason }) => reason)).toEqual([
      undefined,
      ...reasons.slice(1).map(([reason]) => reason),
    ]);
    expect(crl.crl.revoked.get('1ff')?.date).toEqual(daysFromNow(-1));
    expect(crl.crl.rawIssuer.equals(root.certificate.rawSubject)).toBe(true);
  });

  test('an empty list has no entries', () => {
    expect(list(root, []).crl.revoked.size).toBe(0);
  });

  test('ten thousand entries', () => {
    const many = createCrl({
      issuer: root,
      thisUpdate: now,
      nextUpdate: daysFromNow(7),
      number: 1n << 70n,
      revoked: Array.from({ length: 10_000 }, (_, index) => ({
        serial: (index + 1).toString(16),
        date: now,
        reason: 'superseded' as const,
      })),
    });
    expect(many.crl.revoked.size).toBe(10_000);
    expect(many.crl.number).toBe(1n << 70n);
  });

  const refused: readonly (readonly [string, () => unknown, string])[] = [
    ['a leaf as issuer', () => list(client(root, 'x'), []), 'certs.crl-issuer'],
    [
      'an authority without cRLSign',
      () =>
        list(
          {
            certificate: certificateWith(root, { keyUsage: ['keyCertSign'] }).certificate,
            privateKey: root.privateKey,
          },
          [],
        ),
      'certs.crl-issuer',
    ],
    ['an end before the start', () => list(root, [], { thisUpdate: now, nextUpdate: now }), 'certs.crl-validity'],
    ['a serial number that is none', () => list(root, ['x']), 'certs.serial'],
    [
      'an unknown reason',
      () => list(root, [{ serial: '01', date: now, reason: 'lost' as RevocationReason }]),
      'certs.reason',
    ],
  ];
  test.each(refused)('%s is refused with a sentence', (_what, make, code) => {
    expect(make).toThrow(expect.objectContaining({ failure: expect.objectContaining({ code }) }));
  });

  test('a list without end and of the year 1 is read: vttlstest makes such ones', () => {
    const reading = readCrl(crl.der);
    expect(reading.ok).toBe(true);
    const ancient = createCrl({
      issuer: root,
      thisUpdate: new Date('0001-01-01T00:00:00Z'),
      nextUpdate: new Date('0001-01-01T00:00:01Z'),
      number: 1,
      revoked: [],
    });
    expect(ancient.crl.thisUpdate.getUTCFullYear()).toBe(1);
  });
});

describe.runIf(haveOpenssl)('OpenSSL agrees', () => {
  const start = new Date(Date.now() - 3_600_000);
  const end = new Date(Date.now() + 3_600_000);

  test.each(['ecdsa-p256', 'rsa-2048', 'ed25519'] as const)(
    'openssl crl verifies and lists every reason: %s',
    (spec) => {
      const issuer = authority('Root', { key: spec, notBefore: start, days: 30 });
      const crl = createCrl({
        issuer,
        thisUpdate: start,
        nextUpdate: end,
        number: 4096,
        revoked: reasons.map(([reason], index) => ({ serial: `a${index}`, date: start, reason })),
      });
      const answer = runForeign('openssl', [
        'crl',
        '-noout',
        '-text',
        '-CAfile',
        directory.write(`${spec}.pem`, issuer.pem),
        '-in',
        directory.write(`${spec}.crl`, crl.pem),
      ]);
      expect(answer.text).toContain('verify OK');
      for (const [, name] of reasons) if (name !== null) expect(answer.text).toContain(name);
      expect(answer.text.match(/Serial Number: A/g)).toHaveLength(reasons.length);
      expect(answer.text).toMatch(/X509v3 CRL Number:\s+4096/);
    },
  );

  test('openssl verify -crl_check_all accepts and refuses as we do', () => {
    const issuer = authority('Root', { notBefore: start, days: 30, key: pairOf(root.privateKey) });
    const good = client(issuer, 'good', { notBefore: start, days: 1 });
    const bad = client(issuer, 'bad', { notBefore: start, days: 1 });
    const crl = createCrl({
      issuer,
      thisUpdate: start,
      nextUpdate: end,
      number: 1,
      revoked: [{ serial: bad.certificate.serial, date: start, reason: 'keyCompromise' }],
    });
    const common = [
      'verify',
      '-x509_strict',
      '-crl_check_all',
      '-CAfile',
      directory.write('crl-root.pem', issuer.pem),
      '-CRLfile',
      directory.write('both.crl', crl.pem),
    ];
    expect(runForeign('openssl', [...common, directory.write('good.pem', good.pem)])).toMatchObject({ code: 0 });
    expect(runForeign('openssl', [...common, directory.write('bad.pem', bad.pem)]).text).toContain(
      'certificate revoked',
    );
  });
});
