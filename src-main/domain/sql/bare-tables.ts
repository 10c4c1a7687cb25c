import { firstKeyword, keyword } from './keywords';
import { tokenize } from './lexer';
import type { Span } from './reading';
import { C, T } from './token-kinds';

const introduces = new Set([keyword('from'), keyword('join')]);

/**
 * Where tables named without their schema stand right behind FROM or JOIN. Null when `expected` of them are not found: a
 * table in a comma list, or a name that is a common table's.
 */
export function bareTables(sql: string, expected: number): Span[] | null {
  const { kinds, starts, ends } = tokenize(sql);
  const found: Span[] = [];
  for (let at = 1; at < kinds.length; at++) {
    if (!introduces.has(kinds[at - 1] as number)) continue;
    const next = kinds[at + 1];
    if (next === C.dot || next === C.open) continue;
    // `tables` and `columns` are words of the grammar and names of tables.
    if (kinds[at] === T.name || kinds[at] === T.quotedName || (kinds[at] as number) >= firstKeyword)
      found.push({ start: starts[at] as number, end: ends[at] as number });
  }
  return found.length === expected ? found : null;
}
