import { deriveGrpcCaller } from '../../domain/identity';
import { vtCodes } from '../../domain/kernel';
import { authorizeMtls, authorizeStatic } from '../../domain/users';
import {
  GrpcStatusError,
  serve,
  vitessMethods,
  type CallContext,
  type RegisteredService,
  type vtgate,
  type vtrpc,
} from '../rpc';
import type { Recorder } from '../recorder';
import type { GatewayConfig, GatewayGrpcConfig } from './config';
import { fromGrpcSession, toGrpcSession } from './grpc-session';
import type { LoggedExecutor, LogSubject } from './logged-statement';
import { traceMetadata } from './mysql-session';
import { ResultChannel } from './result-channel';
import { sessionCaller, type GatewaySession, type SessionCaller } from './session';
import { release } from './transactions';
import { VitessError } from './vitess-error';

/** What the gRPC side shares with its gateway. */
export interface GrpcHost {
  readonly config: GatewayConfig;
  /** The configuration in force; a reload replaces it. */
  readonly grpc: () => GatewayGrpcConfig;
  readonly statements: LoggedExecutor;
  readonly recorder: Recorder;
}

const first = (context: CallContext, key: string): string | null => {
  const value = context.metadata.get(key)?.[0];
  return typeof value === 'string' ? value : null;
};

/** Refuses calls as `--grpc-auth-mode` says; runs before every existing method (vitess-behaviour §§1.6, 1.7). */
export function createAuthorize({ config, grpc, recorder }: GrpcHost): (context: CallContext) => void {
  return (context) => {
    const { authMode, staticUsers, mtlsSubstrings } = grpc();
    if (authMode === '') return;
    const { traceId, secured } = context.peer;
    const refuse = (code: 'UNAUTHENTICATED' | 'PERMISSION_DENIED', message: string, reason: string): never => {
      recorder.record(traceId, 'gateway', 'rpc.authorized', 'refused', { mode: authMode, code, message, reason });
      throw new GrpcStatusError(vtCodes[code], message);
    };
    if (authMode === 'static') {
      const metadata = { username: first(context, 'username'), password: first(context, 'password') };
      const outcome = authorizeStatic(staticUsers ?? { users: [] }, metadata, config.fidelity);
      if (outcome.kind === 'refused') return refuse(outcome.code, outcome.message, outcome.reason);
      context.staticUser = outcome.username;
      const place = { user: outcome.username, file: grpc().staticUsersFile ?? '', line: outcome.line };
      recorder.record(traceId, 'gateway', 'rpc.authorized', 'ok', { mode: authMode, ...place });
      return;
    }
    const subjects = secured === null ? null : (secured.peer?.subjects ?? []);
    const outcome = authorizeMtls(mtlsSubstrings ?? '', subjects, config.fidelity);
    if (outcome.kind === 'refused') return refuse(outcome.code, outcome.message, outcome.reason);
    const { substring, subject } = outcome;
    recorder.record(traceId, 'gateway', 'rpc.authorized', 'ok', { mode: authMode, substring, subject });
  };
}

interface Prepared {
  readonly session: GatewaySession;
  readonly caller: SessionCaller;
  readonly subject: LogSubject;
}

/** `vtgateservice.Vitess` of one gateway: Execute, StreamExecute and CloseSession; its other methods answer UNIMPLEMENTED. */
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

  const rpcError = (error: unknown): vtrpc.IRPCError => {
    if (error instanceof VitessError) return { code: vtCodes[error.code], message: error.message };
    return { code: vtCodes.UNKNOWN, message: error instanceof Error ? error.message : String(error) };
  };

  return serve(vitessMethods, {
    async Execute(request, context) {
      let session: GatewaySession | null = null;
      try {
        const prepared = prepare(request.session, request.callerId, context);
        session = prepared.session;
        router.target(session.targetString);
        const { caller, subject } = prepared;
        const sql = request.query?.sql ?? '';
        const binds = request.query?.bindVariables ?? {};
        const call = { session, caller, sql, binds, prepared: request.prepared, signal: context.signal };
        const result = await statements.run('Execute', subject, call);
        return { session: toGrpcSession(session), result };
      } catch (error) {
        const held = session === null ? request.session : toGrpcSession(session);
        return { error: rpcError(error), session: held };
      }
    },

    async *StreamExecute(request, context) {
      let failure: unknown = null;
      let session: GatewaySession | null = null;
      try {
        const prepared = prepare(request.session, request.callerId, context);
        session = prepared.session;
        router.target(session.targetString);
        const { caller, subject } = prepared;
        const channel = new ResultChannel();
        const sql = request.query?.sql ?? '';
        const binds = request.query?.bindVariables ?? {};
        let streamed = false;
        const running = statements.run('StreamExecute', subject, {
          session,
          caller,
          sql,
          binds,
          stream: channel,
          signal: context.signal,
        });
        running.then(
          () => channel.end(),
          () => channel.end(),
        );
        for await (const piece of channel) {
          streamed = true;
          yield { result: piece };
        }
        const result = await running;
        if (!streamed) yield { result };
      } catch (error) {
        failure = error;
      }
      // The session comes back even when the statement failed, before the status (vitess-behaviour §3.4).
      if (session !== null) yield { session: toGrpcSession(session) };
      if (failure === null) return;
      const { code, message } = rpcError(failure);
      throw new GrpcStatusError(code ?? vtCodes.UNKNOWN, message ?? '');
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
  });
}
