import { tokenize } from '../lexer';
import { C, T } from '../token-kinds';
import { Binder, type BindValues } from './bind';
import { Cursor, type Grammar } from './cursor';
import { callProcedure, insert, remove, update } from './dml-tree';
import { argumentNode, node, print, printPieces, unprintable, type Node, type Pieces } from './node';
import { bits, expression } from './expression-tree';
import { inlineCommonTables } from './inline-common-tables';
import { demandSendable } from './oversize';
import { query, withClause } from './query-tree';
import { show, type ShowOptions } from './show-tree';

export type { BindValues } from './bind';
export { Oversize } from './oversize';
export { splitMargins } from './margins';
export type { Margins } from './margins';
export type { BindValue, LiteralType, Pieces } from './node';

/** A statement as vtgate sends it to a tablet. */
export interface NormalisedStatement {
  /** Vitess's canonical printing, with bind variables in place of literals. */
  readonly sql: string;
  readonly binds: BindValues;
  /** Bind variables of `sql` whose value is the session's: `__vtdbname`, `__lastInsertId`, `__vtfrows`, `__vtrcount`, `__vtNAME`. */
  readonly needs: ReadonlySet<string>;
  /** Keyspaces that the text names. */
  readonly keyspaces: ReadonlySet<string>;
  /** The names of a SELECT's columns as vtgate gives them when it computes them itself; null where a `*` hides some. */
  readonly columns: readonly string[] | null;
}

export interface NormaliseOptions {
  /** The keyspace that a schema's name means, which is left out; null for another schema, whose statement is not printed. */
  readonly keyspaceNamed: (name: string) => string | null;
  /** Literals become bind variables; not so in prepared statements. */
  readonly parameterize: boolean;
  /** `sql_select_limit` of the session: a query without a limit gets this one; 0 = none. */
  readonly selectLimit?: number;
  /** Lower-case names of the system variables that the session has set. */
  readonly sessionVariables?: ReadonlySet<string>;
}

/**
 * A SELECT, INSERT, REPLACE, UPDATE, DELETE or CALL as vtgate sends it to a tablet, or null when it cannot be printed with
 * certainty: then the text goes as it was written. Margin comments must have been taken off. Throws `Oversize` for more
 * literals than a message to a tablet can hold, and nothing else.
 */
export function normalise(sql: string, options: NormaliseOptions): NormalisedStatement | null {
  try {
    const { tree, cursor } = parse(sql, options.keyspaceNamed, options.sessionVariables, options.parameterize);
    const rows = String(options.selectLimit ?? 0);
    if (rows !== '0' && tree.select !== undefined)
      limitTo(tree, node('literal', [rows], { type: 'INT64', value: rows }));
    const binder = new Binder(cursor.arguments, options.parameterize, cursor.rewrites);
    binder.run(tree);
    if (readsCommonTablesOnly(cursor)) inlineCommonTables(tree);
    return {
      sql: print(tree),
      binds: binder.values,
      needs: binder.needs,
      keyspaces: cursor.keyspaces,
      columns: columnNames(tree),
    };
  } catch (failure) {
    if (failure !== unprintable && !(failure instanceof RangeError)) throw failure;
    return null;
  }
}

/** Whether there are WITH clauses, none recursive, and no table that is none of their names. */
const readsCommonTablesOnly = ({ common, tables }: Cursor): boolean =>
  common.length > 0 && !common.includes(null) && !tables.includes(null);

function columnNames({ select }: Node): readonly string[] | null {
  const expressions = select?.expressions ?? [];
  if (expressions.length === 0 || expressions.some(({ kind }) => kind !== 'aliased')) return null;
  return expressions.map((one) => {
    const alias = one.parts[1];
    if (typeof alias !== 'string') return print(one);
    const name = alias.slice(' as '.length);
    return name.startsWith('`') ? name.slice(1, -1).replaceAll('``', '`') : name;
  });
}

/** How a tablet prints a statement. */
export interface PrintOptions {
  /** A query, UPDATE or DELETE without a limit gets `limit :#maxLimit`. */
  readonly limited?: boolean;
}

/** A statement as it is, and with the limit that was asked for. */
export interface PrintedStatement {
  readonly full: Pieces;
  readonly pieces: Pieces;
}

/**
 * A statement in Vitess's printing without any rewriting, cut where values go; or null. Schemas stay. This is how a tablet
 * prints what it got before it fills in the values.
 */
export const printStatement = (sql: string, options: PrintOptions = {}): Pieces | null =>
  printTwice(sql, options)?.pieces ?? null;

/** As `printStatement`, without the limit too. */
export function printTwice(sql: string, { limited = false }: PrintOptions): PrintedStatement | null {
  try {
    const { tree } = parse(sql, null);
    const full = printPieces(tree);
    if (!limited) return { full, pieces: full };
    limitTo(tree, argumentNode(':#maxLimit'));
    return { full, pieces: printPieces(tree) };
  } catch (failure) {
    if (failure !== unprintable && !(failure instanceof RangeError)) throw failure;
    return null;
  }
}

/** Gives a statement that may have a limit and has none one, before the words that lock rows. */
function limitTo(tree: Node, count: Node): void {
  const { parts, select } = tree;
  if (select !== undefined && (select.limited || tree.kind === 'plain')) return;
  if (select === undefined && parts.some((part) => typeof part === 'object' && 'kind' in part && part.kind === 'limit'))
    return;
  const limit = node('limit', [' limit ', count]);
  const behind = (select?.locked === true ? 1 : 0) + (tree.kind === 'select' && select?.into !== '' ? 1 : 0);
  parts.splice(parts.length - behind, 0, limit);
  if (tree.visits !== undefined) tree.visits = [...tree.visits, limit];
}

/**
 * A SHOW as Vitess prints it, or null where it goes as written. `keyspaceNamed` leaves out the names of keyspaces in front
 * of tables; null = they stay. `database` is the one behind the keyspace, for a tablet.
 */
export function printShow(
  sql: string,
  keyspaceNamed: NormaliseOptions['keyspaceNamed'] | null,
  { database }: ShowOptions,
): { readonly sql: string; readonly keyspaces: ReadonlySet<string> } | null {
  try {
    const { tree, cursor } = parse(sql, keyspaceNamed, undefined, false, (at) => show(at, { database }));
    return { sql: print(tree), keyspaces: cursor.keyspaces };
  } catch (failure) {
    if (failure !== unprintable && !(failure instanceof RangeError)) throw failure;
    return null;
  }
}

const grammar: Grammar = { expression, bits, query };

function parse(
  sql: string,
  keyspaceNamed: NormaliseOptions['keyspaceNamed'] | null,
  sessionVariables?: ReadonlySet<string>,
  bounded = false,
  read: (cursor: Cursor) => Node = statement,
): { tree: Node; cursor: Cursor } {
  const tokens = tokenize(sql);
  if (tokens.tooMany || tokens.versioned || tokens.ambiguous !== null || tokens.blanks.length > 0) throw unprintable;
  if (bounded) demandSendable(tokens);
  const cursor = new Cursor(grammar, tokens, keyspaceNamed, sessionVariables);
  const tree = read(cursor);
  while (cursor.kind === C.semicolon) cursor.at += 1;
  if (cursor.kind !== T.end) throw unprintable;
  return { tree, cursor };
}

function statement(cursor: Cursor): Node {
  switch (cursor.word()) {
    case 'insert':
    case 'replace':
      return insert(cursor);
    case 'update':
      return update(cursor, null);
    case 'delete':
      return remove(cursor, null);
    case 'call':
      return callProcedure(cursor);
    case 'with': {
      const { at, parameters } = cursor;
      const common = withClause(cursor);
      if (cursor.word() === 'update') return update(cursor, common);
      if (cursor.word() === 'delete') return remove(cursor, common);
      cursor.at = at;
      cursor.parameters = parameters;
      return query(cursor);
    }
    default:
      return query(cursor);
  }
}
