import type { Socket } from 'node:net';

/** Largest packet this client accepts, bytes: it reads small answers only. */
const LIMIT = 64 * 1024 * 1024;

/** MySQL packets over a socket (MySQL manual: Protocol::Packet): reads one at a time, keeps the sequence number. */
export class PacketStream {
  #buffer: Buffer = Buffer.alloc(0);
  #waiting: { resolve: (packet: Buffer) => void; reject: (error: Error) => void } | null = null;
  #ended: Error | null = null;
  #sequence = 0;
  #joined: Buffer[] = [];
  readonly #onData = (chunk: Buffer): void => {
    this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk]);
    this.#serve();
  };
  readonly #onEnd = (error?: Error): void => {
    this.#ended ??= error instanceof Error ? error : new Error('the connection was closed');
    this.#serve();
  };

  constructor(public socket: Socket) {
    this.#attach();
  }

  /** The next packet's payload. Rejects when the connection ends before it is complete. */
  read(): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#serve();
    });
  }

  /** Sends one packet; `restart` begins a new command (sequence 0). */
  write(payload: Buffer, restart = false): void {
    if (restart) this.#sequence = 0;
    let at = 0;
    for (;;) {
      const part = payload.subarray(at, at + 0xffffff);
      const header = Buffer.alloc(4);
      header.writeUIntLE(part.length, 0, 3);
      header[3] = this.#sequence++ & 0xff;
      this.socket.write(Buffer.concat([header, part]));
      at += part.length;
      if (part.length < 0xffffff) return;
    }
  }

  /** Stops reading so that TLS can take the raw socket. */
  detach(): Socket {
    this.socket.off('data', this.#onData);
    this.socket.off('end', this.#onEnd);
    this.socket.off('close', this.#onEnd);
    this.socket.off('error', this.#onEnd);
    this.socket.pause();
    return this.socket;
  }

  /** Goes on over another socket, with the sequence as it is. */
  continueOver(socket: Socket): void {
    this.socket = socket;
    this.#buffer = Buffer.alloc(0);
    this.#attach();
  }

  #attach(): void {
    this.socket.on('data', this.#onData);
    this.socket.on('end', this.#onEnd);
    this.socket.on('close', this.#onEnd);
    this.socket.on('error', this.#onEnd);
  }

  #serve(): void {
    const waiting = this.#waiting;
    if (waiting === null) return;
    for (;;) {
      if (this.#buffer.length < 4) break;
      const length = this.#buffer.readUIntLE(0, 3);
      if (length + this.#joined.length > LIMIT) {
        this.#ended = new Error(`the server sent a packet of ${length} bytes`);
        break;
      }
      if (this.#buffer.length < 4 + length) break;
      this.#sequence = ((this.#buffer[3] ?? 0) + 1) & 0xff;
      const payload = this.#buffer.subarray(4, 4 + length);
      this.#buffer = this.#buffer.subarray(4 + length);
      if (length === 0xffffff) {
        this.#joined.push(payload);
        continue;
      }
      this.#waiting = null;
      const whole = this.#joined.length === 0 ? payload : Buffer.concat([...this.#joined, payload]);
      this.#joined = [];
      waiting.resolve(whole);
      return;
    }
    if (this.#ended !== null) {
      this.#waiting = null;
      waiting.reject(this.#ended);
    }
  }
}
