import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';

import {
  checkCrlConfiguration,
  createCsr,
  inspectCertificate,
  inspectChain,
  lintCertificate,
  parsePem,
  readCertificate,
  readCrl,
  readCsr,
  readPkcs12,
  Verifier,
} from '../../../../src-main/domain/certs';
import { Secret } from '../../../../src-main/domain/kernel';
import { authority, client, hardened, list, now, recorded, server, vitess } from '../../../support/certs/pki';
import { haveCommand, runForeign, temporaryDirectory } from '../../../support/certs/foreign-tools';
import { patience } from '../../../support/fuzz/patience';

/** Cases for each reader; CI raises it. */
const numRuns = Number(process.env['FUZZ_RUNS'] ?? 10_000);
const directory = temporaryDirectory();

const root = authority('Root CA', {
  nameConstraints: {
    permitted: { dns: ['example.org'], ip: ['10.0.0.0/8'], uri: ['example.org'], email: ['example.org'] },
  },
});
const rsa = authority('RSA', { key: 'rsa-2048' });
const middle = authority('Middle', { issuer: root, pathLength: 0 });
const leaf = client(middle, 'anna', {
  subject: { country: 'CH', organization: 'Acme', commonName: ['a', 'anna'] },
  dnsNames: ['dev.example.org'],
  ipAddresses: ['10.0.0.1', '::1'],
  uris: ['https://x.example.org/'],
  emails: ['a@example.org'],
  crlDistributionPoint: 'http://crl/',
});
const certificates = [root, rsa, middle, leaf, server(rsa, ['gate.example'], { key: 'ed25519' })].map(({ der }) => der);
const crls = [list(root, []), list(rsa, [{ serial: '0102', date: now, reason: 'keyCompromise' }, '03'])];
const requests = [
  createCsr({ subject: { commonName: 'x' }, dnsNames: ['a'] }),
  createCsr({ subject: {}, key: 'ed25519' }),
].map(({ der }) => der);

/** One of the given byte strings with bytes changed, cut out, repeated or put in, or bytes out of nowhere. */
function mutated(sources: readonly Buffer[]): fc.Arbitrary<Buffer> {
  const change = fc.record({
    kind: fc.constantFrom('set', 'flip', 'cut', 'insert', 'repeat'),
    at: fc.nat(),
    length: fc.integer({ min: 1, max: 12 }),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 6 }),
  });
  const mutant = fc
    .tuple(fc.constantFrom(...sources), fc.array(change, { minLength: 1, maxLength: 4 }))
    .map(([source, changes]) => {
      let bytes = Buffer.from(source);
      for (const { kind, at, length, bytes: put } of changes) {
        const place = bytes.length === 0 ? 0 : at % bytes.length;
        if (kind === 'set') bytes.set(put.subarray(0, bytes.length - place), place);
        else if (kind === 'flip') bytes[place] = (bytes[place] ?? 0) ^ (1 << (at & 7));
        else if (kind === 'cut') bytes = Buffer.concat([bytes.subarray(0, place), bytes.subarray(place + length)]);
        else if (kind === 'insert') bytes = Buffer.concat([bytes.subarray(0, place), put, bytes.subarray(place)]);
        else bytes = Buffer.concat([bytes.subarray(0, place + length), bytes.subarray(place)]);
      }
      return bytes;
    });
  return fc.oneof(
    { weight: 9, arbitrary: mutant },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)) },
  );
}

/** A failure is a code, a sentence and at most one line of detail. */
function isFailure(failure: { readonly code: string; readonly summary: string; readonly detail?: string }): void {
  expect(failure.code).toMatch(/^certs\./);
  expect(failure.summary).toMatch(/\.$/);
  expect(failure.detail ?? '').not.toMatch(/\n|TypeError|RangeError|undefined|Cannot read/);
}

describe('hostile bytes', () => {
  test(
    'readCertificate, and everything that looks at what it read',
    () => {
      let read = 0;
      fc.assert(
        fc.property(mutated(certificates), (der) => {
          const reading = readCertificate(der);
          if (!reading.ok) return isFailure(reading.failure);
          read += 1;
          expect(inspectCertificate(reading.value, { now }).split('\n')).toHaveLength(6);
          lintCertificate(reading.value);
          expect(typeof reading.value.subjectText).toBe('string');
          if (read % 16 === 0)
            inspectChain({
              certificates: [reading.value, middle.certificate],
              file: 'x',
              now,
              anchors: [root.certificate],
              purpose: 'client',
              expectedNames: ['dev'],
            });
        }),
        { numRuns },
      );
      expect(read).toBeGreaterThan(numRuns / 20);
    },
    patience(60_000),
  );

  test(
    'readCrl and checkCrlConfiguration',
    () => {
      fc.assert(
        fc.property(mutated(crls.map(({ der }) => der)), (der) => {
          const reading = readCrl(der);
          if (!reading.ok) isFailure(reading.failure);
          const crlText = `-----BEGIN X509 CRL-----\n${der.toString('base64')}\n-----END X509 CRL-----\n`;
          for (const fidelity of [recorded, vitess]) {
            const verdict = checkCrlConfiguration({
              crlText,
              anchors: [root.certificate, rsa.certificate],
              hasCertAndKey: true,
              now,
              fidelity,
            });
            if (!reading.ok && der.length > 0) expect(verdict.failure?.code).toBe('certs.crl-malformed');
          }
        }),
        { numRuns },
      );
    },
    patience(60_000),
  );

  test(
    'readCsr',
    () => {
      fc.assert(
        fc.property(mutated(requests), (der) => {
          const reading = readCsr(der);
          if (!reading.ok) isFailure(reading.failure);
          // The signature covers everything but itself, so nothing that was changed is ever accepted.
          else expect(requests.some((request) => request.equals(der))).toBe(true);
        }),
        { numRuns },
      );
    },
    patience(60_000),
  );

  test(
    'parsePem',
    () => {
      const key = '-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49\n-----END PRIVATE KEY-----\n';
      const texts = [leaf.pem, leaf.pem + root.pem, crls.map(({ pem }) => pem).join(''), key, `${key}${leaf.pem}`].map(
        (text) => Buffer.from(text, 'latin1'),
      );
      fc.assert(
        fc.property(
          mutated(texts),
          fc.constantFrom('certificate', 'certificates', 'private-key', 'crl', 'any'),
          (bytes, expectation) => {
            const reading = parsePem(bytes.toString('utf8'), 'x.pem', expectation as 'any');
            for (const { code, line, column, message, remedy } of reading.findings) {
              expect(code).toMatch(/^pem\./);
              expect(line >= 0 && column >= 0 && message !== '' && remedy.endsWith('.')).toBe(true);
              expect(message).not.toContain('MIGHAgEAMBMG');
            }
          },
        ),
        { numRuns },
      );
    },
    patience(60_000),
  );

  test(
    'verifyPeer refuses or accepts, and accepts nothing that was changed',
    () => {
      const verifier = new Verifier();
      const anchors = [root.certificate, rsa.certificate];
      fc.assert(
        fc.property(
          fc.array(mutated(certificates), { maxLength: 4 }),
          fc.boolean(),
          fc.constantFrom(vitess, recorded, hardened),
          (mutants, honest, fidelity) => {
            const chain = honest ? [leaf.der, ...mutants, middle.der] : mutants;
            const verdict = verifier.verifyPeer({
              purpose: 'client',
              chain,
              anchors,
              crls: crls.map(({ crl }) => crl),
              now,
              fidelity,
            });
            if (verdict.ok) expect(certificates.some((der) => der.equals(chain[0] as Buffer))).toBe(true);
            else expect(verdict.message).toMatch(/\S\.$/);
          },
        ),
        { numRuns },
      );
    },
    patience(60_000),
  );
});

describe.runIf(haveCommand('openssl', 'fuzzing PKCS#12'))('hostile PKCS#12', () => {
  const sources: Buffer[] = [];
  const passphrase = new Secret('x');

  beforeAll(() => {
    const key = directory.write('key.pem', leaf.privateKeyPem.reveal());
    const file = directory.write('leaf.pem', leaf.pem + middle.pem);
    // Without MAC every change reaches the readers behind it.
    for (const options of [
      ['-nomac', '-certpbe', 'NONE', '-keypbe', 'NONE'],
      ['-nomac', '-iter', '1'],
      ['-nomac', '-iter', '1', '-legacy'],
      ['-iter', '1', '-nomaciter'],
    ]) {
      const { code } = runForeign('openssl', [
        'pkcs12',
        '-export',
        ...options,
        '-out',
        `${directory.path}/x.p12`,
        '-passout',
        'pass:x',
        '-inkey',
        key,
        '-in',
        file,
      ]);
      expect(code).toBe(0);
      sources.push(Buffer.from(runForeign('base64', [`${directory.path}/x.p12`]).text, 'base64'));
    }
  });

  test(
    'readPkcs12',
    async () => {
      let opened = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.nat(3).chain((index) => mutated([sources[index] as Buffer])),
          async (data) => {
            const reading = await readPkcs12(data, passphrase);
            if (reading.ok) opened += 1;
            else isFailure(reading.failure);
          },
        ),
        { numRuns: Math.ceil(numRuns / 4) },
      );
      expect(opened).toBeGreaterThan(0);
    },
    patience(60_000),
  );
});
