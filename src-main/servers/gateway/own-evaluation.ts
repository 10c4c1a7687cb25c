import { regexpFault } from './regexp-faults';
import { unionCounts } from './select-list';
import { states, VitessError } from './vitess-error';

/** MySQL's own words inside an error of a tablet. */
const mysqlError = / desc = ([\s\S]*) \(errno (\d+)\) \(sqlstate \w{5}\) \(CallerID: /;

/** What vtgate computes has no tablet's prefix, and literals stand in it without brackets and casts. */
const plainOperands = (text: string): string =>
  text.replace(/-\((\d+(?:\.\d+)?)\)/g, '-$1').replace(/\bcast\((-?\d+(?:\.\d+)?) as (?:un)?signed\)/gi, '$1');

/** Overflow of functions that vtgate leaves to a tablet then. */
const leftToTablet = / value is out of range in 'abs\(/;
const incorrectString = /^Incorrect string value: .* for function \w+$/s;
const badJsonPath = /^Invalid JSON path expression\./;
/** `DATE '2024-13-01'`, which vtgate finds while it plans. */
const incorrectMoment = /^Incorrect (?:DATE|TIME|DATETIME) value: '/;
const incorrectArguments = /^Incorrect arguments to (?:regexp_\w+|period_\w+)/;

/**
 * An error of MySQL in a statement that vtgate would have computed itself, in vtgate's words (go/vt/vtgate/evalengine);
 * what cannot be told apart stays the tablet's. `sql` is the statement as it was written.
 */
export function ownEvaluationError(error: unknown, sql: string): unknown {
  if (!(error instanceof VitessError)) return error;
  const [, text = '', number = '0'] = mysqlError.exec(error.message) ?? [];
  const errno = Number(number);
  const fault = regexpFault(errno, sql);
  if (fault !== null) return new VitessError('INVALID_ARGUMENT', fault, { errno, sqlState: 'HY000' });
  if (errno === 1690 && !leftToTablet.test(text))
    return new VitessError('INVALID_ARGUMENT', plainOperands(text), states.dataOutOfRange);
  if (incorrectString.test(text)) return new VitessError('INVALID_ARGUMENT', text, states.wrongValue);
  if (incorrectArguments.test(text)) {
    const whole = /regexp_\w+$/.test(text) ? `${text}.` : text;
    return new VitessError('INVALID_ARGUMENT', whole, states.wrongArguments);
  }
  if (badJsonPath.test(text) || incorrectMoment.test(text)) return new VitessError('UNKNOWN', text);
  return error;
}

/**
 * vtgate counts the columns of a UNION without tables itself (go/vt/vtgate/semantics): the first two counts that differ.
 * Any other error stays as it is.
 */
export function ownUnionError(error: unknown, sql: string): unknown {
  if (!(error instanceof VitessError) || !error.message.includes('(errno 1222) (sqlstate 21000)')) return error;
  const [first = 0, ...others] = unionCounts(sql);
  const other = others.find((count) => count !== first);
  if (other === undefined) return error;
  const text = `The used SELECT statements have a different number of columns: ${first}, ${other}`;
  return new VitessError('FAILED_PRECONDITION', text, states.wrongNumberOfColumns);
}

/** Functions whose result vtgate takes for NULL where MySQL finds it too large (go/vt/vtgate/evalengine/fn_numeric.go). */
const mayOverflow = new Set(['exp', 'pow', 'power', 'cot', 'degrees']);

/** Longest expression that is looked for in a statement, in UTF-16 units. */
const longestCall = 1024;

/**
 * The statement with NULL in place of the call whose DOUBLE result is too large, so that it can be asked again; null when
 * the error is another one or the call is not found.
 */
export function withoutOverflow(error: unknown, sql: string): string | null {
  if (!(error instanceof VitessError)) return null;
  const [, call = '', name = ''] =
    /DOUBLE value is out of range in '((\w+)\([\s\S]*\))' \(errno 1690\)/.exec(error.message) ?? [];
  if (call.length > longestCall || !mayOverflow.has(name)) return null;
  const source = call
    .replace(/^\w+/, '')
    .replace(/\s+/g, '')
    .split('')
    .map((character) => character.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('\\s*');
  const found = new RegExp(`\\b${name === 'pow' ? 'pow(?:er)?' : name}\\s*${source}`, 'i').exec(sql);
  if (found === null) return null;
  return `${sql.slice(0, found.index)}(null + 0e0)${sql.slice(found.index + found[0].length)}`;
}
