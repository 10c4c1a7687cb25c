import type { Clock } from '../../domain/kernel';
import type { Executor } from './executor';
import type { StatementCall, StatementNotes, StatementOutcome } from './statement-call';
import { preparedShape, type PreparedShape } from './prepared-shape';
import type { QueryLog } from './query-log';
import type { QueryLogRecord } from './query-log-record';
import { preparedText } from './text-prepare';

/** Who a record of the query log is about. */
export interface LogSubject {
  readonly remoteAddress: string;
  readonly username: string;
}

/** Types for which vtgate's record names neither tables nor tablet nor keyspace. */
const bareTypes = new Set([
  ...['BEGIN', 'COMMIT', 'ROLLBACK', 'SAVEPOINT', 'SAVEPOINT_ROLLBACK', 'RELEASE', 'KILL'],
  ...['', 'UNKNOWN'],
]);
/** Types that keep their name when they fail at the gateway: what others fail of there is the planning. */
const typedFailures = new Set([
  'BEGIN',
  'COMMIT',
  'ROLLBACK',
  'SAVEPOINT',
  'SAVEPOINT_ROLLBACK',
  'RELEASE',
  'KILL',
  'SET',
  'USE',
]);
/** First words from which vtgate tells the type of a text that it cannot read. */
const firstWords = /^\s*(select|insert|replace|update|delete|set|show|use|explain|call)\b/i;
const explained = /^\s*(?:explain|describe|desc)\s+(?:analyze\s+|format\s*=\s*\w+\s+)?/i;

/** What came of a statement. */
interface Ending {
  readonly start: Date;
  readonly seconds: number;
  readonly counted: StatementNotes;
  /** The session held a transaction at a tablet. */
  readonly held: boolean;
  readonly error: string;
  readonly affected: bigint;
  readonly returned: number;
}

const messageOf = (failure: unknown): string => (failure instanceof Error ? failure.message : String(failure));

/** Runs a statement and writes its record; where nobody wants one it just runs it. */
export class LoggedExecutor {
  constructor(
    readonly executor: Executor,
    private readonly log: QueryLog,
    private readonly clock: Clock,
  ) {}

  run(method: string, subject: LogSubject, call: StatementCall): Promise<StatementOutcome> {
    if (this.log.active) return this.#logged(this.log, method, subject, call);
    this.log.skip();
    return this.executor.run(call);
  }

  /**
   * Reads a statement that is to be prepared; one that needs no question for its columns, or cannot be prepared, has its
   * record with that. Throws VitessError.
   */
  prepared(subject: LogSubject, call: StatementCall): PreparedShape {
    const start = this.clock.now();
    const write = (error: string): void => {
      if (!this.log.active) return this.log.skip();
      const ending = { start, seconds: 0, counted: { shardQueries: 0 }, held: false, affected: 0n, returned: 0 };
      this.#write(this.log, 'Prepare', subject, call, { ...ending, error });
    };
    try {
      const shape = preparedShape(this.executor, call.sql);
      if (shape.fieldQuery === null) write('');
      return shape;
    } catch (failure) {
      write(messageOf(failure));
      throw failure;
    }
  }

  async #logged(log: QueryLog, method: string, subject: LogSubject, call: StatementCall): Promise<StatementOutcome> {
    const start = this.clock.now();
    const began = this.clock.monotonicMs();
    const counted: StatementNotes = { shardQueries: 0 };
    const held = call.session.shards.some(({ transactionId }) => transactionId !== 0n);
    let error = '';
    let affected = 0n;
    let returned = 0;
    try {
      const outcome = await this.executor.run({ ...call, counted });
      affected = outcome.fields.length > 0 ? 0n : outcome.rowsAffected;
      returned = outcome.streamed ?? outcome.rows.length;
      return outcome;
    } catch (failure) {
      error = messageOf(failure);
      throw failure;
    } finally {
      const seconds = (this.clock.monotonicMs() - began) / 1000;
      this.#write(log, method, subject, call, { start, seconds, counted, held, error, affected, returned });
    }
  }

  #write(log: QueryLog, method: string, subject: LogSubject, call: StatementCall, ending: Ending): void {
    const { session, caller, binds } = call;
    const { start, seconds, counted, held, error, affected, returned } = ending;
    const { canonical } = counted;
    // What an EXECUTE runs has a text of its own, which is not the statement's.
    const shown = canonical !== undefined && call.prepared !== true ? canonical : undefined;
    const sql = shown?.sql ?? call.shownSql ?? call.sql;
    const described = this.executor.describe(sql);
    const isPrepare = method === 'Prepare';
    const unplanned = error !== '' && !isPrepare && counted.shardQueries === 0 && !typedFailures.has(described.type);
    const type = unplanned ? '' : this.#type(described.type, sql, isPrepare);
    const bare = isPrepare || bareTypes.has(type) || (error !== '' && method === 'StreamExecute');
    const keyspace = this.#keyspace(call);
    const ends = held && (type === 'COMMIT' || type === 'ROLLBACK');
    log.add({
      // Each named: spreading them would cost as much as the rest of the record.
      method,
      remoteAddress: subject.remoteAddress,
      username: subject.username,
      immediateCaller: caller.immediate.username ?? '',
      effectiveCaller: caller.effective?.principal ?? '',
      start,
      end: this.clock.now(),
      totalSeconds: seconds,
      planSeconds: 0,
      executeSeconds: seconds,
      commitSeconds: 0,
      statementType: type,
      sql,
      binds: isPrepare ? {} : withoutOwn(shown?.binds ?? binds ?? {}),
      shardQueries: counted.shardQueries + (ends ? 1 : 0),
      rowsAffected: Number(affected),
      rowsReturned: returned,
      error,
      tabletType: bare ? '' : session.target.type.toUpperCase(),
      sessionUuid: session.uuid,
      cachedPlan: false,
      tablesUsed: bare || error !== '' ? [] : this.#tables(type, call, sql, keyspace),
      activeKeyspace: bare ? '' : keyspace,
      emitReason: '',
      traceId: session.traceId,
    });
  }

  #type(described: string, sql: string, isPrepare: boolean): string {
    if (described !== 'UNKNOWN') return described;
    return isPrepare ? (firstWords.exec(sql)?.[1]?.toUpperCase() ?? described) : '';
  }

  /** Tables with their keyspace; ANALYZE has them without. */
  #tables(type: string, { session }: StatementCall, sql: string, keyspace: string): readonly string[] {
    const of = (text: string): readonly string[] => this.executor.describe(text).tables;
    let tables = of(sql);
    if (type === 'PREPARE' || type === 'EXECUTE') tables = of(preparedText(session, sql));
    if (type === 'EXPLAIN' && tables.length === 0) tables = of(sql.replace(explained, ''));
    return tables.map((table) => (type === 'ANALYZE' ? table : `${keyspace}.${table}`)).sort();
  }

  #keyspace({ session }: StatementCall): string {
    if (session.target.keyspace !== '') return session.target.keyspace;
    const { keyspaces } = this.executor.router;
    return keyspaces.length === 1 ? (keyspaces[0] as string) : '';
  }
}

/** Bind variables but for those that vtgate adds itself while it runs a statement. */
const withoutOwn = (binds: QueryLogRecord['binds']): QueryLogRecord['binds'] =>
  Object.keys(binds).some((name) => name.startsWith('__vt'))
    ? Object.fromEntries(Object.entries(binds).filter(([name]) => !name.startsWith('__vt')))
    : binds;
