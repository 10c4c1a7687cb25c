import { describe, expect, test } from 'vitest';

import {
  parsePem,
  privateKeyPem,
  createCsr,
  generateKey,
  encryptPrivateKey,
  type PemExpectation,
} from '../../../../src-main/domain/certs';
import { Secret } from '../../../../src-main/domain/kernel';
import { authority, client, list } from '../../../support/certs/pki';
import { cpuTime } from '../../../support/cpu-time';

const root = authority('Root CA');
const leaf = client(root, 'anna');
const key = privateKeyPem(leaf.privateKey).reveal();
const crl = list(root, []).pem;
const lines = leaf.pem.split('\n');
const encrypted = await encryptPrivateKey(key, new Secret('x'));
const encryptedKey = encrypted.ok ? encrypted.value : '';

interface Row {
  readonly what: string;
  readonly text: string;
  readonly expect?: PemExpectation;
  /** code, level, line and column of every finding. */
  readonly findings: readonly (readonly [string, string, number, number])[];
  readonly certificates?: number;
}

const rows: readonly Row[] = [
  { what: 'a certificate', text: leaf.pem, expect: 'certificate', findings: [], certificates: 1 },
  { what: 'a chain', text: leaf.pem + root.pem, expect: 'certificate', findings: [], certificates: 2 },
  { what: 'a key', text: key, expect: 'private-key', findings: [] },
  { what: 'a list', text: crl, expect: 'crl', findings: [] },
  { what: 'nothing in particular', text: leaf.pem + key + crl, findings: [], certificates: 1 },
  { what: 'an empty file', text: ' \n', expect: 'certificate', findings: [['pem.no-block', 'error', 0, 0]] },
  { what: 'an empty file, nothing expected', text: '', findings: [['pem.no-block', 'warning', 0, 0]] },
  { what: 'DER', text: leaf.der.toString('utf8'), expect: 'certificate', findings: [['pem.no-block', 'error', 0, 0]] },
  {
    what: 'UTF-16',
    text: Buffer.from(leaf.pem, 'utf16le').toString('latin1'),
    expect: 'certificate',
    findings: [['pem.no-block', 'error', 0, 0]],
  },
  {
    what: 'a key where a certificate is expected',
    text: key,
    expect: 'certificate',
    findings: [['pem.unexpected', 'error', 1, 1]],
  },
  {
    what: 'a certificate where a key is expected',
    text: leaf.pem,
    expect: 'private-key',
    findings: [['pem.unexpected', 'error', 1, 1]],
  },
  {
    what: 'a certificate where a list is expected',
    text: leaf.pem,
    expect: 'crl',
    findings: [['pem.unexpected', 'error', 1, 1]],
  },
  {
    what: 'a request where a certificate is expected',
    text: createCsr({ subject: {} }).pem,
    expect: 'certificate',
    findings: [['pem.unexpected', 'error', 1, 1]],
  },
  {
    what: 'a key among certificates',
    text: leaf.pem + key,
    expect: 'certificates',
    findings: [['pem.key-in-public-file', 'warning', lines.length, 1]],
    certificates: 1,
  },
  {
    what: 'two keys',
    text: key + key,
    expect: 'private-key',
    findings: [['pem.several-keys', 'warning', key.split('\n').length, 1]],
  },
  {
    what: 'an encrypted key',
    text: encryptedKey,
    expect: 'private-key',
    findings: [['pem.encrypted-key', 'info', 1, 1]],
  },
  {
    what: 'CR LF',
    text: leaf.pem.replaceAll('\n', '\r\n'),
    expect: 'certificate',
    findings: [['pem.crlf', 'info', 1, 0]],
    certificates: 1,
  },
  {
    what: 'a byte order mark',
    text: `\ufeff${leaf.pem}`,
    expect: 'certificate',
    findings: [['pem.byte-order-mark', 'error', 1, 1]],
    certificates: 1,
  },
  {
    what: 'no final line break',
    text: leaf.pem.trimEnd(),
    expect: 'certificate',
    findings: [['pem.no-final-newline', 'warning', lines.length - 1, 0]],
    certificates: 1,
  },
  {
    what: 'joined blocks',
    text: leaf.pem.trimEnd() + root.pem,
    expect: 'certificate',
    findings: [['pem.joined', 'error', lines.length - 1, 26]],
    certificates: 0,
  },
  {
    what: 'text before and between',
    text: `Subject: x\n${leaf.pem}\nmore\n${root.pem}`,
    expect: 'certificate',
    findings: [['pem.text-outside', 'info', 1, 1]],
    certificates: 2,
  },
  {
    what: 'an indented BEGIN',
    text: leaf.pem.replace('-----BEGIN', '  -----BEGIN'),
    expect: 'certificate',
    findings: [['pem.indented', 'error', 1, 3]],
    certificates: 0,
  },
  {
    what: 'cut off in the middle',
    text: lines.slice(0, 4).join('\n'),
    expect: 'certificate',
    findings: [['pem.unterminated', 'error', 1, 1]],
    certificates: 0,
  },
  {
    what: 'cut off, another block behind',
    text: `${lines.slice(0, 4).join('\n')}\n${root.pem}`,
    expect: 'certificate',
    findings: [['pem.unterminated', 'error', 1, 1]],
    certificates: 1,
  },
  {
    what: 'a foreign character',
    text: leaf.pem.replace(/^(.*\n.*\n.{5})./, '$1*'),
    expect: 'certificate',
    findings: [['pem.not-base64', 'error', 3, 6]],
    certificates: 0,
  },
  {
    what: 'a missing character',
    text: leaf.pem.replace(/^(.*\n.*\n.{5})./, '$1'),
    expect: 'certificate',
    findings: [['pem.truncated', 'error', lines.length - 2, 1]],
    certificates: 0,
  },
  {
    what: 'a missing line',
    text: [...lines.slice(0, 3), ...lines.slice(4)].join('\n'),
    expect: 'certificate',
    findings: [['pem.malformed-certificate', 'error', 1, 1]],
    certificates: 0,
  },
  {
    what: 'an empty block',
    text: '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n',
    expect: 'certificate',
    findings: [['pem.empty-block', 'error', 1, 1]],
    certificates: 0,
  },
  {
    what: 'BEGIN and END of different kinds',
    text: leaf.pem.replace('END CERTIFICATE', 'END PRIVATE KEY'),
    expect: 'certificate',
    findings: [['pem.label-mismatch', 'error', lines.length - 1, 1]],
    certificates: 0,
  },
  {
    what: 'END alone',
    text: `-----END CERTIFICATE-----\n${leaf.pem}`,
    expect: 'certificate',
    findings: [['pem.end-without-begin', 'error', 1, 1]],
    certificates: 1,
  },
  {
    what: "openssl's trusted certificate",
    text: leaf.pem.replaceAll('CERTIFICATE', 'TRUSTED CERTIFICATE'),
    expect: 'certificate',
    findings: [['pem.label-overlooked', 'error', 1, 1]],
    certificates: 0,
  },
  {
    what: 'a list with the label CRL',
    text: crl.replaceAll('X509 CRL', 'CRL'),
    expect: 'crl',
    findings: [['pem.label-overlooked', 'error', 1, 1]],
  },
  {
    what: 'a list that is none',
    text: '-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n',
    expect: 'crl',
    findings: [['pem.malformed-crl', 'error', 1, 1]],
  },
  {
    what: 'the same certificate twice',
    text: leaf.pem + leaf.pem,
    expect: 'certificates',
    findings: [['pem.duplicate', 'info', lines.length, 1]],
    certificates: 2,
  },
  {
    what: 'a good and a damaged certificate',
    text: leaf.pem + root.pem.replace(/^(.*\n.{7})./, '$1!'),
    expect: 'certificates',
    findings: [['pem.not-base64', 'error', lines.length + 1, 8]],
    certificates: 1,
  },
  {
    what: 'trailing spaces and NUL',
    text: leaf.pem.replaceAll('\n', ' \t\0\n'),
    expect: 'certificate',
    findings: [],
    certificates: 1,
  },
];

describe('parsePem', () => {
  test.each(rows)('$what', ({ text, expect: wanted, findings, certificates }) => {
    const reading = parsePem(text, 'pki/x.pem', wanted);
    expect(reading.findings.map(({ code, level, line, column }) => [code, level, line, column])).toEqual(findings);
    if (certificates !== undefined) expect(reading.certificates).toHaveLength(certificates);
    for (const finding of reading.findings) {
      expect(finding.file).toBe('pki/x.pem');
      expect(finding.message).toMatch(/\S/);
      expect(finding.remedy).toMatch(/\.$/);
    }
  });

  test('gives blocks with their kinds and lines', () => {
    const reading = parsePem(
      leaf.pem +
        key +
        crl +
        createCsr({ subject: {} }).pem +
        encryptedKey +
        '-----BEGIN DH PARAMETERS-----\nMAA=\n-----END DH PARAMETERS-----\n',
      'x',
    );
    expect(reading.blocks.map(({ kind }) => kind)).toEqual([
      'certificate',
      'private-key',
      'crl',
      'certificate-request',
      'private-key',
      'other',
    ]);
    expect(reading.blocks.map((block) => (block.kind === 'private-key' ? block.encrypted : null))).toEqual([
      null,
      false,
      null,
      null,
      true,
      null,
    ]);
    expect(reading.blocks[1]?.line).toBe(lines.length);
    expect(reading.crls).toHaveLength(1);
  });

  test('megabytes of white space, dashes or BEGINs take no time to speak of', () => {
    const start = cpuTime();
    for (const text of [
      `${' '.repeat(1_000_000)}x`,
      `-----BEGIN ${'-'.repeat(1_000_000)}x`,
      '-----BEGIN '.repeat(100_000),
      `-----BEGIN A-----\n${' '.repeat(1_000_000)}x\n`,
    ])
      parsePem(text, 'x');
    expect(cpuTime() - start).toBeLessThan(3_000);
  });

  test('never shows key material', () => {
    const middle = key.split('\n')[1] ?? '';
    const reading = parsePem(
      leaf.pem + key.replace(middle, `${middle.slice(0, 30)}*${middle.slice(31)}`) + key,
      'x',
      'certificate',
    );
    expect(JSON.stringify(reading.findings)).not.toContain(middle.slice(0, 12));
    expect(JSON.stringify(reading.blocks.filter(({ kind }) => kind === 'private-key'))).toContain('[secret]');
    expect(JSON.stringify(reading.blocks.filter(({ kind }) => kind === 'private-key'))).not.toContain(
      middle.slice(0, 12),
    );
    expect(generateKey().privateKey.type).toBe('private');
  });

  test('quotes no key that a damaged line has made part of a label', () => {
    for (const text of [
      '-----BEGIN PRIVATEMIGHAgEAMBMGa-----END PRIVATE KEY-----\n',
      '-----BEGIN PRIVATE KEYMIGHAgEAMBMG-----\n-----END PRIVATE KEYMIGHAgEAMBMG-----\n',
      '-----BEGIN MIGHAgEAMBMG-----\nAAAA\n-----END CERTIFICATE-----\n',
    ])
      for (const expectation of ['certificate', 'private-key', 'any'] as const) {
        const { findings } = parsePem(text, 'x.pem', expectation);
        expect(findings.length).toBeGreaterThan(0);
        expect(JSON.stringify(findings)).not.toContain('MIGHAgEAMBMG');
      }
  });
});
