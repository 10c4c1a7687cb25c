import { errors, Http2Error } from './protocol';

/** Frames of one header block; empty ones count too, since a peer could send them without end. */
const MOST_FRAGMENTS = 64;

/** A header block whose frames are still coming (RFC 9113 §6.10): nothing else may come in between. */
export class BlockAssembler {
  readonly #fragments: Buffer[];
  #bytes: number;

  constructor(
    readonly stream: number,
    /** The block ends its stream's half. */
    readonly end: boolean,
    first: Buffer,
    private readonly mostBytes: number,
  ) {
    this.#fragments = [first];
    this.#bytes = first.length;
  }

  /** Throws Http2Error when it gets too much. */
  add(fragment: Buffer): void {
    this.#bytes += fragment.length;
    if (this.#bytes > this.mostBytes || this.#fragments.length > MOST_FRAGMENTS)
      throw new Http2Error(errors.enhanceYourCalm, 'the header block is too large');
    this.#fragments.push(fragment);
  }

  get block(): Buffer {
    return Buffer.concat(this.#fragments);
  }
}
