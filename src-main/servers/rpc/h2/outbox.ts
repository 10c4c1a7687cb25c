import { FRAME_HEADER_BYTES } from './protocol';

const USUAL_BYTES = 16 * 1024;
/** Up to this many bytes are copied out of the buffer, which then stays; more takes the buffer along. */
const COPIED_BYTES = 4 * 1024;

/** Frames that wait to be sent together, one behind the other in one buffer. */
export class Outbox {
  #buffer: Buffer = Buffer.allocUnsafeSlow(USUAL_BYTES);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** A frame whose payload is payload[from..to). */
  frame(type: number, flags: number, stream: number, payload: Uint8Array, from = 0, to = payload.length): void {
    const size = to - from;
    this.head(size, type, flags, stream);
    const at = this.#grow(size);
    const buffer = this.#buffer;
    if (size <= 48) for (let index = 0; index < size; index += 1) buffer[at + index] = payload[from + index]!;
    else buffer.set(from === 0 && to === payload.length ? payload : payload.subarray(from, to), at);
  }

  /** The head of a frame whose payload of `size` bytes follows. */
  head(size: number, type: number, flags: number, stream: number): void {
    const at = this.#grow(FRAME_HEADER_BYTES);
    const buffer = this.#buffer;
    buffer[at] = size >>> 16;
    buffer[at + 1] = size >>> 8;
    buffer[at + 2] = size;
    buffer[at + 3] = type;
    buffer[at + 4] = flags;
    buffer[at + 5] = stream >>> 24;
    buffer[at + 6] = stream >>> 16;
    buffer[at + 7] = stream >>> 8;
    buffer[at + 8] = stream;
  }

  u16(value: number): void {
    const at = this.#grow(2);
    this.#buffer[at] = value >>> 8;
    this.#buffer[at + 1] = value;
  }

  u32(value: number): void {
    const at = this.#grow(4);
    const buffer = this.#buffer;
    buffer[at] = value >>> 24;
    buffer[at + 1] = value >>> 16;
    buffer[at + 2] = value >>> 8;
    buffer[at + 3] = value;
  }

  bytes(value: Uint8Array): void {
    const at = this.#grow(value.length);
    this.#buffer.set(value, at);
  }

  /** Everything since the last call; the caller owns the result. */
  take(): Buffer {
    const length = this.#length;
    this.#length = 0;
    if (length <= COPIED_BYTES) {
      const copy = Buffer.allocUnsafe(length);
      this.#buffer.copy(copy, 0, 0, length);
      return copy;
    }
    const taken = this.#buffer.subarray(0, length);
    this.#buffer = Buffer.allocUnsafeSlow(USUAL_BYTES);
    return taken;
  }

  #grow(more: number): number {
    const at = this.#length;
    this.#length = at + more;
    if (this.#length > this.#buffer.length) {
      const roomy = Buffer.allocUnsafeSlow(Math.max(2 * this.#buffer.length, this.#length));
      this.#buffer.copy(roomy, 0, 0, at);
      this.#buffer = roomy;
    }
    return at;
  }
}
