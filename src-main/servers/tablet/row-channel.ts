import type { query } from '../rpc';

/** Rows waiting for the client beyond which MySQL is made to wait. */
const HIGH_WATER_BYTES = 262_144;

/**
 * Rows on their way from MySQL to a stream of messages. Messages hold about `messageBytes` of rows; when the client is
 * slow, `push` says so and `onDrained` is called once there is room again.
 */
export class RowChannel {
  onDrained: (() => void) | null = null;
  #rows: query.IRow[] = [];
  #bytes = 0;
  readonly #ready: (readonly query.IRow[])[] = [];
  #readyBytes = 0;
  #fields: readonly query.IField[] | null = null;
  #done = false;
  #error: Error | null = null;
  #wake: (() => void) | null = null;
  readonly #sizes: number[] = [];

  constructor(private readonly messageBytes: number) {}

  fields(fields: readonly query.IField[]): void {
    this.#fields = fields;
    this.#signal();
  }

  /** Takes a row; false: no more for now. */
  push(row: query.IRow): boolean {
    this.#rows.push(row);
    this.#bytes += (row.values?.length ?? 0) + (row.lengths?.length ?? 0);
    if (this.#bytes >= this.messageBytes) this.#close();
    return this.#readyBytes < HIGH_WATER_BYTES;
  }

  #close(): void {
    if (this.#rows.length === 0) return;
    this.#ready.push(this.#rows);
    this.#sizes.push(this.#bytes);
    this.#readyBytes += this.#bytes;
    this.#rows = [];
    this.#bytes = 0;
    this.#signal();
  }

  /** Nothing more comes; after what is waiting, `error` is thrown if there is one. */
  end(error: Error | null = null): void {
    this.#close();
    this.#done = true;
    this.#error = error;
    this.#signal();
  }

  #signal(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }

  /** The fields first, then the rows in messages. */
  async *results(): AsyncGenerator<query.IQueryResult> {
    for (;;) {
      if (this.#fields !== null) {
        const fields = this.#fields;
        this.#fields = null;
        yield { fields };
        continue;
      }
      const rows = this.#ready.shift();
      if (rows !== undefined) {
        this.#readyBytes -= this.#sizes.shift() ?? 0;
        if (this.#readyBytes < HIGH_WATER_BYTES / 2) this.onDrained?.();
        yield { rows };
        continue;
      }
      if (this.#done) {
        if (this.#error !== null) throw this.#error;
        return;
      }
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
