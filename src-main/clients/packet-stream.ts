import type { Socket } from 'node:net';

/** Most bytes that one answer packet, or what waits unread, may have: this client reads small answers only. */
const LIMIT = 64 * 1024 * 1024;
const WHOLE_PART = 0xffffff;

/** MySQL packets over a socket (MySQL manual: Protocol::Packet): reads one at a time, keeps the sequence number. */
export class PacketStream {
  #chunks: Buffer[] = [];
  #size = 0;
  /** Bytes without which nothing more can be read. */
  #needed = 4;
  #most = LIMIT;
  #waiting: { resolve: (packet: Buffer) => void; reject: (error: Error) => void } | null = null;
  #ended: Error | null = null;
  #sequence = 0;
  #joined: Buffer[] = [];
  #joinedSize = 0;
  readonly #onData = (chunk: Buffer): void => {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    if (this.#size > 2 * LIMIT) this.socket.destroy(new Error('the server sends more than was asked for'));
    this.#serve();
  };
  readonly #onEnd = (error?: Error): void => {
    this.#ended ??= error instanceof Error ? error : new Error('the connection was closed');
    this.#serve();
  };

  constructor(public socket: Socket) {
    this.#attach();
  }

  /** The next packet's payload. Rejects when the connection ends before it is complete, or when it has over `most` bytes. */
  read(most = LIMIT): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      this.#most = most;
      this.#waiting = { resolve, reject };
      this.#serve();
    });
  }

  /** Sends one packet; `restart` begins a new command (sequence 0). */
  write(payload: Buffer, restart = false): void {
    if (restart) this.#sequence = 0;
    let at = 0;
    for (;;) {
      const part = payload.subarray(at, at + WHOLE_PART);
      const header = Buffer.alloc(4);
      header.writeUIntLE(part.length, 0, 3);
      header[3] = this.#sequence++ & 0xff;
      this.socket.write(Buffer.concat([header, part]));
      at += part.length;
      if (part.length < WHOLE_PART) return;
    }
  }

  /**
   * Stops reading so that TLS can take the raw socket. Throws when the server has sent more than it was asked for: such
   * bytes, sent in clear by anybody in between, must never count as part of what follows the handshake.
   */
  detach(): Socket {
    this.socket.off('data', this.#onData);
    this.socket.off('end', this.#onEnd);
    this.socket.off('close', this.#onEnd);
    this.socket.off('error', this.#onEnd);
    this.socket.pause();
    if (this.#size > 0) throw new Error('the server sent bytes in clear before the TLS handshake');
    if (this.#ended !== null) throw this.#ended;
    return this.socket;
  }

  /** Goes on over another socket, with the sequence as it is. */
  continueOver(socket: Socket): void {
    this.socket = socket;
    this.#attach();
  }

  #attach(): void {
    this.socket.on('data', this.#onData);
    this.socket.on('end', this.#onEnd);
    this.socket.on('close', this.#onEnd);
    this.socket.on('error', this.#onEnd);
  }

  /** The next packet when it is complete. Throws when it is too large. */
  #next(): Buffer | null {
    while (this.#size >= this.#needed) {
      const bytes = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks);
      const length = bytes.readUIntLE(0, 3);
      if (length + this.#joinedSize > this.#most)
        throw new Error(
          `the server announces a packet of ${length + this.#joinedSize} bytes; at most ${this.#most} fit`,
        );
      this.#chunks = [bytes];
      if (bytes.length < 4 + length) {
        this.#needed = 4 + length;
        return null;
      }
      this.#needed = 4;
      this.#sequence = ((bytes[3] ?? 0) + 1) & 0xff;
      const payload = bytes.subarray(4, 4 + length);
      this.#size -= 4 + length;
      this.#chunks = this.#size === 0 ? [] : [bytes.subarray(4 + length)];
      if (length === WHOLE_PART) {
        this.#joined.push(payload);
        this.#joinedSize += length;
        continue;
      }
      const whole = this.#joined.length === 0 ? payload : Buffer.concat([...this.#joined, payload]);
      this.#joined = [];
      this.#joinedSize = 0;
      return whole;
    }
    return null;
  }

  #serve(): void {
    const waiting = this.#waiting;
    if (waiting === null) return;
    let packet: Buffer | null = null;
    try {
      packet = this.#next();
    } catch (error) {
      this.#ended = error as Error;
    }
    if (packet !== null) {
      this.#waiting = null;
      waiting.resolve(packet);
    } else if (this.#ended !== null) {
      this.#waiting = null;
      waiting.reject(this.#ended);
    }
  }
}
