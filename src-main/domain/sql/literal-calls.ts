import type { Span } from './reading';
import { literalValue } from './string-values';
import { tokenize } from './lexer';
import { C, T } from './token-kinds';

/** A call of a function with one literal, and the literal's text. */
export interface LiteralCall extends Span {
  readonly name: string;
  readonly value: string;
}

/** Calls of `names` (lower case) with one string or number and nothing else in their brackets. */
export function literalCalls(sql: string, names: ReadonlySet<string>): LiteralCall[] {
  const { kinds, starts, ends } = tokenize(sql);
  const text = (token: number): string => sql.slice(starts[token], ends[token]);
  const found: LiteralCall[] = [];
  for (let at = 0; at + 3 < kinds.length; at++) {
    if (kinds[at + 1] !== C.open || kinds[at + 3] !== C.close || kinds[at - 1] === C.dot) continue;
    const name = text(at).toLowerCase();
    const kind = kinds[at + 2];
    if (!names.has(name) || (kind !== T.string && kind !== T.integer)) continue;
    const value = kind === T.string ? literalValue(text(at + 2)) : text(at + 2);
    found.push({ name, value, start: starts[at] as number, end: ends[at + 3] as number });
  }
  return found;
}

/** Calls of the function `name` (lower case) without arguments. */
export function emptyCalls(sql: string, name: string): Span[] {
  const { kinds, starts, ends } = tokenize(sql);
  const found: Span[] = [];
  for (let at = 0; at + 2 < kinds.length; at++) {
    if (kinds[at + 1] !== C.open || kinds[at + 2] !== C.close || kinds[at - 1] === C.dot) continue;
    const start = starts[at] as number;
    if (kinds[at] === T.name && sql.slice(start, ends[at]).toLowerCase() === name)
      found.push({ start, end: ends[at + 2] as number });
  }
  return found;
}
