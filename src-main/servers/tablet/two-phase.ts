import type { Handlers, queryMethods } from '../rpc';
import type { AskTablet } from './exec-request';
import type { TabletRequest } from './tablet-request';
import type { TxEngine } from './tx-engine';
import { VtError } from './vt-error';

/** Vitess's refusal of a distributed commit (go/vt/vterrors/code.go). */
const notAtomic = (why: string): VtError =>
  new VtError('ABORTED', `VT10002: atomic distributed transaction not allowed: ${why}`);

const noRedoLog = 'this tablet keeps no redo log';

/**
 * The calls of distributed transactions. Nothing is ever prepared here, since no redo log would survive a crash: what
 * would have to be kept is refused, with the transaction rolled back, as vttablet does where it cannot prepare; what is
 * asked about transactions that nobody prepared is answered as by vttablet (go/vt/vttablet/tabletserver/dt_executor.go).
 */
export function twoPhaseHandlers(transactions: TxEngine, ask: AskTablet) {
  const rolledBack = async (request: TabletRequest, id: bigint): Promise<void> => {
    if (id === 0n) return;
    // One that is gone already was rolled back by other means.
    await transactions.conclude(request, id, 'rollback').catch(() => undefined);
  };
  return {
    Prepare: (message, context) =>
      ask('Prepare', 'prepare', message, context, async (request) => {
        await transactions.conclude(request, message.transactionId, 'rollback');
        throw notAtomic(noRedoLog);
      }),
    CommitPrepared: (message, context) =>
      ask('CommitPrepared', 'commit_prepared', message, context, () => Promise.resolve({})),
    RollbackPrepared: (message, context) =>
      ask('RollbackPrepared', 'rollback_prepared', message, context, async (request) => {
        await rolledBack(request, message.transactionId);
        return {};
      }),
    CreateTransaction: (message, context) =>
      ask('CreateTransaction', 'create_transaction', message, context, () => Promise.reject(notAtomic(noRedoLog))),
    StartCommit: (message, context) =>
      ask('StartCommit', 'start_commit', message, context, async (request) => {
        await transactions.conclude(request, message.transactionId, 'rollback');
        throw new VtError('NOT_FOUND', `could not transition to COMMIT: ${message.dtid}`);
      }),
    SetRollback: (message, context) =>
      ask('SetRollback', 'set_rollback', message, context, async (request) => {
        await rolledBack(request, message.transactionId);
        throw new VtError('NOT_FOUND', `could not transition to ROLLBACK: ${message.dtid}`);
      }),
    ConcludeTransaction: (message, context) =>
      ask('ConcludeTransaction', 'conclude_transaction', message, context, () => Promise.resolve({})),
    ReadTransaction: (message, context) =>
      ask('ReadTransaction', 'read_transaction', message, context, () => Promise.resolve({ metadata: {} })),
    UnresolvedTransactions: (message, context) =>
      ask('UnresolvedTransactions', 'unresolved_transaction', message, context, () => Promise.resolve({})),
  } satisfies Handlers<typeof queryMethods>;
}
