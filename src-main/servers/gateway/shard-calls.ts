import { queryMethods, type CallOptions, type query, type vtrpc } from '../rpc';
import { DropConnectionError } from '../mysql-wire/types';
import { emptyResult, type ResultSink, type StatementResult } from './result';
import type { Fidelity } from '../../domain/fidelity/fidelity';
import type { GatewaySession, SessionCaller, ShardSession } from './session';
import { afterFailure } from './transaction-failure';
import type { TabletLink } from './tablet-link';
import { fromTabletResponse, VitessError } from './vitess-error';

/** One statement on its way to one tablet. */
export interface ShardStatement {
  readonly session: GatewaySession;
  readonly caller: SessionCaller;
  readonly link: TabletLink;
  readonly sql: string;
  readonly binds: { readonly [name: string]: query.IBindVariable } | undefined;
  /** The statement may begin the session's transaction. */
  readonly mayBegin: boolean;
  /** The session keeps this MySQL connection from here on. */
  readonly reserve: boolean;
  readonly options: CallOptions;
  readonly fidelity: Fidelity;
}

/** What Begin and Reserve answer beside the result. */
interface Held {
  readonly error?: vtrpc.RPCError | null;
  readonly transactionId?: bigint;
  readonly reservedId?: bigint;
}

/** Which RPC a statement needs, given what the session holds and wants (go/vt/vtgate/scatter_conn.go, actionNeeded). */
type Need = 'none' | 'begin' | 'reserve' | 'reserve-begin';

function needOf(statement: ShardStatement, shard: ShardSession | undefined): Need {
  const { session, mayBegin, reserve } = statement;
  const inTransaction = shard !== undefined && shard.transactionId !== 0n;
  const reserved = shard !== undefined && shard.reservedId !== 0n;
  const begin = mayBegin && session.inTransaction && !inTransaction;
  if (reserved) return begin ? 'begin' : 'none';
  if (begin) return reserve || session.usesSettings ? 'reserve-begin' : 'begin';
  return reserve || (session.usesSettings && !inTransaction) ? 'reserve' : 'none';
}

/** The name of the RPC that would be used, for traces. */
const rpcNames: { readonly [need in Need]: string } = {
  none: 'Execute',
  begin: 'BeginExecute',
  reserve: 'ReserveExecute',
  'reserve-begin': 'ReserveBeginExecute',
};

/** The options of a request that begins a transaction. */
function beginOptions(session: GatewaySession): query.IExecuteOptions {
  return session.accessModes.length === 0
    ? session.options
    : { ...session.options, transactionAccessMode: session.accessModes };
}

/** Keeps the ids an answer brings; throws the error it brings after that. */
function keep(statement: ShardStatement, held: Held): void {
  const { session, link } = statement;
  const transactionId = held.transactionId ?? 0n;
  const reservedId = held.reservedId ?? 0n;
  if (transactionId !== 0n || reservedId !== 0n) {
    const shard = session.ensureShard(link);
    if (transactionId !== 0n) shard.transactionId = transactionId;
    if (reservedId !== 0n) shard.reservedId = reservedId;
  }
  const error = held.error ?? null;
  if (error !== null) throw fromTabletResponse(link.prefix, error.code, error.message);
}

/** A connection that the tablet has given up is forgotten, so that the session's next statement gets a new one. */
function forgetLost(statement: ShardStatement, error: unknown): void {
  if (!(error instanceof VitessError) || error.code !== 'ABORTED') return;
  if (!/(transaction|connection) \d+: (not found|ended)/.test(error.message)) return;
  const { session, link } = statement;
  if (session.inTransaction) return;
  const shard = session.shardOf(link);
  if (shard === undefined) return;
  shard.reservedId = 0n;
  shard.transactionId = 0n;
  session.tidy();
}

/**
 * Runs one statement at one tablet with the RPC that the session's state asks for. Returns the name of that RPC and the
 * result. Throws VitessError.
 */
export async function executeAtShard(statement: ShardStatement): Promise<StatementResult> {
  const { session, caller, link, sql, binds, options } = statement;
  const shard = session.shards.length === 0 ? undefined : session.shardOf(link);
  if (!link.health.serving && (shard === undefined || shard.transactionId === 0n)) await link.demandServing();
  const need = needOf(statement, shard);
  const held = shard !== undefined && shard.transactionId !== 0n;
  const { immediate, effective } = caller;
  const target = link.target;
  const bound = binds === undefined ? { sql } : { sql, bindVariables: binds };
  const common = { effectiveCallerId: effective, immediateCallerId: immediate, target, query: bound };
  try {
    switch (need) {
      case 'none': {
        const request =
          shard === undefined
            ? { ...common, options: session.options }
            : { ...common, options: session.options, transactionId: shard.transactionId, reservedId: shard.reservedId };
        const { result } = await link.call(queryMethods.Execute, request, options);
        // A tablet that answers without a result makes vtgate panic; what its clients see of that is the lost connection.
        if (result === null) throw new DropConnectionError('the tablet answered without a result');
        return result;
      }
      case 'begin': {
        const request = {
          ...common,
          options: beginOptions(session),
          preQueries: session.savepoints,
          reservedId: shard?.reservedId ?? 0n,
        };
        const response = await link.call(queryMethods.BeginExecute, request, options);
        keep(statement, response);
        return response.result ?? emptyResult;
      }
      case 'reserve': {
        const preQueries = session.settings();
        const transactionId = shard?.transactionId ?? 0n;
        const request = { ...common, options: session.options, transactionId, preQueries };
        const response = await link.call(queryMethods.ReserveExecute, request, options);
        keep(statement, response);
        return response.result ?? emptyResult;
      }
      case 'reserve-begin': {
        const request = {
          ...common,
          options: beginOptions(session),
          preQueries: session.settings(),
          postBeginQueries: session.savepoints,
        };
        const response = await link.call(queryMethods.ReserveBeginExecute, request, options);
        keep(statement, response);
        return response.result ?? emptyResult;
      }
    }
  } catch (error) {
    forgetLost(statement, error);
    throw await afterFailure(session, caller, options, statement.fidelity, held, error, link);
  }
}

/** The streaming form: rows go to `sink` as they arrive. The result returned holds the fields and no rows. */
export async function streamAtShard(
  statement: ShardStatement,
  sink: ResultSink,
): Promise<StatementResult & { streamed: number }> {
  const { session, caller, link, sql, binds, options } = statement;
  const shard = session.shardOf(link);
  if (!link.health.serving && (shard === undefined || shard.transactionId === 0n)) await link.demandServing();
  const need = needOf(statement, shard);
  const held = shard !== undefined && shard.transactionId !== 0n;
  const { immediate, effective } = caller;
  const target = link.target;
  const bound = binds === undefined ? { sql } : { sql, bindVariables: binds };
  const common = { effectiveCallerId: effective, immediateCallerId: immediate, target, query: bound };
  const transactionId = shard?.transactionId ?? 0n;
  const reservedId = shard?.reservedId ?? 0n;
  const preQueries = session.settings();
  let fields: readonly query.Field[] = [];
  let streamed = 0;

  const take = async (answers: AsyncIterable<Held & { readonly result: query.QueryResult | null }>): Promise<void> => {
    for await (const answer of answers) {
      keep(statement, answer);
      const { result } = answer;
      if (result === null) continue;
      if (fields.length === 0 && result.fields.length > 0) {
        fields = result.fields;
        await sink.fields(fields);
      }
      if (result.rows.length === 0) continue;
      streamed += result.rows.length;
      await sink.rows(result.rows);
    }
  };

  try {
    if (need === 'none') {
      await take(
        link.stream(
          queryMethods.StreamExecute,
          { ...common, options: session.options, transactionId, reservedId },
          options,
        ),
      );
    } else if (need === 'begin') {
      await take(
        link.stream(
          queryMethods.BeginStreamExecute,
          { ...common, options: beginOptions(session), preQueries: session.savepoints, reservedId },
          options,
        ),
      );
    } else if (need === 'reserve') {
      await take(
        link.stream(
          queryMethods.ReserveStreamExecute,
          { ...common, options: session.options, transactionId, preQueries },
          options,
        ),
      );
    } else {
      await take(
        link.stream(
          queryMethods.ReserveBeginStreamExecute,
          { ...common, options: beginOptions(session), preQueries },
          options,
        ),
      );
    }
  } catch (error) {
    forgetLost(statement, error);
    throw await afterFailure(session, caller, options, statement.fidelity, held, error, link);
  }
  return { ...emptyResult, fields, streamed };
}

/** The RPC that `executeAtShard` or `streamAtShard` will use. */
export function rpcOf(statement: ShardStatement, streaming: boolean): string {
  const name = rpcNames[needOf(statement, statement.session.shardOf(statement.link))];
  return streaming ? name.replace('Execute', 'StreamExecute') : name;
}
