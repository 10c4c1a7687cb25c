interface Entry {
  readonly at: number;
  readonly late: () => void;
}

/** Deadlines of one length, in the order in which they pass. */
class Queue {
  readonly #entries = new Set<Entry>();
  #timer: NodeJS.Timeout | null = null;

  constructor(private readonly ms: number) {}

  add(late: () => void): () => void {
    const entry: Entry = { at: performance.now() + this.ms, late };
    this.#entries.add(entry);
    this.#arm(this.ms);
    return () => void this.#entries.delete(entry);
  }

  #arm(ms: number): void {
    if (this.#timer !== null) return;
    this.#timer = setTimeout(() => this.#ring(), Math.min(Math.ceil(ms), 0x7fff_ffff));
    this.#timer.unref();
  }

  #ring(): void {
    this.#timer = null;
    const now = performance.now();
    for (const entry of this.#entries) {
      if (entry.at > now) {
        this.#arm(entry.at - now);
        return;
      }
      this.#entries.delete(entry);
      entry.late();
    }
  }
}

/**
 * Time limits of statements. Nearly all have the same length and nearly none is reached, so those of one length share one
 * timer: to add one and to take it back costs next to nothing.
 */
export class Deadlines {
  readonly #queues = new Map<number, Queue>();

  /** Calls `late` after `ms` milliseconds; the result calls it off. */
  add(ms: number, late: () => void): () => void {
    let queue = this.#queues.get(ms);
    if (queue === undefined) {
      // Lengths come from requests too; a handful of queues is kept.
      if (this.#queues.size >= 16) this.#queues.delete(this.#queues.keys().next().value as number);
      queue = new Queue(ms);
      this.#queues.set(ms, queue);
    }
    return queue.add(late);
  }
}
