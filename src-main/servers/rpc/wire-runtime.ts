import { isUtf8 } from 'node:buffer';
import protobuf from 'protobufjs/minimal.js';

/**
 * What the generated codec reads and writes with: protobufjs's reader and writer, with other JavaScript types for 64-bit
 * integers. `int64` and `uint64` are `bigint`: transaction ids have 19 digits and must come back exactly as they were sent.
 * `sint64` is `number`: it occurs in `query.Row.lengths` only, in every row of every result, and holds lengths of values
 * of at most 4 GiB. protobufjs's own `Long` objects are exact too, but compare by identity and print as objects.
 */

interface ProtobufReader {
  buf: Buffer;
  pos: number;
  len: number;
  discardUnknown: boolean;
  size(): number;
}

interface ProtobufWriter {
  buf: Buffer;
  pos: number;
  uint32(value: number): this;
  finish(): Buffer;
  _reserve(bytes: number): void;
  _delim(position: number, length: number): this;
}

const BaseReader = protobuf.BufferReader as unknown as new (buffer: Buffer) => ProtobufReader;
const BaseWriter = protobuf.BufferWriter as unknown as new () => ProtobufWriter;

const TWO_32 = 4_294_967_296;

/** Low and high half of the varint read last. */
let low = 0;
let high = 0;

function readHalves(reader: ProtobufReader): void {
  const { buf, len } = reader;
  let pos = reader.pos;
  low = 0;
  high = 0;
  for (let index = 0; index < 10; index += 1) {
    if (pos >= len) throw new RangeError('unexpected end of message');
    const byte = buf[pos] as number;
    pos += 1;
    const bits = byte & 0x7f;
    if (index < 4) low |= bits << (index * 7);
    else if (index === 4) {
      low |= bits << 28;
      high |= bits >> 4;
    } else high |= bits << (index * 7 - 32);
    if (byte < 0x80) {
      reader.pos = pos;
      low >>>= 0;
      high >>>= 0;
      return;
    }
  }
  throw new RangeError('a number is longer than ten bytes');
}

class Reader extends BaseReader {
  static readonly recursionLimit = 100;

  /** A reader of `bytes`, which it keeps slices of. Fields that the messages do not have are skipped. */
  static create(bytes: Uint8Array): Reader {
    return new Reader(Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  }

  constructor(buffer: Buffer) {
    super(buffer);
    this.discardUnknown = true;
  }

  /** A string, which must be UTF-8: replacement characters would be another text than the one that was sent. */
  stringVerify(): string {
    const length = this.size();
    const end = this.pos + length;
    if (end > this.len) throw new RangeError('unexpected end of message');
    const text = this.buf.toString('utf8', this.pos, end);
    if (text.includes('\ufffd') && !isUtf8(this.buf.subarray(this.pos, end)))
      throw new TypeError('string field contains invalid UTF-8');
    this.pos = end;
    return text;
  }

  int64(): bigint {
    readHalves(this);
    return high === 0 ? BigInt(low) : BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low));
  }

  uint64(): bigint {
    readHalves(this);
    return high === 0 ? BigInt(low) : (BigInt(high) << 32n) | BigInt(low);
  }

  sint64(): number {
    const byte = this.buf[this.pos];
    if (byte !== undefined && byte < 0x80 && this.pos < this.len) {
      this.pos += 1;
      return (byte >>> 1) ^ -(byte & 1);
    }
    readHalves(this);
    const odd = low & 1;
    const half = (low >>> 1) + (high >>> 1) * TWO_32 + (high & 1) * 0x8000_0000;
    return odd === 1 ? -half - 1 : half;
  }

  sint64s(into: number[] = []): number[] {
    const end = this.size() + this.pos;
    const outer = this.len;
    if (end > outer) throw new RangeError('unexpected end of message');
    this.len = end;
    while (this.pos < end) into.push(this.sint64());
    this.len = outer;
    return into;
  }
}

function writeHalves(writer: ProtobufWriter, lowHalf: number, highHalf: number): void {
  writer._reserve(10);
  const { buf } = writer;
  let pos = writer.pos;
  let lo = lowHalf;
  let hi = highHalf;
  while (hi !== 0) {
    buf[pos++] = (lo & 0x7f) | 0x80;
    lo = ((lo >>> 7) | (hi << 25)) >>> 0;
    hi >>>= 7;
  }
  while (lo > 0x7f) {
    buf[pos++] = (lo & 0x7f) | 0x80;
    lo >>>= 7;
  }
  buf[pos++] = lo;
  writer.pos = pos;
}

class Writer extends BaseWriter {
  static create(): Writer {
    return new Writer();
  }

  int64(value: bigint | number): this {
    if (typeof value === 'number' ? value >= 0 && value < TWO_32 : value >= 0n && value < 0x1_0000_0000n)
      return this.uint32(Number(value));
    const bits = BigInt.asUintN(64, BigInt(value));
    writeHalves(this, Number(bits & 0xffff_ffffn), Number(bits >> 32n));
    return this;
  }

  uint64(value: bigint | number): this {
    return this.int64(value);
  }

  sint64(value: number): this {
    const zigzag = value < 0 ? -value * 2 - 1 : value * 2;
    writeHalves(this, zigzag >>> 0, Math.floor(zigzag / TWO_32));
    return this;
  }

  sint64s(values: readonly number[]): this {
    this._reserve(values.length * 10 + 5);
    const start = this.pos;
    this.pos = start + 1;
    for (const value of values) {
      if (value >= -64 && value < 64) this.buf[this.pos++] = value < 0 ? -value * 2 - 1 : value * 2;
      else this.sint64(value);
    }
    return this._delim(start, this.pos - start - 1);
  }
}

export type { Reader as WireReader, Writer as WireWriter };

export default { Reader, Writer, util: protobuf.util, roots: {} as Record<string, Record<string, unknown>> };
