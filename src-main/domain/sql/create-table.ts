import { startsQuery } from './bracketed-query';
import { expression, expressionList, operand } from './expressions';
import { isName, keyword, keywords } from './keywords';
import type { Reader } from './reader';
import { SyntaxFailure } from './reader';
import { atEnd, passOver, skipToEnd } from './skipping';
import type { Passed } from './skipping';
import { nameList } from './table-references';
import { C, T } from './token-kinds';
import { statement } from './tree';
import type { Query, Statement } from './tree';

const K = {
  always: keyword('always'),
  as: keyword('as'),
  by: keyword('by'),
  character: keyword('character'),
  check: keyword('check'),
  collate: keyword('collate'),
  comment: keyword('comment'),
  constraint: keyword('constraint'),
  default: keyword('default'),
  enforced: keyword('enforced'),
  exists: keyword('exists'),
  foreign: keyword('foreign'),
  fulltext: keyword('fulltext'),
  generated: keyword('generated'),
  if: keyword('if'),
  ignore: keyword('ignore'),
  index: keyword('index'),
  key: keyword('key'),
  like: keyword('like'),
  not: keyword('not'),
  null: keyword('null'),
  on: keyword('on'),
  partition: keyword('partition'),
  primary: keyword('primary'),
  references: keyword('references'),
  replace: keyword('replace'),
  set: keyword('set'),
  spatial: keyword('spatial'),
  table: keyword('table'),
  union: keyword('union'),
  unique: keyword('unique'),
  update: keyword('update'),
  values: keyword('values'),
} as const;

const columnTypes = new Set(
  `bit tinyint smallint mediumint int integer bigint bool boolean real double float float4 float8 decimal dec numeric fixed date
  time timestamp datetime year char character varchar varcharacter nchar nvarchar national text tinytext mediumtext longtext blob tinyblob mediumblob
  longblob binary varbinary json enum set geometry point linestring polygon geometrycollection geomcollection multipoint
  multilinestring multipolygon serial long vector`.split(/\s+/),
);

/** Words that stand by themselves after a column's type. */
const columnWords = keywords(
  'unsigned signed zerofill ascii unicode binary auto_increment primary key unique stored virtual visible invisible varying precision persist_only',
);

const tableOptions = new Set(
  `autoextend_size auto_increment avg_row_length character charset checksum collate comment compression connection data
  default delay_key_write encryption engine engine_attribute index insert_method key_block_size max_rows min_rows pack_keys
  password row_format secondary_engine secondary_engine_attribute start stats_auto_recalc stats_persistent
  stats_sample_pages storage tablespace`.split(/\s+/),
);

/** What the text after the table's name holds. */
interface Definition {
  readonly reads: Query[];
  readonly passed: Passed;
  like: string | null;
}

/**
 * Reads CREATE TABLE after its name's keyword. What Vitess does not parse to the end is accepted with the table's name alone
 * (partial DDL, go/vt/sqlparser/parser.go), unless it breaks at the end of the text.
 */
export function createTable(reader: Reader): Statement {
  if (reader.accept(K.if)) {
    reader.expect(K.not);
    reader.expect(K.exists);
  }
  const table = reader.tableName();
  const definition: Definition = { reads: [], passed: { query: false, references: [] }, like: null };
  reader.sink = definition.reads;
  let opaque: string | null = null;
  const start = reader.at;
  try {
    readDefinition(reader, definition);
    if (!atEnd(reader)) reader.fail();
  } catch (failure) {
    if (!(failure instanceof SyntaxFailure)) throw failure;
    const kind = reader.kinds[failure.token];
    if (failure.token !== start && (kind === T.end || kind === C.semicolon || kind === T.broken)) throw failure;
    reader.goTo(failure.token);
    skipToEnd(reader);
    opaque = 'the definition of the table was not read to its end';
  }
  const { reads, passed, like } = definition;
  return statement('DDL', 'DDL', 'refused', {
    asks: [{ table: table.name, role: 'ADMIN' }],
    laterReads: reads,
    strictAsks: [...(like === null ? [] : [like]), ...passed.references].map((name) => ({
      table: name,
      role: 'READER',
    })),
    opaque,
    strictOpaque: passed.query ? 'a query inside the definition of the table' : null,
  });
}

function readDefinition(reader: Reader, definition: Definition): void {
  if (reader.accept(K.like)) {
    definition.like = reader.tableName().name;
    return;
  }
  if (reader.kind === C.open && reader.peek(1) === K.like) {
    reader.advance();
    reader.advance();
    definition.like = reader.tableName().name;
    reader.expect(C.close);
    return;
  }
  const bracketedQuery = reader.opensQuery(startsQuery);
  if (bracketedQuery) reader.fail();
  if (reader.accept(C.open)) {
    do element(reader, definition);
    while (reader.accept(C.comma));
    reader.expect(C.close);
  }
  while (isOption(reader)) option(reader);
  if (reader.kind === K.partition) passOver(reader, definition.passed, false, startsSource);
  if (!reader.accept(K.ignore)) reader.accept(K.replace);
  reader.accept(K.as);
  if (startsQuery(reader.kind) || reader.opensQuery(startsQuery)) definition.reads.push(reader.readQuery(reader));
  else if (!atEnd(reader) || reader.kinds[reader.at - 1] === K.as) reader.fail();
}

const startsSource = (kind: number): boolean =>
  startsQuery(kind) ||
  kind === K.as ||
  kind === K.ignore ||
  kind === K.replace ||
  kind === K.table ||
  kind === K.values;

function element(reader: Reader, definition: Definition): void {
  const { kind } = reader;
  if (kind === K.constraint || kind === K.primary || kind === K.unique || kind === K.foreign || kind === K.check)
    constraint(reader, definition);
  else if (kind === K.index || kind === K.key || kind === K.fulltext || kind === K.spatial) {
    reader.advance();
    if (reader.kind === K.index || reader.kind === K.key) reader.advance();
    keyParts(reader, definition);
  } else column(reader, definition);
}

function constraint(reader: Reader, definition: Definition): void {
  if (reader.accept(K.constraint) && isName(reader.kind)) reader.name();
  if (reader.accept(K.check)) {
    check(reader);
    return;
  }
  if (reader.accept(K.foreign)) {
    reader.expect(K.key);
    if (isName(reader.kind)) reader.name();
    nameList(reader);
    references(reader, definition);
    return;
  }
  if (reader.accept(K.primary)) reader.expect(K.key);
  else {
    reader.expect(K.unique);
    if (reader.kind === K.index || reader.kind === K.key) reader.advance();
  }
  keyParts(reader, definition);
}

/** An index's name, columns and options; nothing in them reads a table. */
function keyParts(reader: Reader, definition: Definition): void {
  let brackets = false;
  passOver(reader, definition.passed, true, (kind) => {
    brackets ||= kind === C.open;
    return false;
  });
  if (!brackets) reader.fail();
}

function check(reader: Reader): void {
  reader.expect(C.open);
  expression(reader);
  reader.expect(C.close);
  reader.accept(K.not);
  reader.accept(K.enforced);
}

function references(reader: Reader, definition: Definition): void {
  reader.expect(K.references);
  definition.passed.references.push(reader.tableName().name);
  passOver(reader, definition.passed, true, isAfterReference);
}

const isAfterReference = (kind: number): boolean =>
  kind === K.comment || kind === K.check || kind === K.constraint || kind === K.not;

function column(reader: Reader, definition: Definition): void {
  reader.name();
  if (!columnTypes.has(reader.text().toLowerCase())) reader.fail();
  reader.advance();
  for (;;) {
    const { kind } = reader;
    if (columnWords.has(kind)) reader.advance();
    else if (kind === C.open) lengths(reader);
    else if (kind === C.comma || kind === C.close) return;
    else if (kind === K.not || kind === K.null) {
      reader.accept(K.not);
      reader.expect(K.null);
    } else if (kind === K.default) {
      reader.advance();
      operand(reader);
    } else if (kind === K.on) {
      reader.advance();
      reader.expect(K.update);
      operand(reader);
    } else if (kind === K.comment) {
      reader.advance();
      reader.expect(T.string);
    } else if (kind === K.character || kind === K.collate || reader.text().toLowerCase() === 'charset') {
      if (reader.accept(K.character)) {
        if (reader.accept(K.set)) reader.advance();
      } else {
        reader.advance();
        reader.advance();
      }
    } else if (kind === K.generated || kind === K.as) {
      if (reader.accept(K.generated)) reader.expect(K.always);
      reader.expect(K.as);
      reader.expect(C.open);
      expression(reader);
      reader.expect(C.close);
    } else if (kind === K.references) references(reader, definition);
    else if (kind === K.check || kind === K.constraint) constraint(reader, definition);
    else if (reader.text().toLowerCase() === 'srid') {
      reader.advance();
      reader.expect(T.integer);
    } else reader.fail();
  }
}

/** `(10)`, `(10, 2)`, `('a', 'b')`. */
function lengths(reader: Reader): void {
  reader.advance();
  expressionList(reader);
  reader.expect(C.close);
}

const isOption = (reader: Reader): boolean =>
  reader.kind === C.comma ||
  (reader.kind !== K.as &&
    (reader.kind >= 200 || reader.kind === T.name) &&
    tableOptions.has(reader.text().toLowerCase()));

function option(reader: Reader): void {
  reader.accept(C.comma);
  if (!isOption(reader)) reader.fail();
  do reader.advance();
  while (isOption(reader) || reader.kind === K.set);
  reader.accept(C.equal);
  if (reader.kind === T.end || reader.kind === C.open || reader.kind === C.semicolon || reader.kind === T.broken)
    reader.fail();
  reader.advance();
}
