import type { ParsedCertificate } from './certificate';
import { visible } from './path-fault';

const minuteText = (time: Date): string => `${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`;

/** What a certificate is, in the words of a list: `Root CA`, `TLS server certificate`, … */
export function kindOf(certificate: ParsedCertificate): string {
  const selfIssued = certificate.rawSubject.equals(certificate.rawIssuer);
  if (certificate.isCa) return selfIssued ? 'Root CA' : 'Intermediate CA';
  const purposes = certificate.extendedKeyUsage ?? [];
  const self = selfIssued ? ', self-signed' : '';
  if (purposes.length === 0 || purposes.includes('any')) return `Certificate for any purpose${self}`;
  const server = purposes.includes('serverAuth');
  const client = purposes.includes('clientAuth');
  if (server && client) return `TLS server and client certificate${self}`;
  if (server || client) return `TLS ${server ? 'server' : 'client'} certificate${self}`;
  return `Certificate for ${purposes.join(', ')}${self}`;
}

/** Kind and size of the key: `ECDSA P-256`, `RSA 2048`, `Ed25519`. */
export function keyText({ key }: ParsedCertificate): string {
  switch (key.algorithm) {
    case 'ecdsa':
      return `ECDSA ${key.curve ?? key.bits}`;
    case 'rsa':
      return `RSA ${key.bits}`;
    case 'ed25519':
      return 'Ed25519';
    default:
      return `unknown kind ${key.curve ?? ''}`.trimEnd();
  }
}

/** A serial number short enough for a list: its first eight and last four digits. */
export const shortSerial = (serial: string): string =>
  serial.length > 16 ? `${serial.slice(0, 8)}…${serial.slice(-4)}` : serial;

function namesText(certificate: ParsedCertificate): string {
  const groups: readonly (readonly [string, readonly string[]])[] = [
    ['DNS', certificate.dnsNames],
    ['IP', certificate.ipAddresses],
    ['URI', certificate.uris],
    ['e-mail', certificate.emails],
  ];
  const parts = groups.filter(([, names]) => names.length > 0).map(([kind, names]) => `${kind} ${names.join(', ')}`);
  return parts.length === 0 ? '' : ` (${parts.join('; ')})`;
}

/** `12 days left`, `expired 3 days ago`, `begins in 5 days`; whole days, rounded down. */
function remainingText(certificate: ParsedCertificate, now: Date): string {
  const days = (milliseconds: number): string => {
    const count = Math.floor(milliseconds / 86_400_000);
    return count === 0 ? 'less than a day' : count === 1 ? '1 day' : `${count} days`;
  };
  if (now < certificate.notBefore) return `begins in ${days(certificate.notBefore.getTime() - now.getTime())}`;
  if (now > certificate.notAfter) return `expired ${days(now.getTime() - certificate.notAfter.getTime())} ago`;
  return `${days(certificate.notAfter.getTime() - now.getTime())} left`;
}

/**
 * Six lines about a certificate: kind, key, serial, subject with names, issuer, validity. Text of the certificate has its
 * control characters made visible, so that there are never more lines.
 */
export function inspectCertificate(certificate: ParsedCertificate, options: { readonly now?: Date } = {}): string {
  const rows: readonly (readonly [string, string])[] = [
    ['Kind', kindOf(certificate)],
    ['Key', `${keyText(certificate)}, signed with ${certificate.signatureAlgorithm}`],
    ['Serial', shortSerial(certificate.serial)],
    ['Subject', `${certificate.subjectText || '(none)'}${namesText(certificate)}`],
    ['Issuer', certificate.issuerText || '(none)'],
    [
      'Valid',
      `${minuteText(certificate.notBefore)} to ${minuteText(certificate.notAfter)}${options.now === undefined ? '' : ` (${remainingText(certificate, options.now)})`}`,
    ],
  ];
  return rows.map(([label, text]) => `${label.padEnd(9)}${visible(text)}`).join('\n');
}
