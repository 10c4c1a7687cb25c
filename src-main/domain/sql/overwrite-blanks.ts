import type { Span } from './reading';

/** The text with `blanks` overwritten by spaces: what was read is what MySQL gets, and every other place stays where it was. */
export function overwriteBlanks(sql: string, blanks: readonly Span[]): string {
  if (blanks.length === 0) return sql;
  let result = '';
  let at = 0;
  for (const { start, end } of [...blanks].sort((a, b) => a.start - b.start)) {
    if (end <= at) continue;
    const from = Math.max(start, at);
    result += sql.slice(at, from) + ' '.repeat(end - from);
    at = end;
  }
  return result + sql.slice(at);
}
