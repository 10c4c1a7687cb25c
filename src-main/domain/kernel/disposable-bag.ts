/** Anything that ends: a listener, a timer, a process. */
export interface AsyncEnding {
  dispose(): Promise<void> | void;
}

/**
 * Collects what was started and ends it in reverse order. Adding to a bag that is already disposed ends the newcomer at
 * once, so that nothing started late is left running.
 */
export class DisposableBag implements AsyncEnding {
  readonly #items: AsyncEnding[] = [];
  #disposed = false;

  get disposed(): boolean {
    return this.#disposed;
  }

  /** Takes `item` into the bag and returns it. */
  add<T extends AsyncEnding>(item: T): T {
    if (this.#disposed) void item.dispose();
    else this.#items.push(item);
    return item;
  }

  /** Ends everything, last first; errors of single items are collected into one AggregateError. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    const errors: unknown[] = [];
    for (let item = this.#items.pop(); item !== undefined; item = this.#items.pop()) {
      try {
        await item.dispose();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, 'not everything ended cleanly');
  }
}
