import type { MatrixMessage, MatrixModel, MatrixRow } from '../../../src-main/contract/areas/test';
import type { MatrixMark, Role } from '../../components/matrix';
import type { VerdictKind } from '../../components/verdict';

export type RoleName = 'read' | 'write' | 'admin';
export const roleNames: readonly RoleName[] = ['read', 'write', 'admin'];
export const roleLetters: readonly Role[] = ['R', 'W', 'A'];

const kinds: Readonly<Record<string, VerdictKind>> = {
  a: 'allowed',
  d: 'denied',
  r: 'refused',
  w: 'would-be-denied',
  n: 'not-enforced',
  x: 'error',
  '.': 'not-run',
};
/** The verdict that a letter of the model stands for. */
export const kindOf = (letter: string | undefined): VerdictKind => kinds[letter ?? '.'] ?? 'not-run';

/** Whether a mark says that a cell differs. */
export const differing = (mark: string | undefined): boolean => mark === 'e' || mark === 'p' || mark === 'b';

/** What one cell shows, out of the letters of its row. */
export function markAt(row: MatrixRow, at: number, role: Role): MatrixMark | null {
  if ((row.expected[at] ?? ' ') === ' ') return null;
  const mark = row.marks[at] ?? '.';
  const expected = kindOf(row.expected[at]);
  if (mark === '…') return { role, kind: 'running', expected };
  if (mark === '!') return { role, kind: 'error', expected };
  if (mark === '.') return { role, kind: kindOf(row.predicted[at]), predicted: true, expected };
  return { role, kind: kindOf(row.actual[at]), expected, differs: differing(mark) };
}

/** The id of the cell of a row, a table and a role, as the suites give it. */
export const cellId = (row: Pick<MatrixRow, 'suite' | 'caller' | 'transport'>, table: string, role: RoleName): string =>
  `${row.suite}/access/${row.caller}/${row.transport}/${table}/${role}`;

type Cells = Extract<MatrixMessage, { kind: 'cells' }>;

/** The model with what a message changes in it; rows that did not change stay the same objects. */
export function patched(model: MatrixModel, message: Cells): MatrixModel {
  const rows = [...model.rows];
  const letters = new Map<number, { actual: string[]; marks: string[] }>();
  for (const [row, at, letter, mark] of message.cells) {
    const source = rows[row];
    if (source === undefined) continue;
    let open = letters.get(row);
    if (open === undefined) {
      open = { actual: [...source.actual], marks: [...source.marks] };
      letters.set(row, open);
    }
    open.actual[at] = letter;
    open.marks[at] = mark;
  }
  for (const [row, { actual, marks }] of letters) {
    const source = rows[row];
    if (source !== undefined) rows[row] = { ...source, actual: actual.join(''), marks: marks.join('') };
  }
  const admissions = [...model.admissions];
  for (const [index, letter, mark] of message.admissions) {
    const source = admissions[index];
    if (source !== undefined) admissions[index] = { ...source, actual: letter, mark };
  }
  return {
    ...model,
    rows,
    admissions,
    totals: message.totals,
    run: message.run,
    outdated: model.outdated && message.run.state === 'running',
  };
}
