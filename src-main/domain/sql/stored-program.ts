import { keyword, keywords } from './keywords';
import type { Reader } from './reader';
import { C, T } from './token-kinds';

const K = {
  begin: keyword('begin'),
  case: keyword('case'),
  end: keyword('end'),
  if: keyword('if'),
  loop: keyword('loop'),
  repeat: keyword('repeat'),
  while: keyword('while'),
} as const;

const blocks = keywords('begin case if loop repeat while');
const afterEnd = keywords('case if loop repeat while');

/**
 * Passes over the body of a stored program up to the semicolon after it or the end of the text: a body in a block
 * (`BEGIN … END`) holds semicolons of its own. Functions named like a block (`if(…)`, `repeat(…)`) open none.
 */
export function skipStoredProgram(reader: Reader): void {
  const depth = { blocks: 0 };
  while (reader.kind !== T.end) {
    if (reader.kind === C.semicolon && depth.blocks === 0) return;
    countBlock(reader, depth);
    reader.advance();
  }
}

/** Follows how many blocks are open at a token of a stored program. */
export function countBlock(reader: Reader, depth: { blocks: number }): void {
  const { kind } = reader;
  if (kind === K.end) {
    depth.blocks = Math.max(0, depth.blocks - 1);
    if (afterEnd.has(reader.peek(1))) reader.advance();
    return;
  }
  if (!blocks.has(kind)) return;
  const isCall = reader.peek(1) === C.open && (kind === K.if || kind === K.repeat);
  if (isCall && !endsInThen(reader)) return;
  depth.blocks++;
}

const thenWord = keyword('then');

/** Tokens looked ahead for THEN, so that the work stays linear. */
const farthest = 200;

/** Whether THEN follows the brackets after IF: `if (a) then` is a block, `if(a, b, c)` a function. */
function endsInThen(reader: Reader): boolean {
  if (reader.kind !== K.if) return false;
  for (let ahead = 1; ahead < farthest; ahead++) {
    const kind = reader.peek(ahead);
    if (kind === thenWord) return true;
    if (kind === C.semicolon || kind === T.end) return false;
  }
  return false;
}
