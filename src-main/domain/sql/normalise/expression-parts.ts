import { C, T } from '../token-kinds';
import type { Cursor } from './cursor';
import { node, unprintable, type Node, type Part } from './node';
import { bracketedQuery } from './query-parts';

/** A list in brackets. */
export function tupleOf(nodes: readonly Node[]): Node {
  const parts: Part[] = ['('];
  for (let i = 0; i < nodes.length; i++) {
    if (i > 0) parts.push(', ');
    parts.push(nodes[i] as Node);
  }
  parts.push(')');
  return node('tuple', parts);
}

/** A query in brackets where a value stands. */
export function subquery(cursor: Cursor, inList = false): Node {
  const query = bracketedQuery(cursor);
  if (query.select?.onlyDual === true) cursor.rewrites = true;
  return node('subquery', ['(', query, ')'], inList ? { left: query, flag: true } : { left: query });
}

/** `interval(a, b, c)` is a function; `interval (a) day` is not. */
export function isIntervalCall(cursor: Cursor): boolean {
  if (cursor.peek(1) !== C.open) return false;
  let depthOfBrackets = 0;
  for (let offset = 1; cursor.peek(offset) !== T.end; offset++) {
    const kind = cursor.peek(offset);
    if (kind === C.open) depthOfBrackets += 1;
    else if (kind === C.close && --depthOfBrackets === 0) return false;
    else if (kind === C.comma && depthOfBrackets === 1) return true;
  }
  return false;
}

const units = new Set(
  (
    'day_hour day_microsecond day_minute day_second hour_microsecond hour_minute hour_second minute_microsecond ' +
    'minute_second second_microsecond year_month day week hour minute month quarter second microsecond year'
  ).split(' '),
);

/** The unit of an interval, in lower case. */
export function intervalUnit(cursor: Cursor): string {
  const word = cursor.word();
  if (!units.has(word)) throw unprintable;
  cursor.at += 1;
  return word;
}
