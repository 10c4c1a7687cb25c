import type { Socket } from 'node:net';
import { Http2Connection, type Http2Limits } from './connection';
import { fieldOf, type Fields } from './hpack-decoder';
import { errors, Http2Error, preface, settingNumbers } from './protocol';
import { Http2Stream, type StreamOwner } from './stream';

export interface ServerLimits extends Http2Limits {
  readonly streams: number;
  /** Fields of one request. */
  readonly fields: number;
  /** Streams beyond `streams`, or malformed, that are refused before the connection ends. */
  readonly refusals: number;
  /** Resets, by the client or for its faults, in a row and a second (CVE-2023-44487, CVE-2025-8671). */
  readonly resetBurst: number;
  readonly resetsPerSecond: number;
}

/** Fields that HTTP/2 forbids (RFC 9113 §8.2.2). */
const forbidden = new Set(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade']);
const fieldName = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;
const pseudoNames = new Set([':method', ':scheme', ':authority', ':path']);
/** NUL, CR and LF, and blanks at either end (RFC 9113 §8.2.1). */
const badValue = /[\0\r\n]|^[ \t]|[ \t]$/;

/** Whether fields are those of a request (RFC 9113 §8.2, §8.3.1). */
function isRequest(fields: Fields): boolean {
  let regular = false;
  const seen = new Set<string>();
  for (let at = 0; at < fields.length; at += 2) {
    const name = fields[at]!;
    const value = fields[at + 1]!;
    if (badValue.test(value)) return false;
    if (name.startsWith(':')) {
      if (regular || !pseudoNames.has(name) || seen.has(name)) return false;
      seen.add(name);
    } else {
      regular = true;
      if (!fieldName.test(name) || forbidden.has(name)) return false;
      if (name === 'te' && value !== 'trailers') return false;
    }
  }
  return seen.has(':method') && seen.has(':scheme') && (fieldOf(fields, ':path') ?? '') !== '';
}

/** The accepting side of an HTTP/2 connection, over a socket that is judged already. */
export class ServerSession extends Http2Connection {
  protected readonly onlyTrailers = true;
  readonly #serverLimits: ServerLimits;
  readonly #accept: (stream: Http2Stream, fields: Fields) => StreamOwner;
  readonly #pinged: () => boolean;
  /** Requests that were found well-formed; the decoder hands out the same fields for the same block. */
  readonly #wellFormed = new WeakSet<Fields>();
  #greeted = false;
  #last = 0;
  #refused = 0;
  #resetsLeft: number;
  #resetsAt = performance.now();

  /** `accept` makes the owner of a new stream, which then gets its fields; `pinged` says whether a PING is one too many. */
  constructor(
    socket: Socket,
    limits: ServerLimits,
    accept: (stream: Http2Stream, fields: Fields) => StreamOwner,
    pinged: () => boolean,
  ) {
    super(socket, limits);
    this.#serverLimits = limits;
    this.#accept = accept;
    this.#pinged = pinged;
    this.#resetsLeft = limits.resetBurst;
    this.greet([[settingNumbers.maxConcurrentStreams, limits.streams]]);
  }

  /** Calls under way. */
  get open(): number {
    return this.streams.size;
  }

  protected override get leastBytes(): number {
    return this.#greeted ? super.leastBytes : preface.length;
  }

  protected override readFrames(bytes: Buffer): number {
    if (this.#greeted) return super.readFrames(bytes);
    const seen = Math.min(bytes.length, preface.length);
    if (bytes.compare(preface, 0, seen, 0, seen) !== 0) throw this.protocolError('this is not HTTP/2');
    if (seen < preface.length) return 0;
    this.#greeted = true;
    return seen + super.readFrames(bytes.subarray(seen));
  }

  protected headersOfNew(id: number, fields: Fields | null, end: boolean): void {
    if (id % 2 === 0) throw this.protocolError('a client begins a stream with an even number');
    if (id <= this.#last) {
      if (end) return;
      throw new Http2Error(errors.streamClosed, 'HEADERS of a stream that has ended');
    }
    // What comes behind this side's GOAWAY is not begun, and the client knows it.
    if (this.closed) return;
    this.#last = id;
    if (fields === null) return this.#refuse(id, errors.enhanceYourCalm);
    if (this.streams.size >= this.#serverLimits.streams) return this.#refuse(id, errors.refusedStream);
    if (!this.#isSound(fields)) return this.#refuse(id, errors.protocol);
    const stream = new Http2Stream(this, nobody, this.limits.streamWindow);
    this.adopt(stream, id);
    stream.owner = this.#accept(stream, fields);
    this.deliver(stream, fields, end);
  }

  #isSound(fields: Fields): boolean {
    if (this.#wellFormed.has(fields)) return true;
    if (fields.length > 2 * this.#serverLimits.fields || !isRequest(fields)) return false;
    this.#wellFormed.add(fields);
    return true;
  }

  #refuse(id: number, code: number): void {
    this.#refused += 1;
    if (this.#refused > this.#serverLimits.refusals)
      throw new Http2Error(errors.enhanceYourCalm, 'too many streams had to be refused');
    this.sender.reset(id, code);
  }

  protected override provoked(): void {
    const { resetBurst, resetsPerSecond } = this.#serverLimits;
    const now = performance.now();
    this.#resetsLeft = Math.min(resetBurst, this.#resetsLeft + ((now - this.#resetsAt) * resetsPerSecond) / 1000);
    this.#resetsAt = now;
    this.#resetsLeft -= 1;
    if (this.#resetsLeft < 0) throw new Http2Error(errors.enhanceYourCalm, 'too many streams were reset');
  }

  protected override pinged(): void {
    if (this.#pinged()) throw new Http2Error(errors.enhanceYourCalm, 'too_many_pings');
  }

  protected wasUsed(id: number): boolean {
    return id % 2 === 1 && (id <= this.#last || this.closed);
  }

  protected override lastRemoteStream(): number {
    return this.#last;
  }

  /** A client that was answered before it had asked all of it is told to stop. */
  protected endedFirst(stream: Http2Stream, side: 'local' | 'remote'): void {
    if (side === 'local') this.finish(stream);
  }

  protected streamEnded(): void {
    if (this.closed && !this.destroyed) this.endWhenIdle();
  }

  protected goneAway(): void {
    // This side begins no streams that the client could refuse.
  }
}

const nobody: StreamOwner = {
  fields: () => undefined,
  data: () => undefined,
  ended: () => undefined,
  closed: () => undefined,
};
