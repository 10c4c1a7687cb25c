import { errors, FRAME_HEADER_BYTES, Http2Error } from './protocol';

/** Pieces of one frame that are kept apart. */
const MOST_PARTS = 256;

/**
 * Gathers what a socket delivers until a frame is complete. A frame that comes in many pieces is put together when its
 * last piece is there, and now and then before, so that small pieces cost neither time nor room.
 */
export class Splitter {
  #parts: Buffer[] = [];
  #held = 0;
  /** Bytes without which there is nothing to read. */
  #needed = 0;

  constructor(private readonly largestFrame: number) {}

  /** Everything so far when something in it may be complete, else null. */
  take(chunk: Buffer): Buffer | null {
    if (this.#held === 0) return chunk;
    this.#parts.push(chunk);
    this.#held += chunk.length;
    if (this.#held < this.#needed) {
      // Many small pieces would take far more room than their bytes.
      if (this.#parts.length >= MOST_PARTS) this.#parts = [Buffer.concat(this.#parts, this.#held)];
      return null;
    }
    const all = Buffer.concat(this.#parts, this.#held);
    this.#parts = [];
    this.#held = 0;
    return all;
  }

  /** Keeps what was not read; `bytes` begins with a frame that is not complete, or with less than `least` bytes. */
  keep(bytes: Buffer, least: number): void {
    if (bytes.length === 0) return;
    this.#parts = [bytes];
    this.#held = bytes.length;
    this.#needed =
      least > FRAME_HEADER_BYTES || bytes.length < FRAME_HEADER_BYTES
        ? least
        : FRAME_HEADER_BYTES + this.size(bytes, 0);
  }

  /** The payload's size of the frame that begins at `at`. Throws Http2Error when it is above the limit. */
  size(bytes: Buffer, at: number): number {
    const size = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
    if (size > this.largestFrame) throw new Http2Error(errors.frameSize, 'a frame is too large');
    return size;
  }
}
