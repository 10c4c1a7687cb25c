import { C, T } from '../token-kinds';
import type { Cursor } from './cursor';
import { printedString, stringValue } from './names';
import { node, type BindValue, type Node } from './node';

/** Shorter lists are cheap enough as nodes. */
const shortest = 64;

/** A longer whole number may be beyond INT64, which vtgate leaves where it is. */
const longestNumber = 18;

/**
 * `(1, 'b', …)` as one node with the values beside it, or null where there is anything but strings and whole numbers, or
 * little of them: lists of keys have hundreds of thousands of elements, and a node each is a hundred times their text.
 */
export function literalList(cursor: Cursor): Node | null {
  const { tokens, at } = cursor;
  const { kinds, starts, ends, sql } = tokens;
  let end = at + 1;
  for (; ; end += 2) {
    const kind = kinds[end];
    if (kind !== T.integer && kind !== T.string) return null;
    if (kind === T.integer && (ends[end] as number) - (starts[end] as number) > longestNumber) return null;
    const next = kinds[end + 1];
    if (next === C.close) break;
    if (next !== C.comma) return null;
  }
  const count = (end - at + 1) / 2;
  if (count < shortest) return null;
  const literals: BindValue[] = [];
  const texts: string[] = [];
  for (let token = at + 1; token <= end; token += 2) {
    const text = sql.slice(starts[token], ends[token]);
    if (kinds[token] === T.integer) {
      literals.push({ type: 'INT64', value: text });
      texts.push(text);
    } else {
      const value = stringValue(text);
      literals.push({ type: 'VARCHAR', value });
      texts.push(printedString(value));
    }
  }
  cursor.at = end + 2;
  return node('tuple', [`(${texts.join(', ')})`], { literals });
}
