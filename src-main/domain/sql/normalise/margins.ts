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

/** Blanks count as part of the comments before them. */
function leadingEnd(text: string): number {
  let at = 0;
  let any = false;
  for (;;) {
    let next = at;
    while (next < text.length && blank.test(text[next] as string)) next += 1;
    if (next < text.length) at = next;
    const close = text.startsWith('/*', at) && text[at + 2] !== '!' ? text.indexOf('*/', at + 2) : -1;
    if (close < 0) return any ? at : 0;
    any = true;
    at = close + 2;
    if (at >= text.length) return at;
  }
}

/** And before those after them. */
function trailingStart(text: string): number {
  let end = text.length;
  let any = false;
  for (;;) {
    let next = end;
    while (next > 0 && blank.test(text[next - 1] as string)) next -= 1;
    if (next > 0) end = next;
    const open = end >= 4 && text.startsWith('*/', end - 2) ? text.lastIndexOf('/*', end - 4) : -1;
    if (open < 0 || text[open + 2] === '!') return any ? end : text.length;
    any = true;
    end = open;
    if (end === 0) return 0;
  }
}
