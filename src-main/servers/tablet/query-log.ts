import { appendFile } from 'node:fs/promises';
import {
  emitReason,
  goQuote,
  keptText,
  keptVariables,
  longestKeptText,
  RecordRing,
  type QueryLogFilter,
  type RingPlace,
  type RingTake,
} from '../../domain/kernel';
import type { Decision } from '../../domain/acl';
import { query } from '../rpc';
import { goLocalMicros } from './go-text';

/** One request as vttablet's query log has it (vitess-behaviour §6.2). Times in microseconds. */
export interface TabletLogRecord {
  readonly method: string;
  readonly callInfo: string;
  readonly username: string;
  readonly immediateCaller: string;
  readonly effectiveCaller: string;
  readonly startMicros: number;
  readonly endMicros: number;
  readonly planType: string;
  readonly originalSql: string;
  readonly bindVariables: { readonly [name: string]: Pick<query.BindVariable, 'type' | 'value' | 'values'> };
  readonly queries: number;
  readonly rewrittenSql: string;
  readonly source: 'none' | 'mysql';
  readonly mysqlMicros: number;
  readonly waitMicros: number;
  readonly rowsAffected: number | bigint;
  /** They count for `--querylog-row-threshold` and are not written. */
  readonly rowsReturned?: number;
  readonly transactionId: bigint;
  readonly responseSize: number;
  /** '' when it went well. */
  readonly error: string;
  /** For who watches; not written: what the table ACL said (null: it was not asked), and the trace of the connection. */
  readonly decision?: Decision | null;
  readonly traceId?: string;
}

export interface QueryLogOptions extends QueryLogFilter {
  readonly format?: 'text' | 'json';
  /** `--redact-debug-ui-queries`. */
  readonly redact?: boolean;
  /** `--log-queries-to-file`. */
  readonly file?: string;
  /** Records kept in memory; default 500. */
  readonly keep?: number;
}

/** Records kept in memory unless told otherwise. */
const DEFAULT_KEEP = 500;
/** How long lines are gathered before they are written together: a write each would cost more than the statement. */
const GATHER_MS = 100;

const isNumber = (type: number): boolean => (type & 0x700) === 0x100 || (type & 0x100) !== 0 || (type & 0x400) !== 0;

/** Bind variables as the log prints them in full (go/sqltypes/bind_variables.go, FormatBindVariables). */
export function formatBindVariables(variables: TabletLogRecord['bindVariables']): string {
  const parts = Object.keys(variables)
    .sort()
    .map((name) => {
      const variable = variables[name];
      const type = variable?.type ?? 0;
      const bytes = variable?.value ?? Buffer.alloc(0);
      const value =
        type === 28
          ? `"${variable?.values.length ?? 0} items"`
          : isNumber(type)
            ? bytes.toString('latin1')
            : goQuote(bytes.toString('utf8'));
      return `${JSON.stringify(name)}: {"type": "${query.Type[type] ?? String(type)}", "value": ${value}}`;
    });
  return `{${parts.join(', ')}}`;
}

const seconds = (micros: number): string => (micros / 1_000_000).toFixed(6);

/** One line of vttablet's query log, without its newline. */
export function formatRecord(
  record: TabletLogRecord,
  options: Pick<QueryLogOptions, 'format' | 'redact'>,
  emitReason: string,
): string {
  const redacted = '"[REDACTED]"';
  const hide = options.redact === true;
  const json = options.format === 'json';
  const values: readonly (readonly [string, string])[] = [
    ['Method', json ? goQuote(record.method) : record.method],
    ['CallInfo', json ? goQuote(record.callInfo) : record.callInfo],
    ['Username', json ? goQuote(record.username) : record.username],
    ['ImmediateCaller', json ? goQuote(record.immediateCaller) : `'${record.immediateCaller}'`],
    ['Effective Caller', json ? goQuote(record.effectiveCaller) : `'${record.effectiveCaller}'`],
    ['Start', json ? goQuote(goLocalMicros(record.startMicros)) : goLocalMicros(record.startMicros)],
    ['End', json ? goQuote(goLocalMicros(record.endMicros)) : goLocalMicros(record.endMicros)],
    ['TotalTime', seconds(record.endMicros - record.startMicros)],
    ['PlanType', json ? goQuote(record.planType) : record.planType],
    ['OriginalSQL', goQuote(record.originalSql)],
    ['BindVars', hide ? redacted : formatBindVariables(record.bindVariables)],
    ['Queries', String(record.queries)],
    ['RewrittenSQL', hide ? redacted : goQuote(record.rewrittenSql)],
    ['QuerySources', json ? goQuote(record.source) : record.source],
    ['MysqlTime', seconds(record.mysqlMicros)],
    ['ConnWaitTime', seconds(record.waitMicros)],
    ['RowsAffected', String(record.rowsAffected)],
    ['TransactionID', String(record.transactionId)],
    ['ResponseSize', String(record.responseSize)],
    ['Error', goQuote(record.error)],
    ['EmitReason', goQuote(emitReason)],
  ];
  if (json) return `{${values.map(([key, value]) => `"${key}": ${value}`).join(', ')}}`;
  return `${values.map(([, value]) => value).join('\t')}\t`;
}

/** The columns in Vitess's order with their values as they are, without the quotes of a line. */
export function tabletLogColumns(record: TabletLogRecord, redact: boolean): readonly (readonly [string, string])[] {
  const redacted = '"[REDACTED]"';
  return [
    ['Method', record.method],
    ['CallInfo', record.callInfo],
    ['Username', record.username],
    ['ImmediateCaller', record.immediateCaller],
    ['Effective Caller', record.effectiveCaller],
    ['Start', goLocalMicros(record.startMicros)],
    ['End', goLocalMicros(record.endMicros)],
    ['TotalTime', seconds(record.endMicros - record.startMicros)],
    ['PlanType', record.planType],
    ['OriginalSQL', record.originalSql],
    ['BindVars', redact ? redacted : formatBindVariables(record.bindVariables)],
    ['Queries', String(record.queries)],
    ['RewrittenSQL', redact ? redacted : record.rewrittenSql],
    ['QuerySources', record.source],
    ['MysqlTime', seconds(record.mysqlMicros)],
    ['ConnWaitTime', seconds(record.waitMicros)],
    ['RowsAffected', String(record.rowsAffected)],
    ['TransactionID', String(record.transactionId)],
    ['ResponseSize', String(record.responseSize)],
    ['Error', record.error],
  ];
}

/** A record without what is too long to be kept; a file has it whole. */
function shortened(record: TabletLogRecord): TabletLogRecord {
  const { originalSql, rewrittenSql, error } = record;
  const bindVariables = keptVariables(record.bindVariables);
  const longest = Math.max(originalSql.length, rewrittenSql.length, error.length);
  if (longest <= longestKeptText && bindVariables === record.bindVariables) return record;
  return {
    ...record,
    originalSql: keptText(originalSql),
    rewrittenSql: keptText(rewrittenSql),
    error: keptText(error),
    bindVariables,
  };
}

/** Keeps the latest records and, if asked, writes them to a file in order. */
export class TabletQueryLog {
  readonly #ring: RecordRing<TabletLogRecord>;
  readonly #listeners = new Set<(record: TabletLogRecord, line: string) => void>();
  readonly #reasons = new WeakMap<TabletLogRecord, string>();
  #writing: Promise<void> = Promise.resolve();
  #pending = '';

  constructor(private readonly options: QueryLogOptions = {}) {
    this.#ring = new RecordRing(options.keep ?? DEFAULT_KEEP);
  }

  /** Keeps at least `capacity` records for who watches; null: nobody does any more. */
  watch(capacity: number | null): void {
    this.#ring.resize(Math.max(this.options.keep ?? DEFAULT_KEEP, capacity ?? 0));
  }

  /** What was kept after `place`. */
  since(place: RingPlace | null): RingTake<TabletLogRecord> {
    return this.#ring.since(place);
  }

  add(record: TabletLogRecord): void {
    const { file } = this.options;
    const reason = emitReason(this.options, {
      sql: record.originalSql,
      failed: record.error !== '',
      milliseconds: (record.endMicros - record.startMicros) / 1000,
      rows: Math.max(Number(record.rowsAffected), record.rowsReturned ?? 0),
    });
    if (reason === null) return;
    const kept = shortened(record);
    this.#reasons.set(kept, reason);
    this.#ring.push(kept);
    if (file === undefined && this.#listeners.size === 0) return;
    const line = formatRecord(record, this.options, reason);
    for (const listener of this.#listeners) listener(record, line);
    if (file === undefined) return;
    if (this.#pending === '')
      this.#writing = this.#writing.then(async () => {
        await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
        const text = this.#pending;
        this.#pending = '';
        await appendFile(file, text, { mode: 0o600 }).catch(() => undefined);
      });
    this.#pending += `${line}\n`;
  }

  /** The kept records, oldest first. */
  records(): readonly TabletLogRecord[] {
    return this.#ring.list();
  }

  /** The kept records as lines. */
  lines(): string[] {
    return this.records().map((record) => formatRecord(record, this.options, this.#reasons.get(record) ?? ''));
  }

  subscribe(listener: (record: TabletLogRecord, line: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Waits until everything is in the file. */
  flush(): Promise<void> {
    return this.#writing;
  }
}
