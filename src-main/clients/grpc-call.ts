import { connect as connectHttp2, type ClientHttp2Session } from 'node:http2';
import { isIPv6, type Socket } from 'node:net';
import { StepLog, type Answer, type Attempt, type CallerTls, type ClientStep, type Stage } from './attempt';
import { Deadline } from './deadline';
import { dial } from './dial';
import { readMessage, readPackedSigned } from './protobuf';
import { secure } from './secure';

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

/** Largest answer this client accepts, bytes. */
const LIMIT = 64 * 1024 * 1024;

/** grpc-message as the protocol writes it (gRPC over HTTP2: Percent-Encoded); damaged parts stay as they are. */
const percentDecoded = (text: string): string =>
  Buffer.from(
    text.replace(/%([0-9A-Fa-f]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16))),
    'latin1',
  ).toString('utf8');

/** A status other than OK, or an error inside an answer. */
export class Status extends Error {
  constructor(
    readonly code: number,
    message: string,
    /** Refused before the service's own handler, that is by authentication. */
    readonly atLogin: boolean,
  ) {
    super(message);
  }
}

/** Texts with which Vitess's authentication plugins refuse a call (vitess-behaviour §§1.6, 1.7). */
const loginRefusals = [
  /^auth failure: caller /,
  /^username and password must be provided/,
  /^client certificate not authorized/,
  /^not connected via TLS/,
  /^no peer connection info/,
];

/** How far an attempt has come; `stage` moves while it runs. */
interface Conversation {
  stage: Stage;
  localAddress: string | null;
  socket: Socket | null;
  session: ClientHttp2Session | null;
}

/** Makes one connection and one call over gRPC and says what happened at each stage. Never rejects. */
export async function attemptCall(attempt: GrpcCall): Promise<Attempt> {
  const log = new StepLog();
  const deadline = new Deadline(attempt.timeoutMs ?? 20_000, attempt.signal);
  const state: Conversation = { stage: 'connect', localAddress: null, socket: null, session: null };
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

async function converse(attempt: GrpcCall, state: Conversation, log: StepLog): Promise<Answer> {
  const { host, port } = attempt.target;
  const { socket, connected } = dial(attempt.target);
  state.socket = socket;
  await connected;
  socket.setNoDelay(true);
  state.localAddress = `${socket.localAddress}:${socket.localPort}`;
  log.note('connected', 'ok', { host, port });
  let open: Socket = socket;
  if (attempt.tls !== null) {
    state.stage = 'tls';
    open = await secure(socket, attempt.tls, ['h2'], log);
  }
  const authority = `${isIPv6(host) ? `[${host}]` : host}:${port}`;
  const session = connectHttp2(`http://${authority}`, { createConnection: () => open });
  state.session = session;
  return execute(session, attempt, log, () => (state.stage = 'statement'));
}

function execute(session: ClientHttp2Session, attempt: GrpcCall, log: StepLog, answered: () => void): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const broken = (error?: Error): void =>
      reject(error ?? new Error('the connection was closed before the call was answered'));
    session.on('error', broken);
    session.on('close', () => broken());
    session.on('goaway', (code) => broken(new Error(`the server ended the connection (HTTP/2 error ${code})`)));
    const stream = session.request({
      ':method': 'POST',
      ':scheme': attempt.tls === null ? 'http' : 'https',
      ':path': attempt.path,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...(attempt.credentials === null
        ? {}
        : { username: attempt.credentials.username, password: attempt.credentials.password }),
    });
    log.note('grpc.call-sent', 'info', { method: attempt.path, ...attempt.told });
    const chunks: Buffer[] = [];
    let head: Record<string, unknown> = {};
    let tail: Record<string, unknown> = {};
    stream.on('response', (headers) => {
      answered();
      head = headers;
    });
    stream.on('trailers', (headers) => {
      tail = headers;
    });
    let size = 0;
    stream.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size > LIMIT) broken(new Error(`the answer is larger than ${LIMIT / 1024 / 1024} MiB`));
    });
    stream.on('error', broken);
    stream.on('end', () => {
      try {
        const status = tail['grpc-status'] ?? head['grpc-status'];
        if (status === undefined)
          throw new Error(`the answer is not gRPC (HTTP status ${String(head[':status'] ?? 'none')})`);
        const message = percentDecoded(String(tail['grpc-message'] ?? head['grpc-message'] ?? ''));
        if (!/^\d{1,3}$/.test(String(status))) throw new Error('the status of the answer is no number');
        if (Number(status) !== 0)
          throw new Status(
            Number(status),
            message,
            loginRefusals.some((text) => text.test(message)),
          );
        resolve(attempt.read(oneMessage(Buffer.concat(chunks))));
      } catch (error) {
        reject(error as Error);
      }
    });
    const frame = Buffer.alloc(5);
    frame.writeUInt32BE(attempt.request.length, 1);
    stream.end(Buffer.concat([frame, attempt.request]));
  });
}

/** The one message of a unary answer; throws when it is not whole. */
function oneMessage(body: Buffer): Message {
  if (body.length < 5 || body.length < 5 + body.readUInt32BE(1)) throw new Error('the answer holds no whole message');
  if (body[0] !== 0) throw new Error('the answer is compressed, which was not offered');
  return readMessage(body.subarray(5, 5 + body.readUInt32BE(1)));
}

/** proto/query.proto QueryResult: 1 *fields {1 name}, 2 rows_affected, 4 *rows. At most `keep` rows are kept as text. */
export function readQueryResult(result: number | Buffer | undefined, keep: number): Answer {
  if (!Buffer.isBuffer(result)) return { rows: 0, affected: 0, table: null };
  const fields = readMessage(result);
  const rows = (fields.get(4) ?? []).filter((row) => Buffer.isBuffer(row));
  const columns = (fields.get(1) ?? [])
    .filter((field) => Buffer.isBuffer(field))
    .map((field) => String(readMessage(field).get(1)?.[0] ?? ''));
  const table = keep > 0 && columns.length > 0 ? { columns, rows: rows.slice(0, keep).map(readRow) } : null;
  const affected = columns.length > 0 ? null : Number(fields.get(2)?.[0] ?? 0);
  return { rows: rows.length, affected, table };
}

/** proto/query.proto Row: 1 lengths (packed sint64, -1 = NULL), 2 values concatenated. */
function readRow(bytes: Buffer): (string | null)[] {
  const row = readMessage(bytes);
  const [lengths] = row.get(1) ?? [];
  const [values] = row.get(2) ?? [];
  const data = Buffer.isBuffer(values) ? values : Buffer.alloc(0);
  const texts: (string | null)[] = [];
  let at = 0;
  for (const length of Buffer.isBuffer(lengths) ? readPackedSigned(lengths) : []) {
    texts.push(length < 0 ? null : data.toString('utf8', at, at + length));
    if (length > 0) at += length;
  }
  return texts;
}
