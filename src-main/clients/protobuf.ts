/** The few lines of protobuf (encoding of 3.x: varints and length-delimited fields) that the gRPC caller needs. */
export class MessageWriter {
  readonly #parts: Buffer[] = [];

  varint(field: number, value: number): this {
    if (value !== 0) this.#parts.push(encodeVarint((field << 3) | 0), encodeVarint(value));
    return this;
  }

  /** A text or a nested message; empty texts are left out, as proto3 does. */
  bytes(field: number, value: string | Buffer): this {
    const content = typeof value === 'string' ? Buffer.from(value) : value;
    if (typeof value !== 'string' || content.length > 0)
      this.#parts.push(encodeVarint((field << 3) | 2), encodeVarint(content.length), content);
    return this;
  }

  finish(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

function encodeVarint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}

/** A message as its fields: number to values in order, varints as numbers, length-delimited ones as bytes. */
export function readMessage(bytes: Buffer): Map<number, (number | Buffer)[]> {
  const fields = new Map<number, (number | Buffer)[]>();
  let at = 0;
  const varint = (): number => {
    let value = 0;
    let factor = 1;
    for (let count = 0; count < 10; count += 1) {
      const byte = bytes[at++];
      if (byte === undefined) break;
      value += (byte & 127) * factor;
      if (byte < 128) return value;
      factor *= 128;
    }
    throw new Error('a damaged number in the answer');
  };
  while (at < bytes.length) {
    const tag = varint();
    let value: number | Buffer;
    switch (tag % 8) {
      case 0:
        value = varint();
        break;
      case 1:
        value = bytes.subarray(at, (at += 8));
        break;
      case 2: {
        const length = varint();
        if (at + length > bytes.length) throw new Error('a damaged length in the answer');
        value = bytes.subarray(at, (at += length));
        break;
      }
      case 5:
        value = bytes.subarray(at, (at += 4));
        break;
      default:
        throw new Error(`wire type ${tag % 8} in the answer`);
    }
    const field = Math.floor(tag / 8);
    const list = fields.get(field);
    if (list === undefined) fields.set(field, [value]);
    else list.push(value);
  }
  return fields;
}

/** Packed zigzag numbers (sint64); exact up to 2^53. */
export function readPackedSigned(bytes: Buffer): number[] {
  const numbers: number[] = [];
  let value = 0;
  let factor = 1;
  for (const byte of bytes) {
    value += (byte & 127) * factor;
    factor *= 128;
    if (byte >= 128) continue;
    numbers.push(value % 2 === 0 ? value / 2 : -(value + 1) / 2);
    value = 0;
    factor = 1;
  }
  return numbers;
}
