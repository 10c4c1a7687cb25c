import { describe, expect, test } from 'vitest';

import {
  checkCrlConfiguration,
  EXPIRED_CRL_WARNING,
  pairOf,
  type CrlConfiguration,
} from '../../../../src-main/domain/certs';
import { certificateWith, resign, signBody, tlv } from '../../../support/certs/altered';
import { crlWith } from '../../../support/certs/altered-crl';
import {
  authority,
  daysFromNow,
  hardened,
  hardenedRecorded,
  list,
  now,
  recorded,
  vitess,
} from '../../../support/certs/pki';

const root = authority('Root CA');
const rsaRoot = authority('RSA Root', { key: 'rsa-2048' });
const good = list(root, []);

const configuration = (changes: Partial<CrlConfiguration>): CrlConfiguration => ({
  crlText: good.pem,
  anchors: [root.certificate],
  hasCertAndKey: true,
  now,
  fidelity: vitess,
  ...changes,
});

const scope = (...parts: Buffer[]): Buffer => tlv(0x30, ...parts);
const point = '2.5.29.28';
const noSign = certificateWith(root, { keyUsage: ['keyCertSign', 'digitalSignature'] });
const otherId = resign(
  certificateWith(root, { extension: { oid: '2.5.29.14', critical: false, value: tlv(0x04, 'other') } }),
  root,
);
const renamed = authority('Renamed', { key: pairOf(root.privateKey) });
const separateSigner = authority('Root CA');

/** Rows of vitess-behaviour §3.7, by their number there. */
const refusals: readonly (readonly [string, Partial<CrlConfiguration>, string])[] = [
  ['1 without client CA', { anchors: null }, 'certs.crl-without-ca'],
  ['2 without certificate and key', { hasCertAndKey: false }, 'certs.crl-without-certificate'],
  ['3 without any list', { crlText: root.pem }, 'certs.crl-empty'],
  ['3 an empty file', { crlText: '' }, 'certs.crl-empty'],
  [
    '3 a list with the label of another program',
    { crlText: good.pem.replaceAll('X509 CRL', 'CRL') },
    'certs.crl-empty',
  ],
  [
    '4 signed by no authority of the CA file',
    { crlText: list(authority('Foreign'), []).pem },
    'certs.crl-unknown-issuer',
  ],
  ['4 no authority in the CA file', { anchors: [] }, 'certs.crl-unknown-issuer'],
  [
    '4 signed by a certificate that is no authority',
    { anchors: [certificateWith(root, { notAnAuthority: true }).certificate] },
    'certs.crl-unknown-issuer',
  ],
  ['4 the authority lacks cRLSign', { anchors: [noSign.certificate] }, 'certs.crl-no-crl-sign'],
  [
    '4 a changed byte',
    { crlText: crlWith(list(root, ['0102030405060708']), {}).pem.replace(/^(.{64}\n.{10})./m, '$1A') },
    'certs.crl-',
  ],
  ['5 another key identifier', { anchors: [otherId.certificate] }, 'certs.crl-key-identifier'],
  [
    '6 MD5',
    { crlText: pem(signBody(list(rsaRoot, []).der, rsaRoot.privateKey, 'md5')), anchors: [rsaRoot.certificate] },
    'certs.crl-algorithm',
  ],
  ['6 an unknown algorithm', { crlText: pem(signBody(good.der, root.privateKey, 'sha3-256')) }, 'certs.crl-algorithm'],
  ['7 the issuer in other bytes', { anchors: [renamed.certificate] }, 'certs.crl-issuer-name'],
  [
    '8 a delta',
    {
      crlText: crlWith(good, {
        extension: { oid: '2.5.29.27', critical: true, value: tlv(0x02, '\x01') },
        issuer: root,
      }).pem,
    },
    'certs.crl-delta',
  ],
  [
    '8 indirect',
    {
      crlText: crlWith(good, {
        extension: { oid: point, critical: true, value: scope(tlv(0x84, '\xff')) },
        issuer: root,
      }).pem,
    },
    'certs.crl-indirect',
  ],
  [
    '8 for user certificates only',
    {
      crlText: crlWith(good, {
        extension: { oid: point, critical: true, value: scope(tlv(0x81, '\xff')) },
        issuer: root,
      }).pem,
    },
    'certs.crl-partial',
  ],
  [
    '8 for some reasons only',
    {
      crlText: crlWith(good, {
        extension: { oid: point, critical: true, value: scope(tlv(0x83, '\x01\x40')) },
        issuer: root,
      }).pem,
    },
    'certs.crl-partial',
  ],
  [
    '9 an unknown critical extension',
    {
      crlText: crlWith(good, {
        extension: { oid: '1.3.6.1.4.1.99999.3', critical: true, value: tlv(0x05) },
        issuer: root,
      }).pem,
    },
    'certs.crl-critical-extension',
  ],
  [
    '9 an unknown critical extension of an entry',
    { crlText: crlWith(good, { entry: { serial: '05', extension: '2.5.29.29' }, issuer: root }).pem },
    'certs.crl-critical-extension',
  ],
  [
    '10 from the future',
    { crlText: list(root, [], { thisUpdate: new Date(now.getTime() + 301_000) }).pem },
    'certs.crl-future',
  ],
  ['11 a separate signer of the same name', { crlText: list(separateSigner, []).pem }, 'certs.crl-unknown-issuer'],
  ['a damaged block', { crlText: '-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n' }, 'certs.crl-malformed'],
  [
    'a good list followed by a foreign one',
    { crlText: good.pem + list(authority('Foreign'), []).pem },
    'certs.crl-unknown-issuer',
  ],
];

describe('CRL configuration', () => {
  test.each(refusals)('%s: refused by 24.0.4 and by hardened mode', (_what, changes, code) => {
    for (const fidelity of [vitess, hardened, hardenedRecorded]) {
      const verdict = checkCrlConfiguration(configuration({ ...changes, fidelity }));
      expect(verdict.failure?.code ?? 'accepted').toContain(code);
      expect(verdict.crls).toEqual([]);
      expect(verdict.failure?.summary).toMatch(/[;,] .+\.$/);
    }
  });

  test.each(refusals)('%s: 24.0-recorded refuses only what cannot be read', (what, changes) => {
    const verdict = checkCrlConfiguration(configuration({ ...changes, fidelity: recorded }));
    const unreadable = what === 'a damaged block' || (what === '4 a changed byte' && verdict.failure !== null);
    expect(verdict.failure?.detail ?? null).toBe(unreadable ? 'x509: malformed crl' : null);
  });

  test('a good one gives its lists', () => {
    for (const fidelity of [recorded, vitess, hardened]) {
      const verdict = checkCrlConfiguration(
        configuration({
          crlText: `text\n${good.pem}${root.pem}${list(rsaRoot, []).pem}`,
          anchors: [root.certificate, rsaRoot.certificate],
          fidelity,
        }),
      );
      expect(verdict).toMatchObject({ failure: null, warnings: [] });
      expect(verdict.crls.map(({ issuerText }) => issuerText)).toEqual(['CN=Root CA', 'CN=RSA Root']);
    }
  });

  test('none is configured', () => {
    expect(checkCrlConfiguration(configuration({ crlText: null, anchors: null, hasCertAndKey: false }))).toEqual({
      failure: null,
      crls: [],
      warnings: [],
    });
  });

  test("the refusal without certificate has Vitess's words", () => {
    const { failure } = checkCrlConfiguration(configuration({ hasCertAndKey: false }));
    expect(failure?.detail).toBe(
      'a CRL is configured without a certificate and a key: the server is not configured for TLS, so the CRL could not apply',
    );
  });

  test('a client needs no certificate for its list', () => {
    expect(checkCrlConfiguration(configuration({ side: 'client', hasCertAndKey: false })).failure).toBeNull();
    expect(
      checkCrlConfiguration(configuration({ side: 'client', hasCertAndKey: false, fidelity: recorded })).crls,
    ).toHaveLength(1);
  });

  test('24.0-recorded ignores a list where nobody is asked for a certificate', () => {
    for (const changes of [{ anchors: null }, { hasCertAndKey: false }]) {
      expect(checkCrlConfiguration(configuration({ ...changes, fidelity: recorded }))).toEqual({
        failure: null,
        crls: [],
        warnings: [],
      });
    }
  });

  test('SHA-1 lists and lists up to five minutes in the future are accepted, expired ones with a warning', () => {
    expect(
      checkCrlConfiguration(configuration({ crlText: pem(signBody(good.der, root.privateKey, 'sha1')) })).failure,
    ).toBeNull();
    expect(
      checkCrlConfiguration(
        configuration({ crlText: list(root, [], { thisUpdate: new Date(now.getTime() + 299_000) }).pem }),
      ).failure,
    ).toBeNull();
    const expired = checkCrlConfiguration(
      configuration({ crlText: list(root, [], { thisUpdate: daysFromNow(-5), nextUpdate: daysFromNow(-1) }).pem }),
    );
    expect(expired).toMatchObject({ failure: null, warnings: [EXPIRED_CRL_WARNING] });
  });

  test('an anchor that its own authority has revoked is named at start', () => {
    const middle = authority('Middle CA', { issuer: root });
    const verdict = checkCrlConfiguration(
      configuration({
        crlText: list(root, [middle.certificate.serial]).pem,
        anchors: [root.certificate, middle.certificate],
      }),
    );
    expect(verdict.warnings).toEqual([expect.stringContaining('CN=Middle CA is in the CA file but revoked')]);
  });
});

function pem(der: Buffer): string {
  return `-----BEGIN X509 CRL-----\n${(der.toString('base64').match(/.{1,64}/g) ?? []).join('\n')}\n-----END X509 CRL-----\n`;
}
