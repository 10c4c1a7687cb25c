import type { CallContext, query } from '../rpc';
import type { TabletConfig } from './config';
import type { Engines, ExecRequest } from './exec-request';
import { TabletRequest } from './tablet-request';
import { codeNumber } from './vt-error';

/**
 * vttablet finds out that a statement needs a connection of its own by running it without one; its log tells of that
 * attempt and of the reservation. Returns the connection's id; throws the status of what else is wrong.
 */
async function reserveAfterAttempt(
  exec: ExecRequest,
  { engine, transactions }: Engines,
  message: query.ReserveExecuteRequest,
  context: CallContext,
): Promise<bigint> {
  const { preQueries, transactionId, options } = message;
  const attempt = exec.bound('Execute', message, context);
  const refused = await exec.attempt(
    attempt,
    message,
    () => {
      engine.checkSettings(preQueries);
      return engine.execute(attempt, { transactionId, reservedId: 0n });
    },
    false,
  );
  if ('error' in refused && !refused.error.message.includes('not allowed without reserved connection'))
    throw exec.status(refused.error);
  const { traceId, variables } = attempt;
  const request = new TabletRequest('Reserve', context, traceId, message, '', variables, options);
  const reserved = await exec.attempt(
    request,
    message,
    () => exec.quietly(request, () => transactions.reserve(request, preQueries, transactionId)),
    false,
  );
  if ('error' in reserved) throw exec.status(reserved.error);
  return reserved.value;
}

/** ReserveExecute: runs a statement on a connection that is reserved for it where it needs one, with settings where not. */
export async function reserveExecute(
  exec: ExecRequest,
  parts: Engines & { readonly config: TabletConfig },
  message: query.ReserveExecuteRequest,
  context: CallContext,
): Promise<query.IReserveExecuteResponse> {
  const { engine } = parts;
  const { preQueries: settings, transactionId } = message;
  const request = exec.bound('Execute', message, context);
  const wants = engine.wantsReservation(request, false);
  const reservedId = wants ? await reserveAfterAttempt(exec, parts, message, context) : 0n;
  const outcome = await exec.attempt(request, message, () => {
    if (wants) return engine.execute(request, { transactionId, reservedId });
    engine.checkSettings(settings);
    return engine.execute(request, { transactionId, reservedId: 0n, settings });
  });
  // Only what was reserved has a place; settings alone leave none.
  const held = reservedId === 0n ? {} : { reservedId, tabletAlias: parts.config.alias };
  if ('value' in outcome) return { result: outcome.value, ...held };
  // Once a connection is reserved its id must reach the caller, so the error travels beside it.
  if (reservedId === 0n) throw exec.status(outcome.error);
  return { error: { code: codeNumber(outcome.error.code), message: outcome.error.message }, ...held };
}
