/** How long one sample of a full trace lasts, milliseconds: a statement's way through all parts. */
const SAMPLE_MS = 10;

/**
 * Which steps of a full trace are taken: those of the first 10 ms in which there are any, in every `everyMs`. The spans are
 * those of the shared time, so that all threads take theirs of the same statements.
 */
export class Sampling {
  #ends = 0;
  /** The span in which the latest sample was taken. */
  #span = -1;

  /** @param nowMs shared time */
  wants(nowMs: number, everyMs: number): boolean {
    if (nowMs < this.#ends) return true;
    const span = Math.floor(nowMs / everyMs);
    if (span === this.#span) return false;
    this.#span = span;
    this.#ends = nowMs + SAMPLE_MS;
    return true;
  }
}
