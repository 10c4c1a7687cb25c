import { C } from '../token-kinds';
import type { Cursor } from './cursor';
import { literal } from './literal-tree';
import { printedName } from './names';
import { listed, node, plain, unprintable, type Node, type Part } from './node';
import { bits, expressions } from './recursion';
import { intervalUnit } from './expression-parts';
import { orderList } from './query-parts';

/** ` window w AS (…), …`. */
export function windowDefinitions(cursor: Cursor): Node {
  const parts: Part[] = [' window '];
  do {
    if (parts.length > 1) parts.push(', ');
    const name = printedName(cursor.name());
    cursor.expect('as');
    parts.push(`${name} AS (`, windowSpecification(cursor), ')');
  } while (cursor.takeCode(C.comma));
  return plain(...parts);
}

/** ` over (…)` or ` over w`, or null. */
export function overClause(cursor: Cursor): Node | null {
  if (!cursor.take('over')) return null;
  if (cursor.kind !== C.open) return plain(` over ${printedName(cursor.name())}`);
  return plain(' over (', windowSpecification(cursor), ')');
}

function windowSpecification(cursor: Cursor): Node {
  cursor.expectCode(C.open);
  const parts: Part[] = [];
  const add = (...more: Part[]): void => void parts.push(...(parts.length > 0 ? [' '] : []), ...more);
  if (cursor.named && cursor.word() !== 'partition' && !/^(?:rows|range)$/.test(cursor.word()))
    add(printedName(cursor.name()));
  if (cursor.takeAll('partition', 'by')) {
    // Vitess prints a list of partitions without commas in one of its two ways; only one is certain.
    const list = expressions(cursor);
    add('partition by ', ...listed(list));
  }
  if (cursor.takeAll('order', 'by')) add('order by ', ...listed(orderList(cursor)));
  if (cursor.word() === 'rows' || cursor.word() === 'range') add(frame(cursor));
  cursor.expectCode(C.close);
  return plain(...parts);
}

function frame(cursor: Cursor): Node {
  const unit = cursor.word();
  cursor.at += 1;
  if (!cursor.take('between')) return node('frame', [unit, ...framePoint(cursor)]);
  const from = framePoint(cursor);
  cursor.expect('and');
  return node('frame', [`${unit} between`, ...from, ' and', ...framePoint(cursor)]);
}

function framePoint(cursor: Cursor): Part[] {
  if (cursor.takeAll('current', 'row')) return [' current row'];
  const parts: Part[] = [' '];
  if (cursor.take('unbounded')) parts.push('unbounded');
  else if (cursor.take('interval')) parts.push('interval ', bits(cursor, 10), ` ${intervalUnit(cursor)}`);
  else {
    const value = literal(cursor);
    if (value === null) throw unprintable;
    parts.push(value);
  }
  const side = cursor.word();
  if (side !== 'preceding' && side !== 'following') throw unprintable;
  cursor.at += 1;
  parts.push(` ${side}`);
  return parts;
}
