import { bracketedQuery, subquery } from './bracketed-query';
import { mustBeGlued } from './builtin-functions';
import { call, callArguments } from './calls';
import { columnName } from './column-names';
import { specialCall } from './function-syntax';
import type { ExpressionReaders } from './function-syntax';
import { isName, keyword, keywords } from './keywords';
import type { Reader } from './reader';
import { C, T } from './token-kinds';

const K = {
  case: keyword('case'),
  currentUser: keyword('current_user'),
  default: keyword('default'),
  else: keyword('else'),
  end: keyword('end'),
  exists: keyword('exists'),
  false: keyword('false'),
  interval: keyword('interval'),
  null: keyword('null'),
  row: keyword('row'),
  then: keyword('then'),
  true: keyword('true'),
  when: keyword('when'),
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

/** Reads what operators stand between: a literal, a name, a call, a bracket, CASE and so on. */
export function primary(reader: Reader, readers: ExpressionReaders): void {
  const { kind } = reader;
  switch (kind) {
    case T.string:
    case T.nationalString:
      textLiteral(reader);
      return;
    case T.integer:
    case T.decimal:
    case T.hex:
    case T.hexNumber:
    case T.bits:
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
      if (reader.accept(T.assign)) {
        reader.met.assignment = true;
        readers.expression(reader);
      }
      return;
    case C.open: {
      const found = bracketedQuery(reader, readers.expressionList);
      if (found !== null) reader.sink.push(found);
      return;
    }
    case K.exists:
      reader.advance();
      if (reader.kind !== C.open) reader.fail();
      subquery(reader, readers.expressionList);
      return;
    case K.row:
      reader.advance();
      reader.expect(C.open);
      readers.expressionList(reader);
      reader.expect(C.close);
      return;
    case K.case:
      caseExpression(reader, readers.expression);
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
      readers.expression(reader);
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
      reader.calls.push({ name: 'current_user', start, end, alias: null, expressionAlias: null });
      return;
    }
    default:
      nameOrCall(reader, kind, readers);
  }
}

function nameOrCall(reader: Reader, kind: number, readers: ExpressionReaders): void {
  const next = reader.peek(1);
  if (next === C.open) {
    if (kind === T.quotedName) {
      call(reader, reader.nameOf(reader.at), readers.expressionList);
      return;
    }
    noteGap(reader);
    if (specialCall(reader, kind, readers)) return;
    if (isName(kind) || functionWords.has(kind)) {
      call(reader, reader.text(), readers.expressionList);
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
    const isIntroducer = reader.text().startsWith('_');
    reader.advance();
    if (isIntroducer) textLiteral(reader);
    else reader.advance();
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
    callArguments(reader, readers.expressionList);
    return;
  }
  if (reader.kind === C.dot) {
    reader.advance();
    reader.nameAfterDot();
    reader.qualifiers.push({ start: reader.start(first), end: reader.start(second), name: reader.nameOf(first) });
  }
}

/** Strings that stand beside each other are one literal (sql.y `text_literal`), before any of them is an alias. */
export function textLiteral(reader: Reader): void {
  reader.advance();
  while (reader.kind === T.string) reader.advance();
}

/** A gap before the bracket makes a stored function of some built-in ones. */
function noteGap(reader: Reader): void {
  if (reader.start(reader.at + 1) === reader.end()) return;
  const name = reader.text();
  if (mustBeGlued(name.toLowerCase())) reader.unknownFunction ??= name;
}

const isStringPrefix = (word: string): boolean => {
  if (word.startsWith('_')) return true;
  const lower = word.toLowerCase();
  return lower === 'date' || lower === 'time' || lower === 'timestamp';
};

function caseExpression(reader: Reader, expression: (reader: Reader) => void): void {
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
function isIntervalUnit(reader: Reader): boolean {
  const { kind } = reader;
  return (kind === T.name || kind >= 200) && intervalUnits.has(reader.text().toLowerCase());
}
