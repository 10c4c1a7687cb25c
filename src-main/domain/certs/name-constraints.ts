import { bytesOf, DerError, type DerNode, constructed, primitive, sequence, tag, tagOf } from './der';
import { DerFields } from './der-reader';
import { isDomain } from './domain';
import { readAscii } from './general-names';
import { formatIp, parseIp } from './ip-address';
import { refuseRequest } from './request-refusal';
import type { NameConstraintsSpec, NameSubtrees } from './types';

/** Constraints of one authority, and whether it also constrains kinds of names that are not understood here. */
export interface ReadNameConstraints extends NameConstraintsSpec {
  readonly unhandled: boolean;
}

const kinds = { email: tag.context(1), dns: tag.context(2), uri: tag.context(6), ip: tag.context(7) } as const;

/** Reads NameConstraints (RFC 5280 §4.2.1.10) as strictly as Go's crypto/x509 does. @throws DerError */
export function readNameConstraints(node: DerNode): ReadNameConstraints {
  const fields = new DerFields(node, 'name constraints');
  const permittedNode = fields.optional(tag.contextConstructed(0));
  const excludedNode = fields.optional(tag.contextConstructed(1));
  fields.end();
  const permitted = permittedNode && readSubtrees(permittedNode);
  const excluded = excludedNode && readSubtrees(excludedNode);
  if ((permitted?.count ?? 0) + (excluded?.count ?? 0) === 0) throw new DerError('empty name constraints');
  return {
    ...(permitted && { permitted: permitted.subtrees }),
    ...(excluded && { excluded: excluded.subtrees }),
    unhandled: (permitted?.unhandled ?? false) || (excluded?.unhandled ?? false),
  };
}

function readSubtrees(node: DerNode): { subtrees: NameSubtrees; unhandled: boolean; count: number } {
  const dns: string[] = [];
  const ip: string[] = [];
  const uri: string[] = [];
  const email: string[] = [];
  let unhandled = false;
  let count = 0;
  for (const child of Array.isArray(node.value) ? node.value : []) {
    const fields = new DerFields(child, 'name subtree');
    const base = fields.any('name subtree');
    count += 1;
    // RFC 5280 wants minimum 0 and no maximum; anything else is not understood.
    if (fields.rest.length > 0) unhandled = true;
    switch (tagOf(base)) {
      case kinds.dns:
        dns.push(readDomain(base));
        break;
      case kinds.uri: {
        const domain = readDomain(base);
        if (parseIp(domain) !== null) throw new DerError('a URI constraint that is an IP address');
        uri.push(domain);
        break;
      }
      case kinds.email: {
        const text = readAscii(base, 'an e-mail constraint');
        if (!text.includes('@') && !isConstraintDomain(text)) throw new DerError('a malformed e-mail constraint');
        email.push(text);
        break;
      }
      case kinds.ip:
        ip.push(readIpRange(bytesOf(base)));
        break;
      default:
        unhandled = true;
    }
  }
  return { subtrees: { dns, ip, uri, email }, unhandled, count };
}

function readDomain(node: DerNode): string {
  const domain = readAscii(node, 'a domain constraint');
  if (!isConstraintDomain(domain)) throw new DerError('a malformed domain constraint');
  return domain;
}

/** A domain as Go's crypto/x509 allows it in a constraint: empty (everything), or labels of visible ASCII, a leading dot allowed. */
export const isConstraintDomain = (text: string): boolean =>
  text === '' || isDomain(text.startsWith('.') ? text.slice(1) : text);

function readIpRange(bytes: Buffer): string {
  if (bytes.length !== 8 && bytes.length !== 32) throw new DerError('an IP constraint of the wrong length');
  const half = bytes.length / 2;
  const mask = [...bytes.subarray(half)].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  if (!/^1*0*$/.test(mask)) throw new DerError('an IP constraint with a mask that has holes');
  return `${formatIp(bytes.subarray(0, half))}/${mask.replace(/0/g, '').length}`;
}

/** Writes NameConstraints; null when nothing is constrained. */
export function writeNameConstraints(spec: NameConstraintsSpec): DerNode | null {
  const permitted = writeSubtrees(spec.permitted);
  const excluded = writeSubtrees(spec.excluded);
  if (permitted.length + excluded.length === 0) return null;
  return sequence([
    permitted.length > 0 ? constructed(tag.contextConstructed(0), permitted) : null,
    excluded.length > 0 ? constructed(tag.contextConstructed(1), excluded) : null,
  ]);
}

function writeSubtrees(subtrees: NameSubtrees = {}): DerNode[] {
  const domain = (value: string): string => {
    if (isConstraintDomain(value)) return value;
    throw refuseRequest(
      'certs.name-constraint',
      `The name constraint ${JSON.stringify(value)} is not a domain such as example.org or .example.org.`,
    );
  };
  const bases = [
    ...(subtrees.dns ?? []).map((value) => primitive(kinds.dns, domain(value))),
    ...(subtrees.ip ?? []).map((value) => primitive(kinds.ip, ipRangeBytes(value))),
    ...(subtrees.uri ?? []).map((value) => primitive(kinds.uri, domain(value))),
    ...(subtrees.email ?? []).map((value) => primitive(kinds.email, value.includes('@') ? value : domain(value))),
  ];
  return bases.map((base) => sequence([base]));
}

/** Address and prefix length of CIDR text. */
export function parseIpRange(text: string): { readonly address: Buffer; readonly prefix: number } | null {
  const match = /^(.+)\/(\d{1,3})$/.exec(text);
  const address = parseIp(match?.[1] ?? '');
  const prefix = Number(match?.[2] ?? -1);
  if (address === null || prefix < 0 || prefix > address.length * 8) return null;
  return { address, prefix };
}

function ipRangeBytes(text: string): Buffer {
  const range = parseIpRange(text);
  if (range === null)
    throw refuseRequest(
      'certs.name-constraint',
      `The IP constraint ${JSON.stringify(text)} is not a range such as 10.0.0.0/8.`,
    );
  const mask = Buffer.alloc(range.address.length);
  for (let bit = 0; bit < range.prefix; bit += 1) mask[bit >> 3] = (mask[bit >> 3] ?? 0) | (0x80 >> (bit & 7));
  return Buffer.concat([range.address.map((byte, at) => byte & (mask[at] ?? 0)), mask]);
}
