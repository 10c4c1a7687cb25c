import type { Socket } from 'node:net';
import { StepLog, type Answer, type Attempt, type CallerTls, type Stage } from './attempt';
import { Deadline } from './deadline';
import { dial, type DialTarget } from './dial';
import { capability, Login, LOGIN_PACKET, loginHead, loginPacket, readGreeting } from './mysql-login';
import { readError, readResult, ServerError } from './mysql-result';
import { PacketStream } from './packet-stream';
import { secure } from './secure';

/** What one MySQL caller does: one connection, one login, one statement. */
export interface MysqlAttempt {
  readonly target: DialTarget;
  readonly user: string;
  readonly password: string;
  readonly database: string | null;
  readonly tls: CallerTls | null;
  readonly sql: string;
  /** For all of it, connecting included; default 20 s. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** The method named in the login packet; default: the one of the greeting. */
  readonly method?: string;
  /** How many rows to keep as text; default none. */
  readonly keepRows?: number;
}

/** How far an attempt has come; `stage` moves while it runs. */
interface Conversation {
  stage: Stage;
  localAddress: string | null;
  socket: Socket | null;
}

/**
 * Connects to a MySQL listener as a caller would, runs one statement and says what happened at each stage. Nothing here
 * is shared with Gatehouse's own servers, so that what it sees is what any client sees (MySQL manual: Connection Phase).
 * Never rejects.
 */
export async function attemptMysql(attempt: MysqlAttempt): Promise<Attempt> {
  const log = new StepLog();
  const deadline = new Deadline(attempt.timeoutMs ?? 20_000, attempt.signal);
  const state: Conversation = { stage: 'connect', localAddress: null, socket: null };
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

async function converse(attempt: MysqlAttempt, state: Conversation, log: StepLog): Promise<Answer> {
  const { target } = attempt;
  const { socket, connected } = dial(target);
  state.socket = socket;
  await connected;
  socket.setNoDelay(true);
  state.localAddress = 'port' in target ? `${socket.localAddress}:${socket.localPort}` : null;
  log.note(
    'connected',
    'ok',
    'port' in target ? { host: target.host, port: target.port } : { socket: target.socketPath },
  );

  const stream = new PacketStream(socket);
  const first = await stream.read(LOGIN_PACKET);
  if (first[0] === 0xff) throw readError(first);
  const greeting = readGreeting(first);
  log.note('mysql.greeting', 'info', {
    serverVersion: greeting.version,
    connectionId: greeting.connectionId,
    method: greeting.plugin,
    offersTls: (greeting.capabilities & capability.SSL) !== 0,
  });

  let flags =
    capability.LONG_PASSWORD |
    capability.LONG_FLAG |
    capability.PROTOCOL_41 |
    capability.TRANSACTIONS |
    capability.SECURE_CONNECTION |
    capability.PLUGIN_AUTH |
    capability.PLUGIN_AUTH_LENENC |
    (greeting.capabilities & capability.DEPRECATE_EOF);
  if (attempt.database !== null) flags |= capability.CONNECT_WITH_DB;
  let encrypted = 'socketPath' in target;
  if (attempt.tls !== null) {
    state.stage = 'tls';
    if ((greeting.capabilities & capability.SSL) === 0) throw new Error('the server offers no TLS');
    flags |= capability.SSL;
    stream.write(loginHead(flags));
    stream.continueOver(await secure(stream.detach(), attempt.tls, [], log));
    encrypted = true;
  } else state.stage = 'login';

  const login = new Login(stream, attempt.password, encrypted, log);
  const method = attempt.method ?? greeting.plugin;
  const packet = loginPacket(flags, attempt, login.reply(method, greeting.salt), method);
  log.note('mysql.login-sent', 'info', { user: attempt.user, method, sent: login.form(method), encrypted });
  stream.write(packet);
  await login.finish(method, () => (state.stage = 'login'));
  state.stage = 'statement';
  log.note('mysql.login', 'ok', { user: attempt.user });

  stream.write(Buffer.concat([Buffer.from([3]), Buffer.from(attempt.sql)]), true);
  log.note('mysql.statement-sent', 'info', { sql: attempt.sql });
  const result = await readResult(stream, (flags & capability.DEPRECATE_EOF) !== 0, attempt.keepRows ?? 0);
  stream.write(Buffer.from([1]), true);
  // Ended as soon as the farewell is out, whether or not the server hangs up.
  stream.socket.once('close', () => socket.destroy());
  stream.socket.destroySoon();
  return result;
}
