import type { Span } from './reading';
import { wordKind } from './keywords';
import { C, T } from './token-kinds';
import { TokenList, type Numbers } from './token-list';

/** A statement cut into tokens; parallel arrays of UTF-16 offsets, closed by an `end` token. */
export interface Tokens {
  readonly sql: string;
  /** Behind the closing token there is nothing, or more `end` tokens. */
  readonly kinds: Numbers;
  readonly starts: Numbers;
  readonly ends: Numbers;
  /** How many tokens there are before the closing one. */
  count: number;
  /** There are more than `mostTokens` of them: the rest of the text was not read. */
  tooMany: boolean;
  /** Versioned comments (`/*!`, `/*M!`) occur of which not every server runs the content. */
  versioned: boolean;
  /** Stretches a server may read otherwise than this lexer did: brackets of versioned comments that were read, whole ones that were not. */
  readonly blanks: Span[];
  /** Why MySQL might cut the text into other tokens than these, or null. */
  ambiguous: string | null;
  /** End of the first token when a comment without content follows it at once (the real program then panics), or -1. */
  emptyCommentAfter: number;
  /** An optimizer hint sets a variable. */
  setsVariableByHint: boolean;
  /** There is a comment to the end of a line. */
  lineCommented: boolean;
  /** There is a comment in `/*` and its end. */
  blockCommented: boolean;
}

/** What is noted of a text while it is cut. */
type Notes = Omit<Tokens, 'kinds' | 'starts' | 'ends'>;

/** Character classes of ASCII: 1 letter (also `_` and `$`), 2 digit, 4 blank, 8 continues a variable's name. */
const classes = new Uint8Array(128);
for (let code = 0; code < 128; code++) {
  const character = String.fromCharCode(code);
  if (/[a-zA-Z_$]/.test(character)) classes[code] = 1 | 8;
  else if (/[0-9]/.test(character)) classes[code] = 2 | 8;
  else if (/[ \t\n\r]/.test(character)) classes[code] = 4;
  else if (character === '.') classes[code] = 8;
}
const classOf = (code: number): number => (code < 128 ? (classes[code] as number) : 0);

/** Vitess's default `--mysql-server-version` 8.4.6 as a versioned comment's number. */
const emulatedServer = 80406;
/**
 * Every server that Vitess or Gatehouse runs on runs the content of `/*!NNNNN ` up to this: MySQL since 5.7, and MariaDB,
 * which leaves out 50700 to 99999 (its manual, Comment Syntax). Dumping programs write such comments into every query.
 */
const newestThatAllRun = 50699;

/**
 * Most tokens of a statement that is read. vtgate has no such limit, but what has more of them makes a message beyond the 16 MiB
 * that it may send to a tablet, unless nearly all are names or brackets.
 */
export const mostTokens = 2_500_000;

/**
 * Cuts a text into tokens as Vitess's tokenizer does (go/vt/sqlparser/token.go), in one pass. Where MySQL or
 * MariaDB cut differently the token is `broken` or `ambiguous` is set, so that what was checked is what runs.
 * With `most` it stops after so many tokens.
 */
export function tokenize(sql: string, most = mostTokens): Tokens {
  const list = new TokenList();
  const tokens: Notes = {
    sql,
    count: 0,
    tooMany: false,
    versioned: false,
    blanks: [],
    ambiguous: null,
    emptyCommentAfter: -1,
    setsVariableByHint: false,
    lineCommented: false,
    blockCommented: false,
  };
  const length = sql.length;
  let at = 0;
  let inVersioned = false;
  while (at < length && list.count < most) {
    const code = sql.charCodeAt(at);
    const kind = classOf(code);
    if ((kind & 4) !== 0) {
      at++;
      continue;
    }
    const start = at;
    let token = T.broken as number;
    if ((kind & 1) !== 0) {
      const next = sql.charCodeAt(at + 1);
      if (next === 39 && (code === 120 || code === 88 || code === 98 || code === 66)) {
        at = prefixedLiteralEnd(sql, at + 2, code === 120 || code === 88);
        token = at < 0 ? T.broken : code === 120 || code === 88 ? T.hex : T.bits;
        if (at < 0) at = length;
      } else if (next === 39 && (code === 110 || code === 78)) {
        at = quotedEnd(sql, at + 1, 39, true);
        token = at < 0 ? T.broken : T.nationalString;
        if (at < 0) at = length;
      } else {
        at++;
        while (at < length && (classOf(sql.charCodeAt(at)) & 3) !== 0) at++;
        token = wordKind(sql.slice(start, at));
      }
    } else if ((kind & 2) !== 0 || (code === C.dot && (classOf(sql.charCodeAt(at + 1)) & 2) !== 0)) {
      at = numberEnd(sql, at);
      token = at < 0 ? T.broken : numberKind(sql, start, at);
      if (at < 0) at = -at;
    } else if (code === 39 || code === 34) {
      at = quotedEnd(sql, at, code, true);
      token = at < 0 ? T.broken : T.string;
      if (at < 0) at = length;
    } else if (code === 96) {
      at = quotedEnd(sql, at, 96, false);
      token = at < 0 || at - start <= 2 ? T.broken : T.quotedName;
      if (at < 0) at = length;
    } else if (code === 35 || (code === C.minus && sql.charCodeAt(at + 1) === C.minus && blankOrEnd(sql, at + 2))) {
      at = lineEnd(sql, at);
      tokens.lineCommented = true;
      continue;
    } else if (code === C.slash && sql.charCodeAt(at + 1) === C.star) {
      if (sql.charCodeAt(at + 2) === C.bang) {
        const inside = versionedStart(sql, at, tokens);
        if (inside === -1) {
          at = commentEnd(sql, at + 2);
          if (at < 0) at = length;
          else {
            tokens.blanks.push({ start, end: at });
            continue;
          }
        } else {
          if (inVersioned) tokens.ambiguous = 'a versioned comment inside another one';
          inVersioned = true;
          at = inside;
          tokens.blanks.push({ start, end: at });
          continue;
        }
      } else {
        if (inVersioned) tokens.ambiguous = 'a comment inside a versioned comment';
        const end = commentEnd(sql, at + 2);
        if (end < 0) at = length;
        else {
          noteComment(tokens, list, start, end);
          at = end;
          continue;
        }
      }
    } else if (inVersioned && code === C.star && sql.charCodeAt(at + 1) === C.slash) {
      inVersioned = false;
      at += 2;
      tokens.blanks.push({ start, end: at });
      continue;
    } else if (code === 64) {
      at = variableEnd(sql, at, tokens);
      token = at < 0 ? T.broken : sql.charCodeAt(start + 1) === 64 ? T.systemVariable : T.userVariable;
      if (at < 0) at = -at;
    } else if (code === 58) {
      token = bindKind(sql, at);
      at =
        token === T.broken
          ? at + 1
          : token === T.assign
            ? at + 2
            : wordEnd(sql, token === T.listVariable ? at + 2 : at + 1);
    } else if (code === 63) {
      at++;
      token = T.bindVariable;
    } else {
      token = operatorKind(sql, at, code);
      at += operatorLength(token);
    }
    list.push(token, start, at);
    if (token === T.broken) break;
  }
  if (inVersioned && list.last !== T.broken) list.push(T.broken, length, length);
  tokens.count = list.count;
  tokens.tooMany = at < length && most === mostTokens && list.count >= most;
  list.push(T.end, length, length);
  return Object.assign(tokens, list.take());
}

/** Where a quoted stretch that opens at `at` ends (after the closing quote), or -1. A doubled quote is one quote. */
function quotedEnd(sql: string, at: number, quote: number, escapes: boolean): number {
  const length = sql.length;
  for (let i = at + 1; i < length; i++) {
    const code = sql.charCodeAt(i);
    if (code === quote) {
      if (sql.charCodeAt(i + 1) !== quote) return i + 1;
      i++;
    } else if (code === 92 && escapes) i++;
    else if (code === 0 && !escapes) return -1;
  }
  return -1;
}

function prefixedLiteralEnd(sql: string, at: number, hex: boolean): number {
  let i = at;
  while (i < sql.length && isBaseDigit(sql.charCodeAt(i), hex ? 16 : 2)) i++;
  return sql.charCodeAt(i) === 39 && (!hex || (i - at) % 2 === 0) ? i + 1 : -1;
}

function isBaseDigit(code: number, base: number): boolean {
  if (base === 2) return code === 48 || code === 49;
  if ((classOf(code) & 2) !== 0) return true;
  return base === 16 && ((code >= 65 && code <= 70) || (code >= 97 && code <= 102));
}

function digitsEnd(sql: string, at: number): number {
  let i = at;
  while (i < sql.length && (classOf(sql.charCodeAt(i)) & 2) !== 0) i++;
  return i;
}

function wordEnd(sql: string, at: number): number {
  let i = at;
  while (i < sql.length && (classOf(sql.charCodeAt(i)) & 11) !== 0) i++;
  return i;
}

/** End of a number, or minus its end when a letter is glued to a number with a point or an exponent. */
function numberEnd(sql: string, start: number): number {
  let at = start;
  if (sql.charCodeAt(at) === 48) {
    const base = sql.charCodeAt(at + 1);
    const radix = base === 120 || base === 88 ? 16 : base === 98 || base === 66 ? 2 : 0;
    if (radix !== 0) {
      at += 2;
      while (at < sql.length && isBaseDigit(sql.charCodeAt(at), radix)) at++;
      if (at > start + 2) return gluedNameEnd(sql, at);
      at = start;
    }
  }
  at = digitsEnd(sql, at);
  let fraction = false;
  if (sql.charCodeAt(at) === C.dot) {
    fraction = true;
    at = digitsEnd(sql, at + 1);
  }
  const exponent = sql.charCodeAt(at);
  if (exponent === 101 || exponent === 69) {
    const sign = sql.charCodeAt(at + 1);
    const digits = sign === C.plus || sign === C.minus ? at + 2 : at + 1;
    if ((classOf(sql.charCodeAt(digits)) & 2) !== 0) {
      at = digitsEnd(sql, digits);
      fraction = true;
    }
  }
  if (!fraction) return gluedNameEnd(sql, at);
  return (classOf(sql.charCodeAt(at)) & 1) !== 0 ? -at : at;
}

/** Digits followed by letters are a name (`1orders`), as in MySQL. */
function gluedNameEnd(sql: string, at: number): number {
  let i = at;
  while (i < sql.length && (classOf(sql.charCodeAt(i)) & 3) !== 0) i++;
  return i;
}

function numberKind(sql: string, start: number, end: number): number {
  let kind: number = T.integer;
  for (let i = start; i < end; i++) {
    const code = sql.charCodeAt(i);
    if (code === C.dot) return T.decimal;
    if ((classOf(code) & 1) === 0) continue;
    if (
      i === start + 1 &&
      sql.charCodeAt(start) === 48 &&
      (code === 120 || code === 98 || code === 88 || code === 66)
    ) {
      const radix = code === 120 || code === 88 ? 16 : 2;
      let digit = i + 1;
      while (digit < end && isBaseDigit(sql.charCodeAt(digit), radix)) digit++;
      // Upper case `0X41` is a name to MySQL and a number to Vitess; neither is a table.
      if (digit === end) return radix === 16 ? T.hexNumber : T.bits;
      return T.name;
    }
    if ((code === 101 || code === 69) && i > start) {
      const sign = sql.charCodeAt(i + 1);
      const digits = sign === C.plus || sign === C.minus ? i + 2 : i + 1;
      if (digits < end && digitsEnd(sql, digits) === end) return T.decimal;
    }
    kind = T.name;
    break;
  }
  return kind;
}

function blankOrEnd(sql: string, at: number): boolean {
  return at >= sql.length || (classOf(sql.charCodeAt(at)) & 4) !== 0;
}

function lineEnd(sql: string, at: number): number {
  const end = sql.indexOf('\n', at);
  return end < 0 ? sql.length : end + 1;
}

function commentEnd(sql: string, at: number): number {
  const end = sql.indexOf('*/', at);
  return end < 0 ? -1 : end + 2;
}

/** Where the content of the versioned comment at `at` begins, or -1 when the emulated server is too old for it. */
function versionedStart(sql: string, at: number, tokens: Notes): number {
  let inside = at + 3;
  while (inside < at + 8 && (classOf(sql.charCodeAt(inside)) & 2) !== 0) inside++;
  if (inside < at + 8) {
    tokens.versioned = true;
    return at + 3;
  }
  const version = Number(sql.slice(at + 3, inside));
  if (version > newestThatAllRun || (classOf(sql.charCodeAt(inside)) & 4) === 0) tokens.versioned = true;
  return version <= emulatedServer ? inside : -1;
}

/** Whether a comment has no quotes, or nothing but complete texts in single ones. */
const isPlainHint = (hint: string): boolean => !/["`\\]/.test(hint) && (hint.split("'").length & 1) === 1;

function noteComment(tokens: Notes, list: TokenList, start: number, end: number): void {
  const { sql } = tokens;
  tokens.blockCommented = true;
  if (end - start === 4 && list.count === 1) tokens.emptyCommentAfter = list.firstEnd;
  if (sql.charCodeAt(start + 2) === C.plus) {
    const hint = sql.slice(start, end);
    // MySQL's scanner of hints reads quotes, so that one may hide the end of the comment from it; whole plain texts do not.
    if (!isPlainHint(hint)) tokens.ambiguous = 'a quoted name in an optimizer hint';
    if (hint.toLowerCase().includes('set_var')) tokens.setsVariableByHint = true;
  } else if ((sql.charCodeAt(start + 2) | 32) === 109 && sql.charCodeAt(start + 3) === C.bang) {
    // MariaDB runs what stands in `/*M!`, MySQL and Vitess do not.
    tokens.versioned = true;
    tokens.blanks.push({ start, end });
  }
}

/** End of the variable at `at`, or minus where it breaks. */
function variableEnd(sql: string, at: number, tokens: Notes): number {
  let i = at + 1;
  if (sql.charCodeAt(i) === 64) i++;
  const first = sql.charCodeAt(i);
  if (first === 96) {
    const end = quotedEnd(sql, i, 96, false);
    return end < 0 ? -sql.length : end;
  }
  if ((first === 39 || first === 34) && i === at + 1) {
    const end = quotedEnd(sql, i, first, true);
    return end < 0 ? -sql.length : end;
  }
  while (i < sql.length && (classOf(sql.charCodeAt(i)) & 8) !== 0) i++;
  const after = sql.charCodeAt(i);
  // `@@global.`status``: a name behind a scope may be quoted, as vtgate prints those that are its keywords.
  if (after === 96 && sql.charCodeAt(i - 1) === C.dot && sql.charCodeAt(at + 1) === 64) {
    const end = quotedEnd(sql, i, 96, false);
    return end < 0 ? -sql.length : end;
  }
  if (after === 39 || after === 34 || after === 96) tokens.ambiguous = 'a quote glued to a variable';
  return i === at + 1 || (i === at + 2 && sql.charCodeAt(at + 1) === 64) ? -i : i;
}

function bindKind(sql: string, at: number): number {
  const next = sql.charCodeAt(at + 1);
  if (next === C.equal) return T.assign;
  if (next === 58) return (classOf(sql.charCodeAt(at + 2)) & 1) !== 0 ? T.listVariable : T.broken;
  return (classOf(next) & 3) !== 0 ? T.bindVariable : T.broken;
}

const single = new Set<number>(Object.values(C));

function operatorKind(sql: string, at: number, code: number): number {
  const next = sql.charCodeAt(at + 1);
  switch (code) {
    case C.less:
      if (next === C.greater) return T.notEqual;
      if (next === C.less) return T.shiftLeft;
      if (next === C.equal) return sql.charCodeAt(at + 2) === C.greater ? T.nullSafeEqual : T.lessOrEqual;
      return code;
    case C.greater:
      return next === C.equal ? T.greaterOrEqual : next === C.greater ? T.shiftRight : code;
    case C.bang:
      return next === C.equal ? T.notEqual : code;
    case C.ampersand:
      return next === C.ampersand ? T.and : code;
    case C.pipe:
      return next === C.pipe ? T.or : code;
    case C.minus:
      if (next === C.greater) return sql.charCodeAt(at + 2) === C.greater ? T.unquotingArrow : T.arrow;
      return code;
    default:
      return single.has(code) ? code : T.broken;
  }
}

function operatorLength(kind: number): number {
  if (kind === T.nullSafeEqual || kind === T.unquotingArrow) return 3;
  return kind >= T.notEqual && kind <= T.arrow ? 2 : 1;
}
