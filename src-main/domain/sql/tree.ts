import type { TablePermission } from './reading';
import type { PlanName } from './plan-name';

/** A table named in a FROM list, in the order of the text. */
export interface TableReference {
  readonly name: string;
  /** The schema in front of it, or null. A qualified name never means a common table expression. */
  readonly qualifier: string | null;
}

/** What the FROM clause of one query block, UPDATE or DELETE reads. */
export interface FromClause {
  /** Tables of all joins and brackets, in the order of the text. */
  readonly tables: TableReference[];
  /** Tables that are an element of the list by themselves: neither joined nor in brackets. */
  readonly plain: TableReference[];
  /** Derived tables and the subqueries of join conditions and table functions, in the order of the text. */
  readonly nested: Query[];
}

/** One name of a WITH clause. */
export interface CommonTable {
  readonly name: string;
  readonly query: Query;
}

/** A WITH clause. */
export interface WithClause {
  readonly recursive: boolean;
  readonly tables: CommonTable[];
}

/** A SELECT, a UNION (`arms` more than one) or VALUES, reduced to what reads tables. */
export interface Query {
  readonly kind: 'select' | 'union' | 'values';
  with: WithClause | null;
  readonly from: FromClause;
  readonly arms: Query[];
  /** Subqueries of the select list (or the rows of VALUES). */
  readonly list: Query[];
  /** Subqueries of WHERE, GROUP BY, HAVING, WINDOW, ORDER BY and LIMIT. */
  readonly tail: Query[];
  /** `WHERE 1 != 1` */
  impossible: boolean;
  /** GET_LOCK in the select list. */
  locks: boolean;
  /** VALUES: how many expressions each row has. */
  readonly rows: number[];
  /** The text of the sequence's name for `SELECT NEXT … VALUES FROM`, else null. */
  sequence: string | null;
}

/** A statement reduced to what decides about it. */
export interface Statement {
  /** Vitess's name of its kind. */
  readonly type: string;
  /** Plan of the RPCs that are not streams; `select`, `update` and `delete` depend on the statement's details. */
  readonly execute: PlanName | 'select' | 'update' | 'delete' | 'invalid';
  /** What streaming RPCs make of it. */
  readonly stream: 'SelectStream' | 'OtherRead' | 'refused' | 'panic';
  /** Asked first, in every version. */
  readonly asks: TablePermission[];
  /** The statement's own WITH clause and FROM list (UPDATE, DELETE), or null. */
  readonly written: { readonly with: WithClause | null; readonly from: FromClause; readonly limit: boolean } | null;
  /** Read in every version, after `asks` and `written`. */
  readonly reads: Query[];
  /** Read by the statement, but only asked since 24.0.4. */
  readonly laterReads: Query[];
  /** The statement that EXPLAIN describes; asked since 24.0.4. */
  readonly explained: Statement | null;
  /** Asked in hardened mode only, after everything else. */
  readonly strictAsks: TablePermission[];
  /** Why the tables cannot be determined since 24.0.4, or null. */
  readonly opaque: string | null;
  /** Why the tables cannot be determined in hardened mode, or null. */
  readonly strictOpaque: string | null;
}

export const emptyFrom = (): FromClause => ({ tables: [], plain: [], nested: [] });

export const newQuery = (kind: Query['kind'], arms: Query[] = []): Query => ({
  kind,
  with: null,
  from: emptyFrom(),
  arms,
  list: [],
  tail: [],
  impossible: false,
  locks: false,
  rows: [],
  sequence: null,
});

/** A statement of a kind with what differs from "asks nothing, reads nothing". */
export const statement = (
  type: string,
  execute: Statement['execute'],
  stream: Statement['stream'],
  rest: Partial<Statement> = {},
): Statement => ({
  asks: [],
  written: null,
  reads: [],
  laterReads: [],
  explained: null,
  strictAsks: [],
  opaque: null,
  strictOpaque: null,
  ...rest,
  type,
  execute,
  stream,
});
