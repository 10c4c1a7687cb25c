import type { query } from '../rpc';

/** One record of vtgate's query log (go/vt/vtgate/logstats/logstats.go; vitess-behaviour §6.1). Times in seconds. */
export interface QueryLogRecord {
  readonly method: string;
  readonly remoteAddress: string;
  /** MySQL login name, or the literal `gRPC`. */
  readonly username: string;
  readonly immediateCaller: string;
  readonly effectiveCaller: string;
  readonly start: Date;
  readonly end: Date;
  /** Microseconds within the second where the clock knows them; otherwise those of `start` and `end`. */
  readonly totalSeconds: number;
  readonly planSeconds: number;
  readonly executeSeconds: number;
  readonly commitSeconds: number;
  readonly statementType: string;
  readonly sql: string;
  readonly binds: { readonly [name: string]: query.IBindVariable };
  readonly shardQueries: number;
  readonly rowsAffected: number;
  readonly error: string;
  readonly tabletType: string;
  readonly sessionUuid: string;
  readonly cachedPlan: boolean;
  /** `keyspace.table`. */
  readonly tablesUsed: readonly string[];
  readonly activeKeyspace: string;
  readonly emitReason: string;
}

/** Go's strconv.Quote: printable text as it is, the rest escaped. */
export function goQuote(text: string): string {
  let result = '"';
  for (const character of text) {
    const code = character.codePointAt(0) as number;
    if (character === '"' || character === '\\') result += `\\${character}`;
    else if (code >= 0x20 && code < 0x7f) result += character;
    else if (character === '\n') result += '\\n';
    else if (character === '\t') result += '\\t';
    else if (character === '\r') result += '\\r';
    else if (code === 7) result += '\\a';
    else if (code === 8) result += '\\b';
    else if (code === 11) result += '\\v';
    else if (code === 12) result += '\\f';
    else if (code < 0x20 || code === 0x7f) result += `\\x${code.toString(16).padStart(2, '0')}`;
    else if (/[\p{L}\p{M}\p{N}\p{P}\p{S}]/u.test(character)) result += character;
    else if (code <= 0xffff) result += `\\u${code.toString(16).padStart(4, '0')}`;
    else result += `\\U${code.toString(16).padStart(8, '0')}`;
  }
  return `${result}"`;
}

const twoDigits = (value: number): string => String(value).padStart(2, '0');

/** `YYYY-MM-DD hh:mm:ss.micros` in the process's own time zone. */
function localTime(date: Date): string {
  const day = `${date.getFullYear()}-${twoDigits(date.getMonth() + 1)}-${twoDigits(date.getDate())}`;
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits).join(':');
  return `${day} ${time}.${String(date.getMilliseconds()).padStart(3, '0')}000`;
}

const typeNames: ReadonlyMap<number, string> = new Map([
  [0, 'NULL_TYPE'],
  [257, 'INT8'],
  [770, 'UINT8'],
  [259, 'INT16'],
  [772, 'UINT16'],
  [261, 'INT24'],
  [774, 'UINT24'],
  [263, 'INT32'],
  [776, 'UINT32'],
  [265, 'INT64'],
  [778, 'UINT64'],
  [1035, 'FLOAT32'],
  [1036, 'FLOAT64'],
  [2061, 'TIMESTAMP'],
  [2062, 'DATE'],
  [2063, 'TIME'],
  [2064, 'DATETIME'],
  [785, 'YEAR'],
  [18, 'DECIMAL'],
  [6163, 'TEXT'],
  [10260, 'BLOB'],
  [6165, 'VARCHAR'],
  [10262, 'VARBINARY'],
  [6167, 'CHAR'],
  [10264, 'BINARY'],
  [2073, 'BIT'],
  [2074, 'ENUM'],
  [2075, 'SET'],
  [28, 'TUPLE'],
  [2077, 'GEOMETRY'],
  [2078, 'JSON'],
  [31, 'EXPRESSION'],
  [4128, 'HEXNUM'],
  [4129, 'HEXVAL'],
  [4130, 'BITNUM'],
  [2083, 'VECTOR'],
]);

/** Types whose value is written without quotes (flags ISINTEGRAL and ISFLOAT; DECIMAL has neither). */
const isNumeric = (type: number): boolean => (type & 256) !== 0 || (type & 1024) !== 0;

function bindText(name: string, { type, value, values }: query.IBindVariable, full: boolean): string {
  const number = type ?? 0;
  const typed = `{"type": ${goQuote(typeNames.get(number) ?? `${number}`)}, "value": `;
  if (number === 28) return `${goQuote(name)}: ${typed}${goQuote(`${values?.length ?? 0} items`)}}`;
  const text = value === null || value === undefined ? '' : Buffer.from(value).toString('utf8');
  const shown = isNumeric(number) ? text : goQuote(full ? text : `${values?.length ?? 0} bytes`);
  return `${goQuote(name)}: ${typed}${shown}}`;
}

/** Bind variables as a JSON-like object, sorted by name. `full`: values of text are written out, not their (always 0) size. */
export function bindsText(binds: QueryLogRecord['binds'], full: boolean): string {
  const names = Object.keys(binds).sort();
  return `{${names.map((name) => bindText(name, binds[name] as query.IBindVariable, full)).join(', ')}}`;
}

type Kind = 'raw' | 'caller' | 'quoted' | 'number' | 'list';

/** Field names in Vitess's order, how each is rendered in text, and its value. */
function fields(
  record: QueryLogRecord,
  redact: boolean,
): readonly (readonly [name: string, kind: Kind, value: string])[] {
  const seconds = (value: number): string => value.toFixed(6);
  return [
    ['Method', 'raw', record.method],
    ['RemoteAddr', 'raw', record.remoteAddress],
    ['Username', 'raw', record.username],
    ['ImmediateCaller', 'caller', record.immediateCaller],
    ['Effective Caller', 'caller', record.effectiveCaller],
    ['Start', 'raw', localTime(record.start)],
    ['End', 'raw', localTime(record.end)],
    ['TotalTime', 'number', seconds(record.totalSeconds)],
    ['PlanTime', 'number', seconds(record.planSeconds)],
    ['ExecuteTime', 'number', seconds(record.executeSeconds)],
    ['CommitTime', 'number', seconds(record.commitSeconds)],
    ['StmtType', 'raw', record.statementType],
    ['SQL', 'quoted', record.sql],
    ['BindVars', 'list', redact ? '"[REDACTED]"' : bindsText(record.binds, true)],
    ['ShardQueries', 'number', String(record.shardQueries)],
    ['RowsAffected', 'number', String(record.rowsAffected)],
    ['Error', 'quoted', record.error],
    ['TabletType', 'quoted', record.tabletType],
    ['SessionUUID', 'quoted', record.sessionUuid],
    ['Cached Plan', 'number', String(record.cachedPlan)],
    ['TablesUsed', 'list', `[${record.tablesUsed.map(goQuote).join(',')}]`],
    ['ActiveKeyspace', 'quoted', record.activeKeyspace],
    ['MirrorSourceExecuteTime', 'number', seconds(0)],
    ['MirrorTargetExecuteTime', 'number', seconds(0)],
    ['MirrorTargetError', 'quoted', ''],
    ['EmitReason', 'quoted', record.emitReason],
  ];
}

/** One line of the text format, without its newline. `redact`: `--redact-debug-ui-queries`. */
export function queryLogText(record: QueryLogRecord, redact = false): string {
  return fields(record, redact)
    .map(([, kind, value]) => (kind === 'quoted' ? goQuote(value) : kind === 'caller' ? `'${value}'` : value))
    .join('\t');
}

/** One line of the JSON format, without its newline; as Vitess writes it, which is not always valid JSON. */
export function queryLogJson(record: QueryLogRecord, redact = false): string {
  const members = fields(record, redact).map(([name, kind, value]) => {
    const shown = kind === 'number' || kind === 'list' ? value : goQuote(value);
    return `"${name}": ${shown}`;
  });
  return `{${members.join(', ')}}`;
}
