import { createHash } from 'node:crypto';
import type { ParsedCertificate } from './certificate';
import { keyText, kindOf } from './inspection';
import { visible } from './path-fault';
import type { NameSubtrees } from './types';

/** One line of a certificate's text. */
export interface CertificateField {
  readonly label: string;
  readonly value: string;
}

const colons = (hex: string): string => (hex.match(/../g) ?? []).join(':').toUpperCase();
const even = (hex: string): string => (hex.length % 2 === 0 ? hex : `0${hex}`);
const timeText = (time: Date): string =>
  time
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, ' UTC');

/**
 * Everything that a certificate says, in the order of its bytes. Text of the certificate has its control characters made
 * visible; extensions that are not there are left out.
 */
export function allFields(certificate: ParsedCertificate): CertificateField[] {
  const { extensions, nameConstraints: limits } = certificate;
  const fields: (readonly [string, string | null])[] = [
    ['Kind', kindOf(certificate)],
    ['Version', String(certificate.version)],
    ['Serial number', colons(even(certificate.serial))],
    ['Signature algorithm', certificate.signatureAlgorithm],
    ['Issuer', certificate.issuerText || '(none)'],
    ['Not before', timeText(certificate.notBefore)],
    ['Not after', timeText(certificate.notAfter)],
    ['Subject', certificate.subjectText || '(none)'],
    ['Public key', keyText(certificate)],
    [
      'Basic constraints',
      extensions.basicConstraints === null
        ? null
        : `${certificate.isCa ? 'authority' : 'no authority'}${certificate.pathLength === null ? '' : `, at most ${certificate.pathLength} below`}`,
    ],
    ['Key usage', listed(certificate.keyUsage)],
    ['Extended key usage', listed(certificate.extendedKeyUsage)],
    ['DNS names', listed(certificate.dnsNames)],
    ['IP addresses', listed(certificate.ipAddresses)],
    ['URIs', listed(certificate.uris)],
    ['E-mail names', listed(certificate.emails)],
    ['Permitted names', limits === null ? null : subtrees(limits.permitted)],
    ['Excluded names', limits === null ? null : subtrees(limits.excluded)],
    ['Subject key identifier', certificate.subjectKeyId === null ? null : colons(certificate.subjectKeyId)],
    ['Authority key identifier', certificate.authorityKeyId === null ? null : colons(certificate.authorityKeyId)],
    ['CRL at', listed(certificate.crlDistributionPoints)],
    ['Critical, not understood', listed(certificate.unknownCriticalExtensions)],
    ['SHA-256 fingerprint', colons(certificate.fingerprint)],
    ['SHA-256 of the public key', createHash('sha256').update(certificate.rawPublicKey).digest('base64')],
  ];
  return fields.flatMap(([label, value]) => (value === null ? [] : [{ label, value: visible(value) }]));
}

const listed = (items: readonly string[] | null): string | null =>
  items === null || items.length === 0 ? null : items.join(', ');

const subtrees = (names: NameSubtrees | undefined): string | null =>
  listed(
    (['dns', 'ip', 'uri', 'email'] as const).flatMap((kind) => (names?.[kind] ?? []).map((name) => `${kind} ${name}`)),
  );
