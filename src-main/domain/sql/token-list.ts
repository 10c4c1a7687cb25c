/** Numbers by place. */
export type Numbers = number[] | Uint16Array | Uint32Array;

/** Statements with fewer tokens get plain arrays, which are cheaper to make than typed ones. */
const fewTokens = 1024;

/** Room for tokens while a text is cut: one for all texts, since cutting is never interrupted. */
const room = 8192;
const shared = { kinds: new Uint16Array(room), starts: new Uint32Array(room), ends: new Uint32Array(room) };

/** Kinds, starts and ends of tokens as they are found. One at a time may be filled. */
export class TokenList {
  #kinds = shared.kinds;
  #starts = shared.starts;
  #ends = shared.ends;
  count = 0;

  push(kind: number, start: number, end: number): void {
    const at = this.count;
    if (at === this.#kinds.length) this.#grow();
    this.#kinds[at] = kind;
    this.#starts[at] = start;
    this.#ends[at] = end;
    this.count = at + 1;
  }

  /** Kind of the last token; undefined before the first. */
  get last(): number | undefined {
    return this.count === 0 ? undefined : this.#kinds[this.count - 1];
  }

  /** Where the first token ends. */
  get firstEnd(): number {
    return this.#ends[0] as number;
  }

  /** What was pushed, ten bytes a token where they are many. */
  take(): { readonly kinds: Numbers; readonly starts: Numbers; readonly ends: Numbers } {
    const { count } = this;
    if (count >= fewTokens)
      return {
        kinds: this.#kinds.slice(0, count),
        starts: this.#starts.slice(0, count),
        ends: this.#ends.slice(0, count),
      };
    const kinds: number[] = [];
    const starts: number[] = [];
    const ends: number[] = [];
    for (let at = 0; at < count; at++) {
      kinds.push(this.#kinds[at] as number);
      starts.push(this.#starts[at] as number);
      ends.push(this.#ends[at] as number);
    }
    return { kinds, starts, ends };
  }

  #grow(): void {
    const more = this.#kinds.length * 2;
    const kinds = new Uint16Array(more);
    kinds.set(this.#kinds);
    this.#kinds = kinds;
    const starts = new Uint32Array(more);
    starts.set(this.#starts);
    this.#starts = starts;
    const ends = new Uint32Array(more);
    ends.set(this.#ends);
    this.#ends = ends;
  }
}
