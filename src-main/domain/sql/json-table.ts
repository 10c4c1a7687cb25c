import { castType, onEmptyOrError } from './function-syntax';
import { keyword } from './keywords';
import type { Reader } from './reader';
import { C, T } from './token-kinds';
import type { Query } from './tree';

const K = {
  columns: keyword('columns'),
  default: keyword('default'),
  error: keyword('error'),
  exists: keyword('exists'),
  for: keyword('for'),
  nested: keyword('nested'),
  null: keyword('null'),
  path: keyword('path'),
} as const;

/** Reads `JSON_TABLE( expression, path COLUMNS (…) )` (MySQL manual 14.17.6); only the expression can read tables. */
export function jsonTable(reader: Reader, sink: Query[], expression: (reader: Reader) => void): void {
  reader.advance();
  reader.expect(C.open);
  const outer = reader.sink;
  reader.sink = sink;
  expression(reader);
  reader.sink = outer;
  reader.expect(C.comma);
  path(reader);
  columns(reader);
  reader.expect(C.close);
}

function columns(reader: Reader): void {
  reader.enter();
  reader.expect(K.columns);
  reader.expect(C.open);
  do column(reader);
  while (reader.accept(C.comma));
  reader.expect(C.close);
  reader.leave();
}

function column(reader: Reader): void {
  if (reader.kind === K.nested && (reader.peek(1) === K.path || reader.peek(1) === T.string)) {
    reader.advance();
    reader.accept(K.path);
    path(reader);
    columns(reader);
    return;
  }
  reader.name();
  if (reader.accept(K.for)) {
    if (reader.text().toLowerCase() !== 'ordinality') reader.fail();
    reader.advance();
    return;
  }
  castType(reader);
  reader.accept(K.exists);
  reader.expect(K.path);
  path(reader);
  while (reader.kind === K.default || reader.kind === K.null || reader.kind === K.error) onEmptyOrError(reader);
}

function path(reader: Reader): void {
  if (reader.kind !== T.string && reader.kind !== T.bindVariable) reader.fail();
  reader.advance();
}
