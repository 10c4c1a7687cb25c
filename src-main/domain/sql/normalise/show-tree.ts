import { isSystemSchemaName } from '../system-schemas';
import { C, T } from '../token-kinds';
import type { Cursor } from './cursor';
import { printedName, printedString, stringValue } from './names';
import { become, node, nodesOf, plain, unprintable, type Node, type Part } from './node';
import { limitClause } from './query-parts';
import { expression } from './recursion';

/** The database behind the keyspace where a tablet prints, which puts it in place of the keyspace's name. */
export interface ShowOptions {
  readonly database: string | null;
}

/** How the lists of SHOW are printed, by the words that were written. Those with a table's name or `full` are not here. */
const lists: readonly (readonly [
  words: readonly string[],
  printed: string,
  takes: 'filter' | 'schema' | 'limit' | 'nothing',
])[] = [
  [['charset'], 'charset', 'filter'],
  [['character', 'set'], 'charset', 'filter'],
  [['collation'], 'collation', 'filter'],
  [['databases'], 'databases', 'filter'],
  [['schemas'], 'databases', 'filter'],
  [['keyspaces'], 'keyspaces', 'filter'],
  [['vitess_keyspaces'], 'keyspaces', 'filter'],
  [['function', 'status'], 'function status', 'filter'],
  [['procedure', 'status'], 'procedure status', 'filter'],
  [['open', 'tables'], 'open tables', 'schema'],
  [['privileges'], 'privileges', 'nothing'],
  [['session', 'status'], 'status', 'filter'],
  [['local', 'status'], 'status', 'filter'],
  [['status'], 'status', 'filter'],
  [['global', 'status'], 'global status', 'filter'],
  [['session', 'variables'], 'variables', 'filter'],
  [['local', 'variables'], 'variables', 'filter'],
  [['variables'], 'variables', 'filter'],
  [['global', 'variables'], 'global variables', 'filter'],
  [['table', 'status'], 'table status', 'schema'],
  [['triggers'], 'triggers', 'schema'],
  [['events'], 'events', 'schema'],
  [['storage', 'engines'], 'engines', 'nothing'],
  [['engines'], 'engines', 'nothing'],
  [['plugins'], 'plugins', 'nothing'],
  [['profiles'], 'profiles', 'nothing'],
  [['global', 'gtid_executed'], 'global gtid_executed', 'schema'],
  [['global', 'vgtid_executed'], 'global vgtid_executed', 'schema'],
  [['vitess_migrations'], 'vitess_migrations', 'schema'],
  [['vitess_shards'], 'vitess_shards', 'filter'],
  [['vitess_tablets'], 'vitess_tablets', 'filter'],
  [['vitess_replication_status'], 'vitess_replication_status', 'filter'],
  [['vitess_metadata', 'variables'], 'vitess_metadata variables', 'filter'],
  [['vitess_target'], 'vitess_target', 'nothing'],
  [['vschema', 'tables'], 'vschema tables', 'nothing'],
  [['vschema', 'keyspaces'], 'vschema keyspaces', 'nothing'],
  [['warnings'], 'warnings', 'limit'],
  [['errors'], 'errors', 'limit'],
];

const created = ['database', 'event', 'function', 'procedure', 'table', 'trigger', 'view'];

/** A SHOW as Vitess prints it (go/vt/sqlparser/ast_format.go: ShowBasic, ShowCreate); other kinds go as written. */
export function show(cursor: Cursor, options: ShowOptions): Node {
  cursor.expect('show');
  for (const [words, printed, takes] of lists) {
    if (!cursor.takeAll(...words)) continue;
    const parts: Part[] = [`show ${printed}`];
    if (takes === 'schema') parts.push(fromSchema(cursor));
    if (takes === 'limit') parts.push(limitClause(cursor) ?? '');
    else if (takes !== 'nothing') parts.push(...filter(cursor, options, false));
    return plain(...parts);
  }
  if (cursor.take('create')) return showCreate(cursor, options);
  if (cursor.takeAll('vschema', 'vindexes')) {
    const named = cursor.take('on') || cursor.take('from');
    return plain(`show vschema vindexes${named ? ` from ${tableName(cursor)}` : ''}`);
  }
  for (const what of ['function', 'procedure'])
    if (cursor.takeAll(what, 'code')) return plain(`show ${what} code ${tableName(cursor)}`);
  const full = cursor.take('full') ? ' full' : '';
  if (cursor.take('processlist')) return plain(`show${full} processlist`);
  if (cursor.take('tables')) return plain(`show${full} tables${fromSchema(cursor)}`, ...filter(cursor, options, true));
  if (cursor.take('columns') || cursor.take('fields'))
    return plain(`show${full} columns${fromTable(cursor)}`, ...filter(cursor, options, false));
  if (full !== '') throw unprintable;
  cursor.take('extended');
  if (cursor.take('index') || cursor.take('indexes') || cursor.take('keys'))
    return plain(`show indexes${fromTable(cursor)}`, ...filter(cursor, options, false));
  throw unprintable;
}

function showCreate(cursor: Cursor, { database }: ShowOptions): Node {
  const what = created.find((word) => cursor.take(word));
  if (what === undefined) throw unprintable;
  if (what === 'database' && database !== null) {
    const name = cursor.name();
    const own = isSystemSchemaName(name) ? name : database;
    return plain(`show create database ${printedName(own)}`);
  }
  return plain(`show create ${what} ${tableName(cursor)}`);
}

function tableName(cursor: Cursor): string {
  const first = cursor.name();
  return cursor.takeCode(C.dot) ? `${cursor.schema(first)}${printedName(cursor.name(true))}` : printedName(first);
}

function fromTable(cursor: Cursor): string {
  if (!cursor.take('from') && !cursor.take('in')) throw unprintable;
  const table = tableName(cursor);
  return ` from ${table}${fromSchema(cursor)}`;
}

function fromSchema(cursor: Cursor): string {
  return cursor.take('from') || cursor.take('in') ? ` from ${printedName(cursor.name())}` : '';
}

/** LIKE or WHERE. The heading of SHOW TABLES holds the name of the database. */
function filter(cursor: Cursor, { database }: ShowOptions, tables: boolean): Part[] {
  if (cursor.take('like')) {
    if (cursor.kind !== T.string) throw unprintable;
    const pattern = stringValue(cursor.text());
    cursor.at += 1;
    // Vitess takes an empty pattern for none and then stumbles over the missing condition.
    if (pattern === '') throw unprintable;
    return [` like ${printedString(pattern)}`];
  }
  if (!cursor.take('where')) return [];
  const condition = expression(cursor);
  if (tables && database !== null) renameHeading(condition, database);
  return [' where ', condition];
}

function renameHeading(of: Node, database: string): void {
  const [text] = of.parts;
  if (of.kind === 'column' && of.parts.length === 1 && typeof text === 'string' && /^`?tables_in_/i.test(text))
    become(of, node('column', [printedName(`Tables_in_${database}`)]));
  for (const inner of nodesOf(of)) renameHeading(inner, database);
}
