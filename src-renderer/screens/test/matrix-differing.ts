import type { MatrixModel, TransportId } from '../../../src-main/contract/areas/test';
import { cellId, type RoleName } from './matrix-cells';

/** A cell that needs a look: it differs from what was expected or predicted, or could not be tested. */
export interface DifferingCell {
  readonly id: string;
  readonly caller: string;
  /** Null: a test of the way in, whose name is `test`. */
  readonly place: { readonly row: number; readonly column: number; readonly role: RoleName } | null;
  readonly test: string;
  readonly transport: TransportId;
  /** Letters of the model. */
  readonly expected: string;
  readonly predicted: string;
  readonly actual: string;
  readonly broke: boolean;
}

const roles: readonly RoleName[] = ['read', 'write', 'admin'];
const offMark = (mark: string | undefined): boolean => mark === 'e' || mark === 'p' || mark === 'b' || mark === '!';

/** Everything that needs a look, in the order of the files: access first, then the ways in. */
export function differingCells({
  rows,
  columns,
  admissions,
}: Pick<MatrixModel, 'rows' | 'columns' | 'admissions'>): DifferingCell[] {
  const found: DifferingCell[] = [];
  rows.forEach((row, rowAt) => {
    if (!/[epb!]/.test(row.marks)) return;
    for (let at = 0; at < row.marks.length; at += 1) {
      if (!offMark(row.marks[at])) continue;
      const column = Math.floor(at / roles.length);
      const role = roles[at % roles.length] ?? 'read';
      const table = columns[column]?.table ?? '';
      found.push({
        id: cellId(row, table, role),
        caller: row.caller,
        place: { row: rowAt, column, role },
        test: table,
        transport: row.transport,
        expected: row.expected[at] ?? '.',
        predicted: row.predicted[at] ?? '.',
        actual: row.actual[at] ?? '.',
        broke: row.marks[at] === '!',
      });
    }
  });
  for (const { id, caller, test, transport, expected, predicted, actual, mark } of admissions)
    if (offMark(mark))
      found.push({ id, caller, place: null, test, transport, expected, predicted, actual, broke: mark === '!' });
  return found;
}

/** How many cells of each row and column need a look. */
export function differingCounts({ rows, columns }: Pick<MatrixModel, 'rows' | 'columns'>): {
  readonly rows: readonly number[];
  readonly columns: readonly number[];
} {
  const byColumn = columns.map(() => 0);
  const byRow = rows.map(({ marks }) => {
    let count = 0;
    if (/[epb!]/.test(marks))
      for (let at = 0; at < marks.length; at += 1)
        if (offMark(marks[at])) {
          count += 1;
          const column = Math.floor(at / roles.length);
          byColumn[column] = (byColumn[column] ?? 0) + 1;
        }
    return count;
  });
  return { rows: byRow, columns: byColumn };
}

/** Indices with those that count more first; the others keep their order. */
export const mostFirst = (indices: readonly number[], counts: readonly number[]): number[] =>
  [...indices].sort((a, b) => (counts[b] ?? 0) - (counts[a] ?? 0) || a - b);

/** As `mostFirst`, for columns: those of one table group stay together, the group with the most first. */
export function groupsFirst(
  indices: readonly number[],
  counts: readonly number[],
  columns: MatrixModel['columns'],
): number[] {
  const key = (index: number): string => columns[index]?.group ?? `\n${index}`;
  const totals: Record<string, number> = {};
  const first: Record<string, number> = {};
  indices.forEach((index) => {
    totals[key(index)] = (totals[key(index)] ?? 0) + (counts[index] ?? 0);
    first[key(index)] ??= index;
  });
  return [...indices].sort(
    (a, b) =>
      (totals[key(b)] ?? 0) - (totals[key(a)] ?? 0) ||
      (first[key(a)] ?? a) - (first[key(b)] ?? b) ||
      (counts[b] ?? 0) - (counts[a] ?? 0) ||
      a - b,
  );
}
