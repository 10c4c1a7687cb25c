import type { ClientHttp2Session } from 'node:http2';
import { StepLog, type Answer, type Attempt, type CallerTls } from './attempt';
import { Deadline } from './deadline';
import { callerMessage, readQueryResult, sessionMessage, throwError, type ClaimedCaller } from './grpc-messages';
import { callGrpc, openGrpc, Status, type GrpcProgress } from './grpc-open';
import { MessageWriter, readMessage } from './protobuf';
import { nowMicros, turnText, type BoundValue, type Talk, type Turn, type TurnAnswer } from './talk';

/** One gRPC connection with several calls that hand one session on. */
export interface GrpcTalk {
  readonly target: { readonly host: string; readonly port: number };
  readonly tls: CallerTls | null;
  readonly credentials: { readonly username: string; readonly password: string } | null;
  readonly claimed: ClaimedCaller;
  readonly targetString: string;
  readonly turns: readonly Turn[];
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Rows kept of each result; default 200. */
  readonly keepRows?: number;
}

/** Calls a gateway over gRPC as a caller would, one turn after the other; an error in words ends only its turn. Never rejects. */
export async function talkGrpc(talk: GrpcTalk): Promise<Talk> {
  const log = new StepLog();
  const deadline = new Deadline(talk.timeoutMs ?? 20_000, talk.signal);
  const state: GrpcProgress = { stage: 'connect', localAddress: null, socket: null, session: null };
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
      const session = await openGrpc(talk, state, log);
      const caller = new GrpcCaller(talk, session, () => (state.stage = 'statement'));
      for (const turn of talk.turns) {
        log.note('grpc.call-sent', 'info', {
          sql: turnText(turn),
          target: talk.targetString,
          credentials: talk.credentials?.username ?? null,
          claimed: talk.claimed?.principal ?? null,
        });
        const answered = await caller.take(turn);
        turns.push(answered);
        if (answered.failure !== null) throw new Error(answered.failure);
      }
    });
    state.stage = 'done';
    return end({ error: null, failure: null });
  } catch (problem) {
    if (problem instanceof Status) {
      const { code, message } = problem;
      state.stage = 'login';
      log.note('grpc.login', 'refused', { code, message });
      return end({ error: { code, sqlState: null, message }, failure: null });
    }
    const text = problem instanceof Error ? problem.message : String(problem);
    log.note(state.stage === 'tls' ? 'tls.handshake' : `grpc.${state.stage}`, 'failed', { message: text });
    return end({ error: null, failure: text });
  } finally {
    deadline.release();
    state.session?.destroy();
    state.socket?.destroy();
  }
}

class GrpcCaller {
  #session: Buffer;

  constructor(
    readonly talk: GrpcTalk,
    readonly connection: ClientHttp2Session,
    readonly answered: () => void,
  ) {
    this.#session = sessionMessage(talk.targetString);
  }

  /** Rejects with Status when authentication refuses the call; other errors in words are the turn's. */
  async take(turn: Turn): Promise<TurnAnswer> {
    const beganMicros = nowMicros();
    const answers: Answer[] = [];
    const done = (parts: Pick<TurnAnswer, 'error' | 'failure'>): TurnAnswer => ({
      turn,
      answers,
      ...parts,
      beganMicros,
      endedMicros: nowMicros(),
    });
    try {
      await this.#say(turn, answers);
      return done({ error: null, failure: null });
    } catch (problem) {
      if (!(problem instanceof Status))
        return done({ error: null, failure: problem instanceof Error ? problem.message : String(problem) });
      if (problem.atLogin) throw problem;
      return done({ error: { code: problem.code, sqlState: null, message: problem.message }, failure: null });
    }
  }

  async #say(turn: Turn, answers: Answer[]): Promise<void> {
    const keep = this.talk.keepRows ?? 200;
    switch (turn.kind) {
      case 'command':
        throw new Error('gRPC has no such command');
      case 'several': {
        // proto/vtgate.proto ExecuteMultiRequest: 2 sql, 3 session; response: 1 error, 2 session, 3 results.
        const request = this.#head().bytes(2, turn.sql).bytes(3, this.#session);
        const [response] = await this.#call('ExecuteMulti', request, 2);
        for (const result of response?.get(3) ?? []) answers.push(readQueryResult(result, keep));
        return throwError(response?.get(1)?.[0]);
      }
      case 'batch': {
        // ExecuteBatchRequest: 2 session, 3 queries; response: 1 error, 2 session, 3 results {1 error, 2 result}.
        const request = this.#head().bytes(2, this.#session);
        for (const sql of turn.sql) request.bytes(3, boundQuery(sql, []));
        const [response] = await this.#call('ExecuteBatch', request, 2);
        throwError(response?.get(1)?.[0]);
        for (const result of response?.get(3) ?? []) {
          const fields = Buffer.isBuffer(result) ? readMessage(result) : new Map<number, (number | Buffer)[]>();
          throwError(fields.get(1)?.[0]);
          answers.push(readQueryResult(fields.get(2)?.[0], keep));
        }
        return;
      }
      case 'stream': {
        // StreamExecuteRequest: 2 query, 6 session; each response: 1 result, 2 session. Names come before the rows.
        const request = this.#head().bytes(2, boundQuery(turn.sql, [])).bytes(6, this.#session);
        const pieces = await this.#call('StreamExecute', request, 2);
        for (const piece of pieces) answers.push(...(piece.get(1) ?? []).map((one) => readQueryResult(one, keep)));
        return;
      }
      default: {
        const request = this.#head()
          .bytes(2, this.#session)
          .bytes(3, boundQuery(turn.sql, turn.kind === 'bound' ? turn.values : []));
        const [response] = await this.#call('Execute', request, 2);
        throwError(response?.get(1)?.[0]);
        answers.push(readQueryResult(response?.get(3)?.[0], keep));
      }
    }
  }

  #head(): MessageWriter {
    const caller = callerMessage(this.talk.claimed);
    return caller === null ? new MessageWriter() : new MessageWriter().bytes(1, caller);
  }

  async #call(method: string, request: MessageWriter, session: number): Promise<Map<number, (number | Buffer)[]>[]> {
    const { tls, credentials } = this.talk;
    const call = { path: `/vtgateservice.Vitess/${method}`, overTls: tls !== null, credentials };
    const frames = await callGrpc(this.connection, { ...call, message: request.finish() }, this.answered);
    const messages = frames.map(readMessage);
    for (const message of messages) {
      const [next] = message.get(session) ?? [];
      if (Buffer.isBuffer(next)) this.#session = next;
    }
    return messages;
  }
}

/** proto/query.proto Type of the values that this client sends. */
const types = { INT64: 265, VARCHAR: 6165, VARBINARY: 10262 } as const;

/** proto/query.proto BoundQuery: 1 sql, 2 bind_variables (map: 1 key, 2 {1 type, 2 value}); `?` is :v1, :v2 … */
function boundQuery(sql: string | Buffer, values: readonly BoundValue[]): Buffer {
  const query = new MessageWriter().bytes(1, sql);
  values.forEach((value, index) => {
    const bind = new MessageWriter();
    if (typeof value === 'number') bind.varint(1, types.INT64).bytes(2, String(value));
    else if (value !== null)
      bind.varint(1, typeof value === 'string' ? types.VARCHAR : types.VARBINARY).bytes(2, Buffer.from(value));
    query.bytes(
      2,
      new MessageWriter()
        .bytes(1, `v${index + 1}`)
        .bytes(2, bind.finish())
        .finish(),
    );
  });
  return query.finish();
}
