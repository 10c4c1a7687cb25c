/** Bounds an attempt in time and lets its caller give it up. */
export class Deadline {
  readonly #over = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #caller: AbortSignal | undefined;
  readonly #giveUp = (): void => this.#over.abort(new Error('cancelled'));

  /** Starts at once; `signal` is the caller's. */
  constructor(timeoutMs: number, signal: AbortSignal | undefined) {
    this.#timer = setTimeout(() => this.#over.abort(new Error('no answer in time')), timeoutMs);
    this.#caller = signal;
    if (signal?.aborted === true) this.#giveUp();
    else signal?.addEventListener('abort', this.#giveUp);
  }

  /** What `work` comes to, or a rejection as soon as the time is over. `work` goes on unobserved then. */
  race<T>(work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const { signal } = this.#over;
      if (signal.aborted) {
        reject(signal.reason as Error);
        return;
      }
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      work().then(resolve, reject);
    });
  }

  /** Lets go of the timer and of the caller's signal. */
  release(): void {
    clearTimeout(this.#timer);
    this.#caller?.removeEventListener('abort', this.#giveUp);
  }
}
