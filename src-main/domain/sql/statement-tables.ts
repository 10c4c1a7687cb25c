import { tokenize } from './lexer';
import { splitMargins } from './normalise/margins';
import type { ReadOptions } from './options';
import { knownSingle } from './plans';
import { continueQuery, query } from './queries';
import { Reader, SyntaxFailure, Unread } from './reader';
import { readTree } from './statements';
import type { FromClause, Query, Statement, WithClause } from './tree';

/** The tables by which vttablet's plan of a statement is known; one empty name where there are none. */
export interface StatementTables {
  /** For RPCs that are not streams: every table that the schema has. */
  readonly execute: readonly string[];
  /** For streaming RPCs: the only table of a SELECT's FROM list, nothing where there are more. */
  readonly stream: readonly string[];
}

/**
 * The names that query rules and statistics of vttablet go by (planbuilder/plan.go TableNames, sqlparser ExtractAllTables):
 * tables of FROM lists at every depth and targets of INSERT, UPDATE and DELETE, without those that only DDL names. Null for
 * a text that is not read.
 */
export function statementTables(sql: string, options: ReadOptions): StatementTables | null {
  try {
    const tokens = tokenize(splitMargins(sql).statement);
    if (tokens.tooMany) return null;
    const tree = readTree(new Reader(tokens, query, continueQuery));
    const known = ({ knownTables }: ReadOptions, name: string): boolean =>
      name === 'dual' || (knownTables?.has(name) ?? true);
    const names = [...namesOf(tree, new Set())].filter((name) => known(options, name));
    const flushed = tree.execute === 'Flush' ? tree.asks.filter(({ table }) => known(options, table)) : [];
    const alone = flushed.length === 1 ? flushed[0]?.table : undefined;
    return {
      execute: names.length > 0 ? names : [alone ?? ''],
      stream: [singleOf(tree, options) ?? ''],
    };
  } catch (failure) {
    if (failure instanceof SyntaxFailure || failure instanceof Unread || failure instanceof RangeError) return null;
    throw failure;
  }
}

function singleOf(tree: Statement, options: ReadOptions): string | null {
  const [first] = tree.reads;
  return tree.execute === 'select' && first?.kind === 'select' ? knownSingle(first.from, options) : null;
}

function namesOf(tree: Statement, names: Set<string>): Set<string> {
  const ofFrom = ({ tables, nested }: FromClause): void => {
    for (const { name, qualifier } of tables) if (qualifier === null) names.add(name);
    nested.forEach(ofQuery);
  };
  const ofWith = (clause: WithClause | null): void => clause?.tables.forEach((table) => ofQuery(table.query));
  const ofQuery = (one: Query): void => {
    ofWith(one.with);
    ofFrom(one.from);
    for (const inner of [...one.arms, ...one.list, ...one.tail]) ofQuery(inner);
  };
  if (tree.execute === 'Insert') for (const { table } of tree.asks) names.add(table);
  if (tree.written !== null) {
    ofWith(tree.written.with);
    ofFrom(tree.written.from);
  }
  [...tree.reads, ...tree.laterReads].forEach(ofQuery);
  if (tree.explained !== null) namesOf(tree.explained, names);
  return names;
}
