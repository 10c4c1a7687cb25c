import { rootCertificates } from 'node:tls';
import { describe, expect, test } from 'vitest';

import { parsePem, readCertificate } from '../../../../src-main/domain/certs';
import { certificateWith, oidTlv, partsOf, tlv } from '../../../support/certs/altered';
import { authority, client } from '../../../support/certs/pki';
import { cpuTime } from '../../../support/cpu-time';

const root = authority('Root CA');
const leaf = client(root, 'anna', { dnsNames: ['dev'], ipAddresses: ['10.0.0.1'] });

/** The leaf with other body fields: 0 version, 1 serial, 2 algorithm, 3 issuer, 4 validity, 5 subject, 6 key, 7 extensions. */
function withField(index: number, value: Buffer): Buffer {
  const [body = Buffer.alloc(0), algorithm = Buffer.alloc(0), signature = Buffer.alloc(0)] = partsOf(leaf.der);
  const fields = partsOf(body);
  fields[index] = value;
  return tlv(0x30, tlv(0x30, ...fields), algorithm, signature);
}

const withExtension = (oid: string, value: Buffer, critical = false): Buffer => {
  const [body = Buffer.alloc(0), algorithm = Buffer.alloc(0), signature = Buffer.alloc(0)] = partsOf(leaf.der);
  const fields = partsOf(body);
  const wanted = oidTlv(oid);
  const kept = partsOf(partsOf(fields[7] as Buffer)[0] as Buffer).filter(
    (extension) => !(partsOf(extension)[0] as Buffer).equals(wanted),
  );
  fields[7] = tlv(
    0xa3,
    tlv(0x30, ...kept, tlv(0x30, wanted, ...(critical ? [tlv(0x01, '\xff')] : []), tlv(0x04, value))),
  );
  return tlv(0x30, tlv(0x30, ...fields), algorithm, signature);
};

const subject = (type: number, value: string): Buffer =>
  withField(5, tlv(0x30, tlv(0x31, tlv(0x30, oidTlv('2.5.4.3'), tlv(type, value)))));
const names = (...parts: Buffer[]): Buffer => withExtension('2.5.29.17', tlv(0x30, ...parts));
const utc = (text: string): Buffer => withField(4, tlv(0x30, tlv(0x17, text), tlv(0x17, '300101000000Z')));
const key = (...parts: Buffer[]): Buffer => withField(6, tlv(0x30, ...parts));

/** Bytes that must not be read, and the word by which the detail says why. */
const unreadable: readonly (readonly [string, Buffer, RegExp])[] = [
  ['nothing', Buffer.alloc(0), /few bytes/i],
  ['a byte too many', Buffer.concat([leaf.der, Buffer.of(0)]), /remain/],
  ['a byte too few', leaf.der.subarray(0, -1), /few bytes/i],
  ['a length longer than needed', longLength(leaf.der), /not DER/],
  [
    'an indefinite length',
    Buffer.concat([Buffer.from('3080', 'hex'), leaf.der.subarray(4), Buffer.alloc(2)]),
    /DER|bytes/,
  ],
  ['a tag above 30', withField(5, tlv(0x30, tlv(0x1f, 'x'))), /tag|type/],
  ['a tag above 30 among the names', names(tlv(0x9f, 'x')), /tag that is not used/],
  ['nesting without end', nested(40), /depth/i],
  ['a part too many', tlv(0x30, ...partsOf(leaf.der), tlv(0x05)), /part too many/],
  ['no signature', tlv(0x30, ...partsOf(leaf.der).slice(0, 2)), /signature/],
  ['a signature with unused bits', tlv(0x30, ...partsOf(leaf.der).slice(0, 2), tlv(0x03, '\x04abc')), /whole bytes/],
  ['another algorithm inside', withField(2, tlv(0x30, oidTlv('1.2.840.10045.4.3.3'))), /differ/],
  ['version 4', withField(0, tlv(0xa0, tlv(0x02, '\x03'))), /version/],
  ['a version that is no integer', withField(0, tlv(0xa0, tlv(0x04, '\x02'))), /integer/],
  ['a negative serial number', withField(1, tlv(0x02, '\x80')), /negative/],
  ['a padded serial number', withField(1, tlv(0x02, '\x00\x01')), /DER/],
  ['an empty serial number', withField(1, tlv(0x02)), /empty/],
  ['a time without seconds', utc('2601010000Z'), /not a time/],
  ['a time with a zone', utc('260101000000+0100'), /not a time/],
  ['the 30th of February', utc('260230000000Z'), /exists/],
  ['an hour 24', utc('260101240000Z'), /exists/],
  ['a minute 60', utc('260101006000Z'), /exists/],
  ['a name with a number in it', subject(0x02, '\x01'), /not text/],
  ['a printable name with an at sign', subject(0x13, 'a@b'), /characters/],
  ['a numeric name with letters', subject(0x12, 'abc'), /characters/],
  ['an IA5 name beyond ASCII', subject(0x16, '\xe9'), /characters/],
  ['a name in broken UTF-8', subject(0x0c, '\xff'), /UTF-8/],
  ['a name with half a surrogate pair', subject(0x1e, '\xd8\x00'), /reserved/],
  ['a relative name that is no set', withField(5, tlv(0x30, tlv(0x30))), /type/],
  [
    'an OID with a padded arc',
    withField(5, tlv(0x30, tlv(0x31, tlv(0x30, tlv(0x06, '\x55\x80\x03'), tlv(0x0c, 'x'))))),
    /padded/,
  ],
  [
    'an OID that is cut off',
    withField(5, tlv(0x30, tlv(0x31, tlv(0x30, tlv(0x06, '\x55\x84'), tlv(0x0c, 'x'))))),
    /cut off/,
  ],
  ['an empty OID', withField(5, tlv(0x30, tlv(0x31, tlv(0x30, tlv(0x06), tlv(0x0c, 'x'))))), /empty/],
  [
    'a point that is not on its curve',
    key(
      tlv(0x30, oidTlv('1.2.840.10045.2.1'), oidTlv('1.2.840.10045.3.1.7')),
      tlv(0x03, Buffer.concat([Buffer.of(0, 4), Buffer.alloc(64, 1)])),
    ),
    /point/,
  ],
  [
    'a compressed point',
    key(
      tlv(0x30, oidTlv('1.2.840.10045.2.1'), oidTlv('1.2.840.10045.3.1.7')),
      tlv(0x03, Buffer.concat([Buffer.of(0, 2), Buffer.alloc(32, 1)])),
    ),
    /point/,
  ],
  [
    'an unknown curve',
    key(
      tlv(0x30, oidTlv('1.2.840.10045.2.1'), oidTlv('1.3.132.0.10')),
      tlv(0x03, Buffer.concat([Buffer.of(0, 4), Buffer.alloc(64, 1)])),
    ),
    /curve/,
  ],
  [
    'an RSA key without NULL',
    key(tlv(0x30, oidTlv('1.2.840.113549.1.1.1')), tlv(0x03, '\0', tlv(0x30, tlv(0x02, '\x01'), tlv(0x02, '\x03')))),
    /NULL/,
  ],
  [
    'an RSA modulus of zero',
    key(
      tlv(0x30, oidTlv('1.2.840.113549.1.1.1'), tlv(0x05)),
      tlv(0x03, '\0', tlv(0x30, tlv(0x02, '\0'), tlv(0x02, '\x03'))),
    ),
    /modulus/,
  ],
  [
    'a negative RSA modulus',
    key(
      tlv(0x30, oidTlv('1.2.840.113549.1.1.1'), tlv(0x05)),
      tlv(0x03, '\0', tlv(0x30, tlv(0x02, '\x81'), tlv(0x02, '\x03'))),
    ),
    /modulus/,
  ],
  [
    'a negative RSA exponent',
    key(
      tlv(0x30, oidTlv('1.2.840.113549.1.1.1'), tlv(0x05)),
      tlv(0x03, '\0', tlv(0x30, tlv(0x02, '\x01'), tlv(0x02, '\x83'))),
    ),
    /exponent/,
  ],
  ['an Ed25519 key of 31 bytes', key(tlv(0x30, oidTlv('1.3.101.112')), tlv(0x03, Buffer.alloc(32))), /Ed25519/],
  ['the same extension twice', twice(), /twice/],
  [
    'a critical flag of 1',
    withField(7, tlv(0xa3, tlv(0x30, tlv(0x30, oidTlv('2.5.29.19'), tlv(0x01, '\x01'), tlv(0x04, tlv(0x30)))))),
    /boolean/,
  ],
  ['a DNS name beyond ASCII', names(tlv(0x82, '\xe9')), /ASCII/],
  ['an IP address of 5 bytes', names(tlv(0x87, '12345')), /length/],
  ['a URI with a control character', names(tlv(0x86, 'http://a\x01/')), /URI/],
  ['names that are no list', withExtension('2.5.29.17', tlv(0x04)), /type/],
  ['a negative path length', withExtension('2.5.29.19', tlv(0x30, tlv(0x01, '\xff'), tlv(0x02, '\xff'))), /range/],
  [
    'a path length of 2^40',
    withExtension('2.5.29.19', tlv(0x30, tlv(0x01, '\xff'), tlv(0x02, '\x01\0\0\0\0\0'))),
    /range/,
  ],
  ['a key usage with bits set where none are', withExtension('2.5.29.15', tlv(0x03, '\x07\xff')), /bits/],
  ['a purpose that is no OID', withExtension('2.5.29.37', tlv(0x30, tlv(0x0c, 'x'))), /identifier/],
  ['a critical subject key identifier', withExtension('2.5.29.14', tlv(0x04, 'x'), true), /key identifier/],
  ['a critical authority key identifier', withExtension('2.5.29.35', tlv(0x30), true), /key identifier/],
  ['empty name constraints', withExtension('2.5.29.30', tlv(0x30)), /constraints/],
  [
    'an IP constraint with holes',
    withExtension('2.5.29.30', tlv(0x30, tlv(0xa0, tlv(0x30, tlv(0x87, '\x0a\0\0\0\xff\0\xff\0'))))),
    /holes/,
  ],
  [
    'bytes behind the value of an extension',
    withExtension('2.5.29.19', Buffer.concat([tlv(0x30), tlv(0x05)])),
    /remain/,
  ],
  [
    'more than 128 KiB',
    withField(
      5,
      tlv(
        0x30,
        ...Array.from({ length: 3 }, () => tlv(0x31, tlv(0x30, oidTlv('2.5.4.3'), tlv(0x0c, 'x'.repeat(50_000))))),
      ),
    ),
    /large|bytes/,
  ],
];

describe('readCertificate', () => {
  test('the certificates that the cases are made of are fine themselves', () => {
    for (const der of [
      leaf.der,
      withField(5, tlv(0x30)),
      names(tlv(0x82, 'x')),
      subject(0x0c, 'x'),
      subject(0x13, "a 'b"),
      utc('260101000000Z'),
    ])
      expect(readCertificate(der).ok).toBe(true);
  });

  test.each(unreadable)('%s cannot be read', (_what, der, why) => {
    const reading = readCertificate(der);
    expect(reading).toMatchObject({
      ok: false,
      failure: { code: 'certs.malformed-certificate', detail: expect.stringMatching(why) as string },
    });
  });

  test('every kind of text', () => {
    const texts: readonly (readonly [number, string, string])[] = [
      [0x0c, 'Zo\xc3\xab', 'Zoë'],
      [0x13, 'plain *&', 'plain *&'],
      [0x14, 'Zo\xeb', 'Zoë'],
      [0x16, 'a@b', 'a@b'],
      [0x12, '12 3', '12 3'],
      [0x1e, '\0Z\0o\0\xeb', 'Zoë'],
      [0x1e, '\0x\0\0', 'x'],
    ];
    for (const [type, bytes, text] of texts) {
      const reading = readCertificate(subject(type, bytes));
      expect(reading.ok && reading.value.lastCommonName).toBe(text);
    }
  });

  test('large OIDs are told apart', () => {
    const odd = (bytes: string): readonly string[] => {
      const value = tlv(0x30, tlv(0x06, bytes));
      const reading = readCertificate(withExtension('2.5.29.37', value));
      return reading.ok ? (reading.value.extendedKeyUsage ?? []) : [];
    };
    // 2^32 + 37 behind 2.5.29 must not look like 2.5.29.37.
    expect(odd('\x55\x1d\x90\x80\x80\x80\x25\x00')).toEqual(['2.5.29.4294967333.0']);
    expect(odd('\x55\x1d\x25\x00')).toEqual(['any']);
    expect(odd('\x90\x80\x80\x80\x25\x01')).toEqual(['2.4294967253.1']);
    expect(odd('\x88\x37\x01')).toEqual(['2.999.1']);
    expect(odd('\x2a\x03')).toEqual(['1.2.3']);
  });

  test('thousands of extensions or names take no time to speak of', () => {
    const many = Array.from({ length: 5_000 }, (_, index) => tlv(0x30, oidTlv(`1.2.3.${index}`), tlv(0x04, tlv(0x05))));
    const start = cpuTime();
    expect(readCertificate(withField(7, tlv(0xa3, tlv(0x30, ...many)))).ok).toBe(true);
    const sans = names(...Array.from({ length: 5_000 }, (_, index) => tlv(0x82, `h${index}.example`)));
    const reading = readCertificate(sans);
    expect(reading.ok && reading.value.dnsNames.length).toBe(5_000);
    // Quadratic work would take seconds.
    expect(cpuTime() - start).toBeLessThan(2_000);
  });

  test("all of Node's public authorities", () => {
    const { certificates } = parsePem(`${rootCertificates.join('\n')}\n`, 'roots', 'certificates');
    expect(certificates).toHaveLength(rootCertificates.length);
    for (const certificate of certificates) expect(certificate.isCa).toBe(true);
  });

  test('an altered certificate keeps its identity apart from the change', () => {
    const altered = certificateWith(root, { keyUsage: ['keyCertSign'] });
    expect(altered.certificate.subjectText).toBe(root.certificate.subjectText);
    expect(altered.certificate.fingerprint).not.toBe(root.certificate.fingerprint);
  });
});

function longLength(der: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0x30, 0x83, 0]), der.subarray(2)]);
}

function nested(depth: number): Buffer {
  let value = tlv(0x30);
  for (let level = 0; level < depth; level += 1) value = tlv(0x30, value);
  return value;
}

function twice(): Buffer {
  const [body = Buffer.alloc(0), algorithm = Buffer.alloc(0), signature = Buffer.alloc(0)] = partsOf(leaf.der);
  const fields = partsOf(body);
  const extensions = partsOf(partsOf(fields[7] as Buffer)[0] as Buffer);
  fields[7] = tlv(0xa3, tlv(0x30, ...extensions, extensions[0] as Buffer));
  return tlv(0x30, tlv(0x30, ...fields), algorithm, signature);
}
