import { isName, keyword, keywords } from './keywords';
import type { Reader } from './reader';
import { atEnd, passOver } from './skipping';
import type { Passed } from './skipping';
import { C } from './token-kinds';
import { statement } from './tree';
import type { Statement } from './tree';
import type { TablePermission } from './reading';

const K = {
  as: keyword('as'),
  by: keyword('by'),
  column: keyword('column'),
  equal: C.equal,
  exchange: keyword('exchange'),
  index: keyword('index'),
  into: keyword('into'),
  key: keyword('key'),
  order: keyword('order'),
  partition: keyword('partition'),
  rename: keyword('rename'),
  reorganize: keyword('reorganize'),
  table: keyword('table'),
  to: keyword('to'),
  union: keyword('union'),
  with: keyword('with'),
} as const;

/** First words of the specifications whose tables are known (MySQL manual 15.1.9). */
const specifications = keywords(
  `add algorithm alter analyze auto_increment change character charset check coalesce collate comment convert data default disable
  discard drop enable engine exchange force import index insert_method key_block_size lock max_rows min_rows modify optimize order
  pack_keys partition rebuild remove rename reorganize repair row_format secondary stats_auto_recalc stats_persistent stats_sample_pages
  tablespace truncate upgrade with without password checksum connection`,
);

/** Reads ALTER TABLE after the word TABLE (sql.y `alter_statement`). */
export function alterTable(reader: Reader): Statement {
  const table = reader.tableName();
  const asks: TablePermission[] = [{ table: table.name, role: 'ADMIN' }];
  const strictAsks: TablePermission[] = [];
  const passed: Passed = { query: false, references: [] };
  let unknown: string | null = null;
  while (!atEnd(reader)) {
    if (!specifications.has(reader.kind) && !isOptionWord(reader)) unknown ??= reader.text();
    specification(reader, asks, strictAsks, passed);
    if (reader.kind === C.close) reader.fail();
    if (reader.accept(C.comma) && atEnd(reader)) reader.fail();
  }
  for (const name of passed.references) strictAsks.push({ table: name, role: 'READER' });
  return statement('DDL', 'DDL', 'refused', {
    asks,
    strictAsks,
    strictOpaque: passed.query
      ? 'a query inside ALTER TABLE'
      : unknown === null
        ? null
        : `the specification ${unknown} of ALTER TABLE is not known`,
  });
}

const optionWords = new Set([
  'avg_row_length',
  'compression',
  'delay_key_write',
  'encryption',
  'engine_attribute',
  'autoextend_size',
]);
const isOptionWord = (reader: Reader): boolean => optionWords.has(reader.text().toLowerCase());

function specification(reader: Reader, asks: TablePermission[], strictAsks: TablePermission[], passed: Passed): void {
  const { kind } = reader;
  const next = reader.peek(1);
  if (kind === K.rename && next !== K.column && next !== K.index && next !== K.key) {
    reader.advance();
    if (reader.kind === K.to || reader.kind === K.as || reader.kind === C.equal) reader.advance();
    asks.push({ table: reader.tableName().name, role: 'ADMIN' });
    return;
  }
  if (kind === K.exchange) {
    reader.advance();
    reader.expect(K.partition);
    reader.name();
    reader.expect(K.with);
    reader.expect(K.table);
    strictAsks.push({ table: reader.tableName().name, role: 'ADMIN' });
  } else if (kind === K.reorganize) {
    reader.advance();
    reader.expect(K.partition);
    if (!isName(reader.kind)) reader.fail();
  } else if (kind === K.order) {
    reader.advance();
    reader.expect(K.by);
  }
  passOver(reader, passed, true);
}
