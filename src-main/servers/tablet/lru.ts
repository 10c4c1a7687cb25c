/** The latest `capacity` values by key. */
export class Lru<Key, Value> {
  readonly #values = new Map<Key, Value>();

  constructor(private readonly capacity: number) {}

  get(key: Key): Value | undefined {
    const value = this.#values.get(key);
    if (value === undefined) return undefined;
    // Moving a key on every hit costs more than it brings: only the older half is ever in danger.
    if (this.#values.size * 2 > this.capacity) {
      this.#values.delete(key);
      this.#values.set(key, value);
    }
    return value;
  }

  set(key: Key, value: Value): void {
    this.#values.set(key, value);
    if (this.#values.size > this.capacity) this.#values.delete(this.#values.keys().next().value as Key);
  }

  clear(): void {
    this.#values.clear();
  }
}
