import type { Forwarder } from './forwarder';
import type { StatementCall } from './statement-call';
import type { StatementPlan } from './statement-plan';
import { begin } from './transactions';
import { VitessError } from './vitess-error';

/**
 * Runs SAVEPOINT, RELEASE SAVEPOINT or ROLLBACK TO: the session keeps their texts for shards that join its transaction
 * later (go/vt/vtgate/executor.go, handleSavepoint). Throws VitessError.
 */
export async function runSavepoint(forwarder: Forwarder, call: StatementCall, plan: StatementPlan): Promise<void> {
  const { session } = call;
  if (!session.inTransaction) {
    if (plan.kind !== 'savepoint') {
      throw new VitessError('NOT_FOUND', `SAVEPOINT does not exist: ${call.sql}`, {
        errno: 1305,
        sqlState: '42000',
      });
    }
    // Outside a transaction a savepoint would end with its own statement.
    if (session.autocommit) return;
    begin(session, []);
  }
  const isOpen = session.shards.some(({ transactionId }) => transactionId !== 0n);
  // Where no shard has begun there is nothing to mark: the one that begins is told.
  if (isOpen) await forwarder.forward(call, plan, true);
  session.savepoints.push(call.sql);
}
