import type { BackendAccess } from './backend-access';
import { beginStatements } from './begin-statements';
import type { TabletLimits } from './config';
import type { SettingsPool } from './settings-pool';
import type { StatefulConnections } from './stateful-connections';
import type { StatementRunner } from './statement-runner';
import type { TabletRequest } from './tablet-request';
import { VtError } from './vt-error';

export interface TxEngineParts {
  readonly backend: BackendAccess;
  readonly settings: SettingsPool;
  readonly runner: StatementRunner;
  readonly stateful: StatefulConnections;
  readonly limits: Required<TabletLimits>;
}

/** Opens and ends transactions and reserved connections: what vttablet's TxEngine does (go/vt/vttablet/tabletserver/tx_engine.go). */
export class TxEngine {
  constructor(private readonly parts: TxEngineParts) {}

  /** Opens a transaction and returns its id. */
  async begin(request: TabletRequest, settings: readonly string[] = []): Promise<bigint> {
    const { backend, stateful, runner, limits } = this.parts;
    const most = Math.floor(limits.transactionCap * limits.transactionLimitPerUser);
    if (limits.transactionLimitPerUser > 0 && stateful.countOf(request.user ?? '') >= most)
      throw new VtError('RESOURCE_EXHAUSTED', 'per-user transaction pool connection limit exceeded');
    const connection = await this.parts.settings.take(request, backend.transactions, settings);
    try {
      for (const statement of beginStatements(request.options)) await runner.run(request, connection, statement);
    } catch (error) {
      connection.dirty = true;
      backend.transactions.give(connection);
      throw error;
    }
    const made = stateful.register(connection, request.user ?? '', 'for begin');
    made.inTransaction = true;
    const asked = request.options?.transactionTimeout ?? null;
    stateful.startTimer(made, asked === null ? null : Number(asked));
    stateful.unlock(made);
    request.transactionId = made.id;
    return made.id;
  }

  /** Opens a transaction on a reserved connection. */
  async beginOn(request: TabletRequest, reservedId: bigint): Promise<bigint> {
    const { stateful, runner } = this.parts;
    const held = stateful.lock(reservedId, 'for begin');
    try {
      for (const statement of beginStatements(request.options)) await runner.run(request, held.connection, statement);
      held.inTransaction = true;
      stateful.startTimer(held, null);
      request.transactionId = held.id;
      return held.id;
    } finally {
      stateful.unlock(held);
    }
  }

  /** Takes a connection for one caller and returns its id; `transactionId` reserves the transaction's own. */
  async reserve(request: TabletRequest, settings: readonly string[], transactionId: bigint): Promise<bigint> {
    const { backend, stateful } = this.parts;
    if (transactionId !== 0n) {
      const held = stateful.lock(transactionId, 'for reserve');
      try {
        await this.parts.settings.apply(request, held.connection, settings);
        held.reserved = true;
        return held.id;
      } finally {
        stateful.unlock(held);
      }
    }
    const connection = await this.parts.settings.take(request, backend.transactions, settings);
    const made = stateful.register(connection, request.user ?? '', 'for reserve');
    made.reserved = true;
    stateful.unlock(made);
    return made.id;
  }

  /** Commits or rolls back. Returns the id under which a reserved connection lives on, or 0. */
  async conclude(request: TabletRequest, transactionId: bigint, how: 'commit' | 'rollback'): Promise<bigint> {
    const { stateful, runner } = this.parts;
    request.transactionId = transactionId;
    const held = stateful.lock(transactionId, how === 'commit' ? 'for commit' : 'for rollback');
    const reason = how === 'commit' ? 'transaction committed' : 'transaction rolled back';
    try {
      if (held.inTransaction) await runner.run(request, held.connection, how);
    } catch (error) {
      stateful.end(held, 'unlocked closed connection', true);
      throw error;
    }
    held.inTransaction = false;
    if (held.reserved) return stateful.renew(held, reason);
    stateful.end(held, reason, false);
    return 0n;
  }

  /** Gives up a transaction or a reserved connection with everything it holds. */
  release(transactionId: bigint, reservedId: bigint): void {
    if (transactionId === 0n && reservedId === 0n)
      throw new VtError('INVALID_ARGUMENT', 'connection ID and transaction ID do not exist', true);
    const held = this.parts.stateful.lock(reservedId === 0n ? transactionId : reservedId, 'for release');
    this.parts.stateful.end(held, 'client released connection', true);
  }
}
