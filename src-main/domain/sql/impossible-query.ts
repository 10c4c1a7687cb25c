import { tokenize } from './lexer';
import { C, T } from './token-kinds';

/** Words at which the part of a SELECT ends that its columns depend on. */
const clauses = new Set(['where', 'group', 'having', 'window', 'order', 'limit', 'for', 'lock']);
/** With these the columns are not those of one plain SELECT, or the text says other things than it seems to. */
const foreign = new Set([
  'union',
  'intersect',
  'except',
  'into',
  'procedure',
  'use',
  'force',
  'ignore',
  'next',
  'values',
]);

/**
 * A SELECT that has the columns of `sql` and never a row, as vtgate asks for them: `where 1 != 1` in place of every clause
 * but GROUP BY (go/vt/sqlparser, FormatImpossibleQuery). Null for whatever is no plain SELECT; parameters must have been
 * replaced.
 */
export function impossibleQuery(sql: string): string | null {
  // A clause may begin inside a comment that servers run; cut there, the text would end in an open comment.
  if (sql.includes('/*!')) return null;
  const { kinds, starts, ends, versioned, ambiguous } = tokenize(sql);
  if (versioned || ambiguous !== null) return null;
  const word = (index: number): string => sql.slice(starts[index], ends[index]).toLowerCase();
  if (word(0) !== 'select') return null;
  let depth = 0;
  let from = false;
  let head = -1;
  let groupFrom = -1;
  let groupTo = -1;
  let last = 0;
  for (let index = 1; kinds[index] !== T.end && index < kinds.length; index++) {
    const kind = kinds[index];
    if (kind === T.broken) return null;
    if (kind === C.semicolon) {
      if (kinds[index + 1] !== T.end) return null;
      break;
    }
    last = ends[index] ?? last;
    if (kind === C.open) depth += 1;
    else if (kind === C.close) depth -= 1;
    if (depth !== 0 || kinds[index - 1] === C.dot) continue;
    const text = word(index);
    if (foreign.has(text)) return null;
    if (text === 'from') from = true;
    if (!clauses.has(text)) continue;
    head = head < 0 ? (starts[index] ?? 0) : head;
    if (text === 'group') groupFrom = starts[index] ?? 0;
    else if (groupFrom >= 0 && groupTo < 0) groupTo = starts[index] ?? 0;
  }
  if (depth !== 0) return null;
  const columns = sql.slice(0, head < 0 ? last : head).trimEnd();
  if (columns.length <= 'select'.length) return null;
  const group = groupFrom < 0 ? '' : ` ${sql.slice(groupFrom, groupTo < 0 ? last : groupTo).trimEnd()}`;
  return `${columns}${from ? '' : ' from dual'} where 1 != 1${group}`;
}
