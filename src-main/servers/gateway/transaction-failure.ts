import type { Fidelity } from '../../domain/fidelity/fidelity';
import type { CallOptions } from '../rpc';
import type { GatewaySession, SessionCaller } from './session';
import type { TabletLink } from './tablet-link';
import { rollback } from './transactions';
import { VitessError } from './vitess-error';

/** A tablet's texts for a connection that was lost under a transaction. */
const lost = /transaction \d+: (?:not found|ended)|\(errno 20(?:06|13)\)|killing connection ID/;

const retry = 'issue ROLLBACK and retry the transaction';

/** What is gone for a session that holds a transaction is that one tablet, not all of its kind. */
const asGone = (message: string, { prefix, alias }: TabletLink): string =>
  message.includes('no healthy tablet available')
    ? `${prefix}tablet: cell:"${alias.cell}" uid:${alias.uid} is either down or nonexistent`
    : message;

/** vtgate's refusal of everything but ROLLBACK after a failed transaction. */
export const previousFailed = (): VitessError =>
  new VitessError(
    'FAILED_PRECONDITION',
    'VT09032: previous transaction failed. Issue a ROLLBACK to resolve the failure.',
  );

/**
 * What a failed statement does to the transaction it was in (go/vt/vtgate/scatter_conn.go and plan_execute.go): a tablet
 * that is away fails the transaction until ROLLBACK is said; a conflict, an ended transaction or exhausted resources end
 * it at once. Returns the error for the client. In hardened mode a transaction that was lost, not ended by its client,
 * must be rolled back before anything else is done, so that no COMMIT is answered with OK.
 */
export async function afterFailure(
  session: GatewaySession,
  caller: SessionCaller,
  options: CallOptions,
  fidelity: Fidelity,
  held: boolean,
  error: unknown,
  link: TabletLink,
): Promise<unknown> {
  if (!(error instanceof VitessError) || !session.inTransaction) return error;
  const { code, message } = error;
  const away = (code === 'UNAVAILABLE' || code === 'CLUSTER_EVENT') && !/\(errno \d+\)/.test(message);
  const { signal: _aborted, ...rest } = options;
  if (held && away) {
    await rollback(session, caller, rest).catch(() => undefined);
    session.failedUntilRollback = true;
    return new VitessError(code, `VT15001: transaction error, ${retry}: ${asGone(message, link)}`, error.state);
  }
  if (fidelity.mode === 'hardened' && held && lost.test(message)) {
    await rollback(session, caller, rest).catch(() => undefined);
    session.failedUntilRollback = true;
    return error;
  }
  if (code === 'ABORTED' || code === 'RESOURCE_EXHAUSTED') await rollback(session, caller, rest).catch(() => undefined);
  return error;
}
