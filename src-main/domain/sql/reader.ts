import { isName, keyword } from './keywords';
import type { Tokens } from './lexer';
import type { Numbers } from './token-list';
import type { QualifierSpan, SessionCall, Span } from './reading';
import { C, T } from './token-kinds';
import type { Query, TableReference } from './tree';

/** The text is not a statement: where the grammar could not go on. */
export class SyntaxFailure extends Error {
  constructor(readonly token: number) {
    super('syntax');
  }
}

/** The text may be a statement, but this reader does not read it. */
export class Unread extends Error {
  constructor(readonly reason: string) {
    super(reason);
  }
}

/** A call that vtgate answers, before it is known whether its expression has an alias. */
export interface CallDraft {
  readonly name: SessionCall['name'];
  readonly start: number;
  readonly end: number;
  alias: string | null;
  expressionAlias: SessionCall['expressionAlias'];
}

/**
 * Levels of nesting that are read. Node's stack of 984 KiB holds about twice as many of the dearest, calls of functions,
 * before anything is compiled.
 */
const deepest = 500;
const dualKeyword = keyword('dual');

/** Walks over the tokens of one statement and collects what is not part of the tree. */
export class Reader {
  /** Index of the token to read next. */
  at = 0;
  /** Kind of that token. */
  kind: number;
  readonly kinds: Readonly<Numbers>;
  readonly qualifiers: QualifierSpan[] = [];
  /** Tables that were named without their schema; common tables are among them. */
  readonly bareTables: Span[] = [];
  readonly calls: CallDraft[] = [];
  /** Subqueries that no part of the statement asked for; there should be none. */
  readonly stray: Query[] = [];
  /** Receives the subqueries of the expression that is being read. */
  sink: Query[] = this.stray;
  /** The first operand of the expression to read has been consumed already. */
  primed = false;
  /** Queries around the current token. */
  queryDepth = 0;
  /** Calls of GET_LOCK so far. */
  lockCalls = 0;
  /** Whether a file is written or read by the statement. */
  usesFiles: string | null = null;
  /** What vtgate's planner may not take, by the first place of each kind; natural joins in vtgate's words. */
  readonly met: {
    assignment?: true;
    intoVariables?: true;
    lateral?: true;
    jsonTable?: true;
    naturalJoin?: string;
    insertedColumns?: true;
  } = {};
  /** The first function that is not built in, as written. */
  unknownFunction: string | null = null;
  private depth = 0;

  constructor(
    readonly tokens: Tokens,
    /** Reads the query whose first token is next (injected: expressions and queries contain one another). */
    readonly readQuery: (reader: Reader) => Query,
    /** Reads what may follow the first operand of a query: UNION arms, ORDER BY, LIMIT and so on. */
    readonly continueQuery: (reader: Reader, first: Query) => Query,
  ) {
    this.kinds = tokens.kinds;
    this.kind = tokens.kinds[0] as number;
  }

  /** Kind of the token `ahead` tokens further. */
  peek(ahead: number): number {
    return this.kinds[this.at + ahead] ?? T.end;
  }

  advance(): void {
    if (this.kind === T.end) this.fail();
    this.kind = this.kinds[++this.at] as number;
  }

  goTo(token: number): void {
    this.at = token;
    this.kind = this.kinds[token] as number;
  }

  accept(kind: number): boolean {
    if (this.kind !== kind) return false;
    this.advance();
    return true;
  }

  expect(kind: number): void {
    if (this.kind !== kind) this.fail();
    this.advance();
  }

  /** The grammar cannot go on with the next token. */
  fail(): never {
    throw new SyntaxFailure(this.at);
  }

  enter(): void {
    if (++this.depth > deepest) throw new Unread(`nested deeper than ${deepest} levels`);
  }

  leave(): void {
    this.depth--;
  }

  start(token = this.at): number {
    return this.tokens.starts[token] as number;
  }

  end(token = this.at): number {
    return this.tokens.ends[token] as number;
  }

  text(token = this.at): string {
    return this.tokens.sql.slice(this.start(token), this.end(token));
  }

  /** The name that the token stands for, without backticks. */
  nameOf(token: number): string {
    const text = this.text(token);
    return this.kinds[token] === T.quotedName ? text.slice(1, -1).replaceAll('``', '`') : text;
  }

  /** Reads a name that needs no backticks or has them. */
  name(): string {
    if (!isName(this.kind)) this.fail();
    const name = this.nameOf(this.at);
    this.advance();
    return name;
  }

  /** Reads a name after a dot, where reserved words are names too. */
  nameAfterDot(): string {
    if (!(isName(this.kind) || this.kind >= 200)) this.fail();
    const name = this.nameOf(this.at);
    this.advance();
    return name;
  }

  /** Reads `table` or `schema.table` and notes the schema. */
  tableName(): TableReference {
    const first = this.at;
    if (!isName(this.kind) && this.kind !== dualKeyword) this.fail();
    const name = this.nameOf(first);
    this.advance();
    if (this.kind !== C.dot) {
      if (this.kinds[first] !== dualKeyword) this.bareTables.push({ start: this.start(first), end: this.end(first) });
      return { name, qualifier: null };
    }
    this.advance();
    const tableAt = this.at;
    const table = this.nameAfterDot();
    this.qualifiers.push({ start: this.start(first), end: this.start(tableAt), name });
    return { name: table, qualifier: name };
  }

  /** Whether the brackets at the next token, however many, open onto a query. */
  opensQuery(isQueryStart: (kind: number) => boolean): boolean {
    let ahead = 0;
    while (ahead <= deepest && this.peek(ahead) === C.open) ahead++;
    return ahead > 0 && isQueryStart(this.peek(ahead));
  }
}
