import type { Finding, FindingLevel } from '../kernel';
import type { ParsedCertificate } from './certificate';
import { attributeOids } from './oids';
import { printable } from './path-fault';

/** Where the certificate stands. */
export interface CertificatePlace {
  readonly file: string;
  readonly line: number;
}

type Rule = (certificate: ParsedCertificate) => Fault | null;

interface Fault {
  readonly code: string;
  readonly level: FindingLevel;
  readonly message: string;
  readonly remedy: string;
}

const DAY = 86_400_000;
const HOST = /^(\*\.)?[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*$/;

const serves = ({ extendedKeyUsage: purposes }: ParsedCertificate, purpose: string): boolean =>
  purposes === null || purposes.length === 0 || purposes.includes('any') || purposes.includes(purpose);

const fault = (code: string, level: FindingLevel, message: string, remedy: string): Fault => ({
  code,
  level,
  message,
  remedy,
});

/** Rules for every certificate. */
const general: readonly Rule[] = [
  ({ key }) =>
    key.algorithm === 'rsa' && key.bits < 2048
      ? fault(
          'weak-key',
          'error',
          `the RSA key has only ${key.bits} bits`,
          'Make the certificate again with ECDSA P-256 or RSA 2048.',
        )
      : null,
  ({ key }) =>
    key.algorithm === 'ecdsa' && key.bits < 256
      ? fault(
          'weak-key',
          'error',
          `the curve ${key.curve ?? ''} is too weak`,
          'Make the certificate again with ECDSA P-256.',
        )
      : null,
  ({ key }) =>
    key.algorithm === 'rsa' && key.bits > 8192
      ? fault(
          'large-key',
          'error',
          `the RSA key has ${key.bits} bits; Vitess accepts at most 8192`,
          'Make the certificate again with ECDSA P-256 or RSA 3072.',
        )
      : null,
  ({ key }) =>
    key.algorithm === 'ed25519'
      ? fault(
          'ed25519-in-tls',
          'warning',
          'Ed25519 certificates fail in TLS under BoringSSL, and so in the Gatehouse window',
          'Use ECDSA P-256 unless both ends are known to take Ed25519.',
        )
      : null,
  ({ key }) =>
    key.algorithm === 'ecdsa' && key.bits > 384
      ? fault(
          'p521-in-tls',
          'warning',
          'certificates on P-521 fail in TLS under BoringSSL, and so in the Gatehouse window',
          'Use ECDSA P-256 or P-384.',
        )
      : null,
  ({ key }) =>
    key.algorithm === 'unknown'
      ? fault(
          'unknown-key',
          'error',
          `the key is of a kind that TLS cannot use here (${key.curve ?? ''})`,
          'Make the certificate again with ECDSA P-256 or RSA 2048.',
        )
      : null,
  ({ algorithm, rawSubject, rawIssuer }) =>
    algorithm.weak && !rawSubject.equals(rawIssuer)
      ? fault(
          'weak-signature',
          'error',
          `it is signed with ${algorithm.name}, which Vitess and current OpenSSL refuse`,
          'Have it issued again with SHA-256.',
        )
      : null,
  ({ algorithm }) =>
    algorithm.key === 'unknown'
      ? fault(
          'unknown-signature',
          'error',
          `it is signed with ${algorithm.name}, which is not known here`,
          'Have it issued again with ECDSA or RSA and SHA-256.',
        )
      : null,
  ({ unknownCriticalExtensions: oids }) =>
    oids.length > 0
      ? fault(
          'unknown-critical-extension',
          'error',
          `the critical extension ${oids.join(', ')} is not understood, so that everybody refuses the certificate`,
          'Have it issued without that extension.',
        )
      : null,
  ({ version }) =>
    version < 3
      ? fault(
          'old-version',
          'warning',
          `it is a certificate of version ${version}, without extensions`,
          'Have it issued again as version 3.',
        )
      : null,
  ({ serial }) =>
    serial === '0' || serial.length > 40
      ? fault(
          'serial',
          'warning',
          'the serial number is zero or longer than 20 bytes, which RFC 5280 does not allow',
          'Have it issued again with a random serial number.',
        )
      : null,
  ({ notBefore, notAfter }) =>
    notAfter <= notBefore ? fault('validity', 'error', 'it ends before it begins', 'Have it issued again.') : null,
];

/** Rules for authorities. */
const forAuthorities: readonly Rule[] = [
  ({ keyUsage }) =>
    keyUsage !== null && keyUsage.length > 0 && !keyUsage.includes('keyCertSign')
      ? fault(
          'authority-cannot-sign',
          'error',
          'it is an authority whose key usage lacks keyCertSign, so that nothing it signs is accepted',
          'Make the authority again.',
        )
      : null,
  ({ keyUsage }) =>
    keyUsage !== null && keyUsage.length > 0 && !keyUsage.includes('cRLSign')
      ? fault(
          'authority-cannot-revoke',
          'warning',
          'it is an authority whose key usage lacks cRLSign: Vitess 24.0.4 does not start with its CRL',
          'Make the authority again with cRLSign.',
        )
      : null,
  ({ subjectKeyId }) =>
    subjectKeyId === null
      ? fault(
          'no-key-identifier',
          'warning',
          'it is an authority without subject key identifier, which strict programs refuse',
          'Make the authority again.',
        )
      : null,
  ({ nameConstraints }) =>
    (nameConstraints?.permitted?.ip?.length ?? 0) + (nameConstraints?.excluded?.ip?.length ?? 0) > 0
      ? fault(
          'ip-name-constraint',
          'warning',
          'it constrains IP addresses: BoringSSL, and so the Gatehouse window, refuses every certificate below it that has an IP address',
          'Constrain DNS names or URIs only.',
        )
      : null,
  ({ extensions }) =>
    extensions.nameConstraints?.unhandled === true
      ? fault(
          'unread-name-constraint',
          'warning',
          'it constrains kinds of names that Vitess does not look at',
          'Constrain DNS names, e-mail names or URIs only.',
        )
      : null,
  ({ extensions }) =>
    extensions.policyRules
      ? fault(
          'policy-rules',
          'warning',
          'it has rules about certificate policies, which are not evaluated here: certificates below it are refused',
          'Make the authority again without them.',
        )
      : null,
];

/** Rules for leaves. */
const forLeaves: readonly Rule[] = [
  ({ keyUsage }) =>
    keyUsage !== null && !keyUsage.includes('digitalSignature')
      ? fault(
          'no-digital-signature',
          'error',
          'its key usage lacks digitalSignature: BoringSSL, and so the Gatehouse window, refuses it',
          'Have it issued again with digitalSignature.',
        )
      : null,
  ({ extendedKeyUsage: purposes }) =>
    purposes === null || purposes.length === 0 || purposes.includes('any')
      ? fault(
          'any-purpose',
          'warning',
          purposes?.includes('any') === true
            ? 'its purpose is "any", which OpenSSL does not take for TLS'
            : 'it may be used by servers and clients alike',
          'Have it issued for the one purpose it serves.',
        )
      : purposes.includes('serverAuth') && purposes.includes('clientAuth')
        ? fault(
            'both-purposes',
            'info',
            'it may be used by a server and by a client',
            'Have it issued for the one purpose it serves, unless a program needs both.',
          )
        : null,
  (certificate) =>
    serves(certificate, 'serverAuth') &&
    !serves(certificate, 'clientAuth') &&
    certificate.dnsNames.length + certificate.ipAddresses.length === 0
      ? fault(
          'no-names',
          'error',
          'it is a server certificate without names: clients never look at the CN',
          'Have it issued with its DNS names or IP addresses.',
        )
      : null,
  (certificate) =>
    serves(certificate, 'serverAuth') && certificate.notAfter.getTime() - certificate.notBefore.getTime() > 825 * DAY
      ? fault(
          'long-validity',
          'info',
          'it is valid for more than 825 days, which clients on macOS refuse',
          'Issue server certificates for a year and renew them.',
        )
      : null,
  ({ dnsNames }) => {
    const odd = dnsNames.find((name) => !HOST.test(name));
    return odd === undefined
      ? null
      : fault(
          'odd-dns-name',
          'info',
          `the DNS name ${JSON.stringify(printable(odd))} is no host name: Vitess compares it character for character, other programs may refuse it`,
          'Use a host name unless Vitess alone compares it.',
        );
  },
  (certificate) =>
    serves(certificate, 'clientAuth') && !serves(certificate, 'serverAuth') && certificate.lastCommonName === ''
      ? fault(
          'no-common-name',
          'warning',
          'it is a client certificate without common name: the caller has no name in Vitess',
          'Have it issued with the caller as common name.',
        )
      : null,
  ({ subject }) => {
    const count = subject.attributes.filter(({ oid }) => oid === attributeOids['CN']).length;
    return count > 1
      ? fault(
          'several-common-names',
          'warning',
          `it has ${count} common names; Vitess takes the last one for the caller`,
          'Have it issued with one common name.',
        )
      : null;
  },
  ({ subject, extendedKeyUsage }) =>
    extendedKeyUsage?.includes('serverAuth') !== true && subject.attributes.some(({ value }) => /[=,:]/.test(value))
      ? fault(
          'misleading-subject',
          'info',
          'a value of its subject contains "=", "," or ":", with which it can meet substrings of --grpc-auth-mtls-allowed-substrings that mean somebody else',
          'Have it issued with a plain name.',
        )
      : null,
  (certificate) =>
    serves(certificate, 'clientAuth') && certificate.dnsNames.some((name) => name.toLowerCase() === 'localhost')
      ? fault(
          'localhost-group',
          'info',
          'its DNS name localhost makes its caller a member of the group localhost, with every other such certificate',
          'Have client certificates issued with groups as DNS names and nothing else.',
        )
      : null,
  ({ authorityKeyId, rawSubject, rawIssuer }) =>
    authorityKeyId === null && !rawSubject.equals(rawIssuer)
      ? fault(
          'no-authority-identifier',
          'info',
          'it does not say which key signed it (authority key identifier), which strict programs refuse',
          'Have it issued again.',
        )
      : null,
];

/**
 * Rules that keep a certificate usable under OpenSSL, BoringSSL (libraries.md A4) and Go's crypto/x509, and traps of
 * Vitess. Codes are `certificate.…`.
 */
export function lintCertificate(
  certificate: ParsedCertificate,
  place: CertificatePlace = { file: '', line: 0 },
): readonly Finding[] {
  const name = printable(certificate.subjectText || certificate.dnsNames.join(', ') || `serial ${certificate.serial}`);
  return [...general, ...(certificate.isCa ? forAuthorities : forLeaves)].flatMap((rule) => {
    const found = rule(certificate);
    if (found === null) return [];
    const { code, level, message, remedy } = found;
    return [
      {
        code: `certificate.${code}`,
        level,
        file: place.file,
        line: place.line,
        column: place.line === 0 ? 0 : 1,
        message: `${name}: ${message}`,
        remedy,
      },
    ];
  });
}
