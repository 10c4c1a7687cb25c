/** So many at once, and so many a second in the long run. */
export class Budget {
  #left: number;
  #at = performance.now();

  constructor(
    private readonly burst: number,
    private readonly perSecond: number,
  ) {
    this.#left = burst;
  }

  /** Spends one; false when none is left. */
  spend(): boolean {
    const now = performance.now();
    this.#left = Math.min(this.burst, this.#left + ((now - this.#at) * this.perSecond) / 1000);
    this.#at = now;
    this.#left -= 1;
    return this.#left >= 0;
  }
}
