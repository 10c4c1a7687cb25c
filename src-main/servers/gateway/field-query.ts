import { impossibleQuery } from '../../domain/sql';
import type { SqlMark } from './scan-sql';
import { applyEdits, isAlone, type Edit } from './rewrite';

/** Statements that cannot stand in parentheses: their LIMIT 0 must be left out. */
const unwrappable = /\binto\s+(outfile|dumpfile|@)|\bprocedure\s+analyse\b/i;

/**
 * A query with the columns of `sql` and no rows, for Prepare: parameters become NULL (0 where rows are counted) and, as
 * in vtgate, `where 1 != 1` stands where the conditions were. What is no plain SELECT gets LIMIT 0 around it.
 */
export function fieldQuery(sql: string, marks: readonly SqlMark[], standsAlone: boolean): string {
  const edits: Edit[] = [];
  let count = 0;
  for (const { kind, start, end, counts, name } of marks) {
    if (kind !== 'parameter' && kind !== 'argument') continue;
    const shown = kind === 'argument' ? name : `v${(count += 1)}`;
    const value = standsAlone && isAlone(sql, start, end) ? `null as \`:${shown}\`` : 'null';
    edits.push({ start, end, text: counts ? '0' : value });
  }
  const text = applyEdits(sql, edits).replace(/;\s*$/, '');
  if (standsAlone && !unwrappable.test(text)) return `${text}\nlimit 0`;
  return impossibleQuery(text) ?? (unwrappable.test(text) ? text : `(${text}\n) limit 0`);
}
