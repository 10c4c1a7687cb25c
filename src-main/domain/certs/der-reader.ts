import { bytesOf, DerError, type DerNode, tag, tagOf, textOf } from './der';

/** Walks the children of one constructed node in order; each step says what it expects. */
export class DerFields {
  #next = 0;
  readonly #children: readonly DerNode[];

  /** @throws DerError when `node` is not `expected`. */
  constructor(
    node: DerNode | undefined,
    readonly what: string,
    expected: number = tag.sequence,
  ) {
    if (node === undefined) throw new DerError(`${what} is missing`);
    if (tagOf(node) !== expected || typeof node.value === 'string') throw new DerError(`${what} has the wrong type`);
    this.#children = node.value;
  }

  get rest(): readonly DerNode[] {
    return this.#children.slice(this.#next);
  }

  /** The next child's identifier, -1 at the end. */
  peek(): number {
    const node = this.#children[this.#next];
    return node === undefined ? -1 : tagOf(node);
  }

  /** The next child, whatever it is. */
  any(what: string): DerNode {
    const node = this.#children[this.#next];
    if (node === undefined) throw new DerError(`${what} is missing`);
    this.#next += 1;
    return node;
  }

  /** The next child, which must have this identifier. */
  take(identifier: number, what: string): DerNode {
    if (this.peek() !== identifier) throw new DerError(`${what} is missing or has the wrong type`);
    return this.any(what);
  }

  /** The next child if it has this identifier. */
  optional(identifier: number): DerNode | undefined {
    return this.peek() === identifier ? this.any(this.what) : undefined;
  }

  /** Nothing may follow. */
  end(): void {
    if (this.#next < this.#children.length) throw new DerError(`${this.what} has a part too many`);
  }
}

/** The children of a constructed node. */
export function childrenOf(node: DerNode, what: string, expected: number = tag.sequence): readonly DerNode[] {
  return new DerFields(node, what, expected).rest;
}

/** The single child of an explicitly tagged node. */
export function explicitValue(node: DerNode, what: string): DerNode {
  if (typeof node.value === 'string' || node.value.length !== 1) throw new DerError(`${what} is malformed`);
  return node.value[0] as DerNode;
}

/** Dotted form of an OBJECT IDENTIFIER. Arcs of any size are kept exact, so that no two OIDs look alike. */
export function readOid(node: DerNode): string {
  if (tagOf(node) !== tag.oid) throw new DerError('an object identifier is expected');
  const bytes = textOf(node);
  if (bytes === '') throw new DerError('an empty object identifier');
  let text = '';
  let arc = 0n;
  let small = 0;
  let length = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes.charCodeAt(at);
    if (length === 0 && byte === 0x80) throw new DerError('an object identifier with a padded arc');
    length += 1;
    if (length <= 4) small = small * 128 + (byte & 0x7f);
    else arc = (length === 5 ? BigInt(small) : arc) * 128n + BigInt(byte & 0x7f);
    if (byte >= 0x80) continue;
    if (text === '') {
      const whole = length <= 4 ? BigInt(small) : arc;
      const first = whole < 40n ? 0n : whole < 80n ? 1n : 2n;
      text = `${first}.${whole - first * 40n}`;
    } else text += length <= 4 ? `.${small}` : `.${arc}`;
    small = 0;
    length = 0;
  }
  if (length !== 0) throw new DerError('an object identifier that is cut off');
  return text;
}

export function readBoolean(node: DerNode): boolean {
  const bytes = textOf(node);
  if (tagOf(node) !== tag.boolean || (bytes !== '\x00' && bytes !== '\xff')) throw new DerError('a malformed boolean');
  return bytes === '\xff';
}

/** Lower-case hex of an INTEGER (or ENUMERATED) without leading zeros, `-` before a negative one. */
export function readIntegerHex(node: DerNode): string {
  if (tagOf(node) !== tag.integer && tagOf(node) !== tag.enumerated) throw new DerError('an integer is expected');
  const bytes = bytesOf(node);
  if (bytes.length === 0) throw new DerError('an empty integer');
  if ((bytes[0] ?? 0) >= 0x80)
    return `-${((1n << BigInt(8 * bytes.length)) - BigInt(`0x${bytes.toString('hex')}`)).toString(16)}`;
  return bytes.toString('hex').replace(/^0+(?=.)/, '');
}

/** An INTEGER (or ENUMERATED) that must be between 0 and 2^31-1. */
export function readSmallInteger(node: DerNode, what: string): number {
  const hex = readIntegerHex(node);
  const value = Number.parseInt(hex, 16);
  if (hex.startsWith('-') || hex.length > 8 || value > 0x7fffffff) throw new DerError(`${what} is out of range`);
  return value;
}

/** Bytes of a BIT STRING that has no unused bits. */
export function readBitStringBytes(node: DerNode, what: string): Buffer {
  const bytes = bytesOf(node);
  if (tagOf(node) !== tag.bitString || bytes.length === 0 || bytes[0] !== 0)
    throw new DerError(`${what} is not a string of whole bytes`);
  return bytes.subarray(1);
}

/** Numbers of the bits that are set in a BIT STRING. */
export function readNamedBits(node: DerNode, what: string): readonly number[] {
  const bytes = bytesOf(node);
  const unused = bytes[0] ?? 8;
  const last = bytes[bytes.length - 1] ?? 0;
  if (tagOf(node) !== tag.bitString || unused > 7 || (bytes.length === 1 && unused !== 0))
    throw new DerError(`${what} is malformed`);
  if ((last & ((1 << unused) - 1)) !== 0) throw new DerError(`${what} has bits set where none are`);
  const bits: number[] = [];
  for (let at = 1; at < bytes.length; at += 1) {
    for (let bit = 0; bit < 8; bit += 1) if (((bytes[at] ?? 0) & (0x80 >> bit)) !== 0) bits.push((at - 1) * 8 + bit);
  }
  return bits;
}

const UTC_TIME = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/;
const GENERALIZED_TIME = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/;

/** UTCTime or GeneralizedTime in the only form RFC 5280 §4.1.2.5 allows: with seconds, in UTC. */
export function readTime(node: DerNode, what: string): Date {
  const identifier = tagOf(node);
  const text = textOf(node);
  const match =
    identifier === tag.utcTime
      ? UTC_TIME.exec(text)
      : identifier === tag.generalizedTime
        ? GENERALIZED_TIME.exec(text)
        : null;
  if (match === null) throw new DerError(`${what} is not a time`);
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number);
  const fullYear = identifier === tag.generalizedTime ? year : year < 50 ? 2000 + year : 1900 + year;
  const date = new Date(0);
  date.setUTCFullYear(fullYear, month - 1, day);
  date.setUTCHours(hour, minute, second);
  if (
    date.getUTCMonth() !== month - 1 ||
    date.getUTCDate() !== day ||
    date.getUTCHours() !== hour ||
    minute > 59 ||
    second > 59
  )
    throw new DerError(`${what} is not a time that exists`);
  return date;
}
