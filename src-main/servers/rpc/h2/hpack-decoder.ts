import { staticTable } from './hpack-tables';
import { decodeHuffman } from './huffman';
import { DEFAULT_TABLE_BYTES, errors, Http2Error } from './protocol';

/** Received fields: name, value, name, value; latin1. */
export type Fields = readonly string[];

const STATIC_ENTRIES = staticTable.length / 2;
/** What an entry of the dynamic table counts beside its texts (RFC 7541 §4.1); a field of a header list the same. */
const ENTRY_BYTES = 32;
/** Blocks of this many bytes and fewer are remembered: those of our own link are mere references and a trace id. */
const REMEMBERED_BYTES = 160;
const REMEMBERED_BLOCKS = 64;

const broken = (what: string): Http2Error => new Http2Error(errors.compression, `header block: ${what}`);

/** Decodes the header blocks of one direction of one connection, in order (RFC 7541). */
export class HpackDecoder {
  /** Dynamic table, oldest entry first: name, value, name, value. */
  #table: string[] = [];
  #bytes = 0;
  #limit = DEFAULT_TABLE_BYTES;
  readonly #remembered = new Map<string, Fields>();
  #block: Buffer = Buffer.alloc(0);
  #at = 0;

  /** `maxListBytes`: largest header list, counted as SETTINGS_MAX_HEADER_LIST_SIZE is. */
  constructor(private readonly maxListBytes: number) {}

  /** The fields of a complete block, null when they are more than allowed. Throws Http2Error, after which the connection cannot go on. */
  decode(block: Buffer): Fields | null {
    if (block.length > REMEMBERED_BYTES) return this.#read(block).fields;
    const key = block.toString('latin1', 0, block.length);
    const known = this.#remembered.get(key);
    if (known !== undefined) return known;
    const { fields, changed } = this.#read(block);
    // A block that changes the table means something else the next time, and so do all blocks after it.
    if (!changed && fields !== null) {
      if (this.#remembered.size >= REMEMBERED_BLOCKS) this.#remembered.clear();
      this.#remembered.set(key, fields);
    }
    return fields;
  }

  #read(block: Buffer): { readonly fields: Fields | null; readonly changed: boolean } {
    this.#block = block;
    this.#at = 0;
    const fields: string[] = [];
    let bytes = 0;
    let changed = false;
    while (this.#at < block.length) {
      const first = block[this.#at]!;
      let name: string;
      let value: string;
      if ((first & 0x80) !== 0) {
        const index = this.#integer(7);
        name = this.#entry(index, 0);
        value = this.#entry(index, 1);
      } else if ((first & 0xe0) === 0x20) {
        if (fields.length > 0) throw broken('a change of the table size behind fields');
        const limit = this.#integer(5);
        if (limit > DEFAULT_TABLE_BYTES) throw broken('a table larger than allowed');
        this.#limit = limit;
        this.#evict(0);
        this.#remembered.clear();
        changed = true;
        continue;
      } else {
        const kept = (first & 0xc0) === 0x40;
        const index = this.#integer(kept ? 6 : 4);
        name = index === 0 ? this.#text() : this.#entry(index, 0);
        value = this.#text();
        if (kept) {
          this.#keep(name, value);
          changed = true;
        }
      }
      bytes += name.length + value.length + ENTRY_BYTES;
      // The rest is read all the same: the table depends on it.
      if (bytes <= this.maxListBytes) fields.push(name, value);
    }
    return { fields: bytes <= this.maxListBytes ? fields : null, changed };
  }

  #entry(index: number, part: 0 | 1): string {
    if (index === 0) throw broken('field 0');
    if (index <= STATIC_ENTRIES) return staticTable[2 * (index - 1) + part]!;
    const at = this.#table.length - 2 * (index - STATIC_ENTRIES);
    if (at < 0) throw broken('a field that the table does not have');
    return this.#table[at + part]!;
  }

  #keep(name: string, value: string): void {
    this.#remembered.clear();
    const size = name.length + value.length + ENTRY_BYTES;
    this.#evict(size);
    if (size > this.#limit) return;
    this.#table.push(name, value);
    this.#bytes += size;
  }

  /** Makes room for `more` bytes. */
  #evict(more: number): void {
    let from = 0;
    while (from < this.#table.length && this.#bytes + more > this.#limit) {
      this.#bytes -= this.#table[from]!.length + this.#table[from + 1]!.length + ENTRY_BYTES;
      from += 2;
    }
    if (from > 0) this.#table = this.#table.slice(from);
  }

  /** An integer whose first byte has `bits` bits for it (RFC 7541 §5.1). */
  #integer(bits: number): number {
    const block = this.#block;
    const largest = 2 ** bits - 1;
    let value = block[this.#at++]! & largest;
    if (value < largest) return value;
    for (let shift = 0; ; shift += 7) {
      const byte = block[this.#at++];
      if (byte === undefined) throw broken('it ends within a number');
      if (shift > 21) throw broken('a number beyond all bounds');
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }

  #text(): string {
    const block = this.#block;
    const first = block[this.#at];
    if (first === undefined) throw broken('it ends before a text');
    const length = this.#integer(7);
    const from = this.#at;
    const to = from + length;
    if (to > block.length) throw broken('it ends within a text');
    this.#at = to;
    return (first & 0x80) === 0 ? block.toString('latin1', from, to) : decodeHuffman(block, from, to);
  }
}

/** The first value of `name`, or undefined. */
export function fieldOf(fields: Fields, name: string): string | undefined {
  for (let index = 0; index < fields.length; index += 2) if (fields[index] === name) return fields[index + 1];
  return undefined;
}
