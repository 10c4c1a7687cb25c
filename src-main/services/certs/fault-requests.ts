import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import type { CertificateRequest, KeyPair, ParsedCertificate } from '../../domain/certs';
import type { Clock } from '../../domain/kernel';
import { purposesOf } from './certificate-use';
import type { FaultKind } from './faulty-record';

const DAY = 86_400_000;
export const makeKeys = promisify(generateKeyPair) as unknown as (type: string, options: object) => Promise<KeyPair>;

/** Everything that a faulty copy has in common with its model. */
export const likeOf = (certificate: ParsedCertificate): Omit<CertificateRequest, 'issuer'> => ({
  subject: certificate.subject.attributes.map(({ oid, value }) => ({ type: oid, value })),
  dnsNames: certificate.dnsNames,
  ipAddresses: certificate.ipAddresses,
  uris: certificate.uris,
  extendedKeyUsage: certificate.extendedKeyUsage ?? [],
  days: 365,
});

/** What a fault alters of it; the authority and the list of the revoked are the caller's. */
export async function faultOf(
  kind: FaultKind,
  certificate: ParsedCertificate,
  clock: Clock,
): Promise<Partial<Omit<CertificateRequest, 'issuer' | 'publicKey'>>> {
  const inDays = (days: number): Date => new Date(clock.now().getTime() + days * DAY);
  switch (kind) {
    case 'expired':
      return { notBefore: inDays(-400), notAfter: inDays(-35) };
    case 'not-yet-valid':
      return { notBefore: inDays(30), notAfter: inDays(395) };
    case 'wrong-name':
      // Servers are known by their other names, callers by the common name (RFC 6761: .invalid is nobody's).
      return purposesOf({ certificate }).server
        ? { dnsNames: ['wrong.invalid'], ipAddresses: [], uris: [] }
        : { subject: { commonName: 'wrong.invalid' } };
    case 'server-only':
      return { extendedKeyUsage: ['serverAuth'] };
    case 'no-common-name':
      return { subject: {} };
    case 'weak-key':
      return { key: await makeKeys('rsa', { modulusLength: 1024 }) };
    case 'other-authority':
    case 'revoked':
      return {};
  }
}
