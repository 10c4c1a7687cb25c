import { isBuiltinFunction, mustBeGlued } from './builtin-functions';
import { specialCall } from './function-syntax';
import { isName, isReserved, keyword, keywords } from './keywords';
import type { Reader } from './reader';
import { sessionCallName } from './session-calls';
import { C, T } from './token-kinds';
import type { Query } from './tree';
import { overClause } from './windows';

const K = {
  all: keyword('all'),
  and: keyword('and'),
  any: keyword('any'),
  between: keyword('between'),
  binary: keyword('binary'),
  case: keyword('case'),
  collate: keyword('collate'),
  currentUser: keyword('current_user'),
  default: keyword('default'),
  distinct: keyword('distinct'),
  div: keyword('div'),
  else: keyword('else'),
  end: keyword('end'),
  escape: keyword('escape'),
  exists: keyword('exists'),
  false: keyword('false'),
  for: keyword('for'),
  in: keyword('in'),
  interval: keyword('interval'),
  is: keyword('is'),
  like: keyword('like'),
  limit: keyword('limit'),
  lock: keyword('lock'),
  member: keyword('member'),
  mod: keyword('mod'),
  not: keyword('not'),
  null: keyword('null'),
  of: keyword('of'),
  or: keyword('or'),
  order: keyword('order'),
  regexp: keyword('regexp'),
  rlike: keyword('rlike'),
  row: keyword('row'),
  select: keyword('select'),
  some: keyword('some'),
  sounds: keyword('sounds'),
  then: keyword('then'),
  true: keyword('true'),
  union: keyword('union'),
  unknown: keyword('unknown'),
  values: keyword('values'),
  when: keyword('when'),
  with: keyword('with'),
  xor: keyword('xor'),
} as const;

/** Reserved words that name a function where a bracket follows. */
const functionWords = keywords(
  `char cume_dist current_date current_time current_timestamp database dense_rank first_value grouping if insert interval
  lag last_value lead left localtime localtimestamp mod nth_value ntile percent_rank rank repeat replace right row_number
  schema utc_date utc_time utc_timestamp values`,
);

/** Functions without brackets. */
const bareFunctions = keywords(
  'current_date current_time current_timestamp localtime localtimestamp utc_date utc_time utc_timestamp',
);

const intervalUnits = new Set(
  `microsecond second minute hour day week month quarter year second_microsecond minute_microsecond minute_second
  hour_microsecond hour_second hour_minute day_microsecond day_second day_minute day_hour year_month
  sql_tsi_second sql_tsi_minute sql_tsi_hour sql_tsi_day sql_tsi_week sql_tsi_month sql_tsi_quarter sql_tsi_year`.split(
    /\s+/,
  ),
);

/** Whether a token starts a query. `VALUES` starts one only before ROW, which the caller looks at. */
export const startsQuery = (kind: number): boolean => kind === K.select || kind === K.with;

/** Reads `( query )` at the next token and hands its subquery to the sink. */
export function subquery(reader: Reader): void {
  const found = bracketedQuery(reader);
  if (found === null) reader.fail();
  reader.sink.push(found);
}

/**
 * Reads the brackets at the next token. A query in them is returned; otherwise the expression or row in them has
 * been read, and the result is null. Brackets around brackets are looked into, since `((select 1) union …)` is a
 * query and `((select 1) + 1)` is not.
 */
function bracketedQuery(reader: Reader): Query | null {
  reader.expect(C.open);
  if (startsQuery(reader.kind) || (reader.kind === K.values && reader.peek(1) === K.row)) {
    const query = reader.readQuery(reader);
    reader.expect(C.close);
    return query;
  }
  if (reader.kind === C.open && reader.opensQuery(startsQuery)) {
    reader.enter();
    const inner = bracketedQuery(reader);
    reader.leave();
    if (inner !== null) {
      if (reader.kind === C.close) {
        reader.advance();
        return inner;
      }
      if (continuesQuery(reader.kind)) {
        const query = reader.continueQuery(reader, inner);
        reader.expect(C.close);
        return query;
      }
      reader.sink.push(inner);
    }
    reader.primed = true;
  }
  expressionList(reader);
  reader.expect(C.close);
  return null;
}

/** Whether a token after a bracketed query belongs to the query around it. */
export const continuesQuery = (kind: number): boolean =>
  kind === K.union || kind === K.order || kind === K.limit || kind === K.for || kind === K.lock;

/** Reads `expression, …`. */
export function expressionList(reader: Reader): void {
  do expression(reader);
  while (reader.accept(C.comma));
}

/** Reads one expression (sql.y `expression`); its subqueries go to the sink. */
export function expression(reader: Reader): void {
  reader.enter();
  for (;;) {
    if (!reader.primed) while (reader.kind === K.not) reader.advance();
    predicate(reader);
    const { kind } = reader;
    if (kind !== K.and && kind !== K.or && kind !== K.xor && kind !== T.and && kind !== T.or) break;
    reader.advance();
  }
  reader.leave();
}

function predicate(reader: Reader): void {
  operand(reader);
  for (;;) {
    switch (reader.kind) {
      case C.equal:
      case C.less:
      case C.greater:
      case T.notEqual:
      case T.lessOrEqual:
      case T.greaterOrEqual:
      case T.nullSafeEqual:
        reader.advance();
        if ((reader.kind === K.all || reader.kind === K.any || reader.kind === K.some) && reader.peek(1) === C.open) {
          reader.advance();
          subquery(reader);
        } else operand(reader);
        break;
      case K.is:
        reader.advance();
        reader.accept(K.not);
        if (reader.kind !== K.null && reader.kind !== K.true && reader.kind !== K.false && reader.kind !== K.unknown)
          reader.fail();
        reader.advance();
        break;
      case K.not: {
        const next = reader.peek(1);
        if (next !== K.in && next !== K.like && next !== K.between && next !== K.regexp && next !== K.rlike) {
          reader.advance();
          reader.fail();
        }
        reader.advance();
        break;
      }
      case K.in:
        reader.advance();
        if (reader.kind === T.listVariable) reader.advance();
        else {
          if (reader.kind !== C.open) reader.fail();
          const found = bracketedQuery(reader);
          if (found !== null) reader.sink.push(found);
        }
        break;
      case K.like:
        reader.advance();
        operand(reader);
        if (reader.accept(K.escape)) operand(reader);
        break;
      case K.between:
        reader.advance();
        operand(reader);
        reader.expect(K.and);
        operand(reader);
        break;
      case K.regexp:
      case K.rlike:
        reader.advance();
        operand(reader);
        break;
      case K.member:
        if (reader.peek(1) !== K.of && reader.peek(1) !== C.open) return;
        reader.advance();
        reader.accept(K.of);
        reader.expect(C.open);
        expression(reader);
        reader.expect(C.close);
        break;
      case K.sounds:
        if (reader.peek(1) !== K.like) return;
        reader.advance();
        reader.advance();
        operand(reader);
        break;
      default:
        return;
    }
  }
}

/** Reads operands joined by arithmetic and bit operators; precedence does not matter for what is read. */
export function operand(reader: Reader): void {
  for (;;) {
    simple(reader);
    switch (reader.kind) {
      case C.plus:
      case C.minus:
      case C.star:
      case C.slash:
      case C.percent:
      case C.ampersand:
      case C.pipe:
      case C.caret:
      case T.shiftLeft:
      case T.shiftRight:
      case K.div:
      case K.mod:
        reader.advance();
        break;
      default:
        return;
    }
  }
}

function simple(reader: Reader): void {
  if (reader.primed) reader.primed = false;
  else {
    for (;;) {
      const { kind } = reader;
      if (kind !== C.minus && kind !== C.plus && kind !== C.tilde && kind !== C.bang && kind !== K.binary) break;
      reader.advance();
    }
    primary(reader);
  }
  for (;;) {
    if (reader.kind === K.collate) {
      reader.advance();
      if (reader.kind === T.string || reader.kind === K.binary) reader.advance();
      else reader.name();
    } else if (reader.kind === T.arrow || reader.kind === T.unquotingArrow) {
      reader.advance();
      if (reader.kind !== T.string && reader.kind !== T.bindVariable) reader.fail();
      reader.advance();
    } else return;
  }
}

function primary(reader: Reader): void {
  const { kind } = reader;
  switch (kind) {
    case T.string:
    case T.integer:
    case T.decimal:
    case T.hex:
    case T.hexNumber:
    case T.bits:
    case T.nationalString:
    case T.bindVariable:
    case T.listVariable:
    case T.systemVariable:
    case K.null:
    case K.true:
    case K.false:
      reader.advance();
      return;
    case T.userVariable:
      reader.advance();
      if (reader.accept(T.assign)) expression(reader);
      return;
    case C.open: {
      const found = bracketedQuery(reader);
      if (found !== null) reader.sink.push(found);
      return;
    }
    case K.exists:
      reader.advance();
      if (reader.kind !== C.open) reader.fail();
      subquery(reader);
      return;
    case K.row:
      reader.advance();
      reader.expect(C.open);
      expressionList(reader);
      reader.expect(C.close);
      return;
    case K.case:
      caseExpression(reader);
      return;
    case K.default:
      reader.advance();
      if (reader.accept(C.open)) {
        columnName(reader);
        reader.expect(C.close);
      }
      return;
    case K.interval:
      reader.advance();
      expression(reader);
      if (isIntervalUnit(reader)) reader.advance();
      else if (reader.kinds[reader.at - 1] !== C.close) reader.fail();
      return;
    case K.currentUser: {
      const start = reader.start();
      let end = reader.end();
      reader.advance();
      if (reader.kind === C.open && reader.peek(1) === C.close) {
        reader.advance();
        end = reader.end();
        reader.advance();
      }
      reader.calls.push({ name: 'current_user', start, end, alias: null, aliasAt: null });
      return;
    }
    default:
      nameOrCall(reader, kind);
  }
}

const expressionReaders = { expression, expressionList, operand };

function nameOrCall(reader: Reader, kind: number): void {
  const next = reader.peek(1);
  if (next === C.open) {
    if (kind === T.quotedName) {
      call(reader, reader.nameOf(reader.at));
      return;
    }
    if (specialCall(reader, kind, expressionReaders)) return;
    if (isName(kind) || functionWords.has(kind)) {
      call(reader, reader.text());
      return;
    }
  }
  if (bareFunctions.has(kind)) {
    reader.advance();
    return;
  }
  if (!isName(kind)) reader.fail();
  // A date literal (`date '2026-01-01'`) or a string with its character set (`_utf8mb4'a'`).
  if (next === T.string && kind !== T.quotedName && isStringPrefix(reader.text())) {
    reader.advance();
    reader.advance();
    return;
  }
  if (
    (next === T.hex || next === T.hexNumber || next === T.bits || next === T.bindVariable) &&
    reader.text().startsWith('_')
  ) {
    reader.advance();
    reader.advance();
    return;
  }
  if (next !== C.dot) {
    reader.advance();
    return;
  }
  const first = reader.at;
  reader.advance();
  reader.advance();
  const second = reader.at;
  reader.nameAfterDot();
  if (reader.kind === C.open) {
    reader.unknownFunction ??= `${reader.nameOf(first)}.${reader.nameOf(second)}`;
    callArguments(reader);
    return;
  }
  if (reader.kind === C.dot) {
    reader.advance();
    reader.nameAfterDot();
    reader.qualifiers.push({ start: reader.start(first), end: reader.start(second), name: reader.nameOf(first) });
  }
}

const isStringPrefix = (word: string): boolean => {
  if (word.startsWith('_')) return true;
  const lower = word.toLowerCase();
  return lower === 'date' || lower === 'time' || lower === 'timestamp';
};

/** Reads a column's name, qualified or not. */
export function columnName(reader: Reader): void {
  const first = reader.at;
  reader.name();
  if (!reader.accept(C.dot)) return;
  const second = reader.at;
  reader.nameAfterDot();
  if (!reader.accept(C.dot)) return;
  reader.nameAfterDot();
  reader.qualifiers.push({ start: reader.start(first), end: reader.start(second), name: reader.nameOf(first) });
}

function call(reader: Reader, name: string): void {
  const start = reader.start();
  const lower = name.toLowerCase();
  const isApart = reader.kind === T.quotedName || reader.start(reader.at + 1) > reader.end();
  if (!isBuiltinFunction(lower) || (isApart && mustBeGlued(lower))) {
    if (lower === 'load_file') reader.usesFiles ??= 'LOAD_FILE reads a file of the server';
    else reader.unknownFunction ??= name;
  } else if (lower === 'get_lock') reader.lockCalls++;
  reader.advance();
  if (reader.peek(1) === C.close) {
    const session = sessionCallName(lower);
    if (session !== null) {
      reader.calls.push({ name: session, start, end: reader.end(reader.at + 1), alias: null, aliasAt: null });
    }
  }
  callArguments(reader);
  overClause(reader, expressionList);
}

function callArguments(reader: Reader): void {
  reader.expect(C.open);
  if (reader.accept(C.close)) return;
  if (reader.kind === C.star && reader.peek(1) === C.close) reader.advance();
  else {
    while (reader.kind === K.distinct || reader.kind === K.all) reader.advance();
    // A query alone in the brackets of a function is a syntax error to MySQL and Vitess.
    if (isReserved(reader.kind) && startsQuery(reader.kind)) reader.fail();
    expressionList(reader);
  }
  reader.expect(C.close);
}

function caseExpression(reader: Reader): void {
  reader.advance();
  if (reader.kind !== K.when) expression(reader);
  if (reader.kind !== K.when) reader.fail();
  while (reader.accept(K.when)) {
    expression(reader);
    reader.expect(K.then);
    expression(reader);
  }
  if (reader.accept(K.else)) expression(reader);
  reader.expect(K.end);
}

/** Whether the next token is a unit of INTERVAL. */
export function isIntervalUnit(reader: Reader): boolean {
  const { kind } = reader;
  return (kind === T.name || kind >= 200) && intervalUnits.has(reader.text().toLowerCase());
}

/** Reads an expression whose subqueries go to a list of their own. */
export function expressionInto(reader: Reader, sink: Query[]): void {
  const outer = reader.sink;
  reader.sink = sink;
  expression(reader);
  reader.sink = outer;
}
