/** A place in a ring that goes on counting: which ring, and how many records it had taken. */
export interface RingPlace {
  readonly epoch: string;
  readonly taken: number;
}

/** What came after a place. */
export interface RingTake<T> {
  /** Oldest first, each with its number in the ring. */
  readonly items: readonly { readonly number: number; readonly item: T }[];
  readonly next: RingPlace;
  /** Records after the place that the ring does not have any more. */
  readonly missed: number;
  /** Of a place that is not known: records of before that the ring does not have, or that were never made. */
  readonly before: number;
}

let rings = 0;

/** The latest records, a bounded number of them; taking one costs an assignment. */
export class RecordRing<T> {
  #items: T[] = [];
  /** Where the oldest is, once it is full. */
  #oldest = 0;
  #taken = 0;
  readonly #epoch = `${Date.now().toString(36)}-${(rings += 1)}`;

  constructor(private capacity: number) {}

  push(item: T): void {
    this.#taken += 1;
    if (this.capacity === 0) return;
    if (this.#items.length < this.capacity) this.#items.push(item);
    else {
      this.#items[this.#oldest] = item;
      this.#oldest = this.#oldest + 1 === this.capacity ? 0 : this.#oldest + 1;
    }
  }

  /** Counts a record that was never made; only of use where nothing is kept. */
  skip(): void {
    if (this.#items.length === 0) this.#taken += 1;
  }

  /** What is kept, oldest first. */
  list(): T[] {
    return [...this.#items.slice(this.#oldest), ...this.#items.slice(0, this.#oldest)];
  }

  /** Keeps `capacity` records from here on; the oldest go when these are fewer. */
  resize(capacity: number): void {
    if (capacity === this.capacity) return;
    this.#items = capacity === 0 ? [] : this.list().slice(-capacity);
    this.#oldest = 0;
    this.capacity = capacity;
  }

  /** What came after `place`; null, or a place in another ring: everything that is kept, and nothing counts as missed. */
  since(place: RingPlace | null): RingTake<T> {
    const kept = this.#items.length;
    const first = this.#taken - kept;
    const known = place?.epoch === this.#epoch && place.taken >= 0 && place.taken <= this.#taken;
    const from = known ? Math.max(place.taken, first) : first;
    const items: RingTake<T>['items'][number][] = [];
    for (let at = from; at < this.#taken; at += 1) {
      const index = (this.#oldest + at - first) % kept;
      items.push({ number: at + 1, item: this.#items[index]! });
    }
    return {
      items,
      next: { epoch: this.#epoch, taken: this.#taken },
      missed: known ? from - place.taken : 0,
      before: known ? 0 : first,
    };
  }
}
