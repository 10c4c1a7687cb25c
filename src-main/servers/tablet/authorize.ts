import { authorizeMtls, authorizeStatic, type GrpcUsersFile } from '../../domain/users';
import { GrpcStatusError, type CallContext } from '../rpc';
import type { Recorder } from '../recorder';
import type { TabletConfig } from './config';
import { codeNumber } from './vt-error';

const noUsers: GrpcUsersFile = { users: [] };

const textOf = (context: CallContext, key: string): string | null => context.text(key) ?? null;

/**
 * The tablet's `--grpc-auth-mode`, run before every method (vitess-behaviour §§1.6, 1.7). An unknown mode is a refusal
 * of everybody.
 */
export function authorizer(
  config: TabletConfig,
  users: () => GrpcUsersFile | undefined,
  recorder: Recorder,
): ((context: CallContext) => void) | undefined {
  const { authMode, fidelity } = config;
  if (authMode === '') return undefined;
  return (context) => {
    const outcome =
      authMode === 'static'
        ? authorizeStatic(
            users() ?? noUsers,
            { username: textOf(context, 'username'), password: textOf(context, 'password') },
            fidelity,
          )
        : authorizeMtls(
            config.mtlsSubstrings ?? '',
            context.peer.secured === null ? null : (context.peer.secured.peer?.subjects ?? []),
            fidelity,
          );
    if (outcome.kind === 'accepted') {
      context.staticUser = 'username' in outcome ? outcome.username : null;
      return;
    }
    if (recorder.enabled('tablet'))
      recorder.record(context.peer.traceId, 'tablet', 'rpc.refused', 'refused', {
        mode: authMode,
        message: outcome.message,
        reason: outcome.reason,
      });
    throw new GrpcStatusError(codeNumber(outcome.code), outcome.message);
  };
}
