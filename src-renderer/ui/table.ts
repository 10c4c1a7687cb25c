import type { Snippet } from 'svelte';

/** A column of a Table or Tree. */
export interface Column<R> {
  readonly id: string;
  /** Empty for a column of buttons. */
  readonly label: string;
  /** What the cell says; also what it is sorted by unless `sort` says otherwise. */
  readonly text?: ((row: R) => string) | undefined;
  /** The cell itself, where text is not enough. */
  readonly cell?: Snippet<[row: R]> | undefined;
  /** How to order two rows; `true` orders by the text. Without, the column cannot be sorted by. */
  readonly sort?: ((a: R, b: R) => number) | true | undefined;
  readonly align?: 'start' | 'end' | undefined;
  /** CSS width of the column. */
  readonly width?: string | undefined;
  /** The header says it only to screen readers. */
  readonly labelHidden?: boolean | undefined;
  /** Not shown under 700 px. */
  readonly optional?: boolean | undefined;
}

export interface Sorting {
  readonly column: string;
  readonly down: boolean;
}

const collator = new Intl.Collator(undefined, { numeric: true });

/** The rows in the order that `sorting` asks for; equal ones keep theirs. */
export function sorted<R>(rows: readonly R[], columns: readonly Column<R>[], sorting: Sorting | null): readonly R[] {
  const column = columns.find((one) => one.id === sorting?.column);
  if (sorting === null || column === undefined || column.sort === undefined) return rows;
  const { sort, text } = column;
  const compare = sort === true ? (a: R, b: R): number => collator.compare(text?.(a) ?? '', text?.(b) ?? '') : sort;
  return rows.toSorted((a, b) => (sorting.down ? -compare(a, b) : compare(a, b)));
}
