import { C, T } from '../token-kinds';
import type { Cursor } from './cursor';
import { printedName, stringValue } from './names';
import { listed, node, plain, unprintable, type Node } from './node';
import { expression, query } from './recursion';

/** Whether a bracket that opens here holds a query and not an expression. */
export function isQueryAhead(cursor: Cursor): boolean {
  let opens = 0;
  while (cursor.peek(opens) === C.open) opens += 1;
  const word = cursor.word(opens);
  if (word !== 'select' && word !== 'with' && word !== 'values') return false;
  if (opens <= 1) return opens === 1;
  let depth = 0;
  for (let offset = 1; cursor.peek(offset) !== T.end; offset++) {
    const kind = cursor.peek(offset);
    if (kind === C.open) depth += 1;
    else if (kind === C.close && --depth === 0) {
      const after = cursor.word(offset + 1);
      return cursor.peek(offset + 1) === C.close || /^(?:union|order|limit|for|lock)$/.test(after);
    }
  }
  return false;
}

/** `(query)`; brackets around brackets fall away. */
export function bracketedQuery(cursor: Cursor): Node {
  cursor.expectCode(C.open);
  const made = query(cursor);
  cursor.expectCode(C.close);
  return made;
}

/** The alias of a select expression or null: `AS name`, `name` or a string. */
export function aliasOf(cursor: Cursor): string | null {
  const as = cursor.take('as');
  if (cursor.kind === T.string) {
    const value = stringValue(cursor.text());
    if (value === '') throw unprintable;
    cursor.at += 1;
    return value;
  }
  return as || cursor.named ? cursor.name() : null;
}

/** ` order by …`, or null. */
export function orderBy(cursor: Cursor): Node | null {
  if (!cursor.takeAll('order', 'by')) return null;
  return plain(' order by ', ...listed(orderList(cursor)));
}

/** The elements of ORDER BY. Vitess leaves out the direction of NULL and RAND(). */
export function orderList(cursor: Cursor): Node[] {
  const list: Node[] = [];
  do {
    const value = expression(cursor);
    const descending = cursor.take('desc');
    if (!descending) cursor.take('asc');
    const bare = (value.kind === 'call' && value.name === 'rand') || value.parts[0] === 'null';
    list.push(node('order', bare ? [value] : [value, descending ? ' desc' : ' asc']));
  } while (cursor.takeCode(C.comma));
  return list;
}

/** ` limit …`, or null; an offset comes first. */
export function limitClause(cursor: Cursor): Node | null {
  if (!cursor.take('limit')) return null;
  const first = expression(cursor);
  if (cursor.takeCode(C.comma)) return node('limit', [' limit ', first, ', ', expression(cursor)]);
  if (cursor.take('offset')) return node('limit', [' limit ', expression(cursor), ', ', first]);
  return node('limit', [' limit ', first]);
}

/** `(a, b)` as printed; '' where there is none. */
export function columnList(cursor: Cursor): string {
  if (!cursor.takeCode(C.open)) return '';
  const names: string[] = [];
  do names.push(printedName(cursor.name()));
  while (cursor.takeCode(C.comma));
  cursor.expectCode(C.close);
  return `(${names.join(', ')})`;
}
