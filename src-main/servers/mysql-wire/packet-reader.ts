/** Longest payload of one frame; a payload of this length or more goes on in the next frame. */
export const maxFramePayload = 0xffffff;

const frameHeader = 4;
const smallestOwnBuffer = 16 * 1024;
const nothing = Buffer.alloc(0);

/** The client broke the framing; the connection cannot go on. */
export class FramingError extends Error {
  constructor(
    readonly kind: 'sequence' | 'too-large',
    message: string,
  ) {
    super(message);
    this.name = 'FramingError';
  }
}

/**
 * Cuts a byte stream into packets (MySQL manual: Protocol::Packet). Bytes are taken in with `push` and stay unparsed until
 * `next` asks for a packet, so that nothing of a later packet is looked at before an earlier one is dealt with. Memory
 * grows with the bytes received, never with the length a header announces.
 */
export class PacketReader {
  #buffer: Buffer = nothing;
  #start = 0;
  #end = 0;
  /** Whether #buffer was made here and may be filled beyond #end. */
  #own = false;
  #parts: Buffer[] | null = null;
  #partBytes = 0;

  /** Sequence number that the next frame must carry; after `next` returned a packet, the one the answer begins with. */
  sequence = 0;

  /** `maxPacket`: largest payload accepted, bytes. */
  constructor(public maxPacket: number) {}

  /** Bytes that were received and not yet returned by `next`. */
  get bufferedBytes(): number {
    return this.#end - this.#start + this.#partBytes;
  }

  /** Takes in what the socket delivered; `chunk` must not be changed afterwards. */
  push(chunk: Buffer): void {
    const left = this.#end - this.#start;
    if (left === 0) {
      this.#buffer = chunk;
      this.#start = 0;
      this.#end = chunk.length;
      this.#own = false;
      return;
    }
    if (!this.#own || this.#buffer.length - this.#end < chunk.length) this.#grow(left, chunk.length);
    chunk.copy(this.#buffer, this.#end);
    this.#end += chunk.length;
  }

  /**
   * The payload of the next packet, or null when it is not complete. The result may share memory with the chunks taken in.
   * Throws FramingError for a wrong sequence number and for a packet above `maxPacket`, as soon as its header is there.
   */
  next(): Buffer | null {
    for (;;) {
      const available = this.#end - this.#start;
      if (available < frameHeader) return null;
      const buffer = this.#buffer;
      const at = this.#start;
      const length = buffer[at]! | (buffer[at + 1]! << 8) | (buffer[at + 2]! << 16);
      const sequence = buffer[at + 3]!;
      if (sequence !== this.sequence) {
        throw new FramingError('sequence', `invalid sequence, expected ${this.sequence} got ${sequence}`);
      }
      if (this.#partBytes + length > this.maxPacket) {
        throw new FramingError('too-large', `packet larger than ${this.maxPacket} bytes`);
      }
      if (available < frameHeader + length) return null;
      const payload = buffer.subarray(at + frameHeader, at + frameHeader + length);
      this.#start = at + frameHeader + length;
      if (this.#start === this.#end) this.#forget();
      this.sequence = (sequence + 1) & 0xff;
      if (length === maxFramePayload) {
        (this.#parts ??= []).push(payload);
        this.#partBytes += length;
        continue;
      }
      if (this.#parts === null) return payload;
      const whole = Buffer.concat([...this.#parts, payload]);
      this.#parts = null;
      this.#partBytes = 0;
      return whole;
    }
  }

  /** Takes out everything that was received and not returned; the reader is empty afterwards. */
  takeRest(): Buffer {
    const rest = this.#buffer.subarray(this.#start, this.#end);
    this.#forget();
    return rest;
  }

  #forget(): void {
    this.#buffer = nothing;
    this.#start = 0;
    this.#end = 0;
    this.#own = false;
  }

  /** Moves what is left into a new buffer: the old one may be shared with payloads that were handed out. */
  #grow(left: number, more: number): void {
    const roomy = Buffer.allocUnsafeSlow(Math.max(smallestOwnBuffer, 2 * left, left + more));
    this.#buffer.copy(roomy, 0, this.#start, this.#end);
    this.#buffer = roomy;
    this.#start = 0;
    this.#end = left;
    this.#own = true;
  }
}
