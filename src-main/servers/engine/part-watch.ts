import type { RingPlace, RingTake } from '../../domain/kernel';
import { letsAllThrough, rowFilter, type WatchRow, type WatchTake, type WatchWish } from '../../domain/watch';

/** Records kept of a part while somebody watches it. */
const WATCHED_RECORDS = 5_000;
/** How long a part is held to be watched after it was asked, milliseconds: a page that is gone says nothing. */
const LEASE_MS = 5_000;

/** What of a record is needed to judge whether it is wanted; the columns are made for those alone. */
export type Brief = Omit<WatchRow, 'id' | 'columns'> & { readonly names: readonly string[] };

/** How the records of one kind of part become rows. */
export interface RowMaker<R> {
  brief(record: R, name: string): Brief;
  columns(record: R, values: boolean): WatchRow['columns'];
}

/** The query log of one part as somebody may watch it. */
export class PartWatch<R> {
  #lease: NodeJS.Timeout | null = null;

  constructor(
    /** `gateway:NAME` or `tablet:ALIAS`. */
    readonly id: string,
    readonly name: string,
    readonly log: {
      watchQueries(capacity: number | null): void;
      queriesSince(place: RingPlace | null): RingTake<R>;
    },
    readonly maker: RowMaker<R>,
  ) {}

  /** What came since the wish's place. As long as it is asked again within seconds, the part keeps more records. */
  take({ places, filter, limit, values }: WatchWish): WatchTake {
    this.log.watchQueries(WATCHED_RECORDS);
    this.#renew();
    const { items, next, missed } = this.log.queriesSince(places[this.id] ?? null);
    const all = letsAllThrough(filter);
    const wanted = rowFilter(filter);
    const found: { readonly number: number; readonly record: R; readonly brief: Brief }[] = [];
    let left = 0;
    // The newest first, so that what is over the limit is counted only.
    for (let index = items.length - 1; index >= 0; index -= 1) {
      if (all && found.length === limit) {
        left = index + 1;
        break;
      }
      const { number, item: record } = items[index]!;
      const brief = this.maker.brief(record, this.name);
      if (!wanted(brief)) continue;
      if (found.length < limit) found.push({ number, record, brief });
      else left += 1;
    }
    const rows = found.reverse().map(({ number, record, brief: { names: _, ...brief } }): WatchRow => ({
      id: `${this.id}#${next.epoch}#${number}`,
      ...brief,
      columns: this.maker.columns(record, values),
    }));
    return { rows, places: { [this.id]: next }, missed, left };
  }

  /** Nobody watches any more. */
  end(): void {
    if (this.#lease !== null) clearTimeout(this.#lease);
    this.#lease = null;
    this.log.watchQueries(null);
  }

  #renew(): void {
    if (this.#lease === null) this.#lease = setTimeout(() => this.end(), LEASE_MS).unref();
    else this.#lease.refresh();
  }
}
