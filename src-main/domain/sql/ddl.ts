import { createTable } from './create-table';
import { alterTable } from './alter-table';
import { vschemaChange } from './alter-vschema';
import { isName, keyword } from './keywords';
import type { Reader } from './reader';
import type { TablePermission } from './reading';
import { atEnd, passOver, skipToEnd } from './skipping';
import type { Passed } from './skipping';
import { skipStoredProgram } from './stored-program';
import { nameList } from './table-references';
import { C, T } from './token-kinds';
import { statement } from './tree';
import type { Statement } from './tree';
import { alterMigration } from './vitess-statements';

const K = {
  algorithm: keyword('algorithm'),
  alter: keyword('alter'),
  as: keyword('as'),
  cascade: keyword('cascade'),
  cascaded: keyword('cascaded'),
  check: keyword('check'),
  create: keyword('create'),
  database: keyword('database'),
  definer: keyword('definer'),
  drop: keyword('drop'),
  exists: keyword('exists'),
  fulltext: keyword('fulltext'),
  if: keyword('if'),
  index: keyword('index'),
  invoker: keyword('invoker'),
  local: keyword('local'),
  not: keyword('not'),
  on: keyword('on'),
  option: keyword('option'),
  or: keyword('or'),
  prepare: keyword('prepare'),
  procedure: keyword('procedure'),
  rename: keyword('rename'),
  replace: keyword('replace'),
  restrict: keyword('restrict'),
  schema: keyword('schema'),
  security: keyword('security'),
  spatial: keyword('spatial'),
  sql: keyword('sql'),
  table: keyword('table'),
  temporary: keyword('temporary'),
  to: keyword('to'),
  truncate: keyword('truncate'),
  unique: keyword('unique'),
  using: keyword('using'),
  view: keyword('view'),
  vitessMigration: keyword('vitess_migration'),
  vschema: keyword('vschema'),
  with: keyword('with'),
} as const;

const ddl = (tables: readonly string[], rest: Partial<Statement> = {}): Statement =>
  statement('DDL', 'DDL', 'refused', { asks: tables.map((table) => ({ table, role: 'ADMIN' })), ...rest });

/** DDL that vttablet does not plan. */
const unplanned = (): Statement => statement('DDL', 'invalid', 'panic');

/** Reads CREATE (sql.y `create_statement`). */
export function createStatement(reader: Reader): Statement {
  reader.advance();
  switch (reader.kind) {
    case K.temporary:
      reader.advance();
      reader.expect(K.table);
      return createTable(reader);
    case K.table:
      reader.advance();
      return createTable(reader);
    case K.unique:
    case K.fulltext:
    case K.spatial:
      reader.advance();
      reader.expect(K.index);
      return createIndex(reader);
    case K.index:
      reader.advance();
      return createIndex(reader);
    case K.database:
    case K.schema:
      return database(reader);
    default:
      if (reader.accept(K.or)) reader.expect(K.replace);
      return viewOrProcedure(reader, true);
  }
}

/** Reads ALTER. */
export function alterStatement(reader: Reader): Statement {
  reader.advance();
  switch (reader.kind) {
    case K.table:
      reader.advance();
      return alterTable(reader);
    case K.database:
    case K.schema:
      return database(reader);
    case K.vschema:
      reader.advance();
      vschemaChange(reader);
      return unplanned();
    case K.vitessMigration:
      return alterMigration(reader);
    default:
      return viewOrProcedure(reader, false);
  }
}

/** Reads DROP. */
export function dropStatement(reader: Reader): Statement {
  reader.advance();
  const { kind } = reader;
  if (kind === K.database || kind === K.schema) return database(reader);
  if (kind === K.prepare) {
    reader.advance();
    reader.name();
    return statement('DEALLOCATE_PREPARE', 'invalid', 'panic');
  }
  if (kind === K.index) {
    reader.advance();
    reader.name();
    reader.expect(K.on);
    return indexed(reader);
  }
  if (kind === K.procedure) {
    reader.advance();
    ifExists(reader);
    return ddl([reader.tableName().name]);
  }
  if (kind === K.temporary) {
    reader.advance();
    if (reader.kind !== K.table) reader.fail();
  } else if (kind !== K.table && kind !== K.view) reader.fail();
  reader.advance();
  ifExists(reader);
  const tables: string[] = [];
  do tables.push(reader.tableName().name);
  while (reader.accept(C.comma));
  if (!reader.accept(K.restrict)) reader.accept(K.cascade);
  return ddl(tables);
}

/** Reads RENAME TABLE. */
export function renameStatement(reader: Reader): Statement {
  reader.advance();
  reader.expect(K.table);
  const tables: string[] = [];
  do {
    tables.push(reader.tableName().name);
    reader.expect(K.to);
    tables.push(reader.tableName().name);
  } while (reader.accept(C.comma));
  return ddl(tables);
}

/** Reads TRUNCATE. */
export function truncateStatement(reader: Reader): Statement {
  reader.advance();
  reader.accept(K.table);
  return ddl([reader.tableName().name]);
}

function ifExists(reader: Reader): void {
  if (reader.accept(K.if)) reader.expect(K.exists);
}

function database(reader: Reader): Statement {
  reader.advance();
  if (reader.accept(K.if)) {
    reader.accept(K.not);
    reader.expect(K.exists);
  }
  if (!atEnd(reader)) reader.advance();
  skipToEnd(reader);
  return unplanned();
}

function createIndex(reader: Reader): Statement {
  reader.name();
  if (reader.accept(K.using)) reader.name();
  reader.expect(K.on);
  return indexed(reader);
}

/** The table of an index and what stands after it. */
function indexed(reader: Reader): Statement {
  const table = reader.tableName();
  const passed: Passed = { query: false, references: [] };
  while (!atEnd(reader)) {
    passOver(reader, passed, false);
    if (reader.kind === C.close) reader.fail();
  }
  return ddl([table.name], { strictOpaque: passed.query ? 'a query inside the definition of the index' : null });
}

function viewOrProcedure(reader: Reader, create: boolean): Statement {
  const strictAsks: TablePermission[] = [];
  if (reader.accept(K.algorithm)) {
    reader.expect(C.equal);
    reader.name();
  }
  if (reader.accept(K.definer)) definer(reader);
  if (create && reader.kind === K.procedure) return procedure(reader);
  if (reader.accept(K.sql)) {
    reader.expect(K.security);
    if (!reader.accept(K.definer)) reader.expect(K.invoker);
  }
  reader.expect(K.view);
  const view = reader.tableName();
  if (reader.kind === C.open) nameList(reader);
  reader.expect(K.as);
  const query = reader.readQuery(reader);
  if (reader.accept(K.with)) {
    if (!reader.accept(K.cascaded)) reader.accept(K.local);
    reader.expect(K.check);
    reader.expect(K.option);
  }
  return ddl([view.name], { laterReads: [query], strictAsks });
}

/** `= root@localhost`, `= 'root'@'localhost'`, `= current_user()`. */
function definer(reader: Reader): void {
  reader.expect(C.equal);
  if (reader.kind === T.string || isName(reader.kind)) {
    reader.advance();
    if (reader.kind === T.userVariable) reader.advance();
  } else {
    if (reader.text().toLowerCase() !== 'current_user') reader.fail();
    reader.advance();
    if (reader.accept(C.open)) reader.expect(C.close);
  }
}

function procedure(reader: Reader): Statement {
  reader.advance();
  if (reader.accept(K.if)) {
    reader.expect(K.not);
    reader.expect(K.exists);
  }
  const name = reader.tableName();
  reader.expect(C.open);
  const passed: Passed = { query: false, references: [] };
  while (reader.kind !== C.close) {
    passOver(reader, passed, true);
    if (reader.kind !== C.close) reader.expect(C.comma);
  }
  reader.advance();
  if (atEnd(reader)) reader.fail();
  skipStoredProgram(reader);
  return ddl([name.name], { strictOpaque: 'what a stored program reads is not known' });
}
