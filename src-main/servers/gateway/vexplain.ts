import type { VexplainType } from '../../domain/sql';
import type { StatementNotes, StatementOutcome } from './statement-call';
import { columnTypes, emptyResult, ownField, ownResult, ownRow, rowTexts, type StatementResult } from './result';
import type { StatementPlan } from './statement-plan';
import { VitessError } from './vitess-error';

/** What a plan sends and to where; `sql` is null where the gateway answers by itself. */
export interface Described {
  readonly verb: string;
  readonly keyspace: string;
  readonly sql: string | null;
  readonly fieldSql: string | null;
}

/** What running the statement showed. */
export interface Observed {
  readonly rows: number;
  readonly queries: number;
}

const headings: { readonly [type in Exclude<VexplainType, 'queries'>]: string } = {
  plan: 'JSON',
  keys: 'ColumnUsage',
  trace: 'Trace',
  all: 'VExplain',
};

const INT32 = 263;

/** Throws VitessError for a change that would be run by being explained, unless a directive asks for it (VT09008). */
export function demandHarmless(
  type: VexplainType,
  { kind }: StatementPlan,
  directives: ReadonlyMap<string, string>,
): void {
  if ((type !== 'queries' && type !== 'all') || kind !== 'dml' || directives.has('execute_dml_queries')) return;
  throw new VitessError('FAILED_PRECONDITION', 'VT09008: vexplain queries/all will actually run queries');
}

/** The plan of an unsharded keyspace as vtgate shows it (go/vt/vtgate/engine/plan_description.go); keys in its order. */
function planText(
  { verb, keyspace, sql, fieldSql }: Described,
  observed: Observed | null,
  mysql: string | null,
): string {
  if (sql === null)
    return JSON.stringify({ OperatorType: 'Projection', Inputs: [{ OperatorType: 'SingleRow' }] }, null, '\t');
  const operator = /^(?:insert|replace)$/.test(verb)
    ? 'Insert'
    : verb === 'update'
      ? 'Update'
      : verb === 'delete'
        ? 'Delete'
        : 'Route';
  const { rows = 0, queries = 0 } = observed ?? {};
  return JSON.stringify(
    {
      OperatorType: operator,
      Variant: 'Unsharded',
      Keyspace: { Name: keyspace, Sharded: false },
      ...(observed === null
        ? {}
        : { NoOfCalls: queries, AvgNumberOfRows: rows, MedianNumberOfRows: rows, ShardsQueried: queries }),
      ...(operator === 'Route' && fieldSql !== null ? { FieldQuery: fieldSql } : {}),
      Query: sql,
      ...(mysql === null ? {} : { mysql_explain_json: JSON.parse(mysql) as unknown }),
    },
    null,
    '\t',
  );
}

/** The answer to VEXPLAIN but for `queries`. `mysql` is MySQL's own explanation, for `all`. */
export function vexplainAnswer(
  type: Exclude<VexplainType, 'queries'>,
  described: Described,
  observed: Observed | null,
  mysql: string | null,
): StatementResult {
  const text =
    type === 'keys'
      ? JSON.stringify(
          { statementType: (described.verb === 'replace' ? 'insert' : described.verb).toUpperCase() },
          null,
          '\t',
        )
      : planText(described, observed, mysql);
  return ownResult([headings[type]], [[text]]);
}

/** The answer to VEXPLAIN QUERIES: what was sent to which shard. */
export const vexplainQueries = (
  sent: readonly { readonly keyspace: string; readonly shard: string; readonly sql: string }[],
): StatementResult => ({
  ...emptyResult,
  fields: [
    ownField('#', INT32, 0),
    ...['keyspace', 'shard', 'query'].map((name) => ownField(name, columnTypes.text, 0)),
  ],
  rows: sent.map(({ keyspace, shard, sql }) => ownRow(['0', keyspace, shard, sql])),
});

/** The only value of an answer of one row, as text; null where there is none. */
export const firstText = ({ rows }: StatementOutcome): string | null =>
  rows[0] === undefined ? null : (rowTexts(rows[0])[0] ?? null);

const typesOfText = new Set<number>([6165, 6163, 6167, 10258, 10262]);

/** A canonical text with its values in place, as VEXPLAIN QUERIES shows it. */
export function withValues({ sql, binds }: NonNullable<StatementNotes['canonical']>): string {
  return sql.replace(/::?(\w+)(?: \/\* [A-Z0-9]+ \*\/)?/g, (found, name: string) => {
    const bind = binds[name];
    if (bind === undefined) return found;
    const shown = (type: number | null | undefined, value: Uint8Array | null | undefined): string => {
      const text = Buffer.from(value ?? []).toString('utf8');
      return typesOfText.has(type ?? 0) ? `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'` : text;
    };
    if (bind.values !== undefined && bind.values !== null && bind.values.length > 0)
      return `(${bind.values.map(({ type, value }) => shown(type, value)).join(', ')})`;
    return shown(bind.type, bind.value);
  });
}
