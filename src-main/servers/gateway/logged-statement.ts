import type { Clock } from '../../domain/kernel';
import type { Executor, StatementCall, StatementOutcome } from './executor';
import type { StatementNotes } from './forwarder';
import type { QueryLog } from './query-log';

/** Who a record of the query log is about. */
export interface LogSubject {
  readonly remoteAddress: string;
  readonly username: string;
}

/** Types for which vtgate's record names neither tables nor tablet nor keyspace. */
const bareTypes = new Set(['BEGIN', 'COMMIT', 'ROLLBACK', 'SAVEPOINT', 'SAVEPOINT_ROLLBACK', 'RELEASE', '', 'UNKNOWN']);

/** Runs a statement and writes its record; with no log it just runs it. */
export class LoggedExecutor {
  constructor(
    readonly executor: Executor,
    private readonly log: QueryLog | null,
    private readonly clock: Clock,
  ) {}

  run(method: string, subject: LogSubject, call: StatementCall): Promise<StatementOutcome> {
    return this.log === null ? this.executor.run(call) : this.#logged(this.log, method, subject, call);
  }

  async #logged(log: QueryLog, method: string, subject: LogSubject, call: StatementCall): Promise<StatementOutcome> {
    const start = this.clock.now();
    const began = this.clock.monotonicMs();
    const counted: StatementNotes = { shardQueries: 0 };
    const ended = call.session.shards.some(({ transactionId }) => transactionId !== 0n);
    let error = '';
    let affected = 0n;
    let returned = 0;
    try {
      const outcome = await this.executor.run({ ...call, counted });
      affected = outcome.fields.length > 0 ? 0n : outcome.rowsAffected;
      returned = outcome.streamed ?? outcome.rows.length;
      return outcome;
    } catch (failure) {
      error = failure instanceof Error ? failure.message : String(failure);
      throw failure;
    } finally {
      const seconds = (this.clock.monotonicMs() - began) / 1000;
      const { session, caller, binds } = call;
      const sql = call.shownSql ?? call.sql;
      const { type, tables } = this.executor.describe(counted.canonical?.sql ?? sql);
      const bare = bareTypes.has(type) || method === 'Prepare';
      const keyspace = this.#keyspace(call);
      log.add({
        method,
        ...subject,
        immediateCaller: caller.immediate.username ?? '',
        effectiveCaller: caller.effective?.principal ?? '',
        start,
        end: this.clock.now(),
        totalSeconds: seconds,
        planSeconds: 0,
        executeSeconds: seconds,
        commitSeconds: 0,
        statementType: type === 'UNKNOWN' ? '' : type,
        sql: counted.canonical?.sql ?? sql,
        binds: method === 'Prepare' ? {} : (counted.canonical?.binds ?? binds ?? {}),
        shardQueries: counted.shardQueries + (ended && (type === 'COMMIT' || type === 'ROLLBACK') ? 1 : 0),
        rowsAffected: Number(affected),
        rowsReturned: returned,
        error,
        tabletType: bare ? '' : session.target.type.toUpperCase(),
        sessionUuid: session.uuid,
        cachedPlan: false,
        tablesUsed: bare || error !== '' ? [] : tables.map((table) => `${keyspace}.${table}`).sort(),
        activeKeyspace: bare ? '' : keyspace,
        emitReason: '',
      });
    }
  }

  #keyspace({ session }: StatementCall): string {
    if (session.target.keyspace !== '') return session.target.keyspace;
    const { keyspaces } = this.executor.router;
    return keyspaces.length === 1 ? (keyspaces[0] as string) : '';
  }
}
