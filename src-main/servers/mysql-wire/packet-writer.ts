import { maxFramePayload } from './packet-reader';

/** What an idle connection keeps. */
const initialSize = 4 * 1024;
/** A buffer that had to grow beyond this is given up once it is not needed. */
const keptUpTo = 64 * 1024;
/** Up to this many bytes are copied out of the buffer, which then stays; more takes the buffer along. */
const copiedUpTo = 4 * 1024;
/** Strings up to this many UTF-16 units are written by hand as long as they are ASCII. */
const handWritten = 32;

/**
 * Builds packets one behind the other in a buffer that is used again and again. Between `begin` and `end` the methods
 * append to the payload; `end` writes the frame's header and cuts payloads of 16 MiB - 1 bytes and more into frames.
 */
export class PacketWriter {
  #buffer: Buffer = Buffer.allocUnsafeSlow(initialSize);
  #offset = 0;
  #packet = 0;

  /** Sequence number of the next frame. */
  sequence = 0;

  /** Bytes built and not yet taken. */
  get length(): number {
    return this.#offset;
  }

  begin(): void {
    this.#reserve(4);
    this.#packet = this.#offset;
    this.#offset += 4;
  }

  end(): void {
    const payload = this.#offset - this.#packet - 4;
    if (payload < maxFramePayload) this.#header(this.#packet, payload);
    else this.#cut(payload);
  }

  /** Throws away the packet that was begun last. */
  discard(): void {
    this.#offset = this.#packet;
  }

  /** Everything built so far; the caller owns the result. */
  take(): Buffer {
    const length = this.#offset;
    this.#offset = 0;
    if (length <= copiedUpTo) {
      const copy = Buffer.allocUnsafe(length);
      this.#buffer.copy(copy, 0, 0, length);
      if (this.#buffer.length > keptUpTo) this.#buffer = Buffer.allocUnsafeSlow(initialSize);
      return copy;
    }
    const taken = this.#buffer.subarray(0, length);
    this.#buffer = Buffer.allocUnsafeSlow(Math.min(this.#buffer.length, keptUpTo));
    return taken;
  }

  u8(value: number): void {
    this.#reserve(1);
    this.#buffer[this.#offset++] = value;
  }

  u16(value: number): void {
    this.#reserve(2);
    const buffer = this.#buffer;
    buffer[this.#offset++] = value;
    buffer[this.#offset++] = value >>> 8;
  }

  u24(value: number): void {
    this.#reserve(3);
    const buffer = this.#buffer;
    buffer[this.#offset++] = value;
    buffer[this.#offset++] = value >>> 8;
    buffer[this.#offset++] = value >>> 16;
  }

  u32(value: number): void {
    this.#reserve(4);
    const buffer = this.#buffer;
    buffer[this.#offset++] = value;
    buffer[this.#offset++] = value >>> 8;
    buffer[this.#offset++] = value >>> 16;
    buffer[this.#offset++] = value >>> 24;
  }

  u64(value: bigint): void {
    this.#reserve(8);
    this.#buffer.writeBigUInt64LE(BigInt.asUintN(64, value), this.#offset);
    this.#offset += 8;
  }

  f32(value: number): void {
    this.#reserve(4);
    this.#offset = this.#buffer.writeFloatLE(value, this.#offset);
  }

  f64(value: number): void {
    this.#reserve(8);
    this.#offset = this.#buffer.writeDoubleLE(value, this.#offset);
  }

  zeros(count: number): void {
    this.#reserve(count);
    this.#buffer.fill(0, this.#offset, this.#offset + count);
    this.#offset += count;
  }

  /** Sets bits in a byte of the packet being built, `at` bytes behind the beginning of its payload. */
  orAt(at: number, bits: number): void {
    const index = this.#packet + 4 + at;
    this.#buffer[index] = this.#buffer[index]! | bits;
  }

  bytes(value: Uint8Array): void {
    this.slice(value, 0, value.length);
  }

  /** Appends value[from..to). */
  slice(value: Uint8Array, from: number, to: number): void {
    const length = to - from;
    this.#reserve(length);
    const buffer = this.#buffer;
    let offset = this.#offset;
    if (length <= 48) for (let at = from; at < to; at += 1) buffer[offset++] = value[at]!;
    else buffer.set(from === 0 && to === value.length ? value : value.subarray(from, to), offset);
    this.#offset += length;
  }

  /** Length-encoded integer (MySQL manual: Protocol::LengthEncodedInteger). */
  lenenc(value: number | bigint): void {
    if (value < 251) this.u8(Number(value));
    else if (value < 0x10000) {
      this.u8(0xfc);
      this.u16(Number(value));
    } else if (value < 0x1000000) {
      this.u8(0xfd);
      this.u24(Number(value));
    } else {
      this.u8(0xfe);
      this.u64(BigInt(value));
    }
  }

  lenencBytes(value: Uint8Array): void {
    this.lenenc(value.length);
    this.bytes(value);
  }

  lenencText(value: string): void {
    const length = value.length;
    if (length <= handWritten) {
      this.#reserve(length + 1);
      const buffer = this.#buffer;
      const start = this.#offset;
      let at = 0;
      for (; at < length; at += 1) {
        const unit = value.charCodeAt(at);
        if (unit > 0x7f) break;
        buffer[start + 1 + at] = unit;
      }
      if (at === length) {
        buffer[start] = length;
        this.#offset = start + 1 + length;
        return;
      }
    }
    this.lenenc(Buffer.byteLength(value));
    this.text(value);
  }

  /** The bytes of `value` in UTF-8, without length or end mark. */
  text(value: string): void {
    this.#reserve(value.length * 3);
    this.#offset += this.#buffer.write(value, this.#offset, 'utf8');
  }

  nulText(value: string): void {
    this.text(value);
    this.u8(0);
  }

  #header(at: number, length: number): void {
    const buffer = this.#buffer;
    buffer[at] = length;
    buffer[at + 1] = length >>> 8;
    buffer[at + 2] = length >>> 16;
    buffer[at + 3] = this.sequence;
    this.sequence = (this.sequence + 1) & 0xff;
  }

  /** Makes room for the headers of further frames, from the last frame to the second. */
  #cut(payload: number): void {
    const further = Math.floor(payload / maxFramePayload);
    this.#reserve(4 * further);
    const first = this.#packet + 4;
    for (let frame = further; frame > 0; frame -= 1) {
      const from = first + frame * maxFramePayload;
      this.#buffer.copyWithin(from + 4 * frame, from, Math.min(from + maxFramePayload, first + payload));
    }
    for (let frame = 0; frame <= further; frame += 1) {
      const length = Math.min(maxFramePayload, payload - frame * maxFramePayload);
      this.#header(this.#packet + frame * (maxFramePayload + 4), length);
    }
    this.#offset += 4 * further;
  }

  #reserve(more: number): void {
    if (this.#offset + more <= this.#buffer.length) return;
    const roomy = Buffer.allocUnsafeSlow(Math.max(2 * this.#buffer.length, this.#offset + more));
    this.#buffer.copy(roomy, 0, 0, this.#offset);
    this.#buffer = roomy;
  }
}
