import { tokenize } from './lexer';
import { T } from './token-kinds';

/**
 * Where a text names system variables: start and end of each `@@name`, and of each bare word of a SET statement, in
 * order. Nothing inside quotes or comments is one.
 */
export function systemVariables(sql: string): (readonly [start: number, end: number])[] {
  const { kinds, starts, ends } = tokenize(sql);
  const places: (readonly [number, number])[] = [];
  const sets = /^\s*set\s/i.test(sql);
  for (let at = 0; at < kinds.length && kinds[at] !== T.end; at++) {
    const [start, end] = [starts[at] as number, ends[at] as number];
    const bare = sets && /^transaction_(?:isolation|read_only)$/i.test(sql.slice(start, end));
    if (kinds[at] === T.systemVariable || bare) places.push([start, end]);
  }
  return places;
}
