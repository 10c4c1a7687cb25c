import type { Socket } from 'node:net';
import { TlsRefusedError, type SecuredConnection, type TlsAcceptor } from '../tls';
import { ClientGoneError, Outlet } from './outlet';
import { PacketReader, type FramingError } from './packet-reader';
import { PacketWriter } from './packet-writer';

/** Bytes taken in ahead while a command runs; beyond that the socket is not read. */
const readAhead = 128 * 1024;
/** How long a client may take to read a last answer after which the connection is closed. */
const lingerMs = 2_000;
/** First byte of every TLS handshake record (RFC 8446 §5.1). */
const tlsHandshake = 0x16;

type Consumer = (payload: Buffer) => void;

export interface TransportEvents {
  /** Nothing more will be read from this client or written to it. Called once. */
  gone(): void;
  /** The socket is closed. Called once, never before `gone`. */
  closed(): void;
  /** The client broke the framing; nothing more will be delivered. */
  broken(error: FramingError): void;
}

export interface TimeLimits {
  readonly readMs: number;
  readonly writeMs: number;
  /** A command is being answered: the client owes nothing. */
  readonly running: () => boolean;
}

/**
 * One client's byte streams: the socket, packets in and packets out. A packet is delivered only when one is asked for, so
 * that what a client sends ahead waits, up to a bound, until it is its turn.
 */
export class Transport {
  readonly reader: PacketReader;
  readonly writer = new PacketWriter();
  readonly outlet: Outlet;
  #socket: Socket;
  #consumer: Consumer | null = null;
  #delivering = false;
  #paused = false;
  #ending = false;
  #gone = false;
  #closed = false;

  constructor(
    socket: Socket,
    maxPacket: number,
    private readonly events: TransportEvents,
  ) {
    this.reader = new PacketReader(maxPacket);
    this.outlet = new Outlet(socket, this.writer);
    this.#socket = socket;
    this.#attach(socket);
  }

  get gone(): boolean {
    return this.#gone;
  }

  /**
   * Asks for the next packet, whose sequence number must be `sequence`. When `consumer` is called the writer's sequence
   * number is set for the answer.
   */
  request(sequence: number, consumer: Consumer): void {
    this.reader.sequence = sequence;
    this.#consumer = consumer;
    this.#deliver();
  }

  /** The next packet of a dialogue: its sequence number goes on from the packet written last. */
  read(): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      if (this.#gone) reject(new ClientGoneError());
      else {
        this.#abandon = reject;
        this.request(this.writer.sequence, resolve);
      }
    });
  }

  /**
   * Puts TLS between the socket and the packets. What the client sent behind its SSLRequest goes to TLS and nowhere else:
   * it is never read as packets. Rejects with TlsRefusedError.
   */
  async secure(acceptor: TlsAcceptor, timeoutMs: number, traceId: string): Promise<SecuredConnection> {
    const raw = this.#socket;
    raw.pause();
    this.#detach(raw);
    // Between two owners: an error would have no listener, and a client that leaves must be noticed.
    raw.on('error', ignore);
    raw.on('close', this.#onClose);
    const head = this.reader.takeRest();
    if (head.length > 0 && head[0] !== tlsHandshake) {
      this.destroy();
      throw notTls();
    }
    const secured = await acceptor.accept(raw, { head, timeoutMs, traceId });
    if (this.#gone) {
      secured.socket.destroy();
      throw new ClientGoneError();
    }
    this.#socket = secured.socket;
    this.outlet.moveTo(secured.socket);
    this.#attach(secured.socket);
    return secured;
  }

  /**
   * Closes the connection when no byte comes for `readMs` while no command runs, or when none can be written for
   * `writeMs`, milliseconds; 0 sets no limit.
   */
  limit({ readMs, writeMs, running }: TimeLimits): void {
    const socket = this.#socket;
    let quietSince = performance.now();
    let seen = -1;
    const check = (): void => {
      const now = performance.now();
      const moved = socket.bytesRead + socket.bytesWritten - socket.writableLength;
      const stuck = socket.writableLength > 0;
      const waitsForClient = stuck || !running();
      if (moved !== seen || !waitsForClient) [seen, quietSince] = [moved, now];
      const limitMs = stuck ? writeMs : readMs;
      if (limitMs > 0 && now - quietSince >= limitMs) this.destroy();
    };
    const shortest = Math.min(...[readMs, writeMs].filter((ms) => ms > 0));
    const timer = setInterval(check, Math.max(10, Math.min(1000, shortest / 10)));
    timer.unref();
    socket.once('close', () => clearInterval(timer));
  }

  /** Sends what was built, says goodbye and closes; whatever the client still sends is thrown away. */
  finish(): void {
    if (this.#ending || this.#gone) return;
    this.#ending = true;
    this.#consumer = null;
    void this.outlet.flush().catch(ignore);
    this.reader.takeRest();
    this.#resume();
    this.#socket.end();
    setTimeout(() => this.#socket.destroy(), lingerMs).unref();
    this.#end();
  }

  /** Closes at once. */
  destroy(): void {
    this.#ending = true;
    this.#socket.destroy();
    this.#end();
  }

  #abandon: ((error: Error) => void) | null = null;

  readonly #onData = (chunk: Buffer): void => {
    if (this.#ending) return;
    this.reader.push(chunk);
    if (this.#consumer !== null) this.#deliver();
    if (this.#consumer === null && this.reader.bufferedBytes > readAhead && !this.#paused) {
      this.#paused = true;
      this.#socket.pause();
    }
  };

  readonly #onDrain = (): void => this.outlet.drained();

  readonly #onEnd = (): void => this.destroy();

  readonly #onClose = (): void => {
    this.destroy();
    if (this.#closed) return;
    this.#closed = true;
    this.events.closed();
  };

  #attach(socket: Socket): void {
    socket.on('data', this.#onData);
    socket.on('drain', this.#onDrain);
    socket.on('end', this.#onEnd);
    socket.on('close', this.#onClose);
    socket.on('error', ignore);
  }

  #detach(socket: Socket): void {
    socket.off('data', this.#onData);
    socket.off('drain', this.#onDrain);
    socket.off('end', this.#onEnd);
    socket.off('close', this.#onClose);
    socket.off('error', ignore);
  }

  #deliver(): void {
    if (this.#delivering) return;
    this.#delivering = true;
    try {
      while (this.#consumer !== null) {
        const payload = this.reader.next();
        if (payload === null) {
          this.#resume();
          return;
        }
        const consumer = this.#consumer;
        this.#consumer = null;
        this.#abandon = null;
        this.writer.sequence = this.reader.sequence;
        consumer(payload);
      }
    } catch (error) {
      this.#consumer = null;
      this.events.broken(error as FramingError);
    } finally {
      this.#delivering = false;
    }
  }

  #resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#socket.resume();
  }

  #end(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#consumer = null;
    this.#abandon?.(new ClientGoneError());
    this.#abandon = null;
    this.outlet.closed();
    this.events.gone();
  }
}

function ignore(): void {
  // A socket's error is always followed by its close, which is what counts.
}

const notTls = (): TlsRefusedError =>
  new TlsRefusedError({
    side: 'server',
    stage: 'handshake',
    cause: 'not-tls',
    alert: null,
    alertSent: false,
    message: 'The client asked for TLS and went on in plain text; nothing of it was read.',
  });
