import { deriveGrpcCaller } from '../../domain/identity';
import { splitStatements } from '../../domain/sql';
import { vtCodes } from '../../domain/kernel';
import {
  GrpcStatusError,
  serve,
  vitessMethods,
  type CallContext,
  type query,
  type RegisteredService,
  type vtgate,
  type vtrpc,
} from '../rpc';
import type { Recorder } from '../recorder';
import { DropConnectionError } from '../mysql-wire/types';
import type { GatewayConfig, GatewayGrpcConfig } from './config';
import { fromGrpcSession, toGrpcSession } from './grpc-session';
import type { LoggedExecutor, LogSubject } from './logged-statement';
import type { StatementCall } from './statement-call';
import { traceMetadata } from './mysql-session';
import { nullParameters } from './prepared-shape';
import { ResultChannel } from './result-channel';
import { sessionCaller, type GatewaySession, type SessionCaller } from './session';
import { release } from './transactions';
import { mysqlState, states, VitessError } from './vitess-error';

/** What the gRPC side shares with its gateway. */
export interface GrpcHost {
  readonly config: GatewayConfig;
  /** The configuration in force; a reload replaces it. */
  readonly grpc: () => GatewayGrpcConfig;
  readonly statements: LoggedExecutor;
  readonly recorder: Recorder;
}

interface Prepared {
  readonly session: GatewaySession;
  readonly caller: SessionCaller;
  readonly subject: LogSubject;
}

/** `vtgateservice.Vitess` of one gateway. */
export function createVitessService(host: GrpcHost): RegisteredService {
  const { statements, recorder } = host;
  const { router } = statements.executor;

  const callerOf = (claimed: vtrpc.CallerID | null, context: CallContext): SessionCaller => {
    const {
      useEffectiveCallerId = false,
      useEffectiveGroups = false,
      useStaticAuthenticationCallerId = false,
    } = host.grpc();
    const derived = deriveGrpcCaller({
      peer: context.peer.secured?.peer ?? null,
      claimed,
      staticUser: context.staticUser,
      flags: { useEffectiveCallerId, useEffectiveGroups, useStaticAuthenticationCallerId },
    });
    if (recorder.enabled('gateway', context.peer.traceId)) {
      const { immediate, nameFrom, groupsFrom, steps } = derived;
      recorder.record(context.peer.traceId, 'gateway', 'identity.derived', 'ok', {
        immediate: { username: immediate.username, groups: [...immediate.groups] },
        effective:
          claimed === null
            ? null
            : {
                principal: claimed.principal,
                component: claimed.component,
                subcomponent: claimed.subcomponent,
                groups: [...claimed.groups],
              },
        nameFrom,
        groupsFrom,
        reasons: steps.map(({ question, taken, detail }) => ({ question, taken, detail })),
      });
    }
    return sessionCaller(derived);
  };

  const prepare = (message: vtgate.Session | null, claimed: vtrpc.CallerID | null, context: CallContext): Prepared => {
    const session = fromGrpcSession(message, router);
    const { traceId, remoteAddress } = context.peer;
    session.traceId = traceId;
    if (traceId !== '' && recorder.enabled('gateway')) session.metadata = traceMetadata(traceId);
    return { session, caller: callerOf(claimed, context), subject: { remoteAddress, username: 'gRPC' } };
  };

  /** One statement of `session`. Throws VitessError. */
  const execute = (method: string, { session, caller, subject }: Prepared, text: StatementText, context: CallContext) =>
    statements.run(method, subject, { session, caller, ...text, signal: context.signal });

  /** Pieces of a streamed statement's result, then its error. A statement without rows is one piece. */
  async function* pieces(
    prepared: Prepared,
    text: StatementText,
    context: CallContext,
  ): AsyncGenerator<query.IQueryResult> {
    const channel = new ResultChannel();
    const running = execute('StreamExecute', prepared, { ...text, stream: channel }, context);
    running.then(
      () => channel.end(),
      () => channel.end(),
    );
    let streamed = false;
    for await (const piece of channel) {
      streamed = true;
      yield piece;
    }
    const result = await running;
    if (!streamed) yield result;
  }

  return serve(vitessMethods, {
    async Execute(request, context) {
      let session: GatewaySession | null = null;
      try {
        const prepared = prepare(request.session, request.callerId, context);
        session = prepared.session;
        router.target(session.targetString);
        const text = { ...textOf(request.query), prepared: request.prepared };
        const result = await execute('Execute', prepared, text, context);
        return { session: toGrpcSession(session), result };
      } catch (error) {
        return { error: rpcError(error), session: session === null ? request.session : toGrpcSession(session) };
      }
    },

    async ExecuteMulti(request, context) {
      let session: GatewaySession | null = null;
      const results: query.IQueryResult[] = [];
      try {
        const prepared = prepare(request.session, request.callerId, context);
        session = prepared.session;
        router.target(session.targetString);
        for (const sql of piecesOf(request.sql))
          results.push(await execute('Execute', prepared, { sql, binds: {} }, context));
        return { session: toGrpcSession(session), results };
      } catch (error) {
        return {
          error: rpcError(error),
          results,
          session: session === null ? request.session : toGrpcSession(session),
        };
      }
    },

    async ExecuteBatch(request, context) {
      try {
        const prepared = prepare(request.session, request.callerId, context);
        const results: query.IResultWithError[] = [];
        // A statement that fails does not stop those behind it, and errors are beside the results.
        for (const one of request.queries) {
          try {
            router.target(prepared.session.targetString);
            results.push({ result: await execute('Execute', prepared, textOf(one), context) });
          } catch (error) {
            results.push({ error: rpcError(error) });
          }
        }
        return { session: toGrpcSession(prepared.session), results };
      } catch (error) {
        return { error: rpcError(error), session: request.session };
      }
    },

    async *StreamExecute(request, context) {
      let failure: unknown = null;
      let session: GatewaySession | null = null;
      try {
        const prepared = prepare(request.session, request.callerId, context);
        session = prepared.session;
        router.target(session.targetString);
        for await (const result of pieces(prepared, textOf(request.query), context)) yield { result };
      } catch (error) {
        failure = error;
      }
      // The session comes back even when the statement failed, before the status (vitess-behaviour §3.4).
      if (session !== null) yield { session: toGrpcSession(session) };
      if (failure !== null) throw statusOf(failure);
    },

    async *StreamExecuteMulti(request, context) {
      let failure: unknown = null;
      let session: GatewaySession | null = null;
      let begun = false;
      try {
        const prepared = prepare(request.session, request.callerId, context);
        session = prepared.session;
        router.target(session.targetString);
        const texts = piecesOf(request.sql);
        for (const [index, sql] of texts.entries()) {
          begun = false;
          for await (const result of pieces(prepared, { sql, binds: {} }, context)) {
            yield { result: { result }, newResult: !begun, moreResults: index < texts.length - 1 };
            begun = true;
          }
        }
      } catch (error) {
        // An error before the first piece of a statement travels in its place, as MySQL's own protocol has it.
        if (session === null || begun || !(error instanceof VitessError)) failure = error;
        else yield { result: { error: sqlError(error) }, newResult: true, moreResults: false };
      }
      if (session !== null) yield { session: toGrpcSession(session) };
      if (failure !== null) throw statusOf(failure);
    },

    async Prepare(request, context) {
      let session: GatewaySession | null = null;
      try {
        const prepared = prepare(request.session, request.callerId, context);
        session = prepared.session;
        router.target(session.targetString);
        const { caller, subject } = prepared;
        const { sql } = textOf(request.query);
        const plan = statements.prepared(subject, { session, caller, sql });
        const call = {
          session,
          caller,
          signal: context.signal,
          sql: plan.fieldQuery ?? '',
          own: plan.own === true,
          shownSql: sql,
          prepared: true,
          binds: nullParameters(plan.parameterCount),
        };
        const fields = plan.fieldQuery === null ? [] : (await statements.run('Prepare', subject, call)).fields;
        return { session: toGrpcSession(session), fields, paramsCount: plan.parameterCount };
      } catch (error) {
        return { error: rpcError(error), session: session === null ? request.session : toGrpcSession(session) };
      }
    },

    async CloseSession(request, context) {
      try {
        const { session } = prepare(request.session, request.callerId, context);
        await release(session);
        return {};
      } catch (error) {
        return { error: rpcError(error) };
      }
    },

    // eslint-disable-next-line require-yield -- there is no change stream, only its refusals
    async *VStream({ vgtid }) {
      if (vgtid === null || vgtid.shardGtids.length === 0)
        throw new GrpcStatusError(
          vtCodes.INVALID_ARGUMENT,
          'vgtid must have at least one value with a starting position in ShardGtids',
        );
      throw new GrpcStatusError(vtCodes.UNIMPLEMENTED, 'VStream is not served by this gateway');
    },

    // eslint-disable-next-line require-yield -- as vtgate without --enable-binlog-dump
    async *BinlogDumpGTID() {
      throw new GrpcStatusError(vtCodes.FAILED_PRECONDITION, 'binlog dump is disabled');
    },
  });
}

type StatementText = Pick<StatementCall, 'sql' | 'binds' | 'prepared' | 'stream' | 'shownSql'>;

/** The text of a request. vtgate's server panics when there is none and answers with that panic. */
function textOf(bound: query.BoundQuery | null): { readonly sql: string; readonly binds: StatementCall['binds'] } {
  if (bound === null)
    throw new GrpcStatusError(
      vtCodes.UNKNOWN,
      'uncaught panic: runtime error: invalid memory address or nil pointer dereference',
    );
  return { sql: bound.sql, binds: bound.bindVariables };
}

/** Statements of one text. Throws as vtgate does when there is none. */
function piecesOf(sql: string): readonly string[] {
  const texts = splitStatements(sql);
  if (texts.length === 0) throw new VitessError('INVALID_ARGUMENT', 'Query was empty', states.emptyQuery);
  return texts;
}

/** An error inside a response; those that are no statement's become the call's status. */
function rpcError(error: unknown): vtrpc.IRPCError {
  if (error instanceof GrpcStatusError) throw error;
  if (error instanceof DropConnectionError)
    throw new GrpcStatusError(vtCodes.UNKNOWN, `uncaught panic: ${error.message}`);
  if (error instanceof VitessError) return { code: vtCodes[error.code], message: error.message };
  return { code: vtCodes.UNKNOWN, message: error instanceof Error ? error.message : String(error) };
}

function statusOf(error: unknown): GrpcStatusError {
  const { code, message } = rpcError(error);
  return new GrpcStatusError(code ?? vtCodes.UNKNOWN, message ?? '');
}

/** A Vitess error in the form in which MySQL clients see it (go/mysql/sqlerror: number and state are part of the text). */
function sqlError({ code, message, state }: VitessError): vtrpc.IRPCError {
  const { errno, sqlState } = mysqlState(code, message, state);
  return { code: vtCodes.UNKNOWN, message: `${message} (errno ${errno}) (sqlstate ${sqlState})` };
}
