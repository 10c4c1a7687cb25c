import { continuesQuery, startsQuery } from './bracketed-query';
import { columnName } from './column-names';
import { expression, expressionInto } from './expressions';
import { isName, keyword } from './keywords';
import { jsonTable } from './json-table';
import type { Reader } from './reader';
import { C, T } from './token-kinds';
import type { FromClause, Query } from './tree';

const K = {
  as: keyword('as'),
  by: keyword('by'),
  cross: keyword('cross'),
  for: keyword('for'),
  force: keyword('force'),
  group: keyword('group'),
  ignore: keyword('ignore'),
  index: keyword('index'),
  inner: keyword('inner'),
  join: keyword('join'),
  jsonTable: keyword('json_table'),
  key: keyword('key'),
  lateral: keyword('lateral'),
  left: keyword('left'),
  natural: keyword('natural'),
  on: keyword('on'),
  order: keyword('order'),
  outer: keyword('outer'),
  partition: keyword('partition'),
  primary: keyword('primary'),
  right: keyword('right'),
  row: keyword('row'),
  straightJoin: keyword('straight_join'),
  use: keyword('use'),
  using: keyword('using'),
  values: keyword('values'),
  vindex: keyword('vindex'),
} as const;

/** Reads `table_references` (sql.y; MySQL manual 15.2.13.2) into `from`. */
export function tableReferences(reader: Reader, from: FromClause): void {
  do tableReference(reader, from, true);
  while (reader.accept(C.comma));
}

function tableReference(reader: Reader, from: FromClause, listed: boolean): void {
  const before = from.tables.length;
  const isPlain = tableFactor(reader, from);
  if (!joins(reader, from) && isPlain && listed) from.plain.push(...from.tables.slice(before));
}

/** Reads the joins after a table; returns whether there is one. */
function joins(reader: Reader, from: FromClause): boolean {
  const open: boolean[] = [];
  let some = false;
  for (;;) {
    const { kind } = reader;
    if (kind === K.on && open.length > 0) {
      open.pop();
      reader.advance();
      expressionInto(reader, from.nested);
      continue;
    }
    if (kind === K.using && open.length > 0) {
      open.pop();
      reader.advance();
      nameList(reader);
      continue;
    }
    if (kind === K.natural) {
      reader.advance();
      const side = reader.kind === K.left ? 'left ' : reader.kind === K.right ? 'right ' : '';
      reader.met.naturalJoin ??= `natural ${side}join`;
      if (side !== '') {
        reader.advance();
        reader.accept(K.outer);
      } else reader.accept(K.inner);
      reader.expect(K.join);
    } else if (kind === K.left || kind === K.right) {
      reader.advance();
      reader.accept(K.outer);
      reader.expect(K.join);
      open.push(true);
    } else if (kind === K.inner || kind === K.cross) {
      reader.advance();
      reader.expect(K.join);
      open.push(false);
    } else if (kind === K.join || kind === K.straightJoin) {
      reader.advance();
      open.push(false);
    } else break;
    some = true;
    tableFactor(reader, from);
  }
  // A condition belongs to the last join without one; an outer join must have got its own.
  if (open.includes(true)) reader.fail();
  return some;
}

/** Reads one table, derived table, table function or bracket; returns whether it is a table by itself. */
function tableFactor(reader: Reader, from: FromClause): boolean {
  const { kind } = reader;
  if (kind === C.open) {
    const query = bracketed(reader, from);
    if (query !== null) derivedTable(reader, from, query);
    return false;
  }
  if (kind === K.lateral) {
    reader.met.lateral = true;
    reader.advance();
    if (reader.kind !== C.open) reader.fail();
    const query = bracketed(reader, from);
    if (query === null) reader.fail();
    derivedTable(reader, from, query);
    return false;
  }
  if (kind === K.jsonTable) {
    reader.met.jsonTable = true;
    jsonTable(reader, from.nested, expression);
    tableAlias(reader, true);
    return false;
  }
  from.tables.push(reader.tableName());
  if (reader.accept(K.partition)) nameList(reader);
  tableAlias(reader, false);
  indexHints(reader);
  return true;
}

/**
 * Reads the bracket at the next token: a query is returned, joined tables are read into `from`. `((select 1) t
 * join b)` and `((select 1) union (select 2))` begin alike, so that what follows the inner bracket decides.
 */
function bracketed(reader: Reader, from: FromClause): Query | null {
  reader.enter();
  reader.expect(C.open);
  let query: Query | null = null;
  if (startsQuery(reader.kind) || (reader.kind === K.values && reader.peek(1) === K.row))
    query = reader.readQuery(reader);
  else if (reader.kind === C.open && reader.opensQuery(startsQuery)) {
    const inner = bracketed(reader, from);
    if (inner !== null && reader.kind === C.close) query = inner;
    else if (inner !== null && continuesQuery(reader.kind)) query = reader.continueQuery(reader, inner);
    else {
      if (inner !== null) derivedTable(reader, from, inner);
      joins(reader, from);
      while (reader.accept(C.comma)) tableReference(reader, from, false);
    }
  } else {
    do tableReference(reader, from, false);
    while (reader.accept(C.comma));
  }
  reader.expect(C.close);
  reader.leave();
  return query;
}

function derivedTable(reader: Reader, from: FromClause, query: Query): void {
  from.nested.push(query);
  tableAlias(reader, true);
  if (reader.kind === C.open) nameList(reader);
}

function tableAlias(reader: Reader, required: boolean): void {
  if (reader.accept(K.as)) {
    if (reader.kind === T.string) reader.advance();
    else reader.name();
  } else if (isName(reader.kind)) reader.advance();
  else if (required) reader.fail();
}

/** Reads `( name, … )`. */
export function nameList(reader: Reader): void {
  reader.expect(C.open);
  do columnName(reader);
  while (reader.accept(C.comma));
  reader.expect(C.close);
}

function indexHints(reader: Reader): void {
  for (;;) {
    const { kind } = reader;
    if (kind !== K.use && kind !== K.force && kind !== K.ignore) return;
    const next = reader.peek(1);
    if (next !== K.index && next !== K.key && next !== K.vindex) return;
    reader.advance();
    reader.advance();
    if (reader.accept(K.for)) {
      if (!reader.accept(K.join)) {
        if (!reader.accept(K.order)) reader.expect(K.group);
        reader.expect(K.by);
      }
    }
    reader.expect(C.open);
    while (reader.kind !== C.close) {
      if (!reader.accept(K.primary)) reader.name();
      if (reader.kind !== C.close) reader.expect(C.comma);
    }
    reader.advance();
  }
}
