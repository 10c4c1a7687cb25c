import { bytesOf, DerError, type DerNode, primitive, sequence, tag, tagOf, textOf } from './der';
import { childrenOf } from './der-reader';
import { formatIp, parseIp } from './ip-address';
import { isDomain } from './domain';
import { refuseRequest } from './request-refusal';

/** Names of a subjectAltName by kind, each in certificate order; other kinds are counted, not read. */
export interface AlternativeNames {
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  readonly uris: readonly string[];
  readonly emails: readonly string[];
  readonly others: number;
}

export const noNames: AlternativeNames = { dnsNames: [], ipAddresses: [], uris: [], emails: [], others: 0 };

const kinds = { email: tag.context(1), dns: tag.context(2), uri: tag.context(6), ip: tag.context(7) } as const;

/** Bytes of an IA5String-typed name; anything beyond ASCII makes a certificate unreadable, as in Go. */
export function readAscii(node: DerNode, what: string): string {
  const text = textOf(node);
  if (!/^[\0-\x7f]*$/.test(text)) throw new DerError(`${what} with characters beyond ASCII`);
  return text;
}

/** A URI that Go's net/url reads; one that it does not read makes a certificate unreadable there. */
function readUri(node: DerNode): string {
  const text = readAscii(node, 'a URI');
  const malformed = (): never => {
    throw new DerError('a malformed URI');
  };
  if (/[\0-\x1f\x7f]/.test(text)) malformed();
  const withoutFragment = text.replace(/#.*$/s, '');
  if (/%(?![0-9A-Fa-f]{2})/.test(withoutFragment.replace(/\?.*$/s, '') + text.slice(withoutFragment.length)))
    malformed();
  const scheme = /^[A-Za-z][A-Za-z0-9+.-]*:/.exec(withoutFragment)?.[0] ?? '';
  const rest = withoutFragment.slice(scheme.length);
  // Without a scheme a colon in the first segment could be taken for one.
  if (scheme === '' && /^[^/?]*:/.test(rest)) malformed();
  const authority = /^\/\/([^/?]*)/.exec(rest)?.[1];
  if (authority === undefined || authority === '') return text;
  const at = authority.lastIndexOf('@');
  const host = authority.slice(at + 1);
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(authority.slice(0, Math.max(at, 0)))) malformed();
  if (!/^(\[[^\]]*\]|[^:[\]]*)(:\d*)?$/.test(host) || !isDomain(host) || /["%<>\\^`{|}]/.test(host)) malformed();
  return text;
}

/** Reads GeneralNames (RFC 5280 §4.2.1.6). @throws DerError */
export function readGeneralNames(node: DerNode): AlternativeNames {
  const dnsNames: string[] = [];
  const ipAddresses: string[] = [];
  const uris: string[] = [];
  const emails: string[] = [];
  let others = 0;
  for (const child of childrenOf(node, 'alternative names')) {
    switch (tagOf(child)) {
      case kinds.dns:
        dnsNames.push(readAscii(child, 'a DNS name'));
        break;
      case kinds.email:
        emails.push(readAscii(child, 'an e-mail name'));
        break;
      case kinds.uri:
        uris.push(readUri(child));
        break;
      case kinds.ip: {
        const bytes = bytesOf(child);
        if (bytes.length !== 4 && bytes.length !== 16) throw new DerError('an IP address of the wrong length');
        ipAddresses.push(formatIp(bytes));
        break;
      }
      default:
        others += 1;
    }
  }
  return { dnsNames, ipAddresses, uris, emails, others };
}

interface NamesToWrite {
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
  readonly uris?: readonly string[];
  readonly emails?: readonly string[];
}

/** Writes GeneralNames, DNS names first; null when there is none. */
export function writeGeneralNames(names: NamesToWrite): DerNode | null {
  const children = [
    ...(names.dnsNames ?? []).map((name) => primitive(kinds.dns, asciiName(name, 'DNS name'))),
    ...(names.ipAddresses ?? []).map((address) => primitive(kinds.ip, ipBytes(address))),
    ...(names.uris ?? []).map((uri) => primitive(kinds.uri, asciiName(uri, 'URI'))),
    ...(names.emails ?? []).map((email) => primitive(kinds.email, asciiName(email, 'e-mail address'))),
  ];
  return children.length === 0 ? null : sequence(children);
}

function asciiName(value: string, what: string): string {
  if (/^[\x20-\x7e]+$/.test(value)) return value;
  throw refuseRequest(
    'certs.name-characters',
    `The ${what} ${JSON.stringify(value)} must have only printable ASCII characters; write international names in their xn-- form.`,
  );
}

function ipBytes(address: string): Buffer {
  const bytes = parseIp(address);
  if (bytes !== null) return bytes;
  throw refuseRequest(
    'certs.ip-address',
    `${JSON.stringify(address)} is not an IP address; give host names as DNS names.`,
  );
}
