import { staticTable } from './hpack-tables';
import { DEFAULT_TABLE_BYTES } from './protocol';

/** One field to be sent; `indexed` ones are the same in call after call and travel once. */
export interface SentField {
  readonly name: string;
  /** latin1 */
  readonly value: string;
  readonly how: 'indexed' | 'plain' | 'secret';
}

const STATIC_ENTRIES = staticTable.length / 2;
/** Of the other side's table no more than this is filled, so that nothing in it is ever pushed out. */
const FILLED_BYTES = DEFAULT_TABLE_BYTES - 256;

const wholeStatic = new Map<string, number>();
const nameStatic = new Map<string, number>();
for (let at = staticTable.length - 2; at >= 0; at -= 2) {
  const number = at / 2 + 1;
  wholeStatic.set(`${staticTable[at]}\0${staticTable[at + 1]}`, number);
  nameStatic.set(staticTable[at]!, number);
}

/** Encodes header blocks of one direction of one connection, without Huffman's code: loopback has bytes to spare. */
export class HpackEncoder {
  readonly #numbers = new Map<string, number>();
  #inserted = 0;
  #filled = 0;
  /** Sent ahead of the first block when the other side keeps no table, or a smaller one than we would use. */
  #announce: boolean;
  readonly #mayInsert: boolean;
  readonly #blocks = new WeakMap<readonly SentField[], { readonly inserted: number; readonly block: Buffer }>();

  /** `tableBytes`: the other side's SETTINGS_HEADER_TABLE_SIZE. */
  constructor(tableBytes: number) {
    this.#mayInsert = tableBytes >= DEFAULT_TABLE_BYTES;
    this.#announce = !this.#mayInsert;
  }

  /** A block of `fields`. Remembered by the array's identity: it must not change afterwards. */
  encode(fields: readonly SentField[]): Buffer {
    const known = this.#blocks.get(fields);
    if (known !== undefined && known.inserted === this.#inserted) return known.block;
    const before = this.#inserted;
    const bytes: number[] = [];
    if (this.#announce) {
      this.#announce = false;
      bytes.push(0x20);
      this.#append(bytes, fields);
      return Buffer.from(bytes);
    }
    this.#append(bytes, fields);
    const block = Buffer.from(bytes);
    if (before === this.#inserted) this.#blocks.set(fields, { inserted: before, block });
    return block;
  }

  #append(bytes: number[], fields: readonly SentField[]): void {
    for (const { name, value, how } of fields) {
      const whole = `${name}\0${value}`;
      const fixed = how === 'secret' ? undefined : wholeStatic.get(whole);
      const inserted = how === 'indexed' ? this.#numbers.get(whole) : undefined;
      if (fixed !== undefined) integer(bytes, 0x80, 7, fixed);
      else if (inserted !== undefined) integer(bytes, 0x80, 7, STATIC_ENTRIES + this.#inserted - inserted);
      else {
        const keep = how === 'indexed' && this.#room(name, value);
        const number = nameStatic.get(name) ?? 0;
        if (keep) integer(bytes, 0x40, 6, number);
        else integer(bytes, how === 'secret' ? 0x10 : 0, 4, number);
        if (number === 0) text(bytes, name);
        text(bytes, value);
        if (keep) {
          this.#numbers.set(whole, this.#inserted);
          this.#inserted += 1;
        }
      }
    }
  }

  #room(name: string, value: string): boolean {
    const size = name.length + value.length + 32;
    if (!this.#mayInsert || this.#filled + size > FILLED_BYTES) return false;
    this.#filled += size;
    return true;
  }
}

function integer(bytes: number[], pattern: number, bits: number, value: number): void {
  const largest = 2 ** bits - 1;
  if (value < largest) {
    bytes.push(pattern | value);
    return;
  }
  bytes.push(pattern | largest);
  let rest = value - largest;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest & 0x7f) | 0x80);
  bytes.push(rest);
}

function text(bytes: number[], value: string): void {
  integer(bytes, 0, 7, value.length);
  for (let at = 0; at < value.length; at += 1) bytes.push(value.charCodeAt(at) & 0xff);
}
