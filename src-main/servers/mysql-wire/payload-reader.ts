/** A packet whose fields do not fit; `field` says which one could not be read. */
export class MalformedPacketError extends Error {
  constructor(readonly field: string) {
    super(`can't read ${field}`);
    this.name = 'MalformedPacketError';
  }
}

/**
 * Reads the fields of one payload, front to back. Every method names the field it reads; when the payload ends before
 * the field does, it throws MalformedPacketError with that name.
 */
export class PayloadReader {
  #at: number;

  constructor(
    readonly payload: Buffer,
    at = 0,
  ) {
    this.#at = at;
  }

  get left(): number {
    return this.payload.length - this.#at;
  }

  u8(field: string): number {
    const value = this.payload[this.#at];
    if (value === undefined) throw new MalformedPacketError(field);
    this.#at += 1;
    return value;
  }

  u16(field: string): number {
    return this.payload.readUInt16LE(this.#skip(2, field));
  }

  u24(field: string): number {
    return this.payload.readUIntLE(this.#skip(3, field), 3);
  }

  u32(field: string): number {
    return this.payload.readUInt32LE(this.#skip(4, field));
  }

  u64(field: string): bigint {
    return this.payload.readBigUInt64LE(this.#skip(8, field));
  }

  f32(field: string): number {
    return this.payload.readFloatLE(this.#skip(4, field));
  }

  f64(field: string): number {
    return this.payload.readDoubleLE(this.#skip(8, field));
  }

  bytes(count: number, field: string): Buffer {
    const from = this.#skip(count, field);
    return this.payload.subarray(from, from + count);
  }

  rest(): Buffer {
    const rest = this.payload.subarray(this.#at);
    this.#at = this.payload.length;
    return rest;
  }

  /** A string that ends with a NUL byte, which is skipped. */
  nulText(field: string): string {
    const end = this.payload.indexOf(0, this.#at);
    if (end < 0) throw new MalformedPacketError(field);
    const text = this.payload.toString('utf8', this.#at, end);
    this.#at = end + 1;
    return text;
  }

  /** Length-encoded integer; values above 2^53 - 1 count as malformed. 0xfb (NULL) and 0xff are no integers. */
  lenenc(field: string): number {
    const value = this.lenencBig(field);
    if (value > Number.MAX_SAFE_INTEGER) throw new MalformedPacketError(field);
    return Number(value);
  }

  lenencBig(field: string): bigint | number {
    const first = this.u8(field);
    if (first < 0xfb) return first;
    if (first === 0xfc) return this.u16(field);
    if (first === 0xfd) return this.u24(field);
    if (first === 0xfe) return this.u64(field);
    throw new MalformedPacketError(field);
  }

  lenencBytes(field: string): Buffer {
    return this.bytes(this.lenenc(field), field);
  }

  lenencText(field: string): string {
    return this.lenencBytes(field).toString('utf8');
  }

  #skip(count: number, field: string): number {
    if (count > this.left) throw new MalformedPacketError(field);
    const from = this.#at;
    this.#at += count;
    return from;
  }
}
