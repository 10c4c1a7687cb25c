import { C, T } from '../token-kinds';
import type { Cursor } from './cursor';
import { printedName } from './names';
import { listed, node, plain, unprintable, type Node, type Part } from './node';
import { expression } from './recursion';
import { aliasOf, bracketedQuery, columnList, isQueryAhead } from './query-parts';

/** A FROM list. */
export function tableReferences(cursor: Cursor): Node[] {
  const list = [tableReference(cursor)];
  while (cursor.takeCode(C.comma)) list.push(tableReference(cursor));
  return list;
}

/** The printed word of a join that begins here and what must follow its right side, or null. */
function joinAhead(cursor: Cursor): readonly [word: string, condition: 'may' | 'on' | 'must' | 'none'] | null {
  if (cursor.takeAll('inner', 'join') || cursor.takeAll('cross', 'join') || cursor.take('join')) return ['join', 'may'];
  if (cursor.take('straight_join')) return ['straight_join', 'on'];
  if (cursor.takeAll('natural', 'join') || cursor.takeAll('natural', 'inner', 'join')) return ['natural join', 'none'];
  for (const side of ['left', 'right']) {
    if (cursor.takeAll(side, 'join') || cursor.takeAll(side, 'outer', 'join')) return [`${side} join`, 'must'];
    if (cursor.takeAll('natural', side, 'join') || cursor.takeAll('natural', side, 'outer', 'join'))
      return [`natural ${side} join`, 'none'];
  }
  return null;
}

function tableReference(cursor: Cursor): Node {
  let left = tableFactor(cursor);
  for (let join = joinAhead(cursor); join !== null; join = joinAhead(cursor)) {
    const [word, condition] = join;
    const parts: Part[] = [left, ` ${word} `, tableFactor(cursor)];
    if (condition !== 'none' && cursor.take('on')) parts.push(' on ', expression(cursor));
    else if ((condition === 'may' || condition === 'must') && cursor.take('using')) {
      parts.push(` using ${columnList(cursor)}`);
    } else if (condition === 'must') throw unprintable;
    left = node('plain', parts);
  }
  return left;
}

function tableFactor(cursor: Cursor): Node {
  if (cursor.kind === C.open) {
    if (isQueryAhead(cursor)) return derivedTable(cursor, '');
    cursor.at += 1;
    const inner = tableReferences(cursor);
    cursor.expectCode(C.close);
    return plain('(', ...listed(inner), ')');
  }
  if (cursor.word() === 'lateral' && cursor.peek(1) === C.open) {
    cursor.at += 1;
    return derivedTable(cursor, 'lateral ');
  }
  const { at } = cursor;
  const table = tableName(cursor);
  const isBare = cursor.at === at + 1;
  const name = isBare ? unquoted(table) : null;
  if (table !== 'dual') cursor.tables.push(name !== null && cursor.common.includes(name) ? name : null);
  // A table function, or an old way to name an index.
  if (cursor.kind === C.open) throw unprintable;
  const partitions = partitionList(cursor);
  const alias = tableAlias(cursor);
  const hints = indexHints(cursor);
  const made = plain(`${table}${partitions}${alias}${hints}`);
  if (name === null || table === 'dual' || partitions !== '' || hints !== '') return made;
  made.source = {
    table: name,
    alias: alias === '' ? name : unquoted(alias.slice(' as '.length)),
    columns: [],
    query: null,
  };
  return made;
}

function derivedTable(cursor: Cursor, lateral: string): Node {
  const inner = bracketedQuery(cursor);
  const query = node('derived', [`${lateral}(`, inner, ')']);
  cursor.take('as');
  const alias = cursor.name();
  const columns = columnList(cursor);
  const made = plain(query, ` as ${printedName(alias)}${columns}`);
  made.source = { table: null, alias, columns: listedNames(columns), query: inner };
  return made;
}

/** A printed name as it is meant. */
const unquoted = (name: string): string => (name.startsWith('`') ? name.slice(1, -1).replaceAll('``', '`') : name);

/** The names in a printed list in brackets. */
export const listedNames = (list: string): string[] => (list.match(/`(?:[^`]|``)*`|[\w$]+/g) ?? []).map(unquoted);

/** A table's name without its keyspace. */
export function tableName(cursor: Cursor): string {
  const first = cursor.name();
  if (!cursor.takeCode(C.dot)) return first.toLowerCase() === 'dual' ? 'dual' : printedName(first);
  const schema = cursor.schema(first);
  const name = cursor.name(true);
  // Without its keyspace `dual` would be another thing.
  if (name.toLowerCase() === 'dual') throw unprintable;
  return `${schema}${printedName(name)}`;
}

/** ` partition (p0, p1)` or ''. */
export function partitionList(cursor: Cursor): string {
  if (cursor.word() !== 'partition' || cursor.peek(1) !== C.open) return '';
  cursor.at += 1;
  return ` partition ${columnList(cursor)}`;
}

/** ` as alias` or ''. */
export function tableAlias(cursor: Cursor): string {
  if (cursor.kind === T.string) throw unprintable;
  const alias = aliasOf(cursor);
  return alias === null ? '' : ` as ${printedName(alias)}`;
}

function indexHints(cursor: Cursor): string {
  let text = '';
  for (;;) {
    const word = cursor.word();
    if (word !== 'use' && word !== 'ignore' && word !== 'force') return text;
    const index = cursor.word(1);
    if (index !== 'index' && index !== 'key') throw unprintable;
    cursor.at += 2;
    const use = cursor.take('for') ? `for ${hintUse(cursor)} ` : '';
    text += ` ${word} index ${use}${indexNames(cursor)}`;
  }
}

function hintUse(cursor: Cursor): string {
  if (cursor.take('join')) return 'join';
  if (cursor.takeAll('order', 'by')) return 'order by';
  if (cursor.takeAll('group', 'by')) return 'group by';
  throw unprintable;
}

function indexNames(cursor: Cursor): string {
  cursor.expectCode(C.open);
  const names: string[] = [];
  while (cursor.kind !== C.close) {
    names.push(printedName(cursor.name(cursor.word() === 'primary')));
    if (!cursor.takeCode(C.comma) && cursor.kind !== C.close) throw unprintable;
  }
  cursor.at += 1;
  return `(${names.join(', ')})`;
}
