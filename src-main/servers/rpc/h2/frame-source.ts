import { errors, FRAME_HEADER_BYTES, Http2Error } from './protocol';
import { Splitter } from './splitter';

/** Who complete frames are for. Throws Http2Error when one must not be. */
export type FrameTaker = (type: number, flags: number, stream: number, payload: Buffer) => void;

/** Cuts what a socket delivers into frames, behind the words with which a client begins. */
export class FrameSource {
  readonly #splitter: Splitter;
  #greeted: boolean;

  /** `greeting`: what comes ahead of all frames, or null; `over`: no more is wanted. */
  constructor(
    largestFrame: number,
    private readonly greeting: Buffer | null,
    private readonly taker: FrameTaker,
    private readonly over: () => boolean,
  ) {
    this.#splitter = new Splitter(largestFrame);
    this.#greeted = greeting === null;
  }

  /** Throws Http2Error, after which nothing more may be given to it. */
  take(chunk: Buffer): void {
    const bytes = this.#splitter.take(chunk);
    if (bytes === null) return;
    const read = this.#read(bytes);
    const least = this.#greeted ? FRAME_HEADER_BYTES : (this.greeting?.length ?? 0);
    if (!this.over()) this.#splitter.keep(bytes.subarray(read), least);
  }

  /** Reads what is complete; how many bytes that was. */
  #read(bytes: Buffer): number {
    let at = 0;
    if (!this.#greeted && this.greeting !== null) {
      const seen = Math.min(bytes.length, this.greeting.length);
      if (bytes.compare(this.greeting, 0, seen, 0, seen) !== 0)
        throw new Http2Error(errors.protocol, 'this is not HTTP/2');
      if (seen < this.greeting.length) return 0;
      this.#greeted = true;
      at = seen;
    }
    while (bytes.length - at >= FRAME_HEADER_BYTES && !this.over()) {
      const end = at + FRAME_HEADER_BYTES + this.#splitter.size(bytes, at);
      if (end > bytes.length) break;
      const stream = bytes.readUInt32BE(at + 5) & 0x7fff_ffff;
      this.taker(bytes[at + 3]!, bytes[at + 4]!, stream, bytes.subarray(at + FRAME_HEADER_BYTES, end));
      at = end;
    }
    return at;
  }
}
