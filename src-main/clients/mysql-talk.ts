import { StepLog, type Answer, type Attempt } from './attempt';
import { Deadline } from './deadline';
import { executeStatement, prepareStatement, readBinaryRow } from './mysql-binary';
import { openMysql, type MysqlProgress, type MysqlSignIn, type OpenMysql } from './mysql-open';
import { readOneResult, readTexts, ServerError, type RowReader } from './mysql-result';
import { nowMicros, turnText, type Talk, type Turn, type TurnAnswer } from './talk';

/** One connection and one login with several turns. */
export interface MysqlTalk extends MysqlSignIn {
  readonly turns: readonly Turn[];
  /** Rows kept of each result; default 200. */
  readonly keepRows?: number;
}

/** Results of one text beyond which a server is playing. */
const MOST_RESULTS = 100;
const COM_QUERY = 3;
const COM_SET_OPTION = 0x1b;

/**
 * Connects as a caller would and says one turn after the other; an error in words ends only its own turn. Nothing is
 * shared with Gatehouse's own servers. Never rejects.
 */
export async function talkMysql(talk: MysqlTalk): Promise<Talk> {
  const log = new StepLog();
  const deadline = new Deadline(talk.timeoutMs ?? 20_000, talk.signal);
  const state: MysqlProgress = { stage: 'connect', localAddress: null, socket: null };
  const turns: TurnAnswer[] = [];
  const end = (parts: Pick<Attempt, 'error' | 'failure'>): Talk => {
    const last = turns.at(-1)?.answers.at(-1);
    return {
      attempt: {
        stage: state.stage,
        rows: last?.rows ?? null,
        affected: last?.affected ?? null,
        table: last?.table ?? null,
        localAddress: state.localAddress,
        steps: log.steps,
        ...parts,
      },
      turns,
    };
  };
  try {
    await deadline.race(async () => {
      const open = await openMysql(talk, state, log);
      for (const turn of talk.turns) {
        const answered = await take(open, turn, talk.keepRows ?? 200, log);
        turns.push(answered);
        if (answered.failure !== null) throw new Error(answered.failure);
      }
      open.leave();
    });
    state.stage = 'done';
    return end({ error: null, failure: null });
  } catch (problem) {
    if (problem instanceof ServerError) {
      if (state.stage === 'tls' || state.stage === 'connect') state.stage = 'login';
      const { errno, sqlState, message } = problem;
      log.note('mysql.login', 'refused', { errno, sqlState, message });
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

async function take(open: OpenMysql, turn: Turn, keep: number, log: StepLog): Promise<TurnAnswer> {
  const beganMicros = nowMicros();
  const answers: Answer[] = [];
  const done = (parts: Pick<TurnAnswer, 'error' | 'failure'>): TurnAnswer => ({
    turn,
    answers,
    ...parts,
    beganMicros,
    endedMicros: nowMicros(),
  });
  log.note('mysql.statement-sent', 'info', { sql: turnText(turn) });
  try {
    await say(open, turn, keep, answers);
    log.note('mysql.answer', 'ok', { rows: answers.at(-1)?.rows ?? 0 });
    return done({ error: null, failure: null });
  } catch (problem) {
    if (problem instanceof ServerError) {
      const { errno, sqlState, message } = problem;
      log.note('mysql.answer', 'refused', { errno, sqlState, message });
      return done({ error: { code: errno, sqlState, message }, failure: null });
    }
    return done({ error: null, failure: problem instanceof Error ? problem.message : String(problem) });
  }
}

async function say(open: OpenMysql, turn: Turn, keep: number, answers: Answer[]): Promise<void> {
  const { stream, deprecateEof } = open;
  const send = (command: number, payload: Buffer | string): void =>
    stream.write(Buffer.concat([Buffer.from([command]), Buffer.from(payload)]), true);
  const results = async (readRow: RowReader = readTexts): Promise<void> => {
    for (let count = 0; count < MOST_RESULTS; count += 1) {
      const { answer, more } = await readOneResult(stream, deprecateEof, keep, readRow);
      answers.push(answer);
      if (!more) return;
    }
    throw new Error('the server goes on sending results');
  };
  switch (turn.kind) {
    case 'bound': {
      const prepared = await prepareStatement(stream, turn.sql, deprecateEof);
      executeStatement(stream, prepared, turn.values);
      return results(readBinaryRow);
    }
    case 'several': {
      // MYSQL_OPTION_MULTI_STATEMENTS_ON; answered with an EOF or OK packet.
      send(COM_SET_OPTION, Buffer.from([0, 0]));
      const head = await stream.read();
      if (head[0] === 0xff) throw new ServerError(head.readUInt16LE(1), 'HY000', head.toString('utf8', 9));
      send(COM_QUERY, turn.sql);
      return results();
    }
    case 'batch':
      for (const sql of turn.sql) {
        send(COM_QUERY, sql);
        await results();
      }
      return;
    case 'command':
      send(turn.command, turn.payload);
      return results();
    default:
      send(COM_QUERY, turn.sql);
      return results();
  }
}
