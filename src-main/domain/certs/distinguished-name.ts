import { isUtf8 } from 'node:buffer';

import {
  bytesOf,
  DerError,
  type DerNode,
  encodeText,
  oid,
  primitive,
  sequence,
  setOf,
  tag,
  tagOf,
  textOf,
  utf8String,
} from './der';
import { childrenOf, DerFields, readOid } from './der-reader';
import { attributeOids } from './oids';
import { refuseRequest } from './request-refusal';
import type { NameAttribute, SubjectFields, SubjectSpec } from './types';

/** A name as data: every attribute in the order of the certificate, with the grouping into RDNs left out as Go does. */
export interface DistinguishedName {
  readonly attributes: readonly { readonly oid: string; readonly value: string }[];
  /** Go's pkix.Name.String(). */
  readonly text: string;
  /** Last CN, '' if there is none. */
  readonly commonName: string;
}

const PRINTABLE = /^[A-Za-z0-9 '()+,\-./:=?]*$/;
/** What Go reads as PrintableString: `*` and `&` are tolerated. */
const PRINTABLE_READ = /^[A-Za-z0-9 '()+,\-./:=?*&]*$/;

/** Value of a directory string in one of the types Go's crypto/x509 reads; any other makes the certificate unreadable. */
function readDirectoryString(node: DerNode): string {
  switch (tagOf(node)) {
    case tag.utf8: {
      const bytes = bytesOf(node);
      if (!isUtf8(bytes)) throw new DerError('a name with invalid UTF-8');
      return bytes.toString('utf8');
    }
    case tag.printable: {
      const text = textOf(node);
      if (!PRINTABLE_READ.test(text)) throw new DerError('a name with characters that its type does not have');
      return text;
    }
    case tag.t61:
      return textOf(node);
    case tag.ia5: {
      const text = textOf(node);
      if (!/^[\0-\x7f]*$/.test(text)) throw new DerError('a name with characters that its type does not have');
      return text;
    }
    case tag.numeric: {
      const text = textOf(node);
      if (!/^[0-9 ]*$/.test(text)) throw new DerError('a name with characters that its type does not have');
      return text;
    }
    case tag.bmp: {
      const text = textOf(node).replace(/\0$/, '');
      if (/[\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]/.test(text)) throw new DerError('a name with reserved characters');
      return text;
    }
    default:
      throw new DerError('a name with a value that is not text');
  }
}

/** Reads a Name (RFC 5280 §4.1.2.4). @throws DerError */
export function readName(node: DerNode): DistinguishedName {
  const attributes: { oid: string; value: string }[] = [];
  for (const rdn of childrenOf(node, 'name')) {
    for (const pair of childrenOf(rdn, 'relative name', tag.set)) {
      const fields = new DerFields(pair, 'attribute');
      const type = readOid(fields.take(tag.oid, 'attribute type'));
      attributes.push({ oid: type, value: readDirectoryString(fields.any('attribute value')) });
    }
  }
  let commonName = '';
  for (const { oid: type, value } of attributes) if (type === attributeOids['CN']) commonName = value;
  return { attributes, text: goNameText(attributes), commonName };
}

/** Order of Go's ToRDNSequence, which its String() prints backwards. CN and SERIALNUMBER keep only their last value. */
const goOrder = ['C', 'ST', 'L', 'STREET', 'POSTALCODE', 'O', 'OU', 'CN', 'SERIALNUMBER'].map((name) => ({
  name,
  oid: attributeOids[name] ?? '',
  single: name === 'CN' || name === 'SERIALNUMBER',
}));
const goNamed = new Set(goOrder.map(({ oid: type }) => type));

/**
 * Text form of a name as Go's pkix.Name.String() gives it (crypto/x509/pkix, ToRDNSequence printed backwards): RDNs joined
 * by `,` in the order SERIALNUMBER, CN, OU, O, POSTALCODE, STREET, L, ST, C, several values of one type joined by `+`, then
 * types that Go has no name for as `OID=#hex`, last first. vitess-behaviour §1.7 lists another order; a test asks Go.
 */
export function goNameText(attributes: readonly { readonly oid: string; readonly value: string }[]): string {
  const parts: string[] = [];
  for (const { name, oid: type, single } of goOrder.toReversed()) {
    let values = attributes.filter((attribute) => attribute.oid === type).map(({ value }) => value);
    if (single) values = values.slice(-1).filter((value) => value !== '');
    if (values.length > 0) parts.push(values.map((value) => `${name}=${escapeValue(value)}`).join('+'));
  }
  for (const { oid: type, value } of attributes.toReversed()) {
    if (!goNamed.has(type))
      parts.push(`${type}=#${Buffer.from(encodeText(goString(value)), 'latin1').toString('hex')}`);
  }
  return parts.join(',');
}

/** Go's encoding/asn1 writes a string as PrintableString where that is possible. */
const goString = (value: string): DerNode =>
  PRINTABLE.test(value) ? primitive(tag.printable, value) : utf8String(value);

function escapeValue(value: string): string {
  let text = '';
  for (let at = 0; at < value.length; at += 1) {
    const character = value.charAt(at);
    const atEdge = at === 0 || at === value.length - 1;
    if (',+"\\<>;'.includes(character) || (character === ' ' && atEdge) || (character === '#' && at === 0))
      text += '\\';
    text += character;
  }
  return text;
}

/** Order in which fields are written: from the country down to the person, as openssl and Go do. */
const fieldOrder: readonly (readonly [keyof SubjectFields, string])[] = [
  ['country', 'C'],
  ['state', 'ST'],
  ['locality', 'L'],
  ['streetAddress', 'STREET'],
  ['postalCode', 'POSTALCODE'],
  ['organization', 'O'],
  ['organizationalUnit', 'OU'],
  ['commonName', 'CN'],
  ['serialNumber', 'SERIALNUMBER'],
];

/** Writes a subject. An empty one is an empty SEQUENCE. */
export function writeName(subject: SubjectSpec): DerNode {
  return sequence(rdnsOf(subject).map((rdn) => setOf(rdn.map(writeAttribute))));
}

function rdnsOf(subject: SubjectSpec): readonly (readonly NameAttribute[])[] {
  if (Array.isArray(subject)) {
    return (subject as readonly (NameAttribute | readonly NameAttribute[])[]).map((rdn) =>
      'type' in rdn ? [rdn] : rdn,
    );
  }
  const fields = subject as SubjectFields;
  const rdns: NameAttribute[][] = [];
  for (const [field, type] of fieldOrder) {
    const value = fields[field];
    for (const single of value === undefined ? [] : typeof value === 'string' ? [value] : value)
      rdns.push([{ type, value: single }]);
  }
  return rdns;
}

function writeAttribute({ type, value }: NameAttribute): DerNode {
  const dotted = attributeOids[type] ?? type;
  if (!/^[0-2](\.\d+)+$/.test(dotted)) {
    throw refuseRequest(
      'certs.subject-attribute',
      `The subject attribute ${JSON.stringify(type)} is not known; use one of ${Object.keys(attributeOids).join(', ')} or a dotted OID.`,
    );
  }
  if (value === '')
    throw refuseRequest(
      'certs.subject-empty',
      `The subject attribute ${type} is empty; leave it out or give it a value.`,
    );
  return sequence([oid(dotted), writeDirectoryString(dotted, value)]);
}

/** Types that RFC 5280 appendix A fixes get them; everything else is UTF8String. */
function writeDirectoryString(dotted: string, value: string): DerNode {
  if (dotted === attributeOids['C'] || dotted === attributeOids['SERIALNUMBER']) {
    if (PRINTABLE.test(value)) return primitive(tag.printable, value);
    throw refuseRequest(
      'certs.subject-characters',
      `The subject value ${JSON.stringify(value)} may have only letters, digits and '()+,-./:=? here.`,
    );
  }
  if (dotted === attributeOids['DC'] || dotted === attributeOids['emailAddress']) {
    if (/^[\x20-\x7e]+$/.test(value)) return primitive(tag.ia5, value);
    throw refuseRequest(
      'certs.subject-characters',
      `The subject value ${JSON.stringify(value)} may have only ASCII characters here.`,
    );
  }
  return utf8String(value);
}
