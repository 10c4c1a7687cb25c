import { C, T } from '../token-kinds';
import type { Cursor } from './cursor';
import { argumentNode, leftOf, operation, plain, rightOf, unprintable, type Node, type Part } from './node';
import { simpleExpression } from './simple-tree';
import { expressions } from './recursion';
import { isQueryAhead } from './query-parts';
import { literalList } from './literal-list';
import { intervalUnit, isIntervalCall, subquery, tupleOf } from './expression-parts';

/** Deepest nesting of expressions that is followed. */
const deepest = 200;
let depth = 0;

/** An expression: OR and everything that binds tighter (MySQL manual, "Operator Precedence"). */
export function expression(cursor: Cursor): Node {
  depth += 1;
  try {
    if (depth > deepest) throw unprintable;
    return alternatives(cursor);
  } finally {
    depth -= 1;
  }
}

function logical(level: number, left: Node, word: string, right: Node): Node {
  const made = operation(level, [leftOf(left, level), word, rightOf(right, level - 1)]);
  made.kind = 'boolean';
  return made;
}

function alternatives(cursor: Cursor): Node {
  let left = exclusive(cursor);
  while (cursor.kind === T.or || cursor.word() === 'or') {
    cursor.at += 1;
    left = logical(16, left, ' or ', exclusive(cursor));
  }
  return left;
}

function exclusive(cursor: Cursor): Node {
  let left = conjunction(cursor);
  while (cursor.take('xor')) left = logical(15, left, ' xor ', conjunction(cursor));
  return left;
}

function conjunction(cursor: Cursor): Node {
  let left = negation(cursor);
  while (cursor.kind === T.and || cursor.word() === 'and') {
    cursor.at += 1;
    left = logical(14, left, ' and ', negation(cursor));
  }
  return left;
}

function negation(cursor: Cursor): Node {
  if (!cursor.take('not')) return comparisons(cursor);
  const operand = negation(cursor);
  const made = operation(13, ['not ', leftOf(operand, 13)]);
  made.kind = 'not';
  made.left = operand;
  return made;
}

const comparing = new Map<number, string>([
  [C.equal, '='],
  [C.less, '<'],
  [C.greater, '>'],
  [T.lessOrEqual, '<='],
  [T.greaterOrEqual, '>='],
  [T.notEqual, '!='],
  [T.nullSafeEqual, '<=>'],
]);

function comparisons(cursor: Cursor): Node {
  let left = predicate(cursor);
  for (;;) {
    const operator = comparing.get(cursor.kind);
    if (operator !== undefined) {
      cursor.at += 1;
      left = compared(cursor, left, operator);
    } else if (cursor.word() === 'is') {
      cursor.at += 1;
      const not = cursor.take('not') ? 'not ' : '';
      const word = cursor.word();
      cursor.at += 1;
      if (word === 'true' || word === 'false') return isNode(left, ` is ${not}${word}`, 12.5);
      if (word !== 'null' && word !== 'unknown') throw unprintable;
      left = isNode(left, ` is ${not}null`, 11);
    } else if (cursor.word() === 'member') throw unprintable;
    else return left;
  }
}

function isNode(left: Node, text: string, binding: number): Node {
  const made = operation(11, [leftOf(left, 11), text]);
  made.kind = 'boolean';
  made.binding = binding;
  made.operator = 'is';
  return made;
}

function compared(cursor: Cursor, left: Node, operator: string): Node {
  const word = cursor.word();
  if (operator !== '<=>' && (word === 'any' || word === 'some' || word === 'all') && cursor.peek(1) === C.open) {
    cursor.at += 1;
    return comparison(left, operator, subquery(cursor), { modifier: word === 'all' ? ' all' : ' any' });
  }
  return comparison(left, operator, predicate(cursor), { left: 11, right: 10 });
}

interface Shape {
  /** Loosest bindings of the two sides. */
  readonly left?: number;
  readonly right?: number;
  readonly modifier?: string;
  readonly escape?: Node;
}

function comparison(left: Node, operator: string, right: Node, shape: Shape): Node {
  const parts: Part[] = [
    leftOf(left, shape.left ?? 10),
    ` ${operator}${shape.modifier ?? ''} `,
    rightOf(right, shape.right ?? 10),
  ];
  if (shape.escape !== undefined) parts.push(' escape ', leftOf(shape.escape, 4));
  const made = operation(11, parts);
  made.kind = 'comparison';
  made.operator = operator;
  made.left = left;
  made.right = right;
  if (shape.modifier !== undefined) made.modified = true;
  return made;
}

function predicate(cursor: Cursor): Node {
  const left = bits(cursor, 10);
  const not = cursor.word() === 'not' ? 'not ' : '';
  if (not !== '') cursor.at += 1;
  switch (cursor.word()) {
    case 'in':
      cursor.at += 1;
      return comparison(left, `${not}in`, tuple(cursor), {});
    case 'between': {
      cursor.at += 1;
      const from = bits(cursor, 10);
      cursor.expect('and');
      const to = predicate(cursor);
      const made = operation(12, [leftOf(left, 10), ` ${not}between `, leftOf(from, 10), ' and ', rightOf(to, 10)]);
      made.kind = 'boolean';
      return made;
    }
    case 'like': {
      cursor.at += 1;
      const right = simpleExpression(cursor);
      const escape = cursor.take('escape') ? { escape: simpleExpression(cursor) } : {};
      return comparison(left, `${not}like`, right, { right: 4, ...escape });
    }
    case 'regexp':
    case 'rlike':
      cursor.at += 1;
      return comparison(left, `${not}regexp`, bits(cursor, 10), {});
    default:
      if (not !== '') throw unprintable;
      return left;
  }
}

/** What stands to the right of IN. */
function tuple(cursor: Cursor): Node {
  if (cursor.kind === T.listVariable) {
    const text = cursor.text();
    cursor.noteArgument(text.slice(2));
    cursor.at += 1;
    return argumentNode(text);
  }
  if (cursor.kind !== C.open) throw unprintable;
  if (isQueryAhead(cursor)) return subquery(cursor, true);
  const literals = literalList(cursor);
  if (literals !== null) return literals;
  cursor.at += 1;
  const nodes = expressions(cursor);
  cursor.expectCode(C.close);
  return tupleOf(nodes);
}

/** Binary operators of numbers: the token and how loosely it binds. */
function bitOperator(cursor: Cursor): readonly [text: string, level: number] | null {
  switch (cursor.kind) {
    case C.pipe:
      return [' | ', 10];
    case C.ampersand:
      return [' & ', 9];
    case T.shiftLeft:
      return [' << ', 8];
    case T.shiftRight:
      return [' >> ', 8];
    case C.plus:
      return [' + ', 7];
    case C.minus:
      return [' - ', 7];
    case C.star:
      return [' * ', 6];
    case C.slash:
      return [' / ', 6];
    case C.percent:
      return [' % ', 6];
    case C.caret:
      return [' ^ ', 5];
    default: {
      const word = cursor.word();
      return word === 'div' ? [' div ', 6] : word === 'mod' ? [' % ', 6] : null;
    }
  }
}

/** Operators of numbers that bind at least as tightly as `level`; all group to the left. */
export function bits(cursor: Cursor, level: number): Node {
  let left = simpleExpression(cursor);
  for (;;) {
    const found = bitOperator(cursor);
    if (found === null || found[1] > level) return left;
    const [text, own] = found;
    cursor.at += 1;
    if (own === 7 && cursor.word() === 'interval' && !isIntervalCall(cursor)) {
      cursor.at += 1;
      const interval = bits(cursor, 10);
      const unit = intervalUnit(cursor);
      const made = plain(leftOf(left, 7), `${text}interval `, rightOf(interval, 10), ` ${unit}`);
      made.binding = 7;
      left = made;
    } else left = operation(own, [leftOf(left, own), text, rightOf(bits(cursor, own - 1), own - 1)]);
  }
}
