import { expressionInto } from './expressions';
import { keyword, keywords } from './keywords';
import { limit } from './queries';
import type { Reader } from './reader';
import type { TablePermission } from './reading';
import { atEnd, skipToEnd } from './skipping';
import { C, T } from './token-kinds';
import { statement } from './tree';
import type { Query, Statement } from './tree';

const K = {
  analyze: keyword('analyze'),
  character: keyword('character'),
  code: 'code',
  columns: keyword('columns'),
  create: keyword('create'),
  extended: keyword('extended'),
  fields: keyword('fields'),
  for: keyword('for'),
  from: keyword('from'),
  full: keyword('full'),
  function: keyword('function'),
  global: keyword('global'),
  in: keyword('in'),
  index: keyword('index'),
  like: keyword('like'),
  limit: keyword('limit'),
  on: keyword('on'),
  open: keyword('open'),
  procedure: keyword('procedure'),
  processlist: keyword('processlist'),
  session: keyword('session'),
  set: keyword('set'),
  status: keyword('status'),
  table: keyword('table'),
  tables: keyword('tables'),
  user: keyword('user'),
  variables: keyword('variables'),
  view: keyword('view'),
  vschema: keyword('vschema'),
  where: keyword('where'),
} as const;

const indexWords = keywords('index indexes keys');
const createdObjects = keywords('table view procedure function trigger event database');

/** Subjects that name no table: schema-wide lists and states of the server. */
const plainSubjects = new Set(
  `databases schemas collation charset engines plugins privileges triggers variables status warnings errors events profiles profile
  vitess_keyspaces vitess_shards vitess_tablets vitess_target vitess_replication_status vitess_metadata
  vitess_throttled_apps vitess_throttler keyspaces`.split(/\s+/),
);

/** What vttablet passes through without a plan of its own. */
const otherReads = new Set([
  'engine',
  'grants',
  'binary',
  'master',
  'binlog',
  'relaylog',
  'replica',
  'replicas',
  'slave',
]);

const migrationPlans = new Map([
  ['vitess_migrations', 'ShowMigrations'],
  ['vitess_migration', 'ShowMigrationLogs'],
  ['vitess_throttled_apps', 'ShowThrottledApps'],
  ['vitess_throttler', 'ShowThrottlerStatus'],
] as const);

/** Reads SHOW (sql.y `show_statement`). The subject is asked for in hardened mode, a filter's subqueries since 24.0.4. */
export function showStatement(reader: Reader): Statement {
  reader.advance();
  const laterReads: Query[] = [];
  const strictAsks: TablePermission[] = [];
  const word = reader.text().toLowerCase();
  const plan = migrationPlans.get(word as never);
  if (otherReads.has(word)) {
    reader.advance();
    if (word === 'master') reader.expect(K.status);
    skipToEnd(reader);
    return statement('SHOW', 'OtherRead', 'SelectStream');
  }
  subject(reader, word, strictAsks);
  filter(reader, laterReads);
  // MariaDB 10.11 crashes on some of them (a WITH in the filter), so that hardened mode lets none through.
  const strictOpaque = laterReads.length > 0 ? 'a query in the filter of SHOW' : null;
  return statement('SHOW', plan ?? 'Show', 'SelectStream', { laterReads, strictAsks, strictOpaque });
}

function subject(reader: Reader, word: string, strictAsks: TablePermission[]): void {
  const { kind } = reader;
  if (kind === K.create) {
    reader.advance();
    if (reader.kind === K.user) {
      skipToEnd(reader);
      return;
    }
    if (!createdObjects.has(reader.kind)) reader.fail();
    const isTable = reader.kind === K.table || reader.kind === K.view;
    reader.advance();
    const name = reader.tableName().name;
    if (isTable) strictAsks.push({ table: name, role: 'READER' });
    return;
  }
  if (kind === K.full && reader.peek(1) === K.processlist) {
    reader.advance();
    reader.advance();
    return;
  }
  if (kind === K.extended) {
    reader.advance();
    if (!indexWords.has(reader.kind)) reader.fail();
  }
  if (indexWords.has(reader.kind)) {
    tableParts(reader, strictAsks);
    return;
  }
  if (reader.accept(K.full) && reader.kind !== K.tables && reader.kind !== K.columns && reader.kind !== K.fields)
    reader.fail();
  if (reader.kind === K.columns || reader.kind === K.fields) {
    tableParts(reader, strictAsks);
    return;
  }
  if (reader.accept(K.open)) {
    if (reader.kind !== K.tables) reader.fail();
  }
  if (reader.accept(K.tables)) {
    fromSchema(reader);
    return;
  }
  if (reader.accept(K.table)) {
    reader.expect(K.status);
    fromSchema(reader);
    return;
  }
  if (kind === K.procedure || kind === K.function) {
    reader.advance();
    if (reader.accept(K.status)) return;
    if (reader.text().toLowerCase() !== 'code') reader.fail();
    reader.advance();
    reader.tableName();
    return;
  }
  if (kind === K.character) {
    reader.advance();
    reader.expect(K.set);
    return;
  }
  if (kind === K.vschema) {
    reader.advance();
    const what = reader.text().toLowerCase();
    if (what !== 'tables' && what !== 'keyspaces' && what !== 'vindexes') reader.fail();
    reader.advance();
    if (what === 'vindexes' && (reader.accept(K.on) || reader.accept(K.from))) reader.tableName();
    return;
  }
  if (kind === K.global || kind === K.session) {
    reader.advance();
    const what = reader.text().toLowerCase();
    if (
      reader.kind !== K.variables &&
      reader.kind !== K.status &&
      what !== 'gtid_executed' &&
      what !== 'vgtid_executed'
    )
      reader.fail();
    reader.advance();
    fromSchema(reader);
    return;
  }
  if (kind === K.processlist) {
    reader.advance();
    return;
  }
  if (word === 'vitess_migration') {
    reader.advance();
    reader.expect(T.string);
    reader.name();
    return;
  }
  if (word === 'vitess_migrations') {
    reader.advance();
    fromSchema(reader);
    return;
  }
  if (!plainSubjects.has(word) && word !== 'storage') reader.fail();
  reader.advance();
  if (word === 'storage' && reader.text().toLowerCase() !== 'engines') reader.fail();
  if (word === 'storage') reader.advance();
  if (word === 'vitess_metadata') reader.expect(K.variables);
  if (word === 'vitess_throttler') reader.expect(K.status);
  fromSchema(reader);
}

/** `COLUMNS FROM table [FROM schema]`, `INDEX FROM table [FROM schema]`. */
function tableParts(reader: Reader, strictAsks: TablePermission[]): void {
  reader.advance();
  if (!reader.accept(K.from)) reader.expect(K.in);
  strictAsks.push({ table: reader.tableName().name, role: 'READER' });
  fromSchema(reader);
}

function fromSchema(reader: Reader): void {
  if (reader.accept(K.from) || reader.accept(K.in)) reader.name();
}

function filter(reader: Reader, sink: Query[]): void {
  if (reader.accept(K.like)) reader.expect(T.string);
  else if (reader.accept(K.where)) expressionInto(reader, sink);
  else if (reader.kind === K.limit) {
    const outer = reader.sink;
    reader.sink = sink;
    limit(reader);
    reader.sink = outer;
  } else if (!atEnd(reader) && reader.kind === C.comma) reader.fail();
}
