import { isName, keyword } from './keywords';
import { tokenize } from './lexer';
import type { Span } from './reading';
import { C, T } from './token-kinds';

const K = {
  as: keyword('as'),
  dual: keyword('dual'),
  for: keyword('for'),
  from: keyword('from'),
  into: keyword('into'),
  lock: keyword('lock'),
} as const;

/**
 * What has no effect on a SELECT without tables that vtgate computes, and that MySQL must not see: INTO with a file, and
 * an alias of `dual`.
 */
export function idleSpans(sql: string): Span[] {
  const { kinds, starts, ends } = tokenize(sql);
  const found: Span[] = [];
  let depth = 0;
  for (let at = 0; at < kinds.length; at++) {
    const kind = kinds[at] as number;
    if (kind === C.open) depth += 1;
    else if (kind === C.close) depth -= 1;
    if (depth > 0) continue;
    if (kind === K.into) {
      let last = at;
      while (!endsInto.has(kinds[last + 1] as number)) last += 1;
      found.push({ start: starts[at] as number, end: ends[last] as number });
      at = last;
    } else if (kind === K.dual && kinds[at - 1] === K.from) {
      const alias = kinds[at + 1] === K.as ? at + 2 : at + 1;
      if (!isName(kinds[alias] as number)) continue;
      found.push({ start: ends[at] as number, end: ends[alias] as number });
      at = alias;
    }
  }
  return found;
}

const endsInto = new Set([T.end, C.semicolon, K.from, K.for, K.lock]);
