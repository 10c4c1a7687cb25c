import type { query } from '../rpc';
import { withContent } from './result';
import { selectList } from './select-list';
import type { StatementCall, StatementOutcome } from './statement-call';
import type { StatementRewriter } from './statement-rewriter';

const names = (text: string): string[] => text.split(/\s+/).filter((name) => name !== '');

/** Functions that vtgate computes itself (go/vt/vtgate/evalengine/translate_builtin.go and the grammar's own calls). */
const computed = new Set(
  names(`
  isnull ifnull nullif if coalesce greatest least collation bit_count hex unhex ceil ceiling floor abs pi acos asin atan
  atan2 cos cot sin tan degrees radians exp ln log log10 mod log2 pow power sign sqrt round truncate crc32 conv bin oct
  left right lpad rpad field elt lower lcase upper ucase char_length character_length length octet_length bit_length
  ascii reverse space ord repeat concat concat_ws from_base64 to_base64 json_depth json_length curdate current_date
  utc_date date_format date dayofmonth day dayofweek dayofyear from_unixtime hour makedate maketime microsecond minute
  month monthname last_day to_days from_days sec_to_time time_to_sec to_seconds quarter second time unix_timestamp week
  weekday weekofyear year yearweek period_add period_diff inet_aton inet_ntoa inet6_aton inet6_ntoa is_ipv4
  is_ipv4_compat is_ipv4_mapped is_ipv6 bin_to_uuid is_uuid uuid uuid_to_bin user current_user session_user system_user
  database schema version md5 random_bytes sha1 sha sha2 convert_tz strcmp instr replace last_insert_id current_time
  curtime utc_time utc_timestamp sysdate row_count found_rows cast convert char trim ltrim rtrim substring substr mid
  locate position insert weight_string json_extract json_unquote json_object json_array json_contains_path json_keys
  date_add date_sub adddate subdate timestampadd now current_timestamp localtime localtimestamp regexp_like
  regexp_instr regexp_substr regexp_replace interval decimal datetime signed unsigned binary in and or not as when then
  else case select like xor is between
`),
);

const strings = /'(?:[^'\\]|\\[\s\S]|'')*'|"(?:[^"\\]|\\[\s\S]|"")*"|\/\*[\s\S]*?\*\//g;

/** Longer texts are not looked at. */
const longestRead = 4096;

/** Whether vtgate computes a statement without tables by itself: none of its calls, casts and variables needs MySQL. */
export function isComputedByGateway(sql: string): boolean {
  if (sql.length > longestRead) return false;
  const bare = sql.replace(/\nlimit 0$/, '').replace(strings, "''");
  if (
    /\bas\s+(?:float|double|real|char\s+character)\b|\(\s*select\b|\b(?:union|where|limit|having|order\s+by|group\s+by)\b|\bsounds\b/i.test(
      bare,
    )
  )
    return false;
  for (const [, called = ''] of bare.matchAll(/([A-Za-z_$][\w$.]*)\s*\(/g))
    if (!computed.has(called.toLowerCase())) return false;
  return true;
}

const NULL_TYPE = 0;
const INT64 = 265;
const UINT64 = 778;
const DECIMAL = 18;
const NOT_NULL = 1;
const UNSIGNED = 32;
const BINARY = 128;
const NUM = 32_768;

/** The flags of vtgate's own columns by type (go/sqltypes/type.go, TypeToMySQL). */
function flagsOf(type: number): number {
  if (type === NULL_TYPE) return BINARY;
  if (type === UINT64) return NUM | UNSIGNED;
  if (type === INT64 || type === DECIMAL || type === 1036 || type === 1035) return NUM;
  return type >= 2062 && type <= 2064 ? BINARY : 0;
}

const integers = new Set([257, 259, 261, 263]);
const unsignedIntegers = new Set([770, 772, 774, 776]);

const parameterItem = /^\s*\?\s*(?:(?:as\s+)?[\w`]+)?\s*$/i;

/** An expression without the alias behind it. */
const withoutAlias = (item: string): string =>
  item
    .trim()
    .replace(/\s+(?:as\s+)?[`\w]+$/i, (alias) =>
      /^\s+as\s/i.test(alias) || !/['")\w]$/.test(item.trim().slice(0, -alias.length)) ? '' : alias,
    );

const ofSession = /^(?:(?:database|schema|last_insert_id|found_rows|row_count)\s*\(\s*\)|@@?[\w.`]+|\?|:v\d+)$/i;
const literal =
  /^(?:'(?:[^'\\]|\\[\s\S])*'|"(?:[^"\\]|\\[\s\S])*"|x'[0-9a-f]*'|0x[0-9a-f]+|\d{1,18}|9[01]\d{17}|92[01]\d{16}|922[0-3]\d{15}|\d*\.\d+|date\s*'[^']*'|time\s*'[^']*'|timestamp\s*'[^']*'|null)$/i;
const nullableForm = /^(?:cast|convert|date_add|date_sub|adddate|subdate|nullif|json_\w+)\s*\(|^[^()]*\/|\bcollate\b/i;
const lastInsertId = /^last_insert_id\s*\(\s*\)$/i;

/**
 * Whether vtgate takes an expression to be possibly NULL. A literal is a bind variable, of which it does not know that it
 * is not, unless the statement is prepared (evalengine, typeof).
 */
function mayBeNull(item: string, isPrepared: boolean): boolean {
  const expression = withoutAlias(item);
  if (ofSession.test(expression)) return true;
  return !isPrepared && (literal.test(expression) || nullableForm.test(expression));
}

/** The fields of a result that vtgate computes. A parameter alone in the list has the type under which it came. */
function computedFields(
  sql: string,
  fields: readonly query.Field[],
  binds: { readonly [name: string]: query.IBindVariable } | undefined,
): query.Field[] {
  const isPrepared = binds !== undefined || sql.endsWith('\nlimit 0');
  const items = sql.length > longestRead ? null : selectList(sql.replace(/\nlimit 0$/, ''));
  let parameter = 0;
  return fields.map((field, index) => {
    const item = items?.[index] ?? '';
    const computed = asComputed(field, mayBeNull(item, isPrepared), isPrepared);
    if (computed.type === INT64 && lastInsertId.test(withoutAlias(item)))
      Object.assign(computed, { type: UINT64, flags: flagsOf(UINT64) });
    const type = parameterItem.test(item) ? binds?.[`v${parameter + 1}`]?.type : undefined;
    parameter += (item.match(/\?/g) ?? []).length;
    if (type === undefined || type === null || type === NULL_TYPE) return computed;
    const isText = textTypes.has(type);
    const isBytes = type === BINARY_TYPE || type === BLOB || type === VARBINARY;
    if (!isText && !isBytes) return computed;
    return Object.assign(computed, { type, charset: isText ? utf8mb4 : binary, flags: isText ? 0 : BINARY });
  });
}

const BINARY_TYPE = 10264;
const BLOB = 10260;
const VARBINARY = 10262;
/** TEXT, VARCHAR, CHAR. */
const textTypes = new Set([6163, 6165, 6167]);
/** Those and their forms for bytes. */
const quoted = new Set([...textTypes, BINARY_TYPE, BLOB, VARBINARY]);
/** Collation numbers of text (utf8mb4_0900_ai_ci) and of bytes. */
const utf8mb4 = 255;
const binary = 63;

/** How vtgate describes a column that it computes: no lengths, wide numbers, its own flags (evalengine, Type.ToField). */
function asComputed(field: query.Field, nullable: boolean, isPrepared: boolean): query.Field {
  const type = integers.has(field.type) ? INT64 : unsignedIntegers.has(field.type) ? UINT64 : field.type;
  const bytes = quoted.has(type) && field.charset === binary;
  const flags = bytes ? BINARY : flagsOf(type);
  const { charset, decimals } = field;
  const name = field.name === 'NULL' ? 'null' : field.name;
  const fractions = type === DECIMAL || (type >= 2063 && type <= 2064) ? decimals : 0;
  return {
    name,
    type,
    table: '',
    orgTable: '',
    database: '',
    orgName: '',
    columnLength: nullable && !isPrepared && decimals <= 2 && type === DECIMAL ? 0 : fractions,
    charset,
    decimals: type === DECIMAL && (decimals > 2 || isPrepared) ? decimals : 0,
    flags: nullable || type === NULL_TYPE ? flags : flags | NOT_NULL,
    columnType: '',
  } as query.Field;
}

/** A result under the names that vtgate gives to columns it computes: its own printing of the expressions. */
function withNames(result: StatementOutcome, names: readonly string[] | null): StatementOutcome {
  if (names === null || names.length !== result.fields.length) return result;
  const fields = result.fields.map((field, at) => Object.assign(field, { name: names[at] as string }));
  return { ...result, fields };
}

const withFields = ({ sql, binds }: StatementCall, result: StatementOutcome): StatementOutcome =>
  result.streamed === undefined ? withContent(result, { fields: computedFields(sql, result.fields, binds) }) : result;

/** A tablet's result of a statement that vtgate computes itself, with the fields and the names of vtgate's own. */
export const computedResult = (
  rewriter: StatementRewriter,
  call: StatementCall,
  result: StatementOutcome,
): StatementOutcome => withNames(withFields(call, result), rewriter.computedNames(call));
