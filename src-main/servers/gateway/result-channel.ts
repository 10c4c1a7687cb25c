import type { query } from '../rpc';
import type { ResultSink } from './result';

type Piece = { readonly fields: readonly query.Field[] } | { readonly rows: readonly query.Row[] };

/**
 * Hands pieces of a result from the side that pushes to one that pulls, one at a time: pushing waits until the piece
 * before was taken, so a slow reader slows the tablet and nothing piles up.
 */
export class ResultChannel implements ResultSink, AsyncIterable<Piece> {
  #piece: Piece | null = null;
  #ended = false;
  #closed = false;
  #taken: (() => void) | null = null;
  #offered: (() => void) | null = null;

  fields(fields: readonly query.Field[]): Promise<void> {
    return this.#offer({ fields });
  }

  rows(rows: readonly query.Row[]): Promise<void> {
    return this.#offer({ rows });
  }

  /** No more pieces follow. */
  end(): void {
    this.#ended = true;
    this.#offered?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Piece> {
    try {
      for (;;) {
        if (this.#piece === null && !this.#ended) await new Promise<void>((resolve) => (this.#offered = resolve));
        const piece = this.#piece;
        if (piece === null) return;
        yield piece;
        this.#piece = null;
        this.#taken?.();
      }
    } finally {
      this.#closed = true;
      this.#taken?.();
    }
  }

  async #offer(piece: Piece): Promise<void> {
    if (this.#closed) throw new Error('the reader of this result is gone');
    this.#piece = piece;
    this.#offered?.();
    await new Promise<void>((resolve) => (this.#taken = resolve));
    if (this.#closed) throw new Error('the reader of this result is gone');
  }
}
