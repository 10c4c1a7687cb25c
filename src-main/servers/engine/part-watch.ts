import type { RingPlace, RingTake } from '../../domain/kernel';
import { letsAllThrough, rowFilter, type WatchRow, type WatchTake, type WatchWish } from '../../domain/watch';

/** Records kept of a part from when it was first watched until it ends. */
const WATCHED_RECORDS = 5_000;

/** What of a record is needed to judge whether it is wanted; the columns are made for those alone. */
export type Brief = Omit<WatchRow, 'id' | 'columns'> & { readonly names: readonly string[] };

/** How the records of one kind of part become rows. */
export interface RowMaker<R> {
  brief(record: R, name: string): Brief;
  columns(record: R, values: boolean): WatchRow['columns'];
}

/** The query log of one part as somebody may watch it. */
export class PartWatch<R> {
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

  /**
   * What came since the wish's place. From the first question on the part keeps its records for as long as it runs: a page
   * that looks elsewhere asks for nothing, and what happens meanwhile must be there when it looks again.
   */
  take({ places, filter, limit, values }: WatchWish): WatchTake {
    this.log.watchQueries(WATCHED_RECORDS);
    const { items, next, missed, before } = this.log.queriesSince(places[this.id] ?? null);
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
    return { rows, places: { [this.id]: next }, missed, left, before };
  }

  /** The part ends. */
  end(): void {
    this.log.watchQueries(null);
  }
}
