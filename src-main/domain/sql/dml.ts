import { startsQuery } from './bracketed-query';
import { columnName } from './column-names';
import { expression } from './expressions';
import { keyword } from './keywords';
import { limit, orderBy, withClause } from './queries';
import type { Reader } from './reader';
import { nameList, tableReferences } from './table-references';
import { C, T } from './token-kinds';
import { emptyFrom, statement } from './tree';
import type { FromClause, Query, Statement, WithClause } from './tree';

const K = {
  as: keyword('as'),
  default: keyword('default'),
  delete: keyword('delete'),
  duplicate: keyword('duplicate'),
  from: keyword('from'),
  ignore: keyword('ignore'),
  into: keyword('into'),
  key: keyword('key'),
  limit: keyword('limit'),
  null: keyword('null'),
  on: keyword('on'),
  order: keyword('order'),
  partition: keyword('partition'),
  row: keyword('row'),
  set: keyword('set'),
  update: keyword('update'),
  using: keyword('using'),
  value: keyword('value'),
  values: keyword('values'),
  where: keyword('where'),
} as const;

/** Reads INSERT and REPLACE (sql.y `insert_statement`). */
export function insertStatement(reader: Reader): Statement {
  reader.advance();
  reader.accept(K.ignore);
  reader.accept(K.into);
  const table = reader.tableName();
  if (reader.accept(K.partition)) nameList(reader);
  const reads: Query[] = [];
  reader.sink = reads;
  if (reader.accept(K.set)) {
    reader.met.insertedColumns = true;
    assignments(reader);
    rowAlias(reader);
  } else insertedRows(reader, reads);
  if (reader.accept(K.on)) {
    reader.expect(K.duplicate);
    reader.expect(K.key);
    reader.expect(K.update);
    assignments(reader);
  }
  return statement('INSERT', 'Insert', 'refused', {
    asks: [{ table: table.name, role: 'WRITER' }],
    written: { with: null, from: { tables: [], plain: [table], nested: [] }, limit: false },
    reads,
  });
}

function insertedRows(reader: Reader, reads: Query[]): void {
  if (reader.kind === C.open && !reader.opensQuery(startsQuery)) {
    reader.met.insertedColumns = true;
    reader.advance();
    if (!reader.accept(C.close)) {
      do columnName(reader);
      while (reader.accept(C.comma));
      reader.expect(C.close);
    }
  }
  if (reader.kind === K.values || reader.kind === K.value) {
    reader.advance();
    const rows = reader.kind === K.row;
    do {
      if (rows) reader.expect(K.row);
      row(reader);
    } while (reader.accept(C.comma));
    rowAlias(reader);
  } else if (startsQuery(reader.kind) || reader.opensQuery(startsQuery)) reads.push(reader.readQuery(reader));
  else reader.fail();
}

function rowAlias(reader: Reader): void {
  if (!reader.accept(K.as)) return;
  reader.name();
  if (reader.kind === C.open) nameList(reader);
}

/** Literals are by far most of what an INSERT holds, so they do not go through the grammar of expressions. */
function row(reader: Reader): void {
  if (reader.kind === T.listVariable) {
    reader.advance();
    return;
  }
  reader.expect(C.open);
  if (reader.accept(C.close)) return;
  for (;;) {
    const { kind } = reader;
    const next = reader.peek(1);
    const isLiteral = (kind >= T.string && kind <= T.bindVariable) || kind === K.null || kind === K.default;
    if (isLiteral && (next === C.comma || next === C.close)) reader.advance();
    else expression(reader);
    if (!reader.accept(C.comma)) break;
  }
  reader.expect(C.close);
}

function assignments(reader: Reader): void {
  do {
    columnName(reader);
    reader.expect(C.equal);
    expression(reader);
  } while (reader.accept(C.comma));
}

/** Reads UPDATE and DELETE with the WITH clause that may stand before them. */
export function writingStatement(reader: Reader): Statement {
  const outer = reader.sink;
  const reads: Query[] = [];
  reader.sink = reads;
  let clause: WithClause | null = null;
  if (reader.kind !== K.update && reader.kind !== K.delete) clause = withClause(reader);
  if (reader.kind !== K.update && reader.kind !== K.delete) reader.fail();
  const isUpdate = reader.kind === K.update;
  reader.advance();
  reader.accept(K.ignore);
  const from = emptyFrom();
  if (isUpdate) {
    tableReferences(reader, from);
    reader.expect(K.set);
    assignments(reader);
  } else deletedTables(reader, from);
  if (reader.accept(K.where)) expression(reader);
  if (reader.kind === K.order) orderBy(reader);
  const limited = reader.kind === K.limit;
  if (limited) limit(reader);
  reader.sink = outer;
  return statement(isUpdate ? 'UPDATE' : 'DELETE', isUpdate ? 'update' : 'delete', 'refused', {
    written: { with: clause, from, limit: limited },
    reads,
  });
}

/** Whether UPDATE or DELETE follows the WITH clause at the next token; reads nothing. */
export function withBeforeWriting(reader: Reader): boolean {
  let depth = 0;
  for (let ahead = 0; ; ahead++) {
    const kind = reader.peek(ahead);
    if (kind === C.open) depth++;
    else if (kind === C.close) depth--;
    else if (kind === T.end) return false;
    else if (depth === 0 && (kind === K.update || kind === K.delete)) return true;
    else if (depth === 0 && ahead > 0 && startsQuery(kind)) return false;
    if (depth === 0 && kind === C.close && reader.peek(ahead + 1) === C.open) return false;
  }
}

function deletedTables(reader: Reader, from: FromClause): void {
  if (!reader.accept(K.from)) {
    targets(reader);
    if (!reader.accept(K.from)) reader.expect(K.using);
    tableReferences(reader, from);
    return;
  }
  const start = reader.at;
  const noted = reader.qualifiers.length;
  targets(reader);
  if (reader.accept(K.using)) {
    tableReferences(reader, from);
    return;
  }
  reader.goTo(start);
  reader.qualifiers.length = noted;
  const table = reader.tableName();
  from.tables.push(table);
  from.plain.push(table);
  if (reader.accept(K.partition)) nameList(reader);
  if (reader.accept(K.as)) reader.name();
  else if (
    reader.kind !== K.where &&
    reader.kind !== K.order &&
    reader.kind !== K.limit &&
    reader.kind !== K.partition
  ) {
    if (reader.kind !== T.end && reader.kind !== C.semicolon) reader.name();
  }
  if (reader.accept(K.partition)) nameList(reader);
}

/** The tables to delete from: names or aliases of the FROM list, `.*` after them or not. */
function targets(reader: Reader): void {
  do {
    if (reader.peek(1) === C.dot && reader.peek(2) === C.star) reader.name();
    else reader.tableName();
    if (reader.accept(C.dot)) reader.expect(C.star);
  } while (reader.accept(C.comma));
}
