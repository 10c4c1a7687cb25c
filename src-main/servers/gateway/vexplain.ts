import { commentDirectives, type VexplainType } from '../../domain/sql';
import type { Forwarder } from './forwarder';
import { refusalError } from './refusals';
import type { StatementCall, StatementNotes, StatementOutcome } from './statement-call';
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
function demandHarmless(type: VexplainType, { kind }: StatementPlan, directives: ReadonlyMap<string, string>): void {
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
function vexplainAnswer(
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
const vexplainQueries = (
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
const firstText = ({ rows }: StatementOutcome): string | null =>
  rows[0] === undefined ? null : (rowTexts(rows[0])[0] ?? null);

const typesOfText = new Set<number>([6165, 6163, 6167, 10258, 10262]);

/** A canonical text with its values in place, as VEXPLAIN QUERIES shows it. */
function withValues({ sql, binds }: NonNullable<StatementNotes['canonical']>): string {
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

/**
 * Runs VEXPLAIN of the statement that begins at `at`. `run` does what running that statement would, for the types that
 * tell of it. Throws VitessError.
 */
export async function runVexplain(
  forwarder: Forwarder,
  call: StatementCall,
  { type, at }: { readonly type: VexplainType; readonly at: number },
  run: (call: StatementCall, plan: StatementPlan) => Promise<StatementOutcome>,
): Promise<StatementOutcome> {
  const { session } = call;
  const explained = { ...call, sql: call.sql.slice(at), stream: undefined };
  const plan = forwarder.planner.plan(explained.sql);
  if (plan.refusal !== null) throw refusalError(plan.refusal);
  demandHarmless(type, plan, commentDirectives(call.sql));
  const { described, shard } = forwarder.describe(explained, plan);
  if (type === 'keys' || type === 'plan') return vexplainAnswer(type, described, null, null);
  const notes: StatementNotes = { shardQueries: 0 };
  const result = await run({ ...explained, counted: notes }, plan);
  session.rowCount = -1n;
  const { canonical = { sql: explained.sql, binds: {} }, shardQueries } = notes;
  const sent = shardQueries > 0 && described.sql !== null;
  // What was sent has the session's hints, which the query log leaves out.
  const shown = notes.canonical === undefined ? canonical.sql : (described.sql ?? canonical.sql);
  if (type === 'queries')
    return vexplainQueries(
      sent ? [{ keyspace: described.keyspace, shard, sql: withValues({ ...canonical, sql: shown }) }] : [],
    );
  const observed = type === 'trace' ? { rows: result.rows.length, queries: shardQueries } : null;
  if (type === 'trace' || !sent) return vexplainAnswer(type, described, observed, null);
  const asked = { ...call, binds: undefined, stream: undefined, counted: undefined };
  const explain = `explain format = json ${withValues(canonical)}`;
  const mysql = await forwarder.forwardText(asked, explain, { mayBegin: false, reserve: false });
  return vexplainAnswer(type, described, null, firstText(mysql));
}
