/** Where time comes from, so that tests can stop it. */
export interface Clock {
  /** Wall-clock time. */
  now(): Date;
  /** Milliseconds since an arbitrary start, never going back; fractions are microseconds. */
  monotonicMs(): number;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
};

/** A clock that stands still until `advance` moves it. */
export class FixedClock implements Clock {
  #time: number;
  #monotonic = 0;

  constructor(start: Date | string) {
    this.#time = new Date(start).getTime();
  }

  now(): Date {
    return new Date(this.#time);
  }

  monotonicMs(): number {
    return this.#monotonic;
  }

  /** Moves both times forward by `ms` milliseconds. */
  advance(ms: number): void {
    this.#time += ms;
    this.#monotonic += ms;
  }
}
