import type { Socket } from 'node:net';
import { defaultFidelity } from '../../domain/fidelity/fidelity';
import { CommandLoop } from './command-loop';
import { serverStatus } from './capabilities';
import { errorPacketFor } from './error-packet';
import { logIn, LoginDroppedError, type LoginResult, type LoginSetting } from './login/exchange';
import { LoginTrace } from './login/trace';
import { ClientGoneError } from './outlet';
import type { FramingError } from './packet-reader';
import { writeErr, type ErrorPacket } from './packets/err';
import { writeOk } from './packets/ok';
import { MalformedPacketError } from './payload-reader';
import { Transport } from './transport';
import { TlsRefusedError, type SecuredConnection } from '../tls';
import {
  DropConnectionError,
  MysqlError,
  type ConnectionFacts,
  type MysqlServerOptions,
  type MysqlSession,
} from './types';

const defaults = { handshakeTimeoutMs: 10_000, maxPacketBeforeLogin: 64 * 1024, maxAllowedPacket: 64 * 1024 * 1024 };

/** How long a session is waited for to give up its running command when the client has gone. */
const abortPatienceMs = 5_000;

/** Why commands are aborted: made once, since an exception of its own for each connection has a stack to be taken. */
const gone = new ClientGoneError();

export interface ConnectionEvents {
  /** The client is logged in, or never will be. Called once. */
  decided(): void;
  /** While the server stops: the client has become idle. */
  idle(): void;
  /** The socket is closed and the session, if there was one, too. Called once. */
  ended(): void;
}

/** One client, from its socket to the end of its session. */
export class Connection {
  readonly #transport: Transport;
  readonly #abort = new AbortController();
  readonly #trace: LoginTrace;
  readonly #timer: NodeJS.Timeout;
  readonly #deadline: number;
  #login: Promise<void> = Promise.resolve();
  #session: MysqlSession | null = null;
  #commands: CommandLoop | null = null;
  #draining = false;
  #decided = false;
  #socketClosed = false;
  #sessionClosed = false;

  constructor(
    socket: Socket,
    private readonly options: MysqlServerOptions,
    private readonly facts: ConnectionFacts,
    private readonly events: ConnectionEvents,
  ) {
    this.#trace = new LoginTrace(options.recorder, facts.traceId);
    this.#transport = new Transport(socket, options.maxPacketBeforeLogin ?? defaults.maxPacketBeforeLogin, {
      gone: () => this.#gone(),
      closed: () => this.#closed(),
      broken: (error) => this.#broken(error),
    });
    const patience = options.handshakeTimeoutMs ?? defaults.handshakeTimeoutMs;
    this.#deadline = performance.now() + patience;
    this.#timer = setTimeout(() => this.#late(), patience);
  }

  /** Begins the login. */
  start(): void {
    this.#trace.accepted(this.options.name, this.facts);
    this.#login = this.#run();
  }

  /** Answers with an error in place of the greeting and closes. */
  turnAway(packet: ErrorPacket): void {
    this.#trace.turnedAway(packet.message);
    writeErr(this.#transport.writer, packet);
    this.#transport.finish();
  }

  /** Lets the running command and an open transaction finish; the server closes what is idle once nobody is busy. */
  drain(): void {
    this.#draining = true;
    if (this.#commands === null) this.#transport.destroy();
    else this.#commands.drain();
  }

  /** A stopping server waits for this client. */
  get busy(): boolean {
    return this.#commands?.busy === true;
  }

  /** Sends what was written and closes. */
  finish(): void {
    this.#transport.finish();
  }

  destroy(): void {
    this.#abort.abort(gone);
    this.#transport.destroy();
  }

  /** Sends what a running command has written and that waits for more. */
  flushPending(): void {
    if (this.#commands !== null && !this.#transport.gone) void this.#transport.outlet.flush().catch(() => undefined);
  }

  async #run(): Promise<void> {
    try {
      const result = await logIn(this.#channel, this.#setting, this.facts, this.#trace);
      await this.#open(result);
    } catch (error) {
      this.#refuse(error);
    } finally {
      this.#decide();
    }
  }

  get #setting(): LoginSetting {
    const { options } = this;
    const fidelity = options.fidelity ?? defaultFidelity;
    const tlsOffered = options.tls !== undefined && !this.facts.unixSocket;
    return { options, tlsOffered, hardened: fidelity.mode === 'hardened' };
  }

  get #channel() {
    const transport = this.#transport;
    return {
      writer: transport.writer,
      flush: () => transport.outlet.flush(),
      read: () => transport.read(),
      secure: () => this.#secure(),
    };
  }

  async #secure(): Promise<SecuredConnection> {
    const left = Math.max(1, this.#deadline - performance.now());
    try {
      return await this.#transport.secure(this.options.tls!, left, this.facts.traceId);
    } catch (error) {
      this.#trace.tlsRefused(error);
      throw error;
    }
  }

  /** Steps 8 and 9 of the login: the initial database in the new session, then the OK packet. */
  async #open({ login, deprecateEof }: LoginResult): Promise<void> {
    if (this.#transport.gone) return;
    const session = this.options.session(login);
    this.#session = session;
    let status: number = serverStatus.autocommit;
    if (login.database !== null) status = (await session.initDb(login.database)).status;
    if (this.#transport.gone) return;
    this.#decide();
    this.#transport.reader.maxPacket = this.options.maxAllowedPacket ?? defaults.maxAllowedPacket;
    this.#commands = new CommandLoop({
      transport: this.#transport,
      session,
      fidelity: this.options.fidelity ?? defaultFidelity,
      connectionId: this.facts.connectionId,
      signal: this.#abort.signal,
      deprecateEof,
      maxAllowedPacket: this.#transport.reader.maxPacket,
      trace: this.#trace,
      idle: () => this.events.idle(),
    });
    this.#trace.loggedIn(login.user);
    writeOk(this.#transport.writer, { status });
    await this.#transport.outlet.flush();
    if (this.#draining) this.#transport.finish();
    else {
      this.#commands.start();
      this.#limitIdleness();
    }
  }

  /** Closes a connection whose client asks nothing for `readTimeoutMs`, or reads nothing for `writeTimeoutMs`. */
  #limitIdleness(): void {
    const { readTimeoutMs = 0, writeTimeoutMs = 0 } = this.options;
    if (readTimeoutMs > 0 || writeTimeoutMs > 0)
      this.#transport.limit({
        readMs: readTimeoutMs,
        writeMs: writeTimeoutMs,
        running: () => this.#commands?.running === true,
      });
  }

  /** Ends a login that came to nothing, with an ERR packet where vtgate sends one. */
  #refuse(error: unknown): void {
    const silent =
      error instanceof LoginDroppedError ||
      error instanceof DropConnectionError ||
      error instanceof MalformedPacketError ||
      error instanceof TlsRefusedError ||
      error instanceof ClientGoneError;
    if (silent) {
      if (!(error instanceof TlsRefusedError)) this.#trace.dropped(error.message);
      this.#transport.destroy();
      return;
    }
    const packet = errorPacketFor(error);
    this.#trace.denied(packet);
    if (this.#transport.gone) return;
    writeErr(this.#transport.writer, packet);
    this.#transport.finish();
  }

  #broken(error: FramingError): void {
    if (this.#commands !== null && error.kind === 'too-large') {
      const packet = new MysqlError(1153, '08S01', "Got a packet bigger than 'max_allowed_packet' bytes");
      this.#transport.writer.sequence = (this.#transport.reader.sequence + 1) & 0xff;
      writeErr(this.#transport.writer, packet);
      this.#transport.finish();
      return;
    }
    if (this.#commands === null) this.#trace.dropped(error.message);
    this.#transport.destroy();
  }

  #late(): void {
    this.#trace.dropped('the client took too long to log in');
    this.#transport.destroy();
  }

  #decide(): void {
    clearTimeout(this.#timer);
    if (this.#decided) return;
    this.#decided = true;
    this.events.decided();
  }

  #gone(): void {
    this.#decide();
    this.#abort.abort(gone);
    void this.#closeSession().then(() => this.#maybeEnded());
  }

  /** Waits for what the session is doing, which the signal has told to stop, and closes it behind that. */
  async #closeSession(): Promise<void> {
    await atMost(abortPatienceMs, this.#commands?.idle ?? this.#login);
    await this.#session?.close().catch(() => undefined);
    this.#sessionClosed = true;
  }

  #closed(): void {
    this.#socketClosed = true;
    this.#maybeEnded();
  }

  #maybeEnded(): void {
    if (this.#socketClosed && this.#sessionClosed) this.events.ended();
  }
}

/** Resolves with `work`, or after `ms` milliseconds. */
async function atMost(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
