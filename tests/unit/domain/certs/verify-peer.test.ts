import { createHash, createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import { afterAll, describe, expect, test } from 'vitest';

import {
  createAuthority,
  issueCertificate,
  pairOf,
  readCertificate,
  Verifier,
} from '../../../../src-main/domain/certs';
import type {
  IssuedIdentity,
  KeyPair,
  ParsedCertificate,
  PeerRefusalCause,
  PeerVerdict,
} from '../../../../src-main/domain/certs';
import { certificateWith, oidTlv, partsOf, resign, tlv } from '../../../support/certs/altered';
import {
  authority,
  client,
  day,
  daysFromNow,
  hardened,
  judgeClient,
  judgeServer,
  list,
  now,
  server,
  vitess,
} from '../../../support/certs/pki';

const root = authority('Root CA');
const intermediate = authority('Intermediate CA', { issuer: root });
const foreign = authority('Foreign CA');
const good = client(root, 'good');
const below = client(intermediate, 'below');
const gate = server(root, ['gate.example', '*.apps.example', 'vttablet server instance'], {
  ipAddresses: ['127.0.0.1', '::1'],
});

const keys = (type: 'rsa' | 'ec', options: object): KeyPair =>
  (generateKeyPairSync as unknown as (type: string, options: object) => KeyPair)(type, options);
const rsa512 = createPrivateKey(
  keys('rsa', { modulusLength: 512 }).privateKey.export({ type: 'pkcs8', format: 'pem' }),
);
const rsa1024 = keys('rsa', { modulusLength: 1024 });
const p224 = keys('ec', { namedCurve: 'P-224' });

interface Refusal {
  readonly what: string;
  readonly verdict: () => PeerVerdict;
  readonly cause: PeerRefusalCause;
  readonly alert: string;
  readonly stage?: string;
  readonly says?: RegExp;
}

const chainOf = (...identities: readonly { readonly der: Uint8Array }[]) => identities;
const garbage = { der: Buffer.from('3003020101', 'hex') };

const sameNameOtherKey = authority('Root CA');
const noUsageRoot = authority('Root CA');
const oldCrl = list(root, [], { thisUpdate: daysFromNow(-40), nextUpdate: daysFromNow(-10) });

/** Every reason for which a client may be refused, at least once. */
const refusals: readonly Refusal[] = [
  {
    what: 'no certificate, TLS 1.3',
    verdict: () => judgeClient({ chain: [], anchors: [root] }),
    cause: 'certificate-required',
    alert: 'certificate_required',
    says: /sent no certificate/,
  },
  {
    what: 'no certificate, TLS 1.2',
    verdict: () => judgeClient({ chain: [], anchors: [root], tlsVersion: 'TLSv1.2' }),
    cause: 'certificate-required',
    alert: 'handshake_failure',
  },
  {
    what: 'bytes that are no certificate',
    verdict: () => judgeClient({ chain: [garbage], anchors: [root] }),
    cause: 'malformed-certificate',
    alert: 'decode_error',
  },
  {
    what: 'a good leaf followed by garbage',
    verdict: () => judgeClient({ chain: [good, garbage], anchors: [root] }),
    cause: 'malformed-certificate',
    alert: 'decode_error',
  },
  {
    what: 'a certificate with a byte behind it',
    verdict: () => judgeClient({ chain: [{ der: Buffer.concat([good.der, Buffer.of(0)]) }], anchors: [root] }),
    cause: 'malformed-certificate',
    alert: 'decode_error',
  },
  {
    what: '33 certificates',
    verdict: () => judgeClient({ chain: new Array<typeof good>(33).fill(good), anchors: [root] }),
    cause: 'too-many-certificates',
    alert: 'bad_certificate',
  },
  {
    what: 'a key of a kind that TLS does not use',
    verdict: () =>
      judgeClient({
        chain: [client(root, 'x25519', { publicKey: keys('ec', { namedCurve: 'P-256' }).publicKey })].map(toX25519),
        anchors: [root],
      }),
    cause: 'unsupported-key',
    alert: 'unsupported_certificate',
  },
  {
    what: 'an RSA key above 8192 bits',
    verdict: () => judgeClient({ chain: [hugeKey()], anchors: [root] }),
    cause: 'unsupported-key',
    alert: 'bad_certificate',
    says: /8200 bits/,
  },
  {
    what: 'an RSA authority of 512 bits',
    verdict: () => weakAuthority(),
    cause: 'weak-key',
    alert: 'unknown_ca',
    says: /RSA key of only 512 bits/,
  },
  {
    what: 'an RSA leaf of 1024 bits, hardened',
    verdict: () =>
      judgeClient({ chain: [client(root, 'weak', { key: rsa1024 })], anchors: [root], fidelity: hardened }),
    cause: 'weak-key',
    alert: 'bad_certificate',
  },
  {
    what: 'a leaf on P-224, hardened',
    verdict: () => judgeClient({ chain: [client(root, 'weak', { key: p224 })], anchors: [root], fidelity: hardened }),
    cause: 'weak-key',
    alert: 'bad_certificate',
  },
  {
    what: 'an RSA trust anchor of 1024 bits, hardened',
    verdict: () => {
      const weak = authority('Weak', { key: rsa1024 });
      return judgeClient({ chain: [client(weak, 'x')], anchors: [weak], fidelity: hardened });
    },
    cause: 'weak-key',
    alert: 'bad_certificate',
  },
  {
    what: 'a SHA-1 signature',
    verdict: () => judgeClient({ chain: [resign(good, root, 'sha1')], anchors: [root] }),
    cause: 'weak-signature',
    alert: 'unknown_ca',
    says: /ecdsa-sha1/,
  },
  {
    what: 'an unknown signature algorithm',
    verdict: () => judgeClient({ chain: [resign(good, root, 'sha3-256')], anchors: [root] }),
    cause: 'weak-signature',
    alert: 'unknown_ca',
  },
  {
    what: 'a changed byte in the body',
    verdict: () => judgeClient({ chain: [tampered(good)], anchors: [root] }),
    cause: 'bad-signature',
    alert: 'unknown_ca',
    says: /changed after it was issued/,
  },
  {
    what: 'an authority of the same name with another key',
    verdict: () => judgeClient({ chain: [client(sameNameOtherKey, 'x')], anchors: [root] }),
    cause: 'unknown-authority',
    alert: 'unknown_ca',
    says: /another key/,
  },
  {
    what: 'a foreign authority',
    verdict: () => judgeClient({ chain: [client(foreign, 'x')], anchors: [root] }),
    cause: 'unknown-authority',
    alert: 'unknown_ca',
    says: /CN=Foreign CA/,
  },
  {
    what: 'a foreign authority that is sent along',
    verdict: () => judgeClient({ chain: [client(foreign, 'x'), foreign], anchors: [root] }),
    cause: 'unknown-authority',
    alert: 'unknown_ca',
  },
  {
    what: 'a self-signed certificate',
    verdict: () => judgeClient({ chain: [selfSigned('x')], anchors: [root] }),
    cause: 'unknown-authority',
    alert: 'unknown_ca',
    says: /self-signed/,
  },
  {
    what: 'an intermediate that is not sent',
    verdict: () => judgeClient({ chain: [below], anchors: [root] }),
    cause: 'unknown-authority',
    alert: 'unknown_ca',
    says: /neither in the CA file nor sent along/,
  },
  {
    what: 'an empty CA file',
    verdict: () => judgeClient({ chain: [good], anchors: [] }),
    cause: 'unknown-authority',
    alert: 'unknown_ca',
  },
  {
    what: 'a leaf that signs',
    verdict: () => judgeClient({ chain: [signedByLeaf(), good], anchors: [root] }),
    cause: 'not-an-authority',
    alert: 'unknown_ca',
    says: /may not sign certificates/,
  },
  {
    what: 'a leaf in the CA file that signs',
    verdict: () => judgeClient({ chain: [signedByLeaf()], anchors: [good] }),
    cause: 'not-an-authority',
    alert: 'unknown_ca',
  },
  {
    what: 'no authority, though its key usage says keyCertSign',
    verdict: () => {
      const odd = certificateWith(noUsageRoot, { notAnAuthority: true });
      return judgeClient({ chain: [client(noUsageRoot, 'x')], anchors: [odd] });
    },
    cause: 'not-an-authority',
    alert: 'unknown_ca',
    says: /it is no authority/,
  },
  {
    what: 'no basic constraints at all',
    verdict: () => {
      const odd = certificateWith(noUsageRoot, { removeExtension: '2.5.29.19' });
      return judgeClient({ chain: [client(noUsageRoot, 'x')], anchors: [odd] });
    },
    cause: 'not-an-authority',
    alert: 'unknown_ca',
  },
  {
    what: 'an Ed25519 signature with parameters',
    verdict: () => {
      const odd = authority('Ed', { key: 'ed25519' });
      return judgeClient({ chain: [withAlgorithmParameters(client(odd, 'x'))], anchors: [odd] });
    },
    cause: 'weak-signature',
    alert: 'unknown_ca',
  },
  {
    what: 'an authority whose key usage lacks keyCertSign',
    verdict: () => {
      const weak = certificateWith(noUsageRoot, { keyUsage: ['cRLSign'] });
      return judgeClient({
        chain: [client({ certificate: weak.certificate, privateKey: noUsageRoot.privateKey }, 'x')],
        anchors: [weak],
      });
    },
    cause: 'not-an-authority',
    alert: 'unknown_ca',
    says: /lacks keyCertSign/,
  },
  {
    what: 'a version 1 intermediate',
    verdict: () => versionOneIntermediate(),
    cause: 'not-an-authority',
    alert: 'bad_certificate',
  },
  {
    what: 'more authorities than the path length allows',
    verdict: () => {
      const short = authority('Short', { pathLength: 0 });
      const middle = authority('Middle', { issuer: short });
      return judgeClient({ chain: [client(middle, 'x'), middle], anchors: [short] });
    },
    cause: 'path-too-long',
    alert: 'bad_certificate',
    says: /allows 0 authorities/,
  },
  {
    what: 'a maze of cross-signed authorities',
    verdict: () => maze(),
    cause: 'path-search-limit',
    alert: 'bad_certificate',
  },
  {
    what: 'an expired leaf',
    verdict: () =>
      judgeClient({ chain: [client(root, 'x', { notBefore: daysFromNow(-20), days: 5 })], anchors: [root] }),
    cause: 'expired',
    alert: 'certificate_expired',
    says: /expired at 2026-05-17T12:00:00Z/,
  },
  {
    what: 'an expired intermediate',
    verdict: () => {
      const old = authority('Old', { issuer: root, notBefore: daysFromNow(-20), days: 5 });
      return judgeClient({ chain: [client(old, 'x'), old], anchors: [root] });
    },
    cause: 'expired',
    alert: 'certificate_expired',
    says: /CN=Old/,
  },
  {
    what: 'an expired trust anchor',
    verdict: () => {
      const old = authority('Old', { notBefore: daysFromNow(-20), days: 5 });
      return judgeClient({ chain: [client(old, 'x')], anchors: [old] });
    },
    cause: 'expired',
    alert: 'certificate_expired',
  },
  {
    what: 'a leaf of tomorrow',
    verdict: () => judgeClient({ chain: [client(root, 'x', { notBefore: daysFromNow(1) })], anchors: [root] }),
    cause: 'not-yet-valid',
    alert: 'certificate_expired',
  },
  {
    what: 'an intermediate of tomorrow',
    verdict: () => {
      const early = authority('Early', { issuer: root, notBefore: daysFromNow(1) });
      return judgeClient({ chain: [client(early, 'x'), early], anchors: [root] });
    },
    cause: 'not-yet-valid',
    alert: 'certificate_expired',
  },
  {
    what: 'an unknown critical extension in the leaf',
    verdict: () =>
      judgeClient({
        chain: [resign(certificateWith(good, { extension: { oid: '1.3.6.1.4.1.99999.1', critical: true } }), root)],
        anchors: [root],
      }),
    cause: 'unknown-critical-extension',
    alert: 'bad_certificate',
    says: /1\.3\.6\.1\.4\.1\.99999\.1/,
  },
  {
    what: 'an unknown critical extension in the authority',
    verdict: () => {
      const odd = resign(certificateWith(root, { extension: { oid: '1.3.6.1.4.1.99999.1', critical: true } }), root);
      return judgeClient({ chain: [good], anchors: [odd] });
    },
    cause: 'unknown-critical-extension',
    alert: 'bad_certificate',
  },
  {
    what: 'rules about policies',
    verdict: () =>
      judgeClient({
        chain: [resign(certificateWith(good, { extension: { oid: '2.5.29.36', critical: false } }), root)],
        anchors: [root],
      }),
    cause: 'unknown-critical-extension',
    alert: 'bad_certificate',
  },
  {
    what: 'a DNS name outside the permitted ones',
    verdict: () => constrained({ permitted: { dns: ['inside.example'] } }),
    cause: 'name-constraint',
    alert: 'bad_certificate',
    says: /outside the permitted names/,
  },
  {
    what: 'a DNS name under an excluded one',
    verdict: () => constrained({ excluded: { dns: ['outside.example'] } }),
    cause: 'name-constraint',
    alert: 'bad_certificate',
    says: /under the excluded name/,
  },
  {
    what: 'a server certificate of a client',
    verdict: () => judgeClient({ chain: [gate], anchors: [root] }),
    cause: 'wrong-purpose',
    alert: 'bad_certificate',
    says: /lacks clientAuth/,
  },
  {
    what: 'an intermediate for servers only',
    verdict: () => {
      const servers = authority('Servers', { issuer: root, extendedKeyUsage: ['serverAuth'] });
      return judgeClient({ chain: [client(servers, 'x'), servers], anchors: [root] });
    },
    cause: 'wrong-purpose',
    alert: 'bad_certificate',
  },
  {
    what: 'a trust anchor for servers only',
    verdict: () => {
      const servers = authority('Servers', { extendedKeyUsage: ['serverAuth'] });
      return judgeClient({ chain: [client(servers, 'x')], anchors: [servers] });
    },
    cause: 'wrong-purpose',
    alert: 'bad_certificate',
  },
  {
    what: 'an unknown purpose only',
    verdict: () =>
      judgeClient({ chain: [client(root, 'x', { extendedKeyUsage: ['1.3.6.1.4.1.99999.2'] })], anchors: [root] }),
    cause: 'wrong-purpose',
    alert: 'bad_certificate',
  },
  {
    what: 'a revoked leaf',
    verdict: () => judgeClient({ chain: [good], anchors: [root], crls: [list(root, [good.certificate.serial])] }),
    cause: 'revoked',
    alert: 'bad_certificate',
    stage: 'revocation',
  },
  {
    what: 'a revoked intermediate',
    verdict: () =>
      judgeClient({
        chain: [below, intermediate],
        anchors: [root],
        crls: [list(root, [intermediate.certificate.serial])],
      }),
    cause: 'revoked',
    alert: 'bad_certificate',
    stage: 'revocation',
    says: /CN=Intermediate CA/,
  },
  {
    what: 'an expired list, hardened',
    verdict: () => judgeClient({ chain: [good], anchors: [root], crls: [oldCrl], fidelity: hardened }),
    cause: 'crl-expired',
    alert: 'bad_certificate',
    stage: 'revocation',
  },
  {
    what: 'an authority without a list, hardened',
    verdict: () =>
      judgeClient({ chain: [below, intermediate], anchors: [root], crls: [list(root, [])], fidelity: hardened }),
    cause: 'crl-missing',
    alert: 'bad_certificate',
    stage: 'revocation',
  },
  {
    what: 'a server with another name',
    verdict: () => judgeServer({ chain: [gate], anchors: [root], name: 'other.example' }),
    cause: 'wrong-name',
    alert: 'bad_certificate',
    stage: 'name',
    says: /does not speak for "other.example", only for gate.example/,
  },
  {
    what: 'a server without names whose CN fits',
    verdict: () =>
      judgeServer({
        chain: [
          issueCertificate({
            issuer: root,
            role: 'tablet-server',
            subject: { commonName: 'gate.example' },
            notBefore: daysFromNow(-1),
          }),
        ],
        anchors: [root],
        name: 'gate.example',
      }),
    cause: 'wrong-name',
    alert: 'bad_certificate',
    stage: 'name',
  },
  {
    what: 'a server when no name is known',
    verdict: () => judgeServer({ chain: [gate], anchors: [root], name: '' }),
    cause: 'wrong-name',
    alert: 'bad_certificate',
    stage: 'name',
  },
  {
    what: 'a server of a foreign authority: clients know one alert',
    verdict: () => judgeServer({ chain: [server(foreign, ['gate.example'])], anchors: [root], name: 'gate.example' }),
    cause: 'unknown-authority',
    alert: 'bad_certificate',
  },
  {
    what: 'an expired server',
    verdict: () =>
      judgeServer({
        chain: [server(root, ['gate.example'], { notBefore: daysFromNow(-20), days: 5 })],
        anchors: [root],
        name: 'gate.example',
      }),
    cause: 'expired',
    alert: 'bad_certificate',
  },
  {
    what: 'a client certificate of a server',
    verdict: () =>
      judgeServer({
        chain: [client(root, 'gate', { dnsNames: ['gate.example'] })],
        anchors: [root],
        name: 'gate.example',
      }),
    cause: 'wrong-purpose',
    alert: 'bad_certificate',
  },
  {
    what: 'a time that is not known',
    verdict: () => judgeClient({ chain: [good], anchors: [root], now: new Date(Number.NaN) }),
    cause: 'malformed-certificate',
    alert: 'bad_certificate',
    says: /time is not known/,
  },
];

describe('verifyPeer refuses', () => {
  const met = new Set<PeerRefusalCause>();
  test.each(refusals)('$what: $cause, $alert', ({ verdict, cause, alert, stage = 'certificate', says }) => {
    const found = verdict();
    expect(found).toMatchObject({ ok: false, cause, alert, stage });
    if (found.ok) return;
    met.add(found.cause);
    if (says !== undefined) expect(found.message).toMatch(says);
    expect(found.message).toMatch(/\S\.$/);
    expect(found.message).not.toMatch(/PRIVATE|undefined|NaN/);
  });

  // The list is complete: a cause that is added to the type must get a row.
  afterAll(() => {
    const causes: Record<PeerRefusalCause, true> = {
      'certificate-required': true,
      'malformed-certificate': true,
      'too-many-certificates': true,
      'unsupported-key': true,
      'weak-key': true,
      'weak-signature': true,
      'bad-signature': true,
      'unknown-authority': true,
      'not-an-authority': true,
      'path-too-long': true,
      'path-search-limit': true,
      expired: true,
      'not-yet-valid': true,
      'unknown-critical-extension': true,
      'name-constraint': true,
      'wrong-purpose': true,
      'wrong-name': true,
      revoked: true,
      'crl-expired': true,
      'crl-missing': true,
    };
    expect([...met].sort()).toEqual(Object.keys(causes).sort());
  });
});

describe('verifyPeer accepts', () => {
  test('a leaf below the anchor, and says who it is', () => {
    const verdict = judgeClient({
      chain: [client(root, 'anna', { dnsNames: ['dev', 'ops'], serial: '0a1b' })],
      anchors: [root],
    });
    expect(verdict).toMatchObject({
      ok: true,
      peer: { commonName: 'anna', dnsNames: ['dev', 'ops'], serial: 'a1b', subjects: ['CN=anna'] },
      warnings: [],
    });
    expect(verdict.ok && verdict.paths.map((path) => path.map(({ subjectText }) => subjectText))).toEqual([
      ['CN=anna', 'CN=Root CA'],
    ]);
  });

  test('intermediates in any order, with strangers between them', () => {
    const second = authority('Second', { issuer: intermediate });
    const leaf = client(second, 'deep');
    for (const chain of [
      [leaf, second, intermediate],
      [leaf, intermediate, second],
      [leaf, foreign, intermediate, good, second, root],
    ]) {
      const verdict = judgeClient({ chain, anchors: [root] });
      expect(verdict).toMatchObject({ ok: true });
    }
  });

  test('exactly as many authorities as the path length allows', () => {
    const zero = authority('Zero', { issuer: root, pathLength: 0 });
    const one = authority('One', { pathLength: 1 });
    const belowOne = authority('Below', { issuer: one, pathLength: 0 });
    expect(judgeClient({ chain: [client(zero, 'x'), zero], anchors: [root] }).ok).toBe(true);
    expect(judgeClient({ chain: [client(zero, 'x')], anchors: [zero] }).ok).toBe(true);
    expect(judgeClient({ chain: [client(belowOne, 'x'), belowOne], anchors: [one] }).ok).toBe(true);
  });

  test('an intermediate, or the leaf itself, as trust anchor', () => {
    expect(judgeClient({ chain: [below], anchors: [intermediate] }).ok).toBe(true);
    expect(judgeClient({ chain: [below, intermediate], anchors: [intermediate] }).ok).toBe(true);
    expect(judgeClient({ chain: [good], anchors: [good] }).ok).toBe(true);
    const self = selfSigned('pinned');
    expect(judgeClient({ chain: [self], anchors: [self] }).ok).toBe(true);
  });

  test('all paths are found when root and intermediate are anchors', () => {
    const verdict = judgeClient({ chain: [below, intermediate], anchors: [root, intermediate] });
    expect(verdict.ok && verdict.paths.map((path) => path.length).sort()).toEqual([2, 3]);
  });

  test('the other authority of the same name when one does not fit', () => {
    expect(judgeClient({ chain: [good], anchors: [sameNameOtherKey, root] }).ok).toBe(true);
    expect(judgeClient({ chain: [good], anchors: [root, sameNameOtherKey] }).ok).toBe(true);
  });

  test('a renewed intermediate beside its expired self', () => {
    const key = pairOf(intermediate.privateKey);
    const expired = authority('Intermediate CA', { issuer: root, key, notBefore: daysFromNow(-50), days: 10 });
    expect(judgeClient({ chain: [below, expired, intermediate], anchors: [root] }).ok).toBe(true);
    expect(judgeClient({ chain: [below, intermediate, expired], anchors: [root] }).ok).toBe(true);
  });

  test('RSA, P-384 and Ed25519 authorities and leaves', () => {
    for (const spec of ['rsa-2048', 'ecdsa-p384', 'ed25519'] as const) {
      const other = authority(`Root ${spec}`, { key: spec });
      expect(judgeClient({ chain: [client(other, 'x', { key: spec })], anchors: [other], fidelity: hardened }).ok).toBe(
        true,
      );
    }
  });

  test('RSA of 1024 bits in vitess mode, as Go does', () => {
    expect(judgeClient({ chain: [client(root, 'weak', { key: rsa1024 })], anchors: [root], fidelity: vitess }).ok).toBe(
      true,
    );
  });

  test('the first and the last second of validity', () => {
    const leaf = client(root, 'x', {
      notBefore: new Date(now.getTime() - day),
      notAfter: new Date(now.getTime() + day),
    });
    for (const [at, ok] of [
      [-day, true],
      [-day - 1, false],
      [day, true],
      [day + 1, false],
    ] as const) {
      expect(judgeClient({ chain: [leaf], anchors: [root], now: new Date(now.getTime() + at) }).ok).toBe(ok);
    }
  });

  test('a server under each of its names', () => {
    for (const name of [
      'gate.example',
      'GATE.Example',
      'gate.example.',
      'x.apps.example',
      'vttablet server instance',
      'VTTABLET server instance',
      '127.0.0.1',
      '::1',
      '[::1]',
      '::ffff:127.0.0.1',
      null,
    ]) {
      expect({ name, ok: judgeServer({ chain: [gate], anchors: [root], name }).ok }).toEqual({ name, ok: true });
    }
  });
});

describe('Verifier', () => {
  test('remembers signatures without letting anything else slip', () => {
    const verifier = new Verifier();
    const ask = (at: Date, anchors: readonly ParsedCertificate[]) =>
      verifier.verifyPeer({ purpose: 'client', chain: [good.der], anchors, now: at, fidelity: vitess }).ok;
    expect(ask(now, [root.certificate])).toBe(true);
    expect(ask(daysFromNow(5000), [root.certificate])).toBe(false);
    expect(ask(now, [])).toBe(false);
    expect(ask(now, [foreign.certificate])).toBe(false);
    expect(ask(now, [root.certificate])).toBe(true);
  });

  test('a signature that did not hold is not taken for one that does', () => {
    const verifier = new Verifier();
    const bad = tampered(good);
    for (let round = 0; round < 3; round += 1) {
      expect(
        verifier.verifyPeer({ purpose: 'client', chain: [bad.der], anchors: [root.certificate], now, fidelity: vitess })
          .ok,
      ).toBe(false);
      expect(
        verifier.verifyPeer({
          purpose: 'client',
          chain: [good.der],
          anchors: [root.certificate],
          now,
          fidelity: vitess,
        }).ok,
      ).toBe(true);
    }
  });

  test('forgets what was used longest ago and still judges right', () => {
    const verifier = new Verifier({ certificates: 2, signatures: 2 });
    const leaves = [1, 2, 3, 4, 5].map((number) => client(root, `leaf ${number}`));
    for (let round = 0; round < 2; round += 1) {
      for (const leaf of leaves) {
        expect(
          verifier.verifyPeer({
            purpose: 'client',
            chain: [leaf.der],
            anchors: [root.certificate],
            now,
            fidelity: vitess,
          }),
        ).toMatchObject({ ok: true, peer: { commonName: leaf.certificate.lastCommonName } });
      }
    }
  });
});

function selfSigned(commonName: string): IssuedIdentity {
  return certificateWith(createAuthority({ subject: { commonName }, notBefore: daysFromNow(-1) }), {
    notAnAuthority: true,
  });
}

function signedByLeaf(): IssuedIdentity {
  // The writer refuses to sign with a leaf, so an authority of the same key and name signs in its place.
  const stand = createAuthority({
    subject: { commonName: 'good' },
    key: pairOf(good.privateKey),
    notBefore: daysFromNow(-1),
  });
  return client(stand, 'below a leaf');
}

function tampered(identity: { readonly der: Uint8Array }): { readonly der: Buffer } {
  const der = Buffer.from(identity.der);
  const at = der.indexOf('good', 0, 'latin1');
  der.write('goad', at, 'latin1');
  expect(readCertificate(der).ok).toBe(true);
  return { der };
}

function toX25519(identity: IssuedIdentity | { readonly der: Uint8Array; readonly certificate: ParsedCertificate }): {
  readonly der: Uint8Array;
} {
  const { publicKey } = (generateKeyPairSync as unknown as (type: string) => KeyPair)('x25519');
  return resign(certificateWith(identity, { publicKey: publicKey.export({ type: 'spki', format: 'der' }) }), root);
}

function weakAuthority(): PeerVerdict {
  const weak = createAuthority({ subject: { commonName: 'Tiny' }, key: pairOf(rsa512), notBefore: daysFromNow(-1) });
  return judgeClient({ chain: chainOf(client(weak, 'x')), anchors: [weak] });
}

function versionOneIntermediate(): PeerVerdict {
  const old = resign(
    certificateWith(authority('Old', { issuer: root, key: pairOf(intermediate.privateKey) }), { versionOne: true }),
    root,
  );
  const stand = createAuthority({
    subject: { commonName: 'Old' },
    key: pairOf(intermediate.privateKey),
    notBefore: daysFromNow(-1),
  });
  return judgeClient({ chain: [client(stand, 'x'), old], anchors: [root] });
}

function constrained(nameConstraints: NonNullable<Parameters<typeof authority>[1]>['nameConstraints']): PeerVerdict {
  const narrow = authority('Narrow', { issuer: root, ...(nameConstraints === undefined ? {} : { nameConstraints }) });
  return judgeClient({ chain: [client(narrow, 'x', { dnsNames: ['host.outside.example'] }), narrow], anchors: [root] });
}

/** Authorities of one name that all sign each other, none of them known. */
function maze(): PeerVerdict {
  const first = authority('Maze');
  const others = Array.from({ length: 12 }, () => authority('Maze'));
  const crossed = others.flatMap((issuer) =>
    [first, ...others].slice(0, 2).map((subject) =>
      authority('Maze', {
        issuer,
        key: pairOf(subject.privateKey),
        uris: [
          `urn:${createHash('sha1')
            .update(issuer.der)
            .update(sign('sha256', subject.der, subject.privateKey))
            .digest('hex')}`,
        ],
      }),
    ),
  );
  return judgeClient({ chain: [client(first, 'lost'), ...crossed], anchors: [root] });
}

function hugeKey(): { readonly der: Buffer } {
  const modulus = Buffer.alloc(8200 / 8, 0xab);
  const key = tlv(0x30, tlv(0x02, Buffer.of(0), modulus), tlv(0x02, Buffer.of(1, 0, 1)));
  const publicKey = tlv(0x30, tlv(0x30, oidTlv('1.2.840.113549.1.1.1'), tlv(0x05)), tlv(0x03, Buffer.of(0), key));
  return resign(certificateWith({ der: good.der }, { publicKey }), root);
}

function withAlgorithmParameters(identity: { readonly der: Buffer }): { readonly der: Buffer } {
  const [body = Buffer.alloc(0), , signature = Buffer.alloc(0)] = partsOf(identity.der);
  const algorithm = tlv(0x30, oidTlv('1.3.101.112'), tlv(0x05));
  const fields = partsOf(body).map((field, index) => (index === 2 ? algorithm : field));
  return { der: tlv(0x30, tlv(0x30, ...fields), algorithm, signature) };
}
