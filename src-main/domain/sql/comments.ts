import { tokenize } from './lexer';

/** A statement between the comments around it. */
export interface MarginComments {
  readonly leading: string;
  readonly statement: string;
  readonly trailing: string;
}

/**
 * Takes off the comments before and after a statement, which vtgate keeps apart and puts back (go/vt/sqlparser/comments.go,
 * SplitMarginComments). Versioned comments belong to the statement. Blanks around the statement are dropped.
 */
export function splitMarginComments(sql: string): MarginComments {
  const { starts, ends, count } = tokenize(sql);
  if (count === 0) return { leading: sql.trim(), statement: '', trailing: '' };
  const start = marginStart(sql, starts[0] as number);
  const end = marginEnd(sql, ends[count - 1] as number);
  return { leading: sql.slice(0, start).trim(), statement: sql.slice(start, end), trailing: sql.slice(end).trim() };
}

/** The opening of a versioned comment around the first token is no margin. */
function marginStart(sql: string, first: number): number {
  const versioned = sql.lastIndexOf('/*!', first);
  return versioned >= 0 && /^\/\*!\d*\s*$/.test(sql.slice(versioned, first)) ? versioned : first;
}

/** Nor is the end of one around the last token. */
function marginEnd(sql: string, last: number): number {
  const rest = sql.slice(last).trimStart();
  return rest.startsWith('*/') ? sql.length - rest.length + 2 : last;
}

/**
 * The directives of the `/*vt+ NAME=value …` comments after the statement's first word: their values by lower-case name; a name without a value is `true` (vitess-behaviour §2.7). None changes what may be read.
 */
export function commentDirectives(sql: string): ReadonlyMap<string, string> {
  const { starts, ends } = tokenize(sql, 2);
  const directives = new Map<string, string>();
  const between = sql.slice(ends[0] ?? 0, starts[1] ?? 0);
  for (let at = 0; ;) {
    const start = between.indexOf('/*vt+', at);
    const end = start < 0 ? -1 : between.indexOf('*/', start);
    if (end < 0) break;
    at = end;
    for (const directive of between.slice(start + 5, end).split(/\s+/)) {
      if (directive === '') continue;
      const equal = directive.indexOf('=');
      const name = equal < 0 ? directive : directive.slice(0, equal);
      directives.set(name.toLowerCase(), equal < 0 ? 'true' : directive.slice(equal + 1));
    }
  }
  return directives;
}
