import type { ParsedCertificate } from './certificate';
import { comparableIp, parseIp } from './ip-address';

const lower = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

/** Labels of letters, digits, `_` and (not first) `-`; a pattern may have `*` as its whole first label. */
function isHostName(text: string, pattern: boolean): boolean {
  const labels = text.split('.');
  return (
    text !== '*' &&
    labels.every(
      (label, index) => (pattern && index === 0 && label === '*') || /^[A-Za-z0-9_][A-Za-z0-9_-]*$/.test(label),
    )
  );
}

function matchesPattern(pattern: string, hostLabels: readonly string[]): boolean {
  const labels = lower(pattern).split('.');
  return (
    labels.length === hostLabels.length &&
    labels.every((label, index) => (index === 0 && label === '*') || label === hostLabels[index])
  );
}

/**
 * Does a certificate speak for a name? Go's rules (crypto/x509 VerifyHostname; vitess-behaviour §3.6): an IP address must
 * be an IP SAN; a host name must be a DNS SAN, ASCII case-insensitive, `*` standing for one first label; a name that is
 * no host name (`vttablet server instance`) must be a DNS SAN character for character. The CN never counts, and the
 * empty name matches nothing.
 */
export function speaksFor(certificate: Pick<ParsedCertificate, 'dnsNames' | 'ipAddresses'>, name: string): boolean {
  const address = parseIp(/^\[.+\]$/.test(name) ? name.slice(1, -1) : name);
  if (address !== null) {
    const wanted = comparableIp(address);
    return certificate.ipAddresses.some((text) => comparableIp(parseIp(text) ?? Buffer.alloc(0)) === wanted);
  }
  const host = lower(name);
  const withoutDot = host.endsWith('.') ? host.slice(0, -1) : host;
  const isHost = isHostName(withoutDot, false);
  const labels = withoutDot.split('.');
  return certificate.dnsNames.some((candidate) => {
    if (isHost && isHostName(candidate, true)) return matchesPattern(candidate, labels);
    return host !== '' && host !== '.' && lower(candidate) === host;
  });
}
