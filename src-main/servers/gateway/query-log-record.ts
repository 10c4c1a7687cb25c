import { goQuote } from '../../domain/kernel';
import { query } from '../rpc';

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
  /** Rows of the answer; they count for `--querylog-row-threshold` and are not written. */
  readonly rowsReturned?: number;
  readonly error: string;
  readonly tabletType: string;
  readonly sessionUuid: string;
  readonly cachedPlan: boolean;
  /** `keyspace.table`. */
  readonly tablesUsed: readonly string[];
  readonly activeKeyspace: string;
  readonly emitReason: string;
  /** Trace of its connection, for who watches; '' without one. Not written. */
  readonly traceId?: string;
}

const twoDigits = (value: number): string => String(value).padStart(2, '0');

/** `YYYY-MM-DD hh:mm:ss.micros` in the process's own time zone. */
function localTime(date: Date): string {
  const day = `${date.getFullYear()}-${twoDigits(date.getMonth() + 1)}-${twoDigits(date.getDate())}`;
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits).join(':');
  return `${day} ${time}.${String(date.getMilliseconds()).padStart(3, '0')}000`;
}

/** Types whose value is written without quotes (flags ISINTEGRAL and ISFLOAT; DECIMAL has neither). */
const isNumeric = (type: number): boolean => (type & 256) !== 0 || (type & 1024) !== 0;

function bindText(name: string, { type, value, values }: query.IBindVariable, full: boolean): string {
  const number = type ?? 0;
  const typed = `{"type": ${goQuote(query.Type[number] ?? `${number}`)}, "value": `;
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

/** The columns in Vitess's order with their values as they are, without the quotes of a line. */
export const queryLogColumns = (record: QueryLogRecord, redact: boolean): readonly (readonly [string, string])[] =>
  fields(record, redact).map(([name, , value]) => [name, value]);
