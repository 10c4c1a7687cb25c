import type { Socket } from 'node:net';
import type { CallerTls, Stage, StepLog } from './attempt';
import { dial, type DialTarget } from './dial';
import { capability, Login, LOGIN_PACKET, loginHead, loginPacket, readGreeting } from './mysql-login';
import { readError } from './mysql-result';
import { PacketStream } from './packet-stream';
import { secure } from './secure';

/** Who connects where, and how. */
export interface MysqlSignIn {
  readonly target: DialTarget;
  readonly user: string;
  readonly password: string;
  readonly database: string | null;
  readonly tls: CallerTls | null;
  /** The method named in the login packet; default: the one of the greeting. */
  readonly method?: string;
  /** For all of it, connecting included; default 20 s. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** How far an attempt has come; `stage` moves while it runs. */
export interface MysqlProgress {
  stage: Stage;
  localAddress: string | null;
  socket: Socket | null;
}

/** A connection on which commands may be sent. */
export interface OpenMysql {
  readonly stream: PacketStream;
  /** The server leaves EOF packets out (MySQL manual: CLIENT_DEPRECATE_EOF). */
  readonly deprecateEof: boolean;
  /** Says farewell and ends the connection, whether or not the server hangs up. */
  leave(): void;
}

/**
 * Connects and logs in (MySQL manual: Connection Phase). Rejects with ServerError for an ERR packet, else with what this
 * side's own libraries said; `state` tells how far it came.
 */
export async function openMysql(attempt: MysqlSignIn, state: MysqlProgress, log: StepLog): Promise<OpenMysql> {
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
    capabilities: greeting.capabilities >>> 0,
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

  return {
    stream,
    deprecateEof: (flags & capability.DEPRECATE_EOF) !== 0,
    leave: () => {
      stream.write(Buffer.from([1]), true);
      // Ended as soon as the farewell is out, whether or not the server hangs up.
      stream.socket.once('close', () => socket.destroy());
      stream.socket.destroySoon();
    },
  };
}
