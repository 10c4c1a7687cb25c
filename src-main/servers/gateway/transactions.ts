import { queryMethods, type CallOptions } from '../rpc';
import type { GatewaySession, SessionCaller } from './session';

/** Begins a transaction: nothing reaches a tablet before the first statement. */
export function begin(session: GatewaySession, accessModes: readonly number[]): void {
  session.inTransaction = true;
  session.accessModes = accessModes;
}

function ended(session: GatewaySession): void {
  session.inTransaction = false;
  session.accessModes = [];
  session.savepoints = [];
  session.tidy();
}

/** Commits at every shard that takes part, in the order in which they joined. Whatever comes of it, the transaction is over. */
export async function commit(session: GatewaySession, caller: SessionCaller, options: CallOptions): Promise<void> {
  const failures: unknown[] = [];
  for (const shard of session.shards) {
    if (shard.transactionId === 0n) continue;
    const { transactionId, link } = shard;
    shard.transactionId = 0n;
    // After a shard that could not commit nothing more is committed.
    const method = failures.length === 0 ? queryMethods.Commit : queryMethods.Rollback;
    try {
      const request = {
        effectiveCallerId: caller.effective,
        immediateCallerId: caller.immediate,
        target: link.target,
        transactionId,
      };
      const { reservedId } = await link.call(method, request, options);
      shard.reservedId = reservedId;
    } catch (error) {
      failures.push(error);
      shard.reservedId = 0n;
    }
  }
  ended(session);
  if (failures.length > 0) throw failures[0];
}

/** Rolls back at every shard that takes part. A tablet that is gone has rolled back already. */
export async function rollback(session: GatewaySession, caller: SessionCaller, options: CallOptions): Promise<void> {
  let failure: unknown;
  for (const shard of session.shards) {
    if (shard.transactionId === 0n) continue;
    const { transactionId, link } = shard;
    shard.transactionId = 0n;
    try {
      const request = {
        effectiveCallerId: caller.effective,
        immediateCallerId: caller.immediate,
        target: link.target,
        transactionId,
      };
      const { reservedId } = await link.call(queryMethods.Rollback, request, options);
      shard.reservedId = reservedId;
    } catch (error) {
      failure ??= error;
      shard.reservedId = 0n;
    }
  }
  ended(session);
  if (failure !== undefined) throw failure;
}

/** Gives back everything that tablets hold for a session that ends; carries no caller ids, as vtgate's does. Never throws. */
export async function release(session: GatewaySession): Promise<void> {
  const held = session.shards.filter(({ transactionId, reservedId }) => transactionId !== 0n || reservedId !== 0n);
  if (session.lock !== null) held.push({ ...session.lock, transactionId: 0n });
  session.lock = null;
  session.advisoryLocks.clear();
  session.shards = [];
  session.inTransaction = false;
  session.accessModes = [];
  session.savepoints = [];
  const options: CallOptions = {
    deadlineMs: 10_000,
    ...(session.metadata === undefined ? {} : { metadata: session.metadata }),
  };
  await Promise.allSettled(
    held.map(({ link, transactionId, reservedId }) =>
      link.call(queryMethods.Release, { target: link.target, transactionId, reservedId }, options),
    ),
  );
}
