import { queryMethods, type query } from '../rpc';
import { isLockCall, lockCall } from './lock-functions';
import { emptyResult, rowTexts, type StatementResult } from './result';
import { selectList } from './select-list';
import type { GatewaySession } from './session';
import type { ShardStatement } from './shard-calls';
import type { TabletLink } from './tablet-link';
import { fromTabletResponse, VitessError } from './vitess-error';

/** The MySQL connection that holds a session's advisory locks: another one than that of its statements. */
export interface LockSession {
  readonly link: TabletLink;
  readonly reservedId: bigint;
}

const connectionLost = /\(errno 20(?:06|13)\)|(?:transaction|connection) \d+: (?:not found|ended|in use)/;

/** The lock a call is about, as text: enough to count how often each is held. */
function nameOf(expression: string, binds: ShardStatement['binds']): string {
  const argument = /\(\s*('(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|:\w+|[^,)]*)/.exec(expression)?.[1]?.trim() ?? '';
  const bound = argument.startsWith(':') ? binds?.[argument.slice(1)]?.value : undefined;
  return bound == null ? argument.replace(/^(['"])([\s\S]*)\1$/, '$2') : Buffer.from(bound).toString('utf8');
}

/** Gives the connection back with whatever locks it holds. */
async function releaseLock({ session, caller, options }: ShardStatement): Promise<void> {
  const { lock } = session;
  session.lock = null;
  session.advisoryLocks.clear();
  if (lock === null) return;
  const { effective, immediate } = caller;
  const { link, reservedId } = lock;
  const ids = { effectiveCallerId: effective, immediateCallerId: immediate };
  await link.call(queryMethods.Release, { ...ids, target: link.target, reservedId }, options);
}

/** Runs one lock function at the tablet: on the locks' own connection, which the first GET_LOCK opens. */
async function execute(statement: ShardStatement, sql: string, opens: boolean): Promise<query.IQueryResult> {
  const { session, caller, link, binds, options } = statement;
  const { effective, immediate } = caller;
  const bound = binds === undefined ? { sql } : { sql, bindVariables: binds };
  const common = { effectiveCallerId: effective, immediateCallerId: immediate, query: bound, options: session.options };
  const held = session.lock;
  if (held !== null || !opens) {
    const at = held?.link ?? link;
    if (held === null && !link.health.serving) await link.demandServing();
    try {
      const request = { ...common, target: at.target, reservedId: held?.reservedId ?? 0n };
      return (await at.call(queryMethods.Execute, request, options)).result ?? emptyResult;
    } catch (error) {
      if (held === null || !(error instanceof VitessError) || !connectionLost.test(error.message)) throw error;
      session.lock = null;
      session.advisoryLocks.clear();
      throw new VitessError(error.code, `held locks released: ${error.message}`, error.state);
    }
  }
  if (!link.health.serving) await link.demandServing();
  const request = { ...common, target: link.target, preQueries: session.settings() };
  const { error, reservedId, result } = await link.call(queryMethods.ReserveExecute, request, options);
  if (reservedId !== 0n) session.lock = { link, reservedId };
  if (error !== null) {
    await releaseLock(statement).catch(() => undefined);
    throw fromTabletResponse(link.prefix, error.code, error.message);
  }
  return result ?? emptyResult;
}

function count(session: GatewaySession, name: string, by: number): void {
  const now = (session.advisoryLocks.get(name) ?? 0) + by;
  if (now > 0) session.advisoryLocks.set(name, now);
  else session.advisoryLocks.delete(name);
}

/**
 * Runs a SELECT of lock functions as vtgate does (go/vt/vtgate/engine/lock.go): each by itself, all of a session on one
 * reserved connection that is given back with the last lock. Throws VitessError.
 */
export async function runLocks(statement: ShardStatement): Promise<StatementResult> {
  const { session, sql, binds } = statement;
  const fields: query.Field[] = [];
  const rows: query.Row[] = [];
  const list = selectList(sql) ?? [];
  for (const expression of list.some(isLockCall) ? list.filter(isLockCall) : list) {
    const call = lockCall(expression)?.call ?? expression.trim();
    const lower = /^\w+/.exec(call)?.[0].toLowerCase();
    const result = await execute(statement, `select ${call} from dual`, lower === 'get_lock');
    fields.push(...((result.fields ?? []) as query.Field[]));
    rows.push(...((result.rows ?? []) as query.Row[]).slice(0, 1));
    const last = rows.at(-1);
    const taken = last !== undefined && rowTexts(last)[0] === '1';
    const name = nameOf(call, binds);
    if (lower === 'get_lock' && taken) count(session, name, 1);
    if (lower === 'release_lock' && taken) count(session, name, -1);
    if (lower === 'release_all_locks' || (lower === 'release_lock' && session.advisoryLocks.size === 0))
      await releaseLock(statement);
  }
  const lengths = rows.flatMap((row) => row.lengths);
  const values = Buffer.concat(rows.map((row) => row.values));
  return { ...emptyResult, fields, rows: rows.length === 0 ? [] : [{ lengths, values } as query.Row] };
}
