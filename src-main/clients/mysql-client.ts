import { createHash, publicEncrypt, constants } from 'node:crypto';
import { createConnection, type Socket } from 'node:net';
import { StepLog, type Attempt, type CallerTls, type ResultTable, type Stage } from './attempt';
import { PacketStream } from './packet-stream';
import { secure } from './secure';

/** What one MySQL caller does: one connection, one login, one statement. */
export interface MysqlAttempt {
  readonly target: { readonly host: string; readonly port: number } | { readonly socketPath: string };
  readonly user: string;
  readonly password: string;
  readonly database: string | null;
  readonly tls: CallerTls | null;
  readonly sql: string;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** The method named in the login packet; default: the one of the greeting. */
  readonly method?: string;
  /** How many rows to keep as text; default none. */
  readonly keepRows?: number;
}

const capability = {
  LONG_PASSWORD: 0x1,
  LONG_FLAG: 0x4,
  CONNECT_WITH_DB: 0x8,
  PROTOCOL_41: 0x200,
  SSL: 0x800,
  TRANSACTIONS: 0x2000,
  SECURE_CONNECTION: 0x8000,
  PLUGIN_AUTH: 0x80000,
  PLUGIN_AUTH_LENENC: 0x200000,
  DEPRECATE_EOF: 0x1000000,
};

class ServerError extends Error {
  constructor(
    readonly errno: number,
    readonly sqlState: string,
    message: string,
  ) {
    super(message);
  }
}

/**
 * Connects to a MySQL listener as a caller would, runs one statement and says what happened at each stage. Nothing here
 * is shared with Gatehouse's own servers, so that what it sees is what any client sees (MySQL manual: Connection Phase).
 * Never rejects.
 */
export async function attemptMysql(attempt: MysqlAttempt): Promise<Attempt> {
  const log = new StepLog();
  let stage: Stage = 'connect';
  let raw: Socket | null = null;
  let localAddress: string | null = null;
  let timer: NodeJS.Timeout | undefined;
  const abort = (): void => void raw?.destroy(new Error('cancelled'));
  try {
    raw = await dial(attempt.target);
    const socket = raw;
    socket.on('error', () => undefined);
    socket.setNoDelay(true);
    timer = setTimeout(() => socket.destroy(new Error('no answer in time')), attempt.timeoutMs ?? 20_000);
    attempt.signal?.addEventListener('abort', abort);
    localAddress = 'port' in attempt.target ? `${socket.localAddress}:${socket.localPort}` : null;
    log.note(
      'connected',
      'ok',
      'port' in attempt.target
        ? { host: attempt.target.host, port: attempt.target.port }
        : { socket: attempt.target.socketPath },
    );

    const stream = new PacketStream(socket);
    const first = await stream.read();
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
    let encrypted = 'socketPath' in attempt.target;
    if (attempt.tls !== null) {
      stage = 'tls';
      if ((greeting.capabilities & capability.SSL) === 0) throw new Error('the server offers no TLS');
      flags |= capability.SSL;
      stream.write(loginHead(flags));
      stream.continueOver(await secure(stream.detach(), attempt.tls, [], log));
      stream.socket.on('error', () => undefined);
      encrypted = true;
    } else stage = 'login';

    const login = new Login(stream, attempt.password, encrypted, log);
    const method = attempt.method ?? greeting.plugin;
    stream.write(loginPacket(flags, attempt, login.reply(method, greeting.salt), method));
    log.note('mysql.login-sent', 'info', { user: attempt.user, method, sent: login.form(method), encrypted });
    await login.finish(method, () => (stage = 'login'));
    stage = 'statement';
    log.note('mysql.login', 'ok', { user: attempt.user });

    stream.write(Buffer.concat([Buffer.from([3]), Buffer.from(attempt.sql)]), true);
    log.note('mysql.statement-sent', 'info', { sql: attempt.sql });
    const { rows, table } = await readResult(stream, (flags & capability.DEPRECATE_EOF) !== 0, attempt.keepRows ?? 0);
    stage = 'done';
    log.note('mysql.answer', 'ok', { rows });
    stream.write(Buffer.from([1]), true);
    stream.socket.end();
    return { stage, error: null, failure: null, rows, table, localAddress, steps: log.steps };
  } catch (problem) {
    if (problem instanceof ServerError) {
      // An ERR packet before the login was answered is about the login, also right after the TLS handshake.
      if (stage === 'tls' || stage === 'connect') stage = 'login';
      log.note(stage === 'login' ? 'mysql.login' : 'mysql.answer', 'refused', {
        errno: problem.errno,
        sqlState: problem.sqlState,
        message: problem.message,
      });
      return {
        stage,
        error: { code: problem.errno, sqlState: problem.sqlState, message: problem.message },
        failure: null,
        rows: null,
        table: null,
        localAddress,
        steps: log.steps,
      };
    }
    const text = problem instanceof Error ? problem.message : String(problem);
    log.note(stage === 'tls' ? 'tls.handshake' : `mysql.${stage}`, 'failed', { message: text });
    return { stage, error: null, failure: text, rows: null, table: null, localAddress, steps: log.steps };
  } finally {
    clearTimeout(timer);
    attempt.signal?.removeEventListener('abort', abort);
    if (raw !== null && stage !== 'done') raw.destroy();
  }
}

/** Opens a TCP connection or a Unix socket. */
export function dial(
  target: { readonly host: string; readonly port: number } | { readonly socketPath: string },
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket =
      'port' in target
        ? createConnection({ host: target.host, port: target.port })
        : createConnection({ path: target.socketPath });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}

interface Greeting {
  readonly version: string;
  readonly connectionId: number;
  readonly capabilities: number;
  readonly salt: Buffer;
  readonly plugin: string;
}

function readGreeting(packet: Buffer): Greeting {
  if (packet[0] !== 10) throw new Error(`protocol version ${packet[0]} in the greeting`);
  const versionEnd = packet.indexOf(0, 1);
  let at = versionEnd + 5;
  const head = packet.subarray(at, at + 8);
  at += 9;
  const low = packet.readUInt16LE(at);
  const high = packet.readUInt16LE(at + 5);
  at += 18;
  const tail = packet.subarray(at, at + 12);
  at += 13;
  const pluginEnd = packet.indexOf(0, at);
  return {
    version: packet.toString('utf8', 1, versionEnd),
    connectionId: packet.readUInt32LE(versionEnd + 1),
    capabilities: (low | (high << 16)) >>> 0,
    salt: Buffer.concat([head, tail]),
    plugin: packet.toString('utf8', at, pluginEnd < 0 ? packet.length : pluginEnd) || 'mysql_native_password',
  };
}

function loginHead(flags: number): Buffer {
  const head = Buffer.alloc(32);
  head.writeUInt32LE(flags >>> 0, 0);
  head.writeUInt32LE(0xffffff, 4);
  head[8] = 45;
  return head;
}

function loginPacket(flags: number, attempt: MysqlAttempt, reply: Buffer, method: string): Buffer {
  return Buffer.concat([
    loginHead(flags),
    Buffer.from(`${attempt.user}\0`),
    Buffer.from([reply.length]),
    reply,
    Buffer.from(attempt.database === null ? '' : `${attempt.database}\0`),
    Buffer.from(`${method}\0`),
  ]);
}

const sha = (algorithm: 'sha1' | 'sha256', ...parts: Buffer[]): Buffer => {
  const hash = createHash(algorithm);
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const xor = (a: Buffer, b: Buffer): Buffer => Buffer.from(a.map((byte, index) => byte ^ (b[index] ?? 0)));

/** The client's half of the authentication methods (MySQL manual: Authentication Methods). */
class Login {
  #salt = Buffer.alloc(20);

  constructor(
    readonly stream: PacketStream,
    readonly password: string,
    readonly encrypted: boolean,
    readonly log: StepLog,
  ) {}

  /** What is sent for `method` when the server's salt is `salt`. */
  reply(method: string, salt: Buffer): Buffer {
    this.#salt = Buffer.from(salt);
    const secret = Buffer.from(this.password);
    switch (method) {
      case 'mysql_native_password': {
        if (secret.length === 0) return Buffer.alloc(0);
        const once = sha('sha1', secret);
        return xor(once, sha('sha1', salt, sha('sha1', once)));
      }
      case 'caching_sha2_password': {
        if (secret.length === 0) return Buffer.alloc(0);
        const once = sha('sha256', secret);
        return xor(once, sha('sha256', sha('sha256', once), salt));
      }
      case 'mysql_clear_password':
      case 'dialog':
        if (!this.encrypted)
          throw new Error(`the server asks for the password in clear (${method}) over a connection without TLS`);
        return Buffer.concat([secret, Buffer.from([0])]);
      default:
        throw new Error(`the server asks for the unknown method ${method}`);
    }
  }

  /** What crosses the wire, in words. */
  form(method: string): string {
    if (method === 'mysql_native_password' || method === 'caching_sha2_password')
      return this.password === '' ? 'an empty reply' : 'a hash over the salt';
    return 'the password in clear inside the connection';
  }

  /** Follows the server until it accepts. `answered` is called with the first packet that comes back. */
  async finish(method: string, answered: () => void): Promise<void> {
    for (;;) {
      const packet = await this.stream.read();
      answered();
      if (packet[0] === 0x00) return;
      if (packet[0] === 0xff) throw readError(packet);
      if (packet[0] === 0xfe) {
        const end = packet.indexOf(0, 1);
        method = end < 0 ? 'mysql_old_password' : packet.toString('utf8', 1, end);
        const salt = end < 0 ? Buffer.alloc(20) : packet.subarray(end + 1, end + 21);
        const reply = this.reply(method, salt);
        this.log.note('mysql.auth-switch', 'info', { method, sent: this.form(method), encrypted: this.encrypted });
        this.stream.write(reply);
      } else if (packet[0] === 0x01 && packet[1] === 0x04) {
        if (this.encrypted) {
          this.log.note('mysql.full-authentication', 'info', { sent: 'the password in clear inside the connection' });
          this.stream.write(Buffer.from(`${this.password}\0`));
        } else this.stream.write(Buffer.from([2]));
      } else if (packet[0] === 0x01 && packet[1] !== 0x03) {
        this.log.note('mysql.full-authentication', 'info', {
          sent: 'the password encrypted with the server’s RSA key',
        });
        const key = packet.subarray(1).toString('latin1');
        const clear = Buffer.from(`${this.password}\0`);
        const masked = Buffer.from(clear.map((byte, index) => byte ^ (this.#salt[index % 20] ?? 0)));
        this.stream.write(publicEncrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING }, masked));
      }
    }
  }
}

function readError(packet: Buffer): ServerError {
  const errno = packet.readUInt16LE(1);
  if (packet[3] !== 0x23) return new ServerError(errno, 'HY000', packet.toString('utf8', 3));
  return new ServerError(errno, packet.toString('latin1', 4, 9), packet.toString('utf8', 9));
}

/** Reads one result: the number of rows (0 for an OK packet), and the first `keep` of them as text. */
async function readResult(
  stream: PacketStream,
  deprecateEof: boolean,
  keep: number,
): Promise<{ rows: number; table: ResultTable | null }> {
  const head = await stream.read();
  if (head[0] === 0xff) throw readError(head);
  if (head[0] === 0x00) return { rows: 0, table: null };
  if (head[0] === 0xfb) throw new Error('the server asks for a local file');
  const count = head[0] === 0xfc ? head.readUInt16LE(1) : (head[0] ?? 0);
  const columns: string[] = [];
  for (let index = 0; index < count; index += 1) columns.push(readTexts(await stream.read(), 5)[4] ?? '');
  if (!deprecateEof) await stream.read();
  const kept: (string | null)[][] = [];
  let rows = 0;
  for (;;) {
    const packet = await stream.read();
    if (packet[0] === 0xff) throw readError(packet);
    if (packet[0] === 0xfe && packet.length < 0xffffff && (deprecateEof || packet.length < 9))
      return { rows, table: keep > 0 ? { columns, rows: kept } : null };
    if (rows < keep) kept.push(readTexts(packet, count));
    rows += 1;
  }
}

/** `count` length-encoded texts from the start of a packet (MySQL manual: Protocol::LengthEncodedString). */
function readTexts(packet: Buffer, count: number): (string | null)[] {
  const texts: (string | null)[] = [];
  let at = 0;
  for (let index = 0; index < count; index += 1) {
    const first = packet[at++] ?? 0xfb;
    if (first === 0xfb) {
      texts.push(null);
      continue;
    }
    const size = first === 0xfc ? 2 : first === 0xfd ? 3 : first === 0xfe ? 6 : 0;
    const length = size === 0 ? first : packet.readUIntLE(at, size);
    if (first === 0xfe) at += 8;
    else at += size;
    texts.push(packet.toString('utf8', at, at + length));
    at += length;
  }
  return texts;
}
