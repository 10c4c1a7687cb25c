/**
 * How often a server that dies by itself is started again: `most` times within `windowMs`, then not before the first of
 * them is that long ago. A data directory that MySQL cannot use would otherwise be tried without end.
 */
export class RestartBudget {
  readonly #starts: number[] = [];
  #wake: () => void = () => undefined;

  constructor(
    readonly windowMs: number,
    readonly most = 3,
  ) {}

  /** Counts a start and returns 0, or the milliseconds until the next one is allowed. */
  take(now = performance.now()): number {
    while (this.#starts[0] !== undefined && now - this.#starts[0] >= this.windowMs) this.#starts.shift();
    if (this.#starts.length >= this.most) return Math.max(1, this.#starts[0]! + this.windowMs - now);
    this.#starts.push(now);
    return 0;
  }

  /** Resolves after `ms` milliseconds, or when `wake` is called. */
  async pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => resolve(clearTimeout(timer));
    });
    this.#wake = () => undefined;
  }

  /** Ends a pause at once; the starts before it no longer count. */
  wake(): void {
    this.#starts.length = 0;
    this.#wake();
  }
}
