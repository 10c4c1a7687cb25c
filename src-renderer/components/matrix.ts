import { verdictText } from '../text/verdict';
import type { VerdictKind } from './verdict';

export type Role = 'R' | 'W' | 'A';

/** One caller, over one transport. */
export interface MatrixRow {
  readonly id: string;
  readonly name: string;
  /** How they prove it: "certificate, mutual TLS". */
  readonly detail?: string | undefined;
}

/** One table. Neighbours with the same `group` stand together under its name. */
export interface MatrixColumn {
  readonly id: string;
  readonly name: string;
  readonly group?: string | undefined;
}

/** What is known of one caller, one table and one role. */
export interface MatrixMark {
  readonly role: Role;
  readonly kind: VerdictKind;
  /** Nothing was tried. */
  readonly predicted?: boolean | undefined;
  /** What the test expects; spoken, and a denial that was expected is drawn in outline. */
  readonly expected?: VerdictKind | undefined;
  /** Not what was expected or predicted: on the marker. */
  readonly differs?: boolean | undefined;
  /** The draft changes it: on the marker. */
  readonly changed?: boolean | undefined;
}

export interface MatrixPlace {
  readonly row: number;
  readonly column: number;
}

/** Key of a cell in a selection. No id contains a line break. */
export const cellKey = (row: MatrixRow, column: MatrixColumn): string => `${row.id}\n${column.id}`;

function markText(mark: MatrixMark): string {
  const word = (mark.predicted === true ? verdictText.probably : verdictText.word)[mark.kind].toLowerCase();
  const parts = [`${verdictText.role[mark.role]}: ${word}`];
  if (mark.expected !== undefined && mark.expected !== mark.kind)
    parts.push(verdictText.expected(verdictText.word[mark.expected]));
  if (mark.differs === true) parts.push(verdictText.differsSpoken);
  else if (mark.changed === true) parts.push(verdictText.changedSpoken);
  return parts.join(', ');
}

/** What a screen reader says of a cell: "reporting, payments, read: allowed, expected denied, differs". */
export function cellName(row: MatrixRow, column: MatrixColumn, marks: readonly MatrixMark[]): string {
  return `${row.name}, ${column.name}, ${marks.map(markText).join('; ')}`;
}

/** The part of a long row of equal things that is in sight, with some more on both sides. */
export function inSight(
  scroll: number,
  view: number,
  size: number,
  count: number,
  spare = 3,
): { first: number; last: number } {
  const first = Math.max(0, Math.floor(scroll / size) - spare);
  const last = Math.min(count, Math.ceil((scroll + view) / size) + spare);
  return { first: Math.min(first, Math.max(0, last)), last: Math.max(0, last) };
}

/** Where a key leads in a grid of `rows` by `columns`, by the WAI-ARIA pattern; null: the key does not move. */
export function gridMove(
  at: MatrixPlace,
  event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey'>,
  rows: number,
  columns: number,
  page: number,
): MatrixPlace | null {
  const far = event.ctrlKey || event.metaKey;
  const row = (to: number): MatrixPlace => ({ row: Math.max(0, Math.min(rows - 1, to)), column: at.column });
  const column = (to: number): MatrixPlace => ({ row: at.row, column: Math.max(0, Math.min(columns - 1, to)) });
  switch (event.key) {
    case 'ArrowUp':
      return row(far ? 0 : at.row - 1);
    case 'ArrowDown':
      return row(far ? rows - 1 : at.row + 1);
    case 'ArrowLeft':
      return column(far ? 0 : at.column - 1);
    case 'ArrowRight':
      return column(far ? columns - 1 : at.column + 1);
    case 'PageUp':
      return row(at.row - page);
    case 'PageDown':
      return row(at.row + page);
    case 'Home':
      return far ? { row: 0, column: 0 } : column(0);
    case 'End':
      return far ? { row: rows - 1, column: columns - 1 } : column(columns - 1);
    default:
      return null;
  }
}

/** Neighbours with the same group, with how many columns each covers. */
export function columnGroups(columns: readonly MatrixColumn[]): { name: string; first: number; count: number }[] {
  const groups: { name: string; first: number; count: number }[] = [];
  for (const [index, column] of columns.entries()) {
    const last = groups.at(-1);
    if (last !== undefined && last.name === (column.group ?? '')) last.count += 1;
    else groups.push({ name: column.group ?? '', first: index, count: 1 });
  }
  return groups;
}
