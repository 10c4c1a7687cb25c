import type { SqlMark } from './scan-sql';
import { applyEdits, type Edit } from './rewrite';

/** Statements that cannot stand in parentheses: their LIMIT 0 must be left out. */
const unwrappable = /\binto\s+(outfile|dumpfile|@)|\bprocedure\s+analyse\b/i;

/**
 * A query with the columns of `sql` and no rows, for COM_STMT_PREPARE: parameters become NULL (0 where rows are counted)
 * and LIMIT 0 stands around it. Real vtgate prints the statement anew with `where 1 != 1`; only the word in a refusal
 * differs (`Select` in place of `SelectImpossible`).
 */
export function fieldQuery(sql: string, marks: readonly SqlMark[]): string {
  const edits: Edit[] = [];
  for (const { kind, start, end, counts } of marks) {
    if (kind === 'parameter') edits.push({ start, end, text: counts ? '0' : 'null' });
  }
  const text = applyEdits(sql, edits).replace(/;\s*$/, '');
  return unwrappable.test(text) ? text : `(${text}\n) limit 0`;
}
