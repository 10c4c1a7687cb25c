import type { BackendConnection } from './backend-connection';
import { demandSameReading } from './connection-settings';
import type { ConnectionPool } from './pool';
import type { StatementRunner } from './statement-runner';
import type { TabletRequest } from './tablet-request';
import { VtError } from './vt-error';

/** Connections of the pools with a caller's settings applied (go/pools/smartconnpool). */
export class SettingsPool {
  constructor(private readonly runner: StatementRunner) {}

  /** Runs `work` with a connection of `pool` that has the settings applied. */
  async use<T>(
    request: TabletRequest,
    pool: ConnectionPool,
    settings: readonly string[],
    work: (connection: BackendConnection) => Promise<T>,
  ): Promise<T> {
    const connection = await this.take(request, pool, settings);
    try {
      return await work(connection);
    } finally {
      pool.give(connection);
    }
  }

  /** A connection of `pool` with the settings applied; it is given back by the caller. */
  async take(request: TabletRequest, pool: ConnectionPool, settings: readonly string[]): Promise<BackendConnection> {
    const waited = performance.now();
    const connection = await pool.take(settings.length === 0 ? '' : settings.join(';'), request.context);
    request.waitMs += performance.now() - waited;
    try {
      await this.apply(request, connection, settings);
      return connection;
    } catch (error) {
      connection.dirty = true;
      pool.give(connection);
      throw error;
    }
  }

  /** Applies connection settings and has MySQL confirm that statements still mean what was checked. */
  async apply(request: TabletRequest, connection: BackendConnection, settings: readonly string[]): Promise<void> {
    if (settings.length === 0) return;
    const key = settings.join(';');
    if (key === '' || connection.setting === key) return;
    const { queries, rewritten } = request;
    for (const setting of settings) await this.runner.run(request, connection, setting);
    request.queries = queries;
    request.rewritten = rewritten.slice(0, queries);
    const { autocommit } = await demandSameReading(connection);
    // A shared connection that leaves transactions open would hand them to its next user.
    if (!autocommit) throw new VtError('INVALID_ARGUMENT', 'autocommit cannot be a connection setting');
    connection.setting = key;
  }
}
