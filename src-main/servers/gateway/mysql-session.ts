import { deriveMysqlCaller, MYSQL_SUBCOMPONENT } from '../../domain/identity';
import { splitStatements } from '../../domain/sql';
import {
  DropConnectionError,
  MysqlError,
  type BoundParameter,
  type ColumnDefinition,
  type LoggedIn,
  type MysqlSession,
  type OkData,
  type PreparedStatement,
  type ResultWriter,
} from '../mysql-wire/types';
import type { Recorder } from '../recorder';
import type { query } from '../rpc';
import type { GatewayConfig } from './config';
import type { StatementCall, StatementOutcome } from './statement-call';
import { bindVariable, columnDefinition } from './field-types';
import type { LoggedExecutor, LogSubject } from './logged-statement';
import { nullParameters } from './prepared-shape';
import type { ResultSink } from './result';
import { GatewaySession, type SessionCaller } from './session';
import { release, rollback } from './transactions';
import { keepVariables } from './user-variables';
import { asMysqlError, states } from './vitess-error';

/** What sessions share with their gateway. */
export interface SessionHost {
  readonly config: GatewayConfig;
  readonly statements: LoggedExecutor;
  readonly recorder: Recorder;
  /** True once the gateway shuts down. */
  readonly stopping: () => boolean;
  readonly ended: (session: GatewayMysqlSession) => void;
}

/** gRPC metadata that joins a tablet's steps to a session's trace. */
export const traceMetadata = (traceId: string): ReadonlyMap<string, readonly string[]> =>
  new Map([['gatehouse-trace', [traceId]]]);

const wantsTrace = (recorder: Recorder): boolean =>
  recorder.enabled('gateway') || recorder.enabled('link') || recorder.enabled('tablet') || recorder.enabled('mysql');

/** One MySQL connection's session. */
export class GatewayMysqlSession implements MysqlSession {
  readonly #host: SessionHost;
  readonly #session = new GatewaySession();
  readonly #caller: SessionCaller;
  readonly #subject: LogSubject;
  /** The number under which KILL knows this session. */
  readonly connectionId: number;
  /** Ends the running statement, where KILL is allowed. */
  #running: AbortController | null = null;
  #killed = false;
  #multiStatements: boolean;

  constructor(host: SessionHost, login: LoggedIn) {
    this.#host = host;
    const { connection, immediate, user, clientFoundRows, multiStatements } = login;
    const { remoteAddress, traceId, connectionId } = connection;
    this.connectionId = connectionId;
    if (host.config.behaviour?.defaultTabletType !== undefined)
      this.#session.target = host.statements.executor.router.target('');
    this.#caller = {
      immediate: { username: immediate.username, groups: immediate.groups },
      effective: { principal: user, component: remoteAddress, subcomponent: MYSQL_SUBCOMPONENT, groups: [] },
    };
    this.#subject = { remoteAddress, username: user };
    this.#multiStatements = multiStatements;
    this.#session.keepsVariables = true;
    this.#session.gatewayVariables.set('socket', host.config.mysql?.socketPath ?? '');
    if (clientFoundRows) this.#session.options = { ...this.#session.options, clientFoundRows: true };
    this.#session.traceId = traceId;
    if (traceId !== '' && wantsTrace(host.recorder)) this.#session.metadata = traceMetadata(traceId);
    this.#recordIdentity(login);
  }

  get inTransaction(): boolean {
    return this.#session.inTransaction;
  }

  async query(sql: string, out: ResultWriter, signal: AbortSignal): Promise<void> {
    if (!sql.includes(';')) return this.#answer(sql, out, signal, false);
    const pieces = splitStatements(sql);
    if (pieces.length <= 1) return this.#answer(pieces[0] ?? '', out, signal, false);
    if (!this.#multiStatements) {
      // vtgate's parser stops at what is wrong before it finds that there is more than one statement.
      const { syntaxError } = this.#host.statements.executor.plan(pieces[0] ?? '');
      if (syntaxError !== null) throw new MysqlError(1105, 'HY000', syntaxError);
      const { errno, sqlState } = states.singleStatement;
      throw new MysqlError(errno, sqlState, 'Expected a single statement');
    }
    for (const [index, piece] of pieces.entries()) await this.#answer(piece, out, signal, index < pieces.length - 1);
  }

  async initDb(database: string): Promise<OkData> {
    if (database === '') throw new MysqlError(1105, 'HY000', 'syntax error at position 6');
    const { rowCount } = this.#session;
    try {
      await this.#run('Execute', { sql: `use \`${database.replaceAll('`', '``')}\`` });
      this.#session.rowCount = rowCount;
    } catch (error) {
      throw asMysqlError(error);
    }
    return { status: this.#session.status };
  }

  ping(): Promise<OkData> {
    if (this.#host.stopping()) return Promise.reject(this.#shutdown());
    return Promise.resolve({ status: this.#session.status });
  }

  async prepare(sql: string): Promise<PreparedStatement> {
    const { foundRows, rowCount } = this.#session;
    try {
      const { statements } = this.#host;
      const call = { session: this.#session, caller: this.#caller, sql };
      const { parameterCount, fieldQuery, own = false } = statements.prepared(this.#subject, call);
      if (fieldQuery === null) return { parameterCount, columns: [] };
      const result = await this.#run('Prepare', {
        sql: fieldQuery,
        own,
        shownSql: sql,
        prepared: true,
        binds: nullParameters(parameterCount),
      });
      return { parameterCount, columns: result.fields.map(columnDefinition) };
    } catch (error) {
      throw asMysqlError(error);
    } finally {
      // What a preparation asks leaves no traces in the session.
      this.#session.foundRows = foundRows;
      this.#session.rowCount = rowCount;
    }
  }

  async execute(
    sql: string,
    parameters: readonly BoundParameter[],
    out: ResultWriter,
    signal: AbortSignal,
  ): Promise<void> {
    const marks = this.#host.statements.executor.plan(sql).marks.filter((mark) => mark.kind === 'parameter');
    if (marks.length > parameters.length)
      throw new MysqlError(1105, 'HY000', `query arguments missing for v${parameters.length + 1}`);
    const binds: { [name: string]: query.IBindVariable } = {};
    parameters.forEach((parameter, index) => {
      binds[`v${index + 1}`] = bindVariable(parameter);
    });
    return this.#answer(sql, out, signal, false, binds);
  }

  /**
   * Rolls back and gives up the session's own MySQL connection; identity, target and settings stay (§2.3). In vtgate user
   * variables and prepared texts are the session's and stay too; hardened mode forgets them, as MySQL does.
   */
  async reset(): Promise<OkData> {
    const session = this.#session;
    const keeps = this.#host.config.fidelity.mode === 'vitess';
    try {
      if (keeps) await keepVariables(session, (sql) => this.#run('Execute', { sql }));
    } catch {
      // Without the connection there are no values to keep.
    }
    try {
      await rollback(session, this.#caller, this.#host.statements.executor.callOptions(session));
    } catch {
      // What cannot be rolled back is released below.
    }
    await release(session);
    if (!keeps) {
      session.prepared.clear();
      session.pendingVariables.clear();
      session.userVariables.clear();
    }
    return { status: 0 };
  }

  setMultiStatements(on: boolean): Promise<void> {
    this.#multiStatements = on;
    return Promise.resolve();
  }

  async close(): Promise<void> {
    this.#host.ended(this);
    await release(this.#session);
  }

  /** What KILL from another session does to this one: its statement ends; with `connection` the next one finds no session. */
  kill(what: 'connection' | 'query'): void {
    this.#running?.abort();
    if (what === 'connection') this.#killed = true;
  }

  /** Runs `work` so that KILL can end it. */
  async #killable<T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (this.#killed) throw new DropConnectionError('the connection was killed');
    const running = new AbortController();
    this.#running = running;
    try {
      return await work(AbortSignal.any([signal, running.signal]));
    } finally {
      this.#running = null;
    }
  }

  #run(
    method: string,
    call: Pick<StatementCall, 'sql' | 'binds' | 'signal' | 'stream' | 'shownSql' | 'own'> & {
      readonly prepared?: boolean;
    },
  ): Promise<StatementOutcome> {
    return this.#host.statements.run(method, this.#subject, { ...call, session: this.#session, caller: this.#caller });
  }

  #shutdown(): MysqlError {
    return new MysqlError(states.serverShutdown.errno, states.serverShutdown.sqlState, 'Server shutdown in progress');
  }

  /** Runs one statement and writes its result. `more`: another one of the same command follows. */
  #answer(
    sql: string,
    out: ResultWriter,
    signal: AbortSignal,
    more: boolean,
    binds?: { readonly [name: string]: query.IBindVariable },
  ): Promise<void> {
    if (this.#host.config.behaviour?.allowKill !== true) return this.#answerNow(sql, out, signal, more, binds);
    return this.#killable(signal, (killable) => this.#answerNow(sql, out, killable, more, binds));
  }

  async #answerNow(
    sql: string,
    out: ResultWriter,
    signal: AbortSignal,
    more: boolean,
    binds?: { readonly [name: string]: query.IBindVariable },
  ): Promise<void> {
    const session = this.#session;
    if (this.#host.stopping() && !session.inTransaction) throw this.#shutdown();
    try {
      const prepared = binds === undefined ? {} : { binds, prepared: true };
      if (session.workload === 'OLAP') return await this.#stream(sql, out, signal, more, prepared);
      const result = await this.#run('Execute', { sql, signal, ...prepared });
      if (result.fields.length === 0) return await this.#ok(result, out, more);
      await out.columns(result.fields.map(columnDefinition));
      if (result.rows.length > 0) await out.rows(result.rows);
      await out.end({ status: session.status, warnings: session.warnings.length }, more);
    } catch (error) {
      session.rowCount = -1n;
      throw asMysqlError(error);
    }
  }

  async #stream(
    sql: string,
    out: ResultWriter,
    signal: AbortSignal,
    more: boolean,
    prepared: { readonly binds?: StatementCall['binds']; readonly prepared?: boolean },
  ): Promise<void> {
    const session = this.#session;
    let begun = false;
    // vtgate tells the flags of before a streamed statement ran, but for the begin that a switched off autocommit implies.
    const before = session.status;
    const isNow = (): boolean => this.#host.config.fidelity.mode !== 'vitess' || !session.autocommit;
    const status = (): number => (isNow() ? session.status : before);
    const stream: ResultSink = {
      fields: (fields) => {
        begun = true;
        return out.columns(fields.map(columnDefinition));
      },
      rows: (rows) => out.rows(rows),
    };
    const result = await this.#run('StreamExecute', { sql, signal, stream, ...prepared });
    if (!begun && result.fields.length === 0) return this.#ok(result, out, more, status());
    if (!begun) {
      const columns: readonly ColumnDefinition[] = result.fields.map(columnDefinition);
      await out.columns(columns);
      if (result.rows.length > 0) await out.rows(result.rows);
    }
    return out.end({ status: status() }, more);
  }

  #ok(result: StatementOutcome, out: ResultWriter, more: boolean, status = this.#session.status): Promise<void> {
    // vtgate leaves MySQL's information (`Rows matched: …`) out of its OK packets.
    const { rowsAffected, insertId } = result;
    const { warnings } = this.#session;
    return out.ok({ affectedRows: rowsAffected, insertId, status, warnings: warnings.length }, more);
  }

  #recordIdentity({ user, immediate, connection }: LoggedIn): void {
    const { recorder, config } = this.#host;
    if (!recorder.enabled('gateway')) return;
    const { traceId, remoteAddress, secured } = connection;
    const auth = config.mysql?.auth.kind ?? 'none';
    const common = { login: user, remoteAddress };
    const derived = deriveMysqlCaller(
      auth === 'static'
        ? { way: 'static', ...common, entry: immediate }
        : auth === 'clientcert'
          ? { way: 'clientcert', ...common, peer: secured?.peer ?? null }
          : { way: 'none', ...common },
    );
    if (derived.kind === 'refused') return;
    const { nameFrom, groupsFrom, steps } = derived.caller;
    recorder.record(traceId, 'gateway', 'identity.derived', 'ok', {
      immediate: { username: immediate.username, groups: [...immediate.groups] },
      effective: { principal: user, component: remoteAddress, subcomponent: MYSQL_SUBCOMPONENT },
      nameFrom,
      groupsFrom,
      reasons: steps.map(({ question, taken, detail }) => ({ question, taken, detail })),
    });
  }
}
