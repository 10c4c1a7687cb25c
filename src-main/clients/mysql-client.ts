import { StepLog, type Answer, type Attempt } from './attempt';
import { Deadline } from './deadline';
import { openMysql, type MysqlProgress, type MysqlSignIn } from './mysql-open';
import { readResult, ServerError } from './mysql-result';

/** What one MySQL caller does: one connection, one login, one statement. */
export interface MysqlAttempt extends MysqlSignIn {
  readonly sql: string;
  /** How many rows to keep as text; default none. */
  readonly keepRows?: number;
}

/**
 * Connects to a MySQL listener as a caller would, runs one statement and says what happened at each stage. Nothing here
 * is shared with Gatehouse's own servers, so that what it sees is what any client sees (MySQL manual: Connection Phase).
 * Never rejects.
 */
export async function attemptMysql(attempt: MysqlAttempt): Promise<Attempt> {
  const log = new StepLog();
  const deadline = new Deadline(attempt.timeoutMs ?? 20_000, attempt.signal);
  const state: MysqlProgress = { stage: 'connect', localAddress: null, socket: null };
  const end = (parts: Pick<Attempt, 'error' | 'failure'> & Partial<Attempt>): Attempt => ({
    stage: state.stage,
    rows: null,
    affected: null,
    table: null,
    localAddress: state.localAddress,
    steps: log.steps,
    ...parts,
  });
  try {
    const { rows, affected, table } = await deadline.race(() => converse(attempt, state, log));
    state.stage = 'done';
    log.note('mysql.answer', 'ok', { rows });
    return end({ error: null, failure: null, rows, affected, table });
  } catch (problem) {
    if (problem instanceof ServerError) {
      // An ERR packet before the login was answered is about the login, also right after the TLS handshake.
      if (state.stage === 'tls' || state.stage === 'connect') state.stage = 'login';
      const { errno, sqlState, message } = problem;
      log.note(state.stage === 'login' ? 'mysql.login' : 'mysql.answer', 'refused', { errno, sqlState, message });
      return end({ error: { code: errno, sqlState, message }, failure: null });
    }
    const text = problem instanceof Error ? problem.message : String(problem);
    log.note(state.stage === 'tls' ? 'tls.handshake' : `mysql.${state.stage}`, 'failed', { message: text });
    return end({ error: null, failure: text });
  } finally {
    deadline.release();
    if (state.stage !== 'done') state.socket?.destroy();
  }
}

async function converse(attempt: MysqlAttempt, state: MysqlProgress, log: StepLog): Promise<Answer> {
  const { stream, deprecateEof, leave } = await openMysql(attempt, state, log);
  stream.write(Buffer.concat([Buffer.from([3]), Buffer.from(attempt.sql)]), true);
  log.note('mysql.statement-sent', 'info', { sql: attempt.sql });
  const result = await readResult(stream, deprecateEof, attempt.keepRows ?? 0);
  leave();
  return result;
}
