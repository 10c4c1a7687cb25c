import { withEscapes, type Pieces } from '../../domain/sql';
import type { query } from '../rpc';
import { skipped } from './skip-quoted';
import { VtError } from './vt-error';

/** Bind variables of a request by name. */
export type BindVariables = { readonly [name: string]: query.BindVariable };

const NULL_TYPE = 0;
const TUPLE = 28;
const IS_INTEGRAL = 256;
const IS_FLOAT = 1024;
const IS_QUOTED = 2048;
const IS_BINARY = 8192;
const DECIMAL = 18;
const HEXNUM = 4128;
const HEXVAL = 4129;
const BITNUM = 4130;
const BIT = 2073;

/**
 * `send`: safe under every sql_mode; `log`: as Vitess prints it. Where a literal must be a plain string (a JSON path, the text
 * behind an introducer) only the second is right; every connection has been asked for its sql_mode by then
 * (connection-settings.ts).
 */
export type LiteralStyle = 'send' | 'log';

const refuse = (name: string, what: string): never => {
  throw new VtError('INVALID_ARGUMENT', `bind variable ${name}: ${what}`);
};

const numberForm = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

/**
 * A string literal. A backslash in it is an escape or not, depending on NO_BACKSLASH_ESCAPES, and a doubled quote is right
 * in both cases; so a value with a backslash or a control character goes as a hexadecimal literal, which reads the same
 * under every sql_mode (MySQL manual, "Hexadecimal Literals").
 */
function quoted(value: Buffer, isBinary: boolean, style: LiteralStyle): string {
  const text = value.toString('utf8');
  if (style === 'log' && !(text.includes('\ufffd') && !Buffer.from(text, 'utf8').equals(value)))
    return `${isBinary ? '_binary' : ''}'${withEscapes(text)}'`;
  if (isBinary) return `_binary x'${value.toString('hex')}'`;
  if (!/[\\\x00-\x1f\ufffd]/.test(text)) return `'${text.replaceAll("'", "''")}'`;
  return text.includes('\ufffd') && !Buffer.from(text, 'utf8').equals(value)
    ? `_binary x'${value.toString('hex')}'`
    : `_utf8mb4 x'${value.toString('hex')}'`;
}

/** One value as a literal; what does not have the form its type promises is refused, never passed on. */
function literal(name: string, type: number, value: Buffer, style: LiteralStyle): string {
  if (type === NULL_TYPE) return 'null';
  const text = value.toString('latin1');
  if (type === HEXVAL)
    return /^[xX]'(?:[0-9a-fA-F]{2})*'$/.test(text) ? text : refuse(name, 'not a hexadecimal literal');
  if (type === HEXNUM) return /^0x[0-9a-fA-F]+$/.test(text) ? text : refuse(name, 'not a hexadecimal number');
  if (type === BITNUM) return /^(?:0b[01]+|[bB]'[01]*')$/.test(text) ? text : refuse(name, 'not a bit literal');
  if (type === BIT) return `b'${[...value].map((byte) => byte.toString(2).padStart(8, '0')).join('')}'`;
  if ((type & IS_QUOTED) !== 0) return quoted(value, (type & IS_BINARY) !== 0, style);
  if ((type & (IS_INTEGRAL | IS_FLOAT)) !== 0 || type === DECIMAL)
    return numberForm.test(text) ? text : refuse(name, 'not a number');
  return refuse(name, `type ${type} cannot be written as a literal`);
}

/** What stands for one bind variable: one literal, or a list in brackets. Throws VtError INVALID_ARGUMENT. */
function filled(name: string, list: boolean, variables: BindVariables, style: LiteralStyle): string {
  const variable = Object.hasOwn(variables, name) ? variables[name] : undefined;
  if (variable === undefined) throw new VtError('INVALID_ARGUMENT', `missing bind var ${name}`);
  if (variable.type !== TUPLE) {
    if (list) throw new VtError('INVALID_ARGUMENT', `unexpected list arg type (${variable.type}) for key ${name}`);
    return literal(name, variable.type, variable.value, style);
  }
  if (!list) throw new VtError('INVALID_ARGUMENT', `unexpected arg type (TUPLE) for non-list key ${name}`);
  if (variable.values.length === 0) throw new VtError('INVALID_ARGUMENT', `empty list supplied for ${name}`);
  return `(${variable.values.map((value) => literal(name, value.type, value.value, style)).join(', ')})`;
}

/** The text of a printed statement with its values in place. Throws as `substitute` does. */
export function fill({ texts, names }: Pieces, variables: BindVariables, maxLimit: number): string {
  const parts = [texts[0] as string];
  for (let i = 0; i < names.length; i++) {
    const mark = names[i] as string;
    const list = mark.startsWith('::');
    const value = mark === ':#maxLimit' ? String(maxLimit) : filled(mark.slice(list ? 2 : 1), list, variables, 'log');
    parts.push(value, texts[i + 1] as string);
  }
  return parts.length === 1 ? (parts[0] as string) : parts.join('');
}

const wordCharacter = /[A-Za-z0-9_.]/;

/**
 * Puts the values of bind variables in place of `:name` and `::list` (Vitess's syntax: go/vt/sqlparser/token.go). Every
 * value becomes exactly one literal, so the statement keeps the shape that was checked. Strings, quoted names and comments
 * are left as they are.
 *
 * Throws VtError INVALID_ARGUMENT: `missing bind var NAME` (Vitess's text), a list where a value is due or the reverse, and
 * values that are not of their type.
 */
export function substitute(sql: string, variables: BindVariables, style: LiteralStyle = 'send'): string {
  if (!sql.includes(':')) return sql;
  const marks = /['"`/#:-]/g;
  let result = '';
  let from = 0;
  let at = 0;
  while (at < sql.length) {
    const end = skipped(sql, at);
    if (end !== at) {
      at = end;
      continue;
    }
    if (sql[at] !== ':') {
      marks.lastIndex = at + 1;
      at = marks.exec(sql)?.index ?? sql.length;
      continue;
    }
    const list = sql[at + 1] === ':';
    const start = at + (list ? 2 : 1);
    let stop = start;
    if (/[A-Za-z_]/.test(sql[stop] ?? '')) while (stop < sql.length && wordCharacter.test(sql[stop] ?? '')) stop += 1;
    if (stop === start) {
      at = start;
      continue;
    }
    const name = sql.slice(start, stop);
    const text = filled(name, list, variables, style);
    // A literal must not grow together with what stands beside it (`@:v1`, `'a':v1`, `x:v1`, `-:v1`).
    const before = style === 'log' || at === 0 || /[\s(,=<>]/.test(sql[at - 1] ?? '') ? '' : ' ';
    const after = style === 'log' || stop >= sql.length || /[\s),;]/.test(sql[stop] ?? '') ? '' : ' ';
    result += sql.slice(from, at) + before + text + after;
    from = stop;
    at = stop;
  }
  return result + sql.slice(from);
}
