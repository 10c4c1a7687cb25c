import { tokenize } from './lexer';
import { literalValue } from './string-values';
import { T } from './token-kinds';

/** The values of a text's string literals, in their order. */
export function stringLiterals(sql: string): string[] {
  const { kinds, starts, ends } = tokenize(sql);
  const found: string[] = [];
  for (let at = 0; at < kinds.length; at++)
    if (kinds[at] === T.string) found.push(literalValue(sql.slice(starts[at], ends[at])));
  return found;
}
