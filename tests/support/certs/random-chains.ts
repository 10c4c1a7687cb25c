import { generateKeyPairSync } from 'node:crypto';

import { createAuthority, issueCertificate, pairOf } from '../../../src-main/domain/certs';
import type { AuthorityRequest, CertificateRequest, IssuedIdentity, KeyPair } from '../../../src-main/domain/certs';
import { certificateWith, oidTlv, resign, tlv } from './altered';
import { daysFromNow } from './pki';

/** A small generator of numbers that a seed repeats (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value = (value + Math.imul(value ^ (value >>> 7), value | 61)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** An identity of which only the certificate matters. */
export interface Presented {
  readonly der: Buffer;
}

/** Leaves that are judged with the same intermediates and anchors. */
export interface ChainGroup {
  /** What was spoiled about the authorities, '' if nothing. */
  readonly spoil: string;
  readonly anchors: readonly Presented[];
  readonly intermediates: readonly Presented[];
  readonly leaves: readonly { readonly spoil: string; readonly der: Buffer }[];
}

const rsa1024 = (generateKeyPairSync as unknown as (type: string, options: object) => KeyPair)('rsa', {
  modulusLength: 1024,
});
const keyPool: readonly KeyPair[] = [
  rsa1024,
  ...(['P-256', 'P-384', 'P-521'] as const).map((namedCurve) => generateKeyPairSync('ec', { namedCurve })),
  (generateKeyPairSync as unknown as (type: string) => KeyPair)('ed25519'),
  (generateKeyPairSync as unknown as (type: string, options: object) => KeyPair)('rsa', { modulusLength: 2048 }),
];

type LeafSpoil = (issuer: IssuedIdentity, request: CertificateRequest, random: () => number) => Presented;

/** One thing that is done to a leaf; the first does nothing. */
const leafSpoils: Readonly<Record<string, LeafSpoil>> = {
  '': (_issuer, request) => issueCertificate(request),
  expired: (_issuer, request) => issueCertificate({ ...request, notAfter: daysFromNow(-1) }),
  'not yet valid': (_issuer, request) => issueCertificate({ ...request, notBefore: daysFromNow(1) }),
  'no purpose': (_issuer, request) => issueCertificate({ ...request, extendedKeyUsage: [] }),
  'any purpose': (_issuer, request) => issueCertificate({ ...request, extendedKeyUsage: ['any'] }),
  'another purpose': (_issuer, request) => issueCertificate({ ...request, extendedKeyUsage: ['codeSigning'] }),
  'other of the two purposes': (_issuer, request) =>
    issueCertificate({ ...request, role: request.role === 'caller' ? 'gateway-server' : 'caller' }),
  'both purposes': (_issuer, request) =>
    issueCertificate({ ...request, extendedKeyUsage: ['serverAuth', 'clientAuth'] }),
  'authority of the same name with another key': (issuer, request) => {
    const stranger = createAuthority({
      subject: issuer.certificate.subject.attributes.map(({ oid, value }) => ({ type: oid, value })),
      notBefore: daysFromNow(-50),
    });
    return issueCertificate({ ...request, issuer: stranger });
  },
  'self-signed': (_issuer, request) =>
    certificateWith(createAuthority({ subject: request.subject, notBefore: daysFromNow(-5) }), {
      notAnAuthority: true,
    }),
  'changed byte': (_issuer, request) => {
    const der = Buffer.from(issueCertificate(request).der);
    const at = der.indexOf('leaf', 0, 'latin1');
    der[at] = (der[at] ?? 0) ^ 1;
    return { der };
  },
  'changed signature': (_issuer, request) => {
    const der = Buffer.from(issueCertificate(request).der);
    der[der.length - 1] = (der[der.length - 1] ?? 0) ^ 1;
    return { der };
  },
  'unknown critical extension': (issuer, request) =>
    resign(
      certificateWith(withoutKey(request), { extension: { oid: '1.3.6.1.4.1.99999.1', critical: true } }),
      signer(issuer),
    ),
  'unknown extension': (issuer, request) =>
    resign(
      certificateWith(withoutKey(request), { extension: { oid: '1.3.6.1.4.1.99999.1', critical: false } }),
      signer(issuer),
    ),
  'SHA-1': (issuer, request) => resign(withoutKey(request), signer(issuer), 'sha1'),
  'RSA 1024': (_issuer, request) => issueCertificate({ ...request, key: rsa1024 }),
  'names outside': (_issuer, request) => issueCertificate({ ...request, dnsNames: ['host.outside.example'] }),
  'name with spaces': (_issuer, request) => issueCertificate({ ...request, dnsNames: ['two words'] }),
  'every kind of name': (_issuer, request) =>
    issueCertificate({
      ...request,
      dnsNames: ['host.inside.example'],
      ipAddresses: ['10.0.0.1', '2001:db8::1'],
      uris: ['https://host.inside.example/x'],
      emails: ['a@inside.example'],
    }),
  'address outside': (_issuer, request) => issueCertificate({ ...request, ipAddresses: ['192.0.2.1'] }),
  'an authority': (_issuer, request) =>
    createAuthority({ issuer: request.issuer, subject: request.subject, notBefore: daysFromNow(-5) }),
};

const withoutKey = (
  request: CertificateRequest,
): Presented & { readonly certificate: IssuedIdentity['certificate'] } => {
  const { der, certificate } = issueCertificate(request);
  return { der, certificate };
};

/** Spoiled certificates are signed by hand, for which only these algorithms are known. */
const signer = (issuer: IssuedIdentity): IssuedIdentity => issuer;

type AuthoritySpoil = (
  random: () => number,
) => Partial<AuthorityRequest> | 'no CA' | 'no keyCertSign' | 'unknown critical';

const authoritySpoils: Readonly<Record<string, AuthoritySpoil>> = {
  '': () => ({}),
  expired: () => ({ notAfter: daysFromNow(-1) }),
  'not yet valid': () => ({ notBefore: daysFromNow(1) }),
  'path length 0': () => ({ pathLength: 0 }),
  'path length 1': () => ({ pathLength: 1 }),
  'permitted names': () => ({
    nameConstraints: {
      permitted: {
        dns: ['inside.example'],
        ip: ['10.0.0.0/8', '2001:db8::/32'],
        uri: ['.inside.example'],
        email: ['inside.example'],
      },
    },
  }),
  'excluded names': () => ({ nameConstraints: { excluded: { dns: ['outside.example'], ip: ['192.0.2.0/24'] } } }),
  'for servers': () => ({ extendedKeyUsage: ['serverAuth'] }),
  'for clients': () => ({ extendedKeyUsage: ['clientAuth'] }),
  'no CA': () => 'no CA',
  'no keyCertSign': () => 'no keyCertSign',
  'unknown critical': () => 'unknown critical',
};

const pick = <T>(list: readonly T[], random: () => number): T => list[Math.floor(random() * list.length)] as T;

function makeAuthority(
  name: string,
  spoil: string,
  issuer: IssuedIdentity | undefined,
  random: () => number,
): IssuedIdentity {
  const change = (authoritySpoils[spoil] as AuthoritySpoil)(random);
  // Certificates that are altered by hand are signed again by P-256 only.
  const key =
    typeof change === 'string' || random() < 0.6
      ? pairOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)
      : pick(keyPool.slice(1), random);
  const made = createAuthority({
    subject: { organization: 'Acme', commonName: name },
    ...(issuer === undefined ? {} : { issuer }),
    key,
    notBefore: daysFromNow(-100),
    days: 1000,
    ...(typeof change === 'string' ? {} : change),
  });
  if (typeof change !== 'string') return made;
  const alteration =
    change === 'no CA'
      ? { notAnAuthority: true }
      : change === 'no keyCertSign'
        ? { keyUsage: ['digitalSignature', 'cRLSign'] as const }
        : { extension: { oid: '1.3.6.1.4.1.99999.2', critical: true, value: tlv(0x30, oidTlv('1.2.3')) } };
  const altered = certificateWith(made, alteration);
  return issuer === undefined || issuer.privateKey.asymmetricKeyDetails?.namedCurve !== 'prime256v1'
    ? altered
    : resign(altered, issuer);
}

/** A group of chains, good and spoiled in one random way each. `purpose` is the one that good leaves have. */
export function randomGroup(
  number: number,
  purpose: 'client' | 'server',
  leaves: number,
  random: () => number,
): ChainGroup {
  const depth = Math.floor(random() * 3);
  const spoiledLevel = random() < 0.5 ? -1 : Math.floor(random() * (depth + 1));
  const spoil = spoiledLevel < 0 ? '' : pick(Object.keys(authoritySpoils).slice(1), random);
  const authorities: IssuedIdentity[] = [];
  for (let level = 0; level <= depth; level += 1) {
    authorities.push(
      makeAuthority(`CA ${number} ${level}`, level === spoiledLevel ? spoil : '', authorities[level - 1], random),
    );
  }
  const issuer = authorities[depth] as IssuedIdentity;
  // An authority that says it is none cannot be asked to issue; a twin with the same name and key does.
  const signing = issuer.certificate.isCa
    ? issuer
    : createAuthority({
        subject: { organization: 'Acme', commonName: `CA ${number} ${depth}` },
        key: pairOf(issuer.privateKey),
      });
  const handSigned = issuer.privateKey.asymmetricKeyDetails?.namedCurve === 'prime256v1';
  const anchorLevel = random() < 0.7 ? 0 : Math.floor(random() * (depth + 1));
  const hidden = random() < 0.15 && depth > 0 ? 1 + Math.floor(random() * depth) : -1;
  const possible = Object.keys(leafSpoils).filter(
    (name) => handSigned || !['unknown critical extension', 'unknown extension', 'SHA-1'].includes(name),
  );
  return {
    spoil: `${spoil}${spoil === '' ? '' : ` at level ${spoiledLevel} of ${depth}`}${hidden < 0 ? '' : `, level ${hidden} not sent`}`,
    anchors: authorities.filter((_authority, level) => level === anchorLevel),
    intermediates: authorities.filter((_authority, level) => level !== 0 && level !== hidden).reverse(),
    leaves: Array.from({ length: leaves }, (_unused, index) => {
      const name = index % 2 === 0 ? '' : pick(possible, random);
      const request: CertificateRequest = {
        issuer: signing,
        role: purpose === 'client' ? 'caller' : 'gateway-server',
        subject: { commonName: `leaf ${number} ${index}` },
        dnsNames: ['host.inside.example'],
        notBefore: daysFromNow(-10),
        days: 100,
        key: random() < 0.7 ? 'ecdsa-p256' : pick(keyPool.slice(1), random),
      };
      return { spoil: name, der: Buffer.from((leafSpoils[name] as LeafSpoil)(signing, request, random).der) };
    }),
  };
}
