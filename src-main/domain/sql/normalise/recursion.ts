import { C } from '../token-kinds';
import type { Cursor } from './cursor';
import type { Node } from './node';

/** An expression, by the cursor's grammar. */
export const expression = (cursor: Cursor): Node => cursor.grammar.expression(cursor);

/** Operators of numbers that bind at least as tightly as `level`, by the cursor's grammar. */
export const bits = (cursor: Cursor, level: number): Node => cursor.grammar.bits(cursor, level);

/** A query, by the cursor's grammar. */
export const query = (cursor: Cursor): Node => cursor.grammar.query(cursor);

/** Expressions with commas between them, at least one. */
export function expressions(cursor: Cursor): Node[] {
  const nodes = [expression(cursor)];
  while (cursor.takeCode(C.comma)) nodes.push(expression(cursor));
  return nodes;
}
