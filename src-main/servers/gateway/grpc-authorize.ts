import { vtCodes } from '../../domain/kernel';
import { authorizeMtls, authorizeStatic } from '../../domain/users';
import { GrpcStatusError, type CallContext } from '../rpc';
import type { GrpcHost } from './grpc-service';

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
