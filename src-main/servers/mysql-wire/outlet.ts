import type { Duplex } from 'node:stream';
import type { PacketWriter } from './packet-writer';

const done: Promise<void> = Promise.resolve();

/** Bytes that may wait in the socket before a writer is asked to wait. */
const socketBacklog = 64 * 1024;
/** Bytes built before they are handed to the socket though the result is not complete. */
export const chunkSize = 32 * 1024;

/** Rejects what was waiting to be written: nobody is there to read it. */
export class ClientGoneError extends Error {
  constructor() {
    super('the client is gone');
    this.name = 'ClientGoneError';
  }
}

/** Hands the packets of a writer to the socket, a chunk at a time, and makes writers wait for slow readers. */
export class Outlet {
  #socket: Duplex;
  #waiting: (() => void)[] = [];
  #gone = false;

  constructor(
    socket: Duplex,
    readonly writer: PacketWriter,
  ) {
    this.#socket = socket;
  }

  /** From here on everything goes to `socket` (the TLS socket over the former one). */
  moveTo(socket: Duplex): void {
    this.#socket = socket;
  }

  /** Called when the socket has room again. */
  drained(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resume of waiting) resume();
  }

  /** Called when the socket is closed: whoever waits learns it. */
  closed(): void {
    this.#gone = true;
    this.drained();
  }

  /** Sends when a chunk is complete. */
  flushIfFull(): Promise<void> {
    return this.writer.length < chunkSize ? done : this.flush();
  }

  /** Sends everything built so far; resolves when the socket can take more. Rejects with ClientGoneError. */
  flush(): Promise<void> {
    if (this.#gone) return Promise.reject(new ClientGoneError());
    if (this.writer.length === 0) return done;
    this.#socket.write(this.writer.take());
    return this.#socket.writableLength <= socketBacklog ? done : this.#room();
  }

  async #room(): Promise<void> {
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
    if (this.#gone) throw new ClientGoneError();
  }
}
