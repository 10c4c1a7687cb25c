/** Messages that a watcher may fall behind by before it is begun anew. */
const QUEUE_LIMIT = 200;

/** Tells any number of watchers the same messages; each begins with what `first` gives. */
export class Broadcast<T> {
  readonly #watchers = new Set<(message: T) => void>();

  get watched(): boolean {
    return this.#watchers.size > 0;
  }

  send(message: T): void {
    for (const watcher of this.#watchers) watcher(message);
  }

  /** `first()`, then every message until `signal` ends it; one that falls behind begins again. */
  async *watch(first: () => T, signal?: AbortSignal): AsyncGenerator<T, void, void> {
    let queue: T[] = [first()];
    let wake: (() => void) | null = null;
    const watcher = (message: T): void => {
      queue.push(message);
      if (queue.length > QUEUE_LIMIT) queue = [first()];
      wake?.();
    };
    const stop = (): void => wake?.();
    this.#watchers.add(watcher);
    signal?.addEventListener('abort', stop);
    try {
      while (signal?.aborted !== true) {
        const next = queue.shift();
        if (next !== undefined) {
          yield next;
          continue;
        }
        await new Promise<void>((resolve) => (wake = resolve));
        wake = null;
      }
    } finally {
      this.#watchers.delete(watcher);
      signal?.removeEventListener('abort', stop);
    }
  }
}
