import type { PageState, PartName, StateMessage } from '../../contract/state';

/** Messages that a page may fall behind by before it is given a fresh snapshot instead. */
const QUEUE_LIMIT = 200;

/**
 * The state that all pages show: parts that are replaced as a whole, each replacement numbered. A page gets everything
 * once and then the changes; one that falls behind gets everything again.
 */
export class StateHub {
  #revision = 0;
  readonly #texts = new Map<PartName, string>();
  readonly #watchers = new Set<(message: StateMessage) => void>();
  #parts: PageState;

  constructor(initial: PageState) {
    this.#parts = initial;
    for (const part of Object.keys(initial) as PartName[]) this.#texts.set(part, JSON.stringify(initial[part]));
  }

  get parts(): PageState {
    return this.#parts;
  }

  get revision(): number {
    return this.#revision;
  }

  /** Replaces a part; one that is the same as before is not sent again. */
  set<P extends PartName>(part: P, value: PageState[P]): void {
    const text = JSON.stringify(value);
    if (this.#texts.get(part) === text) return;
    this.#texts.set(part, text);
    this.#parts = { ...this.#parts, [part]: value };
    this.#revision += 1;
    const message = { kind: 'change', revision: this.#revision, part, value } as StateMessage;
    for (const watcher of this.#watchers) watcher(message);
  }

  /** A snapshot, then every change, until `signal` ends it. */
  async *watch(signal?: AbortSignal): AsyncGenerator<StateMessage, void, void> {
    let queue: StateMessage[] = [];
    let wake: (() => void) | null = null;
    const snapshot = (): StateMessage => ({ kind: 'snapshot', revision: this.#revision, parts: this.#parts });
    const watcher = (message: StateMessage): void => {
      queue.push(message);
      if (queue.length > QUEUE_LIMIT) queue = [snapshot()];
      wake?.();
    };
    const stop = (): void => wake?.();
    this.#watchers.add(watcher);
    signal?.addEventListener('abort', stop);
    try {
      yield snapshot();
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
