const blanks = /\s*/y;

/**
 * Where the first word of a statement stands: behind blanks, comments in `/*` and, with `brackets`, opening brackets. With
 * `plain`, comments that are run or hint (`/*!`, `/*+`) are no margin. A loop, since an expression that repeats such a choice
 * keeps a place to come back to for each and runs out of room in a long margin.
 */
export function firstWordAt(sql: string, { brackets = false, plain = false } = {}): number {
  for (let at = 0; ;) {
    blanks.lastIndex = at;
    blanks.exec(sql);
    at = blanks.lastIndex;
    if (brackets && sql[at] === '(') at += 1;
    else {
      const special = plain && (sql[at + 2] === '!' || sql[at + 2] === '+');
      const end = sql.startsWith('/*', at) && !special ? sql.indexOf('*/', at + 2) : -1;
      if (end < 0) return at;
      at = end + 2;
    }
  }
}
