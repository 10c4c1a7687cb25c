import type { VtCode } from '../kernel';
import { tokenize } from './lexer';
import type { Tokens } from './lexer';
import { oversizeText } from './normalise/oversize';
import type { ReadOptions } from './options';
import { gatewayRefusal } from './gateway-refusal';
import { planStatement, undeterminedPlans } from './plans';
import type { Plans } from './plans';
import { splitMargins } from './normalise/margins';
import { continueQuery, query } from './queries';
import { Reader, SyntaxFailure, Unread } from './reader';
import type { Plan, StatementReading } from './reading';
import { atEnd } from './skipping';
import { readTree } from './statements';
import { syntaxErrorText } from './syntax-error';
import { C, T } from './token-kinds';
import { statement } from './tree';
import type { Statement } from './tree';

/** Begins the reason of a plan whose statement Gatehouse gave up on, where Vitess may read it. */
export const unreadMark = 'not read by Gatehouse: ';

/**
 * Reads one statement: its kind, and for both RPC kinds vttablet's plan name and the questions it puts to the table ACL
 * (vitess-behaviour §§5.4 to 5.6). Never throws; the work grows with the length of the text.
 */
export function readStatement(sql: string, options: ReadOptions): StatementReading {
  try {
    const tokens = tokenize(sql);
    return tokens.tooMany ? oversize(tokens) : read(tokens, options);
  } catch (failure) {
    const reason =
      failure instanceof Unread
        ? failure.reason
        : failure instanceof RangeError
          ? 'nested deeper than the stack holds'
          : 'the reader failed';
    return undetermined(`${unreadMark}${reason}`);
  }
}

/**
 * Where programs cut the comments off that stand around a statement, they find the beginning of the last one from its end:
 * `/* a /* b *\/` leaves `/* a` behind, which is no comment.
 */
function cutApart(sql: string, options: ReadOptions): Tokens | null {
  if (options.isCut === true) return null;
  const last = sql.lastIndexOf('/*');
  if (last <= 0 || !sql.trimEnd().endsWith('*/')) return null;
  const opened = sql.lastIndexOf('/*', last - 1);
  if (opened < 0 || sql.slice(opened, last).includes('*/')) return null;
  const { statement, trailing } = splitMargins(sql);
  if (trailing === '') return null;
  const tokens = tokenize(statement);
  return tokens.kinds.includes(T.broken) ? tokens : null;
}

function read(whole: Tokens, options: ReadOptions): StatementReading {
  const tokens = cutApart(whole.sql, options) ?? whole;
  const first = tokens.kinds[0] as number;
  if (first === T.end) return withoutStatement(tokens, options);
  const reader = new Reader(tokens, query, continueQuery);
  let tree: Statement;
  try {
    if (first === C.semicolon) return emptyStatement(tokens, options);
    tree = readTree(reader);
    if (!atEnd(reader)) reader.fail();
    if (!endsHere(reader, options)) return refused('Expected a single statement', tokens);
  } catch (failure) {
    if (!(failure instanceof SyntaxFailure)) throw failure;
    return refused(syntaxErrorText(tokens, failure.token), tokens);
  }
  const { mode } = options.fidelity;
  if (mode === 'vitess' && tokens.ambiguous !== null) throw new Unread(tokens.ambiguous);
  if (mode === 'vitess' && options.isCut !== true && tokens.emptyCommentAfter === tokens.ends[0])
    return reading(tree.type, { execute: { kind: 'panic' }, stream: { kind: 'panic' } }, reader);
  const plans = planStatement(tree, options, mode === 'hardened' ? doubt(tokens, reader) : null);
  return { ...reading(tree.type, plans, reader), gateway: gatewayRefusal(tree, reader.met) };
}

/** Why hardened mode does not trust what was read to be what MySQL runs, or null. */
function doubt(tokens: Tokens, reader: Reader): string | null {
  if (tokens.versioned) return 'a versioned comment, whose content counts for some servers only';
  if (tokens.ambiguous !== null) return tokens.ambiguous;
  if (tokens.setsVariableByHint) return 'an optimizer hint sets a variable';
  if (reader.stray.length > 0) return 'a query where none is expected';
  if (reader.usesFiles !== null) return reader.usesFiles;
  if (reader.unknownFunction !== null)
    return `${reader.unknownFunction} may be a stored function, which reads what its definer may read`;
  return null;
}

/**
 * Whether nothing follows but one semicolon. Real programs cut any number of them off with the comments around the statement
 * (SplitMarginComments in go/vt/sqlparser/comments.go), so vitess mode takes them and has them blanked.
 */
function endsHere(reader: Reader, options: ReadOptions): boolean {
  if (options.fidelity.mode === 'hardened' || options.isCut === true)
    return reader.kind === T.end || reader.peek(1) === T.end;
  while (reader.kind === C.semicolon) {
    reader.tokens.blanks.push({ start: reader.start(), end: reader.end() });
    reader.advance();
  }
  return reader.kind === T.end;
}

/** Semicolons without a statement. */
function emptyStatement(tokens: Tokens, { isCut }: ReadOptions): StatementReading {
  const alone = isCut === true ? tokens.kinds[1] === T.end : tokens.kinds.every(isEmpty);
  return refused(alone ? 'Query was empty' : 'Expected a single statement', tokens);
}

const isEmpty = (kind: number): boolean => kind === C.semicolon || kind === T.end;

/** Nothing but blanks and comments: block comments are cut off before the text is parsed, the others are a statement without a plan. */
function withoutStatement(tokens: Tokens, options: ReadOptions): StatementReading {
  if (!tokens.lineCommented && !(options.isCut === true && tokens.blockCommented))
    return refused('Query was empty', tokens);
  const plans = planStatement(statement('COMMENT_ONLY', 'invalid', 'panic'), options, null);
  return { type: 'COMMENT_ONLY', ...plans, qualifiers: [], bareTables: [], sessionCalls: [], blanks: tokens.blanks };
}

/** Bytes that each of too many tokens is taken to have in vtgate's printing, with its share of a bind variable. */
const bytesOfToken = 4;

/** More tokens than are read: in vtgate's printing they are longer than a message to a tablet may be. */
function oversize(tokens: Tokens): StatementReading {
  const bytes = tokens.sql.length + tokens.count * bytesOfToken;
  return { ...refused(oversizeText(bytes), tokens, 'RESOURCE_EXHAUSTED'), oversize: bytes };
}

function refused(message: string, tokens: Tokens, code: VtCode = 'INVALID_ARGUMENT'): StatementReading {
  const plan: Plan = { kind: 'refused', code, message };
  return {
    type: 'UNKNOWN',
    execute: plan,
    stream: plan,
    qualifiers: [],
    bareTables: [],
    sessionCalls: [],
    blanks: tokens.blanks,
  };
}

const undetermined = (reason: string): StatementReading => ({
  type: 'UNKNOWN',
  ...undeterminedPlans(reason),
  qualifiers: [],
  bareTables: [],
  sessionCalls: [],
  blanks: [],
});

const reading = (type: string, plans: Plans, reader: Reader): StatementReading => ({
  type,
  execute: plans.execute,
  stream: plans.stream,
  qualifiers: reader.qualifiers,
  bareTables: reader.bareTables,
  sessionCalls: reader.calls,
  blanks: reader.tokens.blanks,
});
