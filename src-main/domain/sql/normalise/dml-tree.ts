import { C } from '../token-kinds';
import type { Cursor } from './cursor';
import { printedName } from './names';
import { listed, node, plain, unprintable, type Node, type Part } from './node';
import { column } from './simple-tree';
import { partitionList, tableAlias, tableName, tableReferences } from './table-tree';
import { expression, expressions, query } from './recursion';
import { tupleOf } from './expression-parts';
import { columnList, isQueryAhead, limitClause, orderBy } from './query-parts';

/** `a = 1, t.b = 2`. */
function assignments(cursor: Cursor): { readonly left: Node; readonly right: Node }[] {
  const list: { left: Node; right: Node }[] = [];
  do {
    const left = column(cursor);
    cursor.expectCode(C.equal);
    list.push({ left, right: expression(cursor) });
  } while (cursor.takeCode(C.comma));
  return list;
}

const assigned = ({ left, right }: { readonly left: Node; readonly right: Node }): Node =>
  node('assignment', [left, ' = ', right], { left, right });

/** INSERT and REPLACE; `set a = 1` becomes a list of columns and values. */
export function insert(cursor: Cursor): Node {
  const verb = cursor.word();
  cursor.at += 1;
  const comments = cursor.comments();
  const ignore = cursor.take('ignore') ? 'ignore ' : '';
  cursor.take('into');
  const table = `${tableName(cursor)}${partitionList(cursor)}`;
  const head = `${verb} ${comments}${ignore}into ${table}`;
  const visits: Node[] = [];
  const body = insertBody(cursor, visits);
  const duplicate = onDuplicate(cursor);
  if (duplicate !== null) visits.push(duplicate);
  return node('plain', [head, ...body, ...(duplicate === null ? [] : [duplicate])], { visits });
}

function insertBody(cursor: Cursor, visits: Node[]): Part[] {
  if (cursor.take('set')) {
    const list = assignments(cursor);
    const names = list.map(({ left }) => (left.parts.at(-1) as string).replace(/^.*\.(?=[^.]+$)/s, ''));
    if (names.some((name) => name.includes('.'))) throw unprintable;
    const row = tupleOf(list.map(({ right }) => right));
    visits.push(row);
    return [`(${names.join(', ')}) values `, row, rowAlias(cursor)];
  }
  let columns = '';
  if (cursor.kind === C.open && !isQueryAhead(cursor)) {
    if (cursor.peek(1) === C.close) {
      cursor.at += 2;
      columns = '()';
    } else columns = insertColumns(cursor);
  }
  if (cursor.word() === 'values' || cursor.word() === 'value') {
    if (cursor.word(1) === 'row') throw unprintable;
    cursor.at += 1;
    const rows: Node[] = [];
    do rows.push(row(cursor));
    while (cursor.takeCode(C.comma));
    for (const one of rows) visits.push(one);
    return [`${columns} values `, ...listed(rows), rowAlias(cursor)];
  }
  const source = query(cursor);
  visits.push(source);
  return [`${columns} `, source];
}

/** Names of columns; a table in front of one is left out. */
function insertColumns(cursor: Cursor): string {
  cursor.expectCode(C.open);
  const names: string[] = [];
  do {
    let name = cursor.name();
    if (cursor.takeCode(C.dot)) name = cursor.name(true);
    if (cursor.kind === C.dot) throw unprintable;
    names.push(printedName(name));
  } while (cursor.takeCode(C.comma));
  cursor.expectCode(C.close);
  return `(${names.join(', ')})`;
}

function row(cursor: Cursor): Node {
  cursor.expectCode(C.open);
  const nodes = cursor.kind === C.close ? [] : expressions(cursor);
  cursor.expectCode(C.close);
  return tupleOf(nodes);
}

/** ` as new (a, b)` or ''. */
function rowAlias(cursor: Cursor): string {
  if (!cursor.take('as')) return '';
  const name = printedName(cursor.name());
  const columns = columnList(cursor);
  return ` as ${name}${columns === '' ? '' : ` ${columns}`}`;
}

function onDuplicate(cursor: Cursor): Node | null {
  if (!cursor.takeAll('on', 'duplicate', 'key', 'update')) return null;
  return plain(' on duplicate key update ', ...listed(assignments(cursor).map(assigned)));
}

/** ` where …` or null. */
const whereClause = (cursor: Cursor): Node | null =>
  cursor.take('where') ? plain(' where ', expression(cursor)) : null;

const present = (...nodes: readonly (Node | null)[]): Node[] => nodes.filter((one) => one !== null);

/** UPDATE, after its WITH clause if it has one. */
export function update(cursor: Cursor, common: Node | null): Node {
  cursor.at += 1;
  const head = `update ${cursor.comments()}${cursor.take('ignore') ? 'ignore ' : ''}`;
  const tables = plain(...listed(tableReferences(cursor)));
  cursor.expect('set');
  const set = plain(...listed(assignments(cursor).map(assigned)));
  const clauses = present(whereClause(cursor), orderBy(cursor), limitClause(cursor));
  return node('plain', [...present(common), head, tables, ' set ', set, ...clauses]);
}

/** DELETE, after its WITH clause if it has one. */
export function remove(cursor: Cursor, common: Node | null): Node {
  cursor.at += 1;
  const head = `delete ${cursor.comments()}${cursor.take('ignore') ? 'ignore ' : ''}`;
  if (cursor.take('from')) {
    const at = cursor.at;
    const table = tableName(cursor);
    if (cursor.kind === C.comma || cursor.word() === 'using') {
      cursor.at = at;
      return removeFromMany(cursor, common, head, 'using');
    }
    const alias = tableAlias(cursor);
    const partitions = partitionList(cursor);
    const clauses = present(whereClause(cursor), orderBy(cursor), limitClause(cursor));
    return node('plain', [...present(common), `${head}from ${table}${alias}${partitions}`, ...clauses]);
  }
  return removeFromMany(cursor, common, head, 'from');
}

function removeFromMany(cursor: Cursor, common: Node | null, head: string, word: string): Node {
  const targets: string[] = [];
  do {
    targets.push(tableName(cursor));
    if (cursor.kind === C.dot) throw unprintable;
  } while (cursor.takeCode(C.comma));
  if (!cursor.take('from') && (word === 'from' || !cursor.take('using'))) cursor.expect('using');
  const tables = tableReferences(cursor);
  // With one table Vitess leaves the target out, which is another statement where the table has an alias.
  const single = targets.length === 1 && tables.length === 1 && tables[0]?.parts.length === 1;
  if (single && tables[0]?.parts[0] !== targets[0]) throw unprintable;
  const from = single ? 'from ' : `${targets.join(', ')} from `;
  const clauses = present(whereClause(cursor));
  return node('plain', [...present(common), `${head}${from}`, plain(...listed(tables)), ...clauses]);
}

/** CALL. */
export function callProcedure(cursor: Cursor): Node {
  cursor.at += 1;
  const name = procedureName(cursor);
  const parameters: Node[] = [];
  if (cursor.takeCode(C.open)) {
    if (cursor.kind !== C.close) parameters.push(...expressions(cursor));
    cursor.expectCode(C.close);
  }
  return plain(`call ${name}(`, ...listed(parameters), ')');
}

function procedureName(cursor: Cursor): string {
  const first = cursor.name();
  if (!cursor.takeCode(C.dot)) return printedName(first);
  return `${cursor.schema(first)}${printedName(cursor.name(true))}`;
}
