import { impossibleQuery } from '../../domain/sql';
import type { SqlMark } from './scan-sql';
import { applyEdits, type Edit } from './rewrite';

/** Statements that cannot stand in parentheses: their LIMIT 0 must be left out. */
const unwrappable = /\binto\s+(outfile|dumpfile|@)|\bprocedure\s+analyse\b/i;

/**
 * A query with the columns of `sql` and no rows, for Prepare: parameters become NULL (0 where rows are counted) and, as
 * in vtgate, `where 1 != 1` stands where the conditions were. What is no plain SELECT gets LIMIT 0 around it.
 */
export function fieldQuery(sql: string, marks: readonly SqlMark[]): string {
  const edits: Edit[] = [];
  for (const { kind, start, end, counts } of marks) {
    if (kind === 'parameter') edits.push({ start, end, text: counts ? '0' : 'null' });
  }
  const text = applyEdits(sql, edits).replace(/;\s*$/, '');
  return impossibleQuery(text) ?? (unwrappable.test(text) ? text : `(${text}\n) limit 0`);
}
