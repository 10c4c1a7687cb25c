/** What may be said about the time that a run still takes. */
export type TimeLeft =
  /** Too little was measured to say anything. */
  | { readonly kind: 'unknown' }
  /** Nothing has finished for much longer than cells take: no number would be honest. */
  | { readonly kind: 'stalled'; readonly seconds: number }
  /** Rounded as coarsely as it is known; 5 stands for "a few". */
  | { readonly kind: 'about'; readonly seconds: number };

/** Cells, and milliseconds, that must be measured before anything is said. */
const LEAST_CELLS = 8;
const LEAST_MS = 400;
/** Only what finished in the last milliseconds says how fast it goes now. */
const WINDOW_MS = 8_000;
/** How fast the expected end follows what is measured: time constant in milliseconds. */
const SMOOTHING_MS = 2_000;
/** Silence is a stall when it is this long and this many times what a cell takes. */
const STALL_MS = 4_000;
const STALL_TIMES = 20;
/** A longer time than the one on show is told only when it is longer by this factor. */
const RISE = 1.35;

/** Rounded so that the figure promises no more than is known: seconds. */
export function roundedSeconds(seconds: number): number {
  if (seconds < 7.5) return 5;
  if (seconds < 27.5) return Math.round(seconds / 5) * 5;
  if (seconds < 55) return Math.round(seconds / 10) * 10;
  if (seconds < 90) return 60;
  return Math.round(seconds / 60) * 60;
}

/**
 * Estimates the time that a run still takes from the cells that have finished, by the clock given (milliseconds that only
 * grow). What is shown counts down; it rises only when the run has really become slower.
 */
export class TimeLeftEstimate {
  readonly #finished: number[] = [];
  readonly #begun: number;
  #done = 0;
  #last: number;
  #endAt: number | null = null;
  #updated: number;
  #shown: number | null = null;

  constructor(
    readonly total: number,
    readonly now: () => number,
  ) {
    this.#begun = this.#last = this.#updated = now();
  }

  /** A cell has finished. */
  finished(): void {
    this.#last = this.now();
    this.#done += 1;
    this.#finished.push(this.#last);
  }

  get left(): TimeLeft {
    const now = this.now();
    if (this.#done >= this.total) return { kind: 'about', seconds: 0 };
    if (this.#done < LEAST_CELLS || now - this.#begun < LEAST_MS) return { kind: 'unknown' };
    const perCell = this.#perCell(now);
    const silence = now - this.#last;
    if (silence > Math.max(STALL_MS, STALL_TIMES * perCell)) {
      // What comes after a stall begins with what is measured then.
      this.#endAt = null;
      this.#shown = null;
      return { kind: 'stalled', seconds: Math.floor(silence / 1000) };
    }
    const measured = now + perCell * (this.total - this.#done);
    const step = 1 - Math.exp(-(now - this.#updated) / SMOOTHING_MS);
    this.#endAt = this.#endAt === null ? measured : this.#endAt + (measured - this.#endAt) * step;
    this.#updated = now;
    const seconds = Math.max(0, this.#endAt - now) / 1000;
    const rounded = roundedSeconds(seconds);
    if (this.#shown === null || rounded < this.#shown || seconds > this.#shown * RISE) this.#shown = rounded;
    return { kind: 'about', seconds: this.#shown };
  }

  /** Milliseconds from one finished cell to the next, lately. */
  #perCell(now: number): number {
    while (this.#finished.length > LEAST_CELLS && (this.#finished[0] ?? now) < now - WINDOW_MS) this.#finished.shift();
    const first = this.#finished[0] ?? this.#begun;
    // All cells measured: the beginning of the first one is the beginning of the run.
    if (this.#finished.length === this.#done) return (this.#last - this.#begun) / this.#done;
    return (this.#last - first) / Math.max(1, this.#finished.length - 1);
  }
}
