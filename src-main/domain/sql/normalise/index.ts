import { tokenize } from '../lexer';
import { C, T } from '../token-kinds';
import { Binder, type BindValues } from './bind';
import { Cursor } from './cursor';
import { callProcedure, insert, remove, update } from './dml-tree';
import { node, print, unprintable, type Node } from './node';
import { query, withClause } from './query-tree';

export type { BindValue, BindValues } from './bind';
export { splitMargins } from './margins';
export type { Margins } from './margins';
export type { LiteralType } from './node';

/** A statement as vtgate sends it to a tablet. */
export interface NormalisedStatement {
  /** Vitess's canonical printing, with bind variables in place of literals. */
  readonly sql: string;
  readonly binds: BindValues;
  /** Bind variables of `sql` whose value is the session's: `__vtdbname`, `__lastInsertId`, `__vtfrows`, `__vtrcount`, `__vtNAME`. */
  readonly needs: ReadonlySet<string>;
  /** Keyspaces that the text names. */
  readonly keyspaces: ReadonlySet<string>;
}

export interface NormaliseOptions {
  /** Whether a schema's name is a keyspace, which is left out. A statement with another schema is not printed. */
  readonly isKeyspace: (name: string) => boolean;
  /** Literals become bind variables; not so in prepared statements. */
  readonly parameterize: boolean;
  /** `sql_select_limit` of the session: a query without a limit gets this one; 0 = none. */
  readonly selectLimit?: number;
}

/**
 * A SELECT, INSERT, REPLACE, UPDATE, DELETE or CALL as vtgate sends it to a tablet, or null when it cannot be printed with
 * certainty: then the text goes as it was written. Margin comments must have been taken off. Never throws.
 */
export function normalise(sql: string, options: NormaliseOptions): NormalisedStatement | null {
  try {
    const { tree, cursor } = parse(sql, options.isKeyspace);
    if ((options.selectLimit ?? 0) > 0) limitTo(tree, options.selectLimit as number);
    const binder = new Binder(cursor.arguments, options.parameterize, cursor.rewrites);
    binder.run(tree);
    return { sql: print(tree), binds: binder.values, needs: binder.needs, keyspaces: cursor.keyspaces };
  } catch (failure) {
    if (failure !== unprintable && !(failure instanceof RangeError)) throw failure;
    return null;
  }
}

/** Gives a query without a limit one, before the words that lock rows. */
function limitTo(tree: Node, rows: number): void {
  if (tree.select === undefined || tree.select.limited || tree.kind === 'plain') return;
  const count = node('literal', [String(rows)], { type: 'INT64', value: String(rows) });
  const limit = node('limit', [' limit ', count]);
  const { parts } = tree;
  parts.splice(tree.select.locked ? parts.length - 1 : parts.length, 0, limit);
  tree.visits = [...(tree.visits ?? []), limit];
}

/** The same statement printed without any rewriting, as a tablet prints what it got, or null. */
export function printStatement(sql: string, isKeyspace: NormaliseOptions['isKeyspace']): string | null {
  try {
    return print(parse(sql, isKeyspace).tree);
  } catch (failure) {
    if (failure !== unprintable && !(failure instanceof RangeError)) throw failure;
    return null;
  }
}

function parse(sql: string, isKeyspace: NormaliseOptions['isKeyspace']): { tree: Node; cursor: Cursor } {
  const tokens = tokenize(sql);
  if (tokens.versioned || tokens.ambiguous !== null || tokens.blanks.length > 0) throw unprintable;
  const cursor = new Cursor(tokens, isKeyspace);
  const tree = statement(cursor);
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
