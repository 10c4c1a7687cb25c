import type { query } from '../rpc';
import type { Recorder } from '../recorder';
import type { BackendAccess } from './backend-access';
import type { BackendConnection, CommandOutcome, RowSink } from './backend-connection';
import { Deadlines } from './deadlines';
import { fieldOf, type WireColumn } from './field-types';
import { foundRows } from './found-rows';
import type { RowChannel } from './row-channel';
import type { TabletRequest } from './tablet-request';
import { BackendError, VtError } from './vt-error';

export interface RunLimits {
  /** Milliseconds, 0 = none. */
  readonly timeoutMs: number;
  readonly maxMessageBytes: number;
  /** The database behind the keyspace, which columns show under the keyspace's name. */
  readonly database: string;
  readonly keyspace: string;
}

const DBA_WORKLOAD = 3;

/** Go's text of a duration with microseconds, as in `elapsed time: 1.000123s`. */
const elapsedText = (ms: number): string => `${(ms / 1000).toFixed(6).replace(/0+$/, '').replace(/\.$/, '')}s`;

/**
 * Sends statements to MySQL for a request: ends them there when the client goes away, its deadline passes or the time
 * limit is over, and notes time, connection and outcome for log and trace.
 */
export class StatementRunner {
  constructor(
    private readonly backend: BackendAccess,
    private readonly recorder: Recorder,
    private readonly limits: RunLimits,
  ) {}

  readonly #deadlines = new Deadlines();

  /** Runs `sql` as it is. `shown` is what the query log prints for it. Throws BackendError or VtError. */
  async run(
    request: TabletRequest,
    connection: BackendConnection,
    sql: string,
    options: {
      readonly sink?: RowSink | null;
      readonly shown?: string;
      readonly timed?: boolean;
      readonly keep?: boolean;
    } = {},
  ): Promise<CommandOutcome & { readonly results: number }> {
    const { context } = request;
    if (context.cancelled) throw new VtError('CANCELED', 'context canceled');
    const begun = performance.now();
    let stopped: Error | null = null;
    const stop = (error: Error): void => {
      stopped ??= error;
      void this.backend.kill(connection);
    };
    const stopListening = context.onCancel(() => stop(new VtError('CANCELED', 'context canceled')));
    const timeoutMs = options.timed === false ? 0 : this.#timeLimit(request);
    const callOff =
      timeoutMs === 0
        ? null
        : this.#deadlines.add(timeoutMs, () => {
            const elapsed = elapsedText(performance.now() - begun);
            const text = 'Query execution was interrupted, maximum statement execution time exceeded';
            stop(
              new VtError(
                'CANCELED',
                `(errno 3024) (sqlstate HY000): ${text}, elapsed time: ${elapsed}, killing ${options.keep === true ? 'connection' : 'query'} ID ${connection.id}`,
              ),
            );
          });
    let failure: unknown = null;
    let outcome: (CommandOutcome & { readonly results: number }) | null = null;
    try {
      outcome = await connection.run(sql, options.sink ?? null);
      return outcome;
    } catch (error) {
      failure = stopped ?? error;
      if (stopped === null && error instanceof BackendError && error.fatal) this.backend.suspect();
      throw failure;
    } finally {
      callOff?.();
      stopListening();
      const spent = performance.now() - begun;
      request.mysqlMs += spent;
      request.queries += 1;
      request.rewritten.push(options.shown ?? sql);
      if (this.recorder.enabled('mysql', request.traceId))
        this.#record(request, connection, options.shown ?? sql, spent, outcome, failure);
    }
  }

  #timeLimit(request: TabletRequest): number {
    // A connection of an administrator has no limit; a transaction's statements have what is left to it.
    if ((request.options?.workload as number | undefined) === DBA_WORKLOAD) return 0;
    const left = request.endsAt === 0 ? 0 : Math.max(1, request.endsAt - performance.now());
    const limit = this.limits.timeoutMs;
    const own = left === 0 ? limit : limit === 0 ? left : Math.min(left, limit);
    const asked = Number(request.options?.authoritativeTimeout ?? 0n);
    if (asked <= 0) return own;
    return own === 0 ? asked : Math.min(own, asked);
  }

  #record(
    request: TabletRequest,
    connection: BackendConnection,
    sql: string,
    spentMs: number,
    outcome: CommandOutcome | null,
    failure: unknown,
  ): void {
    const data = {
      connection: connection.id,
      // What MySQL was given, with the values of bind variables in it.
      sql,
      micros: Math.round(spentMs * 1000),
      rows: request.rowsReturned,
      affected: Number(outcome?.affectedRows ?? 0n),
      errno: failure instanceof BackendError ? failure.errno : null,
      message: failure === null ? null : (failure as Error).message,
    };
    this.recorder.record(request.traceId, 'mysql', 'mysql.answered', failure === null ? 'ok' : 'failed', data);
  }

  /**
   * Runs a statement and gathers its rows. With more than `maxRows` the rest is read and dropped when the connection must
   * live on (`keep`), else the statement is killed; both ways ABORTED.
   */
  async fetch(
    request: TabletRequest,
    connection: BackendConnection,
    sql: string,
    options: { readonly maxRows: number; readonly keep: boolean; readonly shown?: string },
  ): Promise<query.IQueryResult & { readonly results: number }> {
    const rows: query.IRow[] = [];
    const included = request.options?.includedFields ?? 0;
    let fields: query.IField[] = [];
    let bytes = 0;
    let seen = 0;
    let refused: VtError | null = null;
    const refuse = (error: VtError): boolean => {
      refused ??= error;
      rows.length = 0;
      if (!options.keep) void this.backend.kill(connection);
      return true;
    };
    const sink: RowSink = {
      columns: (columns: readonly WireColumn[]) => {
        const { database, keyspace } = this.limits;
        const schemaOf = ({ schema }: WireColumn): string => (schema === database ? keyspace : schema);
        fields = columns.map((column) => fieldOf(column, included, schemaOf(column)));
      },
      row: (row) => {
        if (refused !== null) return true;
        seen += 1;
        request.rowsReturned = seen;
        if (seen > options.maxRows) return refuse(new VtError('ABORTED', `Row count exceeded ${options.maxRows}`));
        bytes += (row.values?.length ?? 0) + (row.lengths?.length ?? 0);
        if (bytes > this.limits.maxMessageBytes)
          return refuse(
            new VtError(
              'RESOURCE_EXHAUSTED',
              `grpc: trying to send message larger than max (${bytes} vs. ${this.limits.maxMessageBytes})`,
              // gRPC itself says so, which knows no caller.
              true,
            ),
          );
        rows.push(row);
        return true;
      },
    };
    let outcome: CommandOutcome & { readonly results: number };
    try {
      outcome = await this.run(request, connection, sql, {
        sink,
        keep: options.keep,
        ...(options.shown === undefined ? {} : { shown: options.shown }),
      });
    } catch (error) {
      throw refused ?? error;
    }
    if (refused !== null) throw refused as VtError;
    for (const row of rows) request.responseSize += row.values?.length ?? 0;
    const { affectedRows, insertId, info, results } = outcome;
    // vttablet's own connections do not keep MySQL's words about a change.
    const found = request.options?.clientFoundRows === true && fields.length === 0;
    const rowsAffected = found ? foundRows(sql, affectedRows, info) : affectedRows;
    return { fields, rows, rowsAffected, insertId, insertIdChanged: insertId !== 0n, results };
  }

  /** Runs a statement whose rows go to `channel` as they come; MySQL waits while the client does. */
  async stream(
    request: TabletRequest,
    connection: BackendConnection,
    sql: string,
    channel: RowChannel,
    shown: string,
  ): Promise<void> {
    const included = request.options?.includedFields ?? 0;
    channel.onDrained = () => connection.resume();
    await this.run(request, connection, sql, {
      shown,
      timed: false,
      sink: {
        columns: (columns) => {
          // Streams show the keyspace for every database (go/sqltypes/result.go, ReplaceKeyspace).
          const { database, keyspace } = this.limits;
          const schemaOf = ({ schema }: WireColumn): string =>
            schema === '' || database === keyspace ? schema : keyspace;
          return channel.fields(columns.map((column) => fieldOf(column, included, schemaOf(column))));
        },
        row: (row) => {
          // vttablet's log has no response size for what it streamed.
          request.rowsReturned += 1;
          return channel.push(row);
        },
      },
    });
  }
}
