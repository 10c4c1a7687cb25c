/** A statement between the comments around it, as Go's SplitMarginComments cuts it (go/vt/sqlparser/comments.go). */
export interface Margins {
  /** With the blanks after it. */
  readonly leading: string;
  readonly statement: string;
  /** With the blanks before it. */
  readonly trailing: string;
}

const blank = /\s/;

/** Cuts off block comments before and after a statement; versioned comments stay. Semicolons around it are dropped. */
export function splitMargins(sql: string): Margins {
  if (!sql.includes('/*')) return { leading: '', statement: trimmed(sql), trailing: '' };
  const end = trailingStart(sql);
  const start = leadingEnd(sql.slice(0, end));
  return {
    leading: sql.slice(0, start).trimStart(),
    statement: trimmed(sql.slice(start, end)),
    trailing: sql.slice(end).trimEnd(),
  };
}

function trimmed(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isEdge(text[start] as string)) start += 1;
  while (end > start && isEdge(text[end - 1] as string)) end -= 1;
  return text.slice(start, end);
}

const isEdge = (character: string): boolean => character === ';' || blank.test(character);

function leadingEnd(text: string): number {
  let at = 0;
  let found = 0;
  for (;;) {
    while (at < text.length && blank.test(text[at] as string)) at += 1;
    if (text.length - at < 4 || !text.startsWith('/*', at) || text[at + 2] === '!') return found;
    const close = text.indexOf('*/', at + 2);
    if (close < 0) return found;
    at = close + 2;
    found = at;
  }
}

function trailingStart(text: string): number {
  let end = text.length;
  let found = end;
  for (;;) {
    while (end > 0 && blank.test(text[end - 1] as string)) end -= 1;
    if (end < 4 || !text.startsWith('*/', end - 2)) return found;
    const open = text.lastIndexOf('/*', end - 4);
    if (open < 0 || text[open + 2] === '!') return found;
    end = open;
    found = end;
  }
}
