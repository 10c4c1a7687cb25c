import type { CertificateRoleName, CertificateStatus } from '../../contract/areas/certificates';
import { speaksFor } from '../../domain/certs';
import { purposesOf, type CertificateUse } from './certificate-use';
import type { IndexedCertificate, IndexedCrl } from './pki-index';

const DAY = 86_400_000;

export interface StatusOf {
  readonly status: CertificateStatus;
  /** When it was revoked, expired, will begin or will end. */
  readonly date: Date;
  /** More about it in a sentence; null where the word says all. */
  readonly note: string | null;
}

export interface StatusContext {
  readonly use: CertificateUse;
  readonly crls: readonly IndexedCrl[];
  readonly now: Date;
}

/** Roles by the end of the link at which they stand. */
const servers: ReadonlySet<CertificateRoleName> = new Set([
  'gateway-server',
  'tablet-server',
  'mysql-server',
  'server',
]);
const clients: ReadonlySet<CertificateRoleName> = new Set([
  'gateway-as-tablet-client',
  'mysql-client',
  'caller',
  'client',
]);

/** "Soon" is under 30 days, or the last fifth of the life of short-lived certificates (ux §8.3). */
export const endsSoon = (notBefore: Date, notAfter: Date, now: Date): boolean =>
  notAfter.getTime() - now.getTime() < Math.min(30 * DAY, (notAfter.getTime() - notBefore.getTime()) / 5);

/** The one word for a certificate; the worst that holds. */
export function statusOf(item: IndexedCertificate, context: StatusContext): StatusOf {
  const { certificate } = item;
  const { notAfter, notBefore } = certificate;
  const { now, use } = context;
  const above = use.chainOf(item.id).flatMap((id) => use.byId.get(id) ?? []);
  const name = (of: IndexedCertificate): string => of.certificate.lastCommonName || of.certificate.subjectText;

  for (const link of above) {
    const revokedAt = revocationOf(link, context.crls);
    if (revokedAt !== null)
      return {
        status: 'revoked',
        date: revokedAt,
        note: link === item ? null : `Its authority ${name(link)} is revoked.`,
      };
  }
  if (notBefore > now) return { status: 'not-yet-valid', date: notBefore, note: null };
  const ended = above.find((link) => link.certificate.notAfter < now);
  if (ended !== undefined)
    return {
      status: 'expired',
      date: ended.certificate.notAfter,
      note: ended === item ? null : `Its authority ${name(ended)} has expired.`,
    };
  const top = above.at(-1)?.certificate ?? certificate;
  const selfIssued = top.rawSubject.equals(top.rawIssuer);
  if (!selfIssued)
    return { status: 'signer-unknown', date: notAfter, note: `${top.issuerText} is not in this workspace.` };
  if (top === certificate && !certificate.isCa) return { status: 'self-signed', date: notAfter, note: null };
  const unfit = unfitness(item, use);
  if (unfit !== null) return { ...unfit, date: notAfter };
  return { status: endsSoon(notBefore, notAfter, now) ? 'expires-soon' : 'valid', date: notAfter, note: null };
}

/** When the authority's newest CRL revoked a certificate; null: it did not. */
export function revocationOf(item: IndexedCertificate, crls: readonly IndexedCrl[]): Date | null {
  const lists = crls.filter(({ authority }) => authority !== null && authority.id === item.issuer);
  const newest = lists.sort((a, b) => b.crl.thisUpdate.getTime() - a.crl.thisUpdate.getTime())[0];
  return newest?.crl.revoked.get(item.certificate.serial)?.date ?? null;
}

/** Whether a leaf cannot do what its place asks of it: the purpose first, then the name. */
function unfitness(item: IndexedCertificate, use: CertificateUse): Pick<StatusOf, 'status' | 'note'> | null {
  const { certificate, id } = item;
  if (certificate.isCa) return null;
  const role = use.roleOf(id);
  const { client, server } = purposesOf(item);
  if (servers.has(role) && !server)
    return { status: 'wrong-purpose', note: 'It may be used by clients only and stands where a server shows it.' };
  if (clients.has(role) && !client)
    return { status: 'wrong-purpose', note: 'It may be used by servers only and stands where a client shows it.' };
  if (role === 'caller' && certificate.lastCommonName === '')
    return { status: 'name-missing', note: 'It has no common name: gateways see its caller as unsecure_grpc_client.' };
  if (servers.has(role) && certificate.dnsNames.length + certificate.ipAddresses.length === 0)
    return { status: 'name-missing', note: 'It has no DNS name and no IP address: every client refuses it.' };
  for (const { check, shown, callers } of use.checks) {
    if (callers || check.shownBy !== 'listener' || shown[0] !== id || check.names.length === 0) continue;
    if (!check.names.some((wanted) => speaksFor(certificate, wanted))) {
      const own = [...certificate.dnsNames, ...certificate.ipAddresses].join(', ');
      return {
        status: 'name-missing',
        note: `Clients dial ${check.names.join(' or ')}; the certificate names only ${own}.`,
      };
    }
  }
  return null;
}
