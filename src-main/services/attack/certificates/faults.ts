import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import {
  createAuthority,
  issueCertificate,
  type CertificateRequest,
  type Issuer,
  type KeyPair,
} from '../../../domain/certs';
import type { AttackGround } from '../ground';
import { certificatesIn, type AttackersPair } from '../issue-for';

/** What is wrong with a certificate; `none` is the honest one that shows that nothing else stops it. */
export type Fault =
  | 'none'
  | 'expired'
  | 'not-yet-valid'
  | 'wrong-ca'
  | 'self-signed'
  | 'wrong-name'
  | 'wrong-purpose'
  | 'no-common-name'
  | 'weak-key';

/** What is wrong, in words for a title, and with which words it is told. */
export const faultWords: Readonly<Record<Exclude<Fault, 'none'>, { readonly title: string; readonly about: string }>> =
  {
    expired: { title: 'An expired certificate', about: 'right in everything, but out of date for 35 days' },
    'not-yet-valid': {
      title: 'A certificate that is not valid yet',
      about: 'right in everything, but valid in 30 days only',
    },
    'wrong-ca': {
      title: 'A certificate of the wrong CA',
      about: 'with the right names, signed by another authority that calls itself like the right one',
    },
    'self-signed': { title: 'A self-signed certificate', about: 'with the right names, signed with its own key' },
    'wrong-name': {
      title: 'A certificate of another name',
      about: 'of the right authority, in the name of wrong.invalid',
    },
    'wrong-purpose': {
      title: 'A certificate for another purpose',
      about: 'of the right authority and name, issued for the other end of a connection',
    },
    'no-common-name': {
      title: 'A certificate without a common name',
      about: 'of the right authority, with nobody named in it',
    },
    'weak-key': { title: 'A certificate with a weak key', about: 'right in everything, with an RSA key of 1024 bits' },
  };

/** Why a weak key is not scored where a stock program looks at it. */
export const takesWeakKeys =
  'A stock program takes RSA keys from 1024 bits on, and no file changes that: it is shown for information, and does not count.';

/** Faults of a certificate by which somebody dials. */
export const diallersFaults = Object.keys(faultWords) as readonly Exclude<Fault, 'none'>[];
/** The same for who listens: it is known by its other names, so that a missing common name is no fault. */
export const listenersFaults = diallersFaults.filter((fault) => fault !== 'no-common-name');

/** Who a certificate names, and which end it is for. */
export interface Named {
  readonly purpose: 'clientAuth' | 'serverAuth';
  readonly commonName: string;
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
}

export interface FaultyPair extends AttackersPair {
  /** Lower-case hex. */
  readonly serial: string;
  /** Who signed it; null: somebody made up. */
  readonly signer: Issuer | null;
}

const DAY = 86_400_000;
const makeKeys = promisify(generateKeyPair) as unknown as (type: string, options: object) => Promise<KeyPair>;

/** The first authority of a bundle whose key the workspace holds; null: nobody here can sign for it. */
export async function signerFor(
  ground: AttackGround,
  bundle: string,
): Promise<{ readonly issuer: Issuer; readonly chain: string } | null> {
  const trusted = new Set((await certificatesIn(ground, bundle)).map(({ fingerprint }) => fingerprint));
  const found = await ground.pki.authorities();
  // A root of the bundle signs by its intermediates: a chain that ends there is taken just as well.
  const names = new Set(found.filter(({ certificate }) => trusted.has(certificate.fingerprint)).map(({ id }) => id));
  for (const { id } of found.filter(({ id: candidate }) => names.has(candidate))) {
    const signer = await ground.pki.authority(id).catch(() => null);
    if (signer !== null) return signer;
  }
  return null;
}

/** A certificate with one fault that an authority of `bundle` would have signed; null: its key is not in the workspace. */
export async function faultyPair(
  ground: AttackGround,
  fault: Fault,
  bundle: string,
  named: Named,
): Promise<FaultyPair | null> {
  const { clock } = ground;
  const inDays = (days: number): Date => new Date(clock.now().getTime() + days * DAY);
  const base = {
    ...{ clock, dnsNames: named.dnsNames, ipAddresses: named.ipAddresses },
    subject: { commonName: named.commonName },
    extendedKeyUsage: [named.purpose],
    ...{ notBefore: inDays(-1), notAfter: inDays(7) },
  } as const;
  if (fault === 'self-signed' || fault === 'wrong-ca') {
    const [right] = await certificatesIn(ground, bundle);
    const commonName = fault === 'wrong-ca' ? (right?.subject.commonName ?? 'CA') : named.commonName;
    const own = createAuthority({
      ...{ clock, days: 30, subject: { commonName } },
      ...(fault === 'self-signed' ? { dnsNames: named.dnsNames, ipAddresses: named.ipAddresses } : {}),
    });
    if (fault === 'self-signed')
      return { cert: own.pem, key: own.privateKeyPem.reveal(), serial: own.certificate.serial, signer: null };
    const issuer = { certificate: own.certificate, privateKey: own.privateKey };
    const made = issueCertificate({ ...base, issuer });
    return {
      ...{ cert: made.pem + own.pem, key: made.privateKeyPem.reveal() },
      ...{ serial: made.certificate.serial, signer: null },
    };
  }
  const signer = await signerFor(ground, bundle);
  if (signer === null) return null;
  const made = issueCertificate({ ...base, ...(await changed(fault, named, inDays)), issuer: signer.issuer });
  return {
    ...{ cert: made.pem + signer.chain, key: made.privateKeyPem.reveal() },
    ...{ serial: made.certificate.serial, signer: signer.issuer },
  };
}

async function changed(
  fault: Fault,
  { purpose }: Named,
  inDays: (days: number) => Date,
): Promise<Partial<Omit<CertificateRequest, 'issuer' | 'publicKey'>>> {
  switch (fault) {
    case 'expired':
      return { notBefore: inDays(-400), notAfter: inDays(-35) };
    case 'not-yet-valid':
      return { notBefore: inDays(30), notAfter: inDays(395) };
    case 'wrong-name':
      // RFC 6761: .invalid is nobody's.
      return { subject: { commonName: 'wrong.invalid' }, dnsNames: ['wrong.invalid'], ipAddresses: [] };
    case 'wrong-purpose':
      return { extendedKeyUsage: [purpose === 'clientAuth' ? 'serverAuth' : 'clientAuth'] };
    case 'no-common-name':
      return { subject: { organization: 'nobody' }, dnsNames: [], ipAddresses: [] };
    case 'weak-key':
      return { key: await makeKeys('rsa', { modulusLength: 1024 }) };
    default:
      return {};
  }
}
