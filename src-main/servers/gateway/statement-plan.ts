import {
  commentDirectives,
  gatewayStatement,
  readStatement,
  type GatewayRefusal,
  type GatewayStatement,
  type StatementReading,
} from '../../domain/sql';
import type { Fidelity } from '../../domain/fidelity/fidelity';
import { isComputedByGateway } from './local-results';
import { Lru } from './lru';
import { scanSql, type SqlMark } from './scan-sql';
import { isGatewayVariable } from './system-variables';

/** What the gateway knows of one statement's text, whoever sends it. */
export interface StatementPlan {
  readonly kind: GatewayStatement['kind'];
  readonly statement: GatewayStatement;
  /** Null when nothing in the text can need one: no qualifier, no call, no variable. */
  readonly reading: StatementReading | null;
  /** vtgate's text for a statement that is none; it reaches no tablet. */
  readonly syntaxError: string | null;
  /** What vtgate's planner says to it instead of sending it on; it reaches no tablet. */
  readonly refusal: GatewayRefusal | null;
  /** Bytes of a statement that is too long for any tablet, at least; null for others. */
  readonly oversize: number | null;
  readonly marks: readonly SqlMark[];
  /** The statement sets a user variable (`@a := 1`, `INTO @a`), which later statements of the session want to read. */
  readonly setsUserVariables: boolean;
  readonly usesLocks: boolean;
  /** `WORKLOAD_NAME` of a directive: how the session's requests are named from here on; '' leaves it. */
  readonly workloadName: string;
  /** The directive QUERY_TIMEOUT_MS: milliseconds, or null. */
  readonly timeoutMs: number | null;
  /** vtgate computes it itself: functions of the session are its own. */
  readonly isComputed: boolean;
  /** Variables whose values only MySQL knows, unless the session has set them; '' for a global one. */
  readonly mysqlVariables: readonly string[];
  /** `SQL_CALC_FOUND_ROWS`, `LAST_INSERT_ID(5)`: MySQL's connection knows afterwards what the session must learn. */
  readonly tellsSession: { readonly foundRows: boolean; readonly lastInsertId: boolean } | null;
}

/** Nothing in such a text is the gateway's business: no qualifier, no call, no parameter, no variable, no quoted name. */
const plainSelect = /^\s*select\s[^.(@?`;/#"-]*$/i;
const current = /\bcurrent_user\b|\bfrom\s+dual\b|\bsql_calc_found_rows\b/i;
const hasFrom = /\sfrom\s/i;

const plainPlan: StatementPlan = {
  kind: 'select',
  statement: { kind: 'select' },
  reading: null,
  syntaxError: null,
  refusal: null,
  oversize: null,
  marks: [],
  setsUserVariables: false,
  usesLocks: false,
  workloadName: '',
  timeoutMs: null,
  isComputed: false,
  mysqlVariables: [],
  tellsSession: null,
};

const calculatesRows = /\bsql_calc_found_rows\b/i;
const givesLastInsertId = /\blast_insert_id\s*\(\s*[^)\s]/i;

const lockFunctions = /\b(get_lock|release_lock|release_all_locks|is_free_lock|is_used_lock)\s*\(/i;
const setsVariable = /:=|\binto\s+@/i;
const mayNeedReading = /[.(]|\bcurrent_user\b/i;

const readsMysqlVariable = ({ kind, name, scope }: SqlMark): boolean =>
  kind === 'system-variable' && (scope === 'global' || !isGatewayVariable(name));

function timeoutOf(sql: string): number | null {
  if (!sql.includes('/*vt+')) return null;
  const value = commentDirectives(sql).get('query_timeout_ms');
  return value !== undefined && /^\d+$/.test(value) ? Number(value) : null;
}

function syntaxErrorOf({ execute }: StatementReading): string | null {
  return execute.kind === 'refused' && execute.message.startsWith('syntax error') ? execute.message : null;
}

/** Where the tablet's program panics, vtgate's does: both parse alike. */
const refusalOf = ({ execute, gateway }: StatementReading): GatewayRefusal | null =>
  execute.kind === 'panic' ? { kind: 'panic' } : (gateway ?? null);

/** Longest text kept in the cache, in UTF-16 units. */
const longestCached = 4096;

/** Reads statements and remembers the latest. */
export class StatementPlanner {
  readonly #plans = new Lru<StatementPlan>(2000);

  constructor(private readonly fidelity: Fidelity) {}

  plan(sql: string): StatementPlan {
    if (plainSelect.test(sql) && hasFrom.test(sql) && !current.test(sql)) return plainPlan;
    const known = this.#plans.get(sql);
    if (known !== undefined) return known;
    const plan = this.#read(sql);
    if (sql.length <= longestCached) this.#plans.set(sql, plan);
    return plan;
  }

  /** The complete reading, for what is shown and logged. */
  reading(sql: string): StatementReading {
    return readStatement(sql, { fidelity: this.fidelity });
  }

  #read(sql: string): StatementPlan {
    const early = sql.length > longestCached ? this.reading(sql) : null;
    if (early?.oversize !== undefined)
      return { ...plainPlan, kind: 'other', statement: { kind: 'other' }, oversize: early.oversize };
    const statement = gatewayStatement(sql);
    const { kind } = statement;
    const selects = kind === 'select' || kind === 'select-no-table';
    const foundRows = selects && calculatesRows.test(sql);
    const lastInsertId = selects && givesLastInsertId.test(sql);
    const marks = /[@?:]/.test(sql) ? scanSql(sql) : [];
    const reading = kind === 'empty' ? null : (early ?? this.reading(sql));
    return {
      kind,
      statement,
      marks,
      reading: mayNeedReading.test(sql) ? reading : null,
      syntaxError: reading === null ? null : syntaxErrorOf(reading),
      refusal: reading === null ? null : refusalOf(reading),
      oversize: reading?.oversize ?? null,
      setsUserVariables: setsVariable.test(sql) && marks.some((mark) => mark.kind === 'user-variable'),
      timeoutMs: timeoutOf(sql),
      isComputed: kind === 'select-no-table' && isComputedByGateway(sql),
      mysqlVariables: marks.filter(readsMysqlVariable).map(({ name, scope }) => (scope === 'global' ? '' : name)),
      usesLocks: lockFunctions.test(sql),
      workloadName: sql.includes('/*vt+') ? (commentDirectives(sql).get('workload_name') ?? '') : '',
      tellsSession: foundRows || lastInsertId ? { foundRows, lastInsertId } : null,
    };
  }
}
