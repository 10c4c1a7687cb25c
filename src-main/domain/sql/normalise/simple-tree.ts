import { C, T } from '../token-kinds';
import { argument } from './argument';
import { call, isCallAhead } from './call-tree';
import type { Cursor } from './cursor';
import { introduced, literal } from './literal-tree';
import { compliantName, printedName } from './names';
import { leftOf, node, plain, rightOf, unprintable, type Node, type Part } from './node';
import { variable } from './variable-tree';
import { bits, expression, expressions } from './recursion';
import { intervalUnit, isIntervalCall, subquery, tupleOf } from './expression-parts';
import { bracketedQuery, isQueryAhead } from './query-parts';

/** What needs no brackets in any expression: a value, a name, a call, a bracket, with unary operators and COLLATE. */
export function simpleExpression(cursor: Cursor): Node {
  switch (cursor.kind) {
    case C.plus:
      // Vitess and MySQL drop it.
      cursor.at += 1;
      return simpleExpression(cursor);
    case C.minus:
      return unary(cursor, '-', 4);
    case C.tilde:
      return unary(cursor, '~', 3);
    case C.bang:
      return unary(cursor, '!', 3);
    default: {
      let left = primary(cursor);
      while (cursor.take('collate')) {
        const name = cursor.kind === T.string ? cursor.text().slice(1, -1) : cursor.text();
        if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(name)) throw unprintable;
        if (cursor.kind !== T.string && !cursor.named && cursor.word() !== 'binary') throw unprintable;
        cursor.at += 1;
        left = plain(leftOf(left, 2), ` collate ${name}`);
        left.binding = 2;
      }
      return left;
    }
  }
}

function unary(cursor: Cursor, sign: string, level: number): Node {
  cursor.at += 1;
  const operand = simpleExpression(cursor);
  const made = node('plain', [sign, leftOf(operand, level)]);
  made.level = level;
  made.binding = 4;
  made.operator = 'unary';
  return made;
}

function primary(cursor: Cursor): Node {
  const { kind } = cursor;
  const value = literal(cursor);
  if (value !== null) return value;
  if (kind === T.bindVariable) return argument(cursor);
  if (kind === T.userVariable || kind === T.systemVariable) return variable(cursor);
  if (kind === C.open) return bracket(cursor);
  switch (cursor.word()) {
    case '':
      break;
    case 'exists':
      if (cursor.peek(1) !== C.open) break;
      cursor.at += 1;
      return exists(cursor);
    case 'case':
      return cases(cursor);
    case 'binary':
      if (cursor.peek(1) === C.dot) break;
      return binary(cursor);
    case 'default':
      return defaultValue(cursor);
    case 'row':
      if (cursor.peek(1) !== C.open) break;
      cursor.at += 1;
      return bracket(cursor);
    case 'interval':
      return intervalFirst(cursor);
    default: {
      const special = introduced(cursor);
      if (special !== null) return special;
    }
  }
  return isCallAhead(cursor) ? call(cursor) : columnOrPath(cursor);
}

function bracket(cursor: Cursor): Node {
  if (isQueryAhead(cursor)) return subquery(cursor);
  cursor.expectCode(C.open);
  const nodes = expressions(cursor);
  cursor.expectCode(C.close);
  return nodes.length === 1 ? (nodes[0] as Node) : tupleOf(nodes);
}

function exists(cursor: Cursor): Node {
  const query = bracketedQuery(cursor);
  const inner = plain('(', query, ')');
  return node('exists', ['exists ', inner], { left: query, visits: [query] });
}

/** `binary x`, with the word as written. */
function binary(cursor: Cursor): Node {
  const written = cursor.text();
  cursor.at += 1;
  return plain('convert(', simpleExpression(cursor), `, ${written})`);
}

function cases(cursor: Cursor): Node {
  cursor.at += 1;
  const parts: Part[] = ['case '];
  if (cursor.word() !== 'when') parts.push(expression(cursor), ' ');
  if (cursor.word() !== 'when') throw unprintable;
  while (cursor.take('when')) {
    parts.push('when ', expression(cursor));
    cursor.expect('then');
    parts.push(' then ', expression(cursor), ' ');
  }
  if (cursor.take('else')) parts.push('else ', expression(cursor), ' ');
  cursor.expect('end');
  parts.push('end');
  return node('plain', parts);
}

function defaultValue(cursor: Cursor): Node {
  cursor.at += 1;
  if (!cursor.takeCode(C.open)) return plain('default');
  const name = cursor.name();
  cursor.expectCode(C.close);
  return plain(`default(${printedName(name)})`);
}

/** `interval 1 day + x`; the function `interval(…)` is a call. */
function intervalFirst(cursor: Cursor): Node {
  if (isIntervalCall(cursor)) return call(cursor);
  cursor.at += 1;
  const interval = bits(cursor, 10);
  const unit = intervalUnit(cursor);
  cursor.expectCode(C.plus);
  const date = simpleExpression(cursor);
  const made = node('plain', ['interval ', leftOf(interval, 10), ` ${unit} + `, rightOf(date, 6)], {
    visits: [date, interval],
  });
  made.binding = 7;
  return made;
}

/** `column -> 'path'`, which Vitess prints as the function. */
function columnOrPath(cursor: Cursor): Node {
  const made = column(cursor);
  const unquoting = cursor.kind === T.unquotingArrow;
  if (!unquoting && cursor.kind !== T.arrow) return made;
  cursor.at += 1;
  const path = cursor.kind === T.bindVariable ? argument(cursor) : cursor.kind === T.string ? literal(cursor) : null;
  if (path === null) throw unprintable;
  const extracted = plain('json_extract(', made, ', ', path, ')');
  return unquoting ? plain('json_unquote(', extracted, ')') : extracted;
}

/** A column with up to two qualifiers. A keyspace in front is left out. */
export function column(cursor: Cursor): Node {
  const first = cursor.name();
  if (cursor.kind !== C.dot) return columnNode(printedName(first), compliantName(first));
  cursor.at += 1;
  const second = cursor.name(true);
  if (cursor.kind !== C.dot) return qualified(first, second);
  cursor.at += 1;
  const schema = cursor.schema(first);
  const made = qualified(second, cursor.name(true));
  if (schema !== '') made.parts = [schema, ...made.parts];
  return made;
}

const columnNode = (text: string, name: string): Node => ({
  kind: 'column',
  level: 0,
  binding: 0,
  parts: [text],
  name,
});

const qualified = (table: string, name: string): Node =>
  columnNode(`${printedName(table)}.${printedName(name)}`, `${compliantName(table)}_${compliantName(name)}`);
