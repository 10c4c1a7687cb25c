import { StepLog, type Answer, type Attempt, type CallerTls, type ClientStep } from './attempt';
import { Deadline } from './deadline';
import { callGrpc, openGrpc, Status, type GrpcProgress } from './grpc-open';
import { readMessage } from './protobuf';

type Message = ReturnType<typeof readMessage>;

/** One connection and one unary call of any service. */
export interface GrpcCall {
  readonly target: { readonly host: string; readonly port: number };
  readonly tls: CallerTls | null;
  /** Sent as metadata for static authentication; null: none. */
  readonly credentials: { readonly username: string; readonly password: string } | null;
  /** `/vtgateservice.Vitess/Execute`. */
  readonly path: string;
  /** The encoded message. */
  readonly request: Buffer;
  /** What the step `grpc.call-sent` tells of the request; never a secret. */
  readonly told: ClientStep['data'];
  /** Reads the answer's message; throws Status for an error inside it. */
  read(message: Message): Answer;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** Makes one connection and one call over gRPC and says what happened at each stage. Never rejects. */
export async function attemptCall(attempt: GrpcCall): Promise<Attempt> {
  const log = new StepLog();
  const deadline = new Deadline(attempt.timeoutMs ?? 20_000, attempt.signal);
  const state: GrpcProgress = { stage: 'connect', localAddress: null, socket: null, session: null };
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
    log.note('grpc.answer', 'ok', { rows });
    return end({ error: null, failure: null, rows, affected, table });
  } catch (problem) {
    if (problem instanceof Status) {
      const { code, message, atLogin } = problem;
      state.stage = atLogin ? 'login' : 'statement';
      log.note(atLogin ? 'grpc.login' : 'grpc.answer', 'refused', { code, message });
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

async function converse(attempt: GrpcCall, state: GrpcProgress, log: StepLog): Promise<Answer> {
  const session = await openGrpc(attempt, state, log);
  const { path, credentials, request: message } = attempt;
  log.note('grpc.call-sent', 'info', { method: path, ...attempt.told });
  const [answer] = await callGrpc(session, { path, credentials, message, overTls: attempt.tls !== null }, () => {
    state.stage = 'statement';
  });
  if (answer === undefined) throw new Error('the answer holds no whole message');
  return attempt.read(readMessage(answer));
}
