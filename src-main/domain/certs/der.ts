import asn1, { type Asn1 } from 'node-forge/lib/asn1.js';

/** One DER value; node-forge's tree, whose primitive values are strings of bytes (Latin-1). */
export type DerNode = Asn1;

/** Bytes that are not what the format asks for. Stays inside domain/certs: every reader turns it into a failure. */
export class DerError extends Error {}

/** Identifier octets (class, constructed bit, number) of the types used in X.509. */
export const tag = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  enumerated: 0x0a,
  utf8: 0x0c,
  numeric: 0x12,
  printable: 0x13,
  t61: 0x14,
  ia5: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  bmp: 0x1e,
  sequence: 0x30,
  set: 0x31,
  /** Context-specific, primitive (implicit tagging of a primitive type). */
  context: (number: number): number => 0x80 | number,
  /** Context-specific, constructed (explicit tagging, or implicit tagging of a constructed type). */
  contextConstructed: (number: number): number => 0xa0 | number,
} as const;

/** Deeper nesting than any certificate needs; keeps hostile input from exhausting the stack. */
const MAX_DEPTH = 24;

/** Identifier octet of a node. */
export const tagOf = (node: DerNode): number => node.tagClass | (node.constructed ? 0x20 : 0) | node.type;

/**
 * Decodes exactly one value and insists on DER: the tree, encoded again, must give the same bytes. That excludes BER's
 * other lengths and forms, and makes `encode` of any inner node the very bytes that were read (what signatures cover).
 * @throws DerError
 */
export function decode(bytes: Uint8Array): DerNode {
  return decodeText(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1'));
}

/** `decode` for bytes held as a Latin-1 string, such as the value of an OCTET STRING node. */
export function decodeText(text: string): DerNode {
  let node: DerNode;
  try {
    node = asn1.fromDer(text, { strict: true, parseAllBytes: true, decodeBitStrings: false, maxDepth: MAX_DEPTH });
  } catch (error) {
    throw new DerError(error instanceof Error ? error.message : 'not DER');
  }
  if (asn1.toDer(node).getBytes() !== text) throw new DerError('BER that is not DER');
  refuseLongTags(node);
  return node;
}

/** Tag numbers above 30 take more bytes, which the decoder does not know; nothing here uses them. */
function refuseLongTags(node: DerNode): void {
  if (node.type === 0x1f) throw new DerError('a tag that is not used here');
  if (typeof node.value !== 'string') for (const child of node.value) refuseLongTags(child);
}

/** Decodes one value of BER, for formats whose writers do not keep to DER (PKCS#12). @throws DerError */
export function decodeBer(bytes: Uint8Array): DerNode {
  try {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
    return asn1.fromDer(text, { strict: true, parseAllBytes: true, decodeBitStrings: false, maxDepth: MAX_DEPTH });
  } catch (error) {
    throw new DerError(error instanceof Error ? error.message : 'not BER');
  }
}

/** The bytes of a node. */
export const encode = (node: DerNode): Buffer => Buffer.from(encodeText(node), 'latin1');

/** The bytes of a node as a Latin-1 string. */
export const encodeText = (node: DerNode): string => asn1.toDer(node).getBytes();

/** Bytes of a primitive node. */
export function bytesOf(node: DerNode): Buffer {
  if (typeof node.value !== 'string') throw new DerError('a constructed value where a primitive one is expected');
  return Buffer.from(node.value, 'latin1');
}

/** Bytes of a primitive node as a Latin-1 string. */
export function textOf(node: DerNode): string {
  if (typeof node.value !== 'string') throw new DerError('a constructed value where a primitive one is expected');
  return node.value;
}

/** A primitive node; its value is given as bytes or as a Latin-1 string. */
export const primitive = (identifier: number, value: Uint8Array | string): DerNode =>
  asn1.create(
    identifier & 0xc0,
    identifier & 0x1f,
    false,
    typeof value === 'string' ? value : Buffer.from(value).toString('latin1'),
  );

/** A constructed node; `undefined` and `null` children are left out. */
export const constructed = (identifier: number, children: readonly (DerNode | null | undefined)[]): DerNode =>
  asn1.create(
    identifier & 0xc0,
    identifier & 0x1f,
    true,
    children.filter((child): child is DerNode => child !== null && child !== undefined),
  );

export const sequence = (children: readonly (DerNode | null | undefined)[]): DerNode =>
  constructed(tag.sequence, children);

/** SET OF: DER sorts the encodings (X.690 §11.6). */
export function setOf(children: readonly DerNode[]): DerNode {
  if (children.length < 2) return constructed(tag.set, children);
  const sorted = children.map((child) => ({ child, key: encodeText(child) }));
  sorted.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return constructed(
    tag.set,
    sorted.map(({ child }) => child),
  );
}

const oidBytes = new Map<string, string>();

/** OBJECT IDENTIFIER from its dotted form. */
export function oid(dotted: string): DerNode {
  let bytes = oidBytes.get(dotted);
  if (bytes === undefined) {
    bytes = asn1.oidToDer(dotted).getBytes();
    if (oidBytes.size < 256) oidBytes.set(dotted, bytes);
  }
  return primitive(tag.oid, bytes);
}

/** INTEGER, not negative. */
export function integer(value: number | bigint): DerNode {
  let hex = value.toString(16);
  if (hex.length % 2 === 1) hex = `0${hex}`;
  return unsignedInteger(Buffer.from(hex, 'hex'));
}

/** INTEGER, not negative, from big-endian bytes. */
export function unsignedInteger(bytes: Uint8Array): DerNode {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start += 1;
  const trimmed = Buffer.from(bytes.subarray(start));
  const first = trimmed[0] ?? 0;
  return primitive(
    tag.integer,
    first >= 0x80 ? Buffer.concat([Buffer.of(0), trimmed]) : trimmed.length > 0 ? trimmed : Buffer.of(0),
  );
}

export const boolean = (value: boolean): DerNode => primitive(tag.boolean, value ? '\xff' : '\x00');
export const nullValue = (): DerNode => primitive(tag.null, '');
export const octetString = (bytes: Uint8Array | string): DerNode => primitive(tag.octetString, bytes);
export const utf8String = (value: string): DerNode => primitive(tag.utf8, Buffer.from(value, 'utf8'));

/** BIT STRING of whole bytes. */
export const bitString = (bytes: Uint8Array): DerNode =>
  primitive(tag.bitString, Buffer.concat([Buffer.of(0), Buffer.from(bytes)]));

/** BIT STRING of named bits: trailing zero bits are dropped (X.690 §11.2.2). */
export function namedBits(bits: readonly number[]): DerNode {
  const highest = Math.max(-1, ...bits);
  const bytes = Buffer.alloc(Math.ceil((highest + 1) / 8));
  for (const bit of bits) bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (0x80 >> (bit & 7));
  const unused = highest < 0 ? 0 : 7 - (highest & 7);
  return primitive(tag.bitString, Buffer.concat([Buffer.of(unused), bytes]));
}

/** Time as RFC 5280 §4.1.2.5 wants it: UTCTime through 2049, GeneralizedTime otherwise; whole seconds. */
export function time(value: Date): DerNode {
  const text = value
    .toISOString()
    .replace(/[-:T]/g, '')
    .replace(/\.\d+Z$/, 'Z');
  const year = value.getUTCFullYear();
  if (year < 0 || year > 9999) throw new RangeError(`the year ${year} cannot be written in a certificate`);
  return year >= 1950 && year < 2050 ? primitive(tag.utcTime, text.slice(2)) : primitive(tag.generalizedTime, text);
}
