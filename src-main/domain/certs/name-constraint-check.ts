import type { ParsedCertificate } from './certificate';
import { isDomain } from './domain';
import { parseIp } from './ip-address';
import { parseIpRange } from './name-constraints';
import type { NameSubtrees } from './types';

/**
 * Checks the names of every certificate of a path against the constraints of the authorities above it (RFC 5280
 * §4.2.1.10, with the details of Go's crypto/x509: a leading dot means subdomains only, a name that cannot be read
 * under constraints is refused). Returns what is wrong, or null.
 */
export function checkNameConstraints(path: readonly ParsedCertificate[]): string | null {
  for (let above = 1; above < path.length; above += 1) {
    const authority = path[above];
    const constraints = authority?.nameConstraints;
    if (authority === undefined || constraints === null || constraints === undefined) continue;
    for (const certificate of path.slice(0, above)) {
      if (certificate.extensions.rawNames === null) continue;
      const fault = checkNames(certificate, constraints.permitted ?? {}, constraints.excluded ?? {});
      if (fault !== null) return `${fault} of ${authority.subjectText}`;
    }
  }
  return null;
}

function checkNames(certificate: ParsedCertificate, permitted: NameSubtrees, excluded: NameSubtrees): string | null {
  for (const address of certificate.ipAddresses) {
    const fault = judge(`IP address ${address}`, permitted.ip, excluded.ip, (range) => isInRange(address, range));
    if (fault !== null) return fault;
  }
  for (const name of certificate.dnsNames) {
    if (name !== '' && !isDomain(name))
      return `the DNS name ${JSON.stringify(name)} cannot be compared with the name constraints`;
    const fault =
      judge(`DNS name ${name}`, permitted.dns, [], (domain) => isBelow(name, domain)) ??
      judge(
        `DNS name ${name}`,
        undefined,
        excluded.dns,
        (domain) => isBelow(name, domain) || wildcardCovers(name, domain),
      );
    if (fault !== null) return fault;
  }
  for (const uri of certificate.uris) {
    const host = hostOf(uri);
    if (host === null || parseIp(host) !== null || host.startsWith('['))
      return `the URI ${uri} cannot be compared with the name constraints`;
    const fault = judge(`URI ${uri}`, permitted.uri, excluded.uri, (domain) => isBelow(host, domain));
    if (fault !== null) return fault;
  }
  for (const email of certificate.emails) {
    const at = email.lastIndexOf('@');
    const domain = email.slice(at + 1);
    if (at < 1 || !isDomain(domain) || /["\\()<>\s]/.test(email))
      return `the e-mail name ${email} cannot be compared with the name constraints`;
    const fault = judge(`e-mail name ${email}`, permitted.email, excluded.email, (constraint) =>
      mailMatches(email.slice(0, at), domain, constraint),
    );
    if (fault !== null) return fault;
  }
  return null;
}

/** An empty list constrains nothing of its kind. */
function judge(
  what: string,
  permitted: readonly string[] = [],
  excluded: readonly string[] = [],
  matches: (constraint: string) => boolean,
): string | null {
  if (permitted.length > 0 && !permitted.some(matches)) return `the ${what} is outside the permitted names`;
  const hit = excluded.find(matches);
  return hit === undefined ? null : `the ${what} is under the excluded name ${JSON.stringify(hit)}`;
}

/** Is `name` the domain or below it? `.example.org` covers only what is below; the empty domain covers everything. */
function isBelow(name: string, domain: string): boolean {
  if (domain === '') return true;
  const lowerName = name.toLowerCase();
  const lowerDomain = domain.toLowerCase();
  if (!lowerName.endsWith(lowerDomain)) return false;
  const rest = lowerName.slice(0, lowerName.length - lowerDomain.length);
  return rest === '' || lowerDomain.startsWith('.') || rest.endsWith('.');
}

/** `*.example.org` could be used for an excluded `host.example.org`. */
function wildcardCovers(name: string, excluded: string): boolean {
  if (!name.startsWith('*.')) return false;
  const dot = excluded.indexOf('.');
  return dot >= 0 && excluded.slice(dot).toLowerCase() === name.slice(1).toLowerCase();
}

function isInRange(address: string, text: string): boolean {
  const bytes = parseIp(address);
  const range = parseIpRange(text);
  if (bytes === null || range === null || bytes.length !== range.address.length) return false;
  for (let bit = 0; bit < range.prefix; bit += 1) {
    const mask = 0x80 >> (bit & 7);
    if (((bytes[bit >> 3] ?? 0) & mask) !== ((range.address[bit >> 3] ?? 0) & mask)) return false;
  }
  return true;
}

/** Host of a URI in lower case; null when it has none. */
function hostOf(uri: string): string | null {
  const match = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/(?:[^/?#@]*@)?(\[[^\]]*\]|[^/?#:]*)(?::\d*)?(?:[/?#]|$)/.exec(uri);
  const host = match?.[1]?.toLowerCase() ?? '';
  return host === '' || (!host.startsWith('[') && !isDomain(host)) ? null : host;
}

function mailMatches(local: string, domain: string, constraint: string): boolean {
  const at = constraint.lastIndexOf('@');
  if (at < 0) return isBelow(domain, constraint);
  return local === constraint.slice(0, at) && domain.toLowerCase() === constraint.slice(at + 1).toLowerCase();
}
