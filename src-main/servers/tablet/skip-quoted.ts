/** Where a quoted stretch that begins at `start` ends (exclusive); backslashes escape except in backticks. */
function quotedEnd(sql: string, start: number): number {
  const quote = sql[start];
  let at = start + 1;
  for (; at < sql.length; at += 1) {
    const character = sql[at];
    if (character === '\\' && quote !== '`') at += 1;
    else if (character === quote) {
      if (sql[at + 1] === quote) at += 1;
      else return at + 1;
    }
  }
  return sql.length;
}

/** A stretch that is no code: a quoted string, a quoted name or a comment; else `start` itself. */
export function skipped(sql: string, start: number): number {
  const character = sql[start];
  if (character === "'" || character === '"' || character === '`') return quotedEnd(sql, start);
  if (character === '/' && sql[start + 1] === '*') {
    const end = sql.indexOf('*/', start + 2);
    return end < 0 ? sql.length : end + 2;
  }
  const isDash =
    character === '-' && sql[start + 1] === '-' && (start + 2 >= sql.length || /\s/.test(sql[start + 2] ?? ''));
  if (character === '#' || isDash) {
    const end = sql.indexOf('\n', start);
    return end < 0 ? sql.length : end + 1;
  }
  return start;
}
