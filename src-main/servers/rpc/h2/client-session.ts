import type { Socket } from 'node:net';
import { Http2Connection } from './connection';
import type { Http2Limits } from './connection-types';
import { areTrailers, isAnswer } from './field-rules';
import { fieldOf, type Fields } from './hpack-decoder';
import type { SentField } from './hpack-encoder';
import { LARGEST_WINDOW, preface, settingNumbers } from './protocol';
import { Http2Stream, type StreamOwner } from './stream';

/** A connection has 2^30 streams of its client; there are no more. */
export class NoStreamsLeftError extends Error {}

interface Waiting {
  readonly stream: Http2Stream;
  readonly fields: readonly SentField[];
  readonly body: Buffer;
}

/** Answers of 1xx on one stream. */
const MOST_INTERIM = 16;

/** `test`, remembered: the decoder hands out the same fields for the same block. */
function isKnown(known: WeakSet<Fields>, fields: Fields, test: (fields: Fields) => boolean): boolean {
  if (known.has(fields)) return true;
  if (!test(fields)) return false;
  known.add(fields);
  return true;
}

/** The dialling side of an HTTP/2 connection, over a socket that is connected (and secured). */
export class ClientSession extends Http2Connection {
  readonly #answers = new WeakSet<Fields>();
  readonly #trailers = new WeakSet<Fields>();
  #next = 1;
  /** Streams beyond what the server takes at a time, in order. */
  readonly #waiting: Waiting[] = [];

  constructor(socket: Socket, limits: Http2Limits) {
    super(socket, limits, null);
    this.sender.outbox.bytes(preface);
    this.greet([[settingNumbers.enablePush, 0]]);
  }

  /** Sends a request with its whole body. Throws NoStreamsLeftError. */
  request(fields: readonly SentField[], body: Buffer, owner: StreamOwner): Http2Stream {
    if (this.#next > LARGEST_WINDOW) throw new NoStreamsLeftError('this connection has no streams left');
    const stream = new Http2Stream(this, owner, this.limits.streamWindow);
    if (this.streams.size >= this.remoteMaxStreams) this.#waiting.push({ stream, fields, body });
    else this.#begin(stream, fields, body);
    return stream;
  }

  #begin(stream: Http2Stream, fields: readonly SentField[], body: Buffer): void {
    this.adopt(stream, this.#next);
    this.#next += 2;
    this.sendHeaders(stream, fields, false);
    this.sendData(stream, body, true);
  }

  protected headersOfNew(id: number, _fields: Fields | null, _end: boolean): void {
    if (!this.wasUsed(id)) throw this.protocolError('HEADERS of a stream that does not exist');
  }

  /** Some answers that precede the one that counts, then that, then trailers. */
  protected areSound(stream: Http2Stream, fields: Fields, end: boolean): boolean {
    if (stream.receivedHeaders) return end && isKnown(this.#trailers, fields, areTrailers);
    if (!isKnown(this.#answers, fields, isAnswer)) return false;
    if (fieldOf(fields, ':status')?.startsWith('1') === true) return !end && (stream.interim += 1) <= MOST_INTERIM;
    stream.receivedHeaders = true;
    return true;
  }

  protected wasUsed(id: number): boolean {
    return id % 2 === 1 && id < this.#next;
  }

  /** An answer that is complete ends the call, whatever of the request was not sent yet. */
  protected endedFirst(stream: Http2Stream, side: 'local' | 'remote'): void {
    if (side === 'remote') this.finish(stream);
  }

  protected streamEnded(stream: Http2Stream): void {
    if (stream.id === 0) {
      const at = this.#waiting.findIndex((waiting) => waiting.stream === stream);
      if (at >= 0) this.#waiting.splice(at, 1);
      return;
    }
    if (this.destroyed || this.closed) {
      // What waits for a connection that takes no more can go to another one.
      for (const { stream: waiting } of [...this.#waiting]) this.refuse(waiting);
      if (!this.destroyed) this.endWhenIdle();
      return;
    }
    while (this.#waiting.length > 0 && this.streams.size < this.remoteMaxStreams) {
      const { stream: next, fields, body } = this.#waiting.shift()!;
      this.#begin(next, fields, body);
    }
  }

  protected goneAway(last: number): void {
    for (const { stream } of [...this.#waiting]) this.refuse(stream);
    for (const stream of [...this.streams.values()]) if (stream.id > last) this.refuse(stream);
  }

  override destroy(): void {
    if (this.destroyed) return;
    super.destroy();
    for (const { stream } of [...this.#waiting]) this.refuse(stream);
  }
}
