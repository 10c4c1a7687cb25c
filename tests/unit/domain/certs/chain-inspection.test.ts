import { describe, expect, test } from 'vitest';

import { generateKey, inspectChain, type ChainInspection } from '../../../../src-main/domain/certs';
import type { Finding } from '../../../../src-main/domain/kernel';
import { authority, client, daysFromNow, now, server } from '../../../support/certs/pki';

const root = authority('Root CA');
const middle = authority('Middle CA', { issuer: root });
const gate = server(middle, ['gate.example']);
const stranger = authority('Stranger CA');

const inspect = (input: Partial<ChainInspection>): readonly Finding[] =>
  inspectChain({ certificates: [gate.certificate, middle.certificate], file: 'pki/gate.pem', now, ...input });
const codes = (findings: readonly Finding[]): readonly string[] =>
  findings.map(({ code, level, line }) => `${code}:${level}:${line}`);
const leafWith = (request: Parameters<typeof server>[2]) => [
  server(middle, ['gate.example'], request).certificate,
  middle.certificate,
];

const rows: readonly (readonly [string, Partial<ChainInspection>, readonly string[]])[] = [
  [
    'a good chain, everything known',
    {
      privateKey: gate.privateKey,
      anchors: [root.certificate],
      expectedNames: ['gate.example'],
      purpose: 'server',
      lines: [1, 13],
    },
    [],
  ],
  ['no certificate', { certificates: [] }, ['chain.empty:error:0']],
  [
    'an expired leaf',
    {
      certificates: leafWith({ notBefore: daysFromNow(-30), days: 10 }),
      lines: [1, 13],
      anchors: [root.certificate],
      purpose: 'server',
    },
    ['chain.expired:error:1'],
  ],
  [
    'a leaf of tomorrow',
    { certificates: leafWith({ notBefore: daysFromNow(1) }), lines: [1, 13] },
    ['chain.not-yet-valid:error:1'],
  ],
  [
    'a leaf that expires within a month',
    { certificates: leafWith({ notBefore: daysFromNow(-99), notAfter: daysFromNow(29) }) },
    ['chain.expires-soon:warning:0'],
  ],
  [
    'a leaf that expires after a month',
    { certificates: leafWith({ notBefore: daysFromNow(-99), notAfter: daysFromNow(31) }) },
    [],
  ],
  [
    'a short-lived leaf in its first half',
    { certificates: leafWith({ notBefore: daysFromNow(-1), notAfter: daysFromNow(1.1) }) },
    [],
  ],
  [
    'a short-lived leaf in its last third',
    { certificates: leafWith({ notBefore: daysFromNow(-1), notAfter: daysFromNow(0.4) }) },
    ['chain.expires-soon:warning:0'],
  ],
  ['another key', { privateKey: generateKey().privateKey, lines: [1, 13] }, ['chain.key-mismatch:error:1']],
  [
    'the leaf is not first',
    { certificates: [middle.certificate, gate.certificate], privateKey: gate.privateKey, lines: [1, 13] },
    ['chain.leaf-not-first:error:13', 'chain.order:warning:13', 'chain.authority-as-leaf:warning:1'],
  ],
  [
    'a stranger in the chain',
    { certificates: [gate.certificate, stranger.certificate], lines: [1, 13] },
    ['chain.order:warning:13', 'chain.root-included:info:13'],
  ],
  [
    'the root is sent too',
    { certificates: [gate.certificate, middle.certificate, root.certificate], lines: [1, 13, 25] },
    ['chain.root-included:info:25'],
  ],
  ['the leaf outlives its authority', { certificates: outliving() }, ['chain.outlives-issuer:warning:0']],
  [
    'a missing intermediate',
    { certificates: [gate.certificate], anchors: [root.certificate], purpose: 'server' },
    ['chain.missing-intermediate:error:0'],
  ],
  [
    'a missing intermediate, purpose unknown',
    { certificates: [gate.certificate], anchors: [root.certificate] },
    ['chain.missing-intermediate:error:0'],
  ],
  [
    'an intermediate as anchor',
    { certificates: [gate.certificate], anchors: [middle.certificate], purpose: 'server' },
    [],
  ],
  [
    'a server with another name',
    { expectedNames: ['gate.example', 'tablet.example', '127.0.0.1'] },
    ['chain.name-mismatch:error:0', 'chain.name-mismatch:error:0'],
  ],
  [
    'a server certificate for a client',
    { purpose: 'client', anchors: [root.certificate] },
    ['chain.wrong-purpose:error:0'],
  ],
  [
    'an intermediate for another purpose',
    { certificates: clientBelowServers(), purpose: 'client', anchors: [root.certificate] },
    [],
  ],
  ['a name that the authority may not certify', { ...constrained() }, ['chain.name-constraint:error:0']],
  [
    'lints stand at their lines',
    {
      certificates: [server(middle, ['gate example'], { key: 'ed25519' }).certificate, middle.certificate],
      lines: [3, 15],
    },
    ['certificate.ed25519-in-tls:warning:3', 'certificate.odd-dns-name:info:3'],
  ],
];

describe('inspectChain', () => {
  test.each(rows)('%s', (_what, input, wanted) => {
    const findings = inspect(input);
    expect(codes(findings)).toEqual(wanted);
    for (const finding of findings) {
      expect(finding.file).toBe('pki/gate.pem');
      expect(finding.remedy).toMatch(/\.$/);
    }
  });
});

function outliving() {
  const short = authority('Short CA', { issuer: root, notAfter: daysFromNow(40) });
  return [server(short, ['gate.example']).certificate, short.certificate];
}

function clientBelowServers() {
  const both = authority('Both CA', { issuer: root, extendedKeyUsage: ['serverAuth', 'clientAuth'] });
  return [client(both, 'anna').certificate, both.certificate];
}

function constrained(): Partial<ChainInspection> {
  const narrow = authority('Narrow CA', { issuer: root, nameConstraints: { permitted: { dns: ['example.org'] } } });
  return {
    certificates: [server(narrow, ['gate.example']).certificate, narrow.certificate],
    anchors: [root.certificate],
    purpose: 'server',
  };
}
