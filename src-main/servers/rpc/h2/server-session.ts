import type { Socket } from 'node:net';
import { Http2Connection } from './connection';
import type { Http2Limits } from './connection-types';
import { Budget } from './budget';
import { areTrailers, isRequest } from './field-rules';
import type { Fields } from './hpack-decoder';
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
  /** SETTINGS after the first, in a row and a second (CVE-2019-9515). */
  readonly settingsBurst: number;
  readonly settingsPerSecond: number;
}

/** The accepting side of an HTTP/2 connection, over a socket that is judged already. */
export class ServerSession extends Http2Connection {
  readonly #serverLimits: ServerLimits;
  readonly #accept: (stream: Http2Stream, fields: Fields) => StreamOwner;
  readonly #pinged: () => boolean;
  /** Requests that were found well-formed; the decoder hands out the same fields for the same block. */
  readonly #wellFormed = new WeakSet<Fields>();
  #last = 0;
  #refused = 0;
  readonly #resets: Budget;
  readonly #settings: Budget;

  /** `accept` makes the owner of a new stream, which then gets its fields; `pinged` says whether a PING is one too many. */
  constructor(
    socket: Socket,
    limits: ServerLimits,
    accept: (stream: Http2Stream, fields: Fields) => StreamOwner,
    pinged: () => boolean,
  ) {
    super(socket, limits, preface);
    this.#serverLimits = limits;
    this.#accept = accept;
    this.#pinged = pinged;
    this.#resets = new Budget(limits.resetBurst, limits.resetsPerSecond);
    this.#settings = new Budget(limits.settingsBurst, limits.settingsPerSecond);
    this.greet([[settingNumbers.maxConcurrentStreams, limits.streams]]);
  }

  /** Calls under way. */
  get open(): number {
    return this.streams.size;
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
    stream.receivedHeaders = true;
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

  protected override provoked(by: 'reset' | 'settings' | 'ping'): void {
    if (by === 'reset' && !this.#resets.spend())
      throw new Http2Error(errors.enhanceYourCalm, 'too many streams were reset');
    if (by === 'settings' && !this.#settings.spend()) throw new Http2Error(errors.enhanceYourCalm, 'too many SETTINGS');
    if (by === 'ping' && this.#pinged()) throw new Http2Error(errors.enhanceYourCalm, 'too_many_pings');
  }

  /** Behind the first fields of a request only trailers may come, and they end it. */
  protected areSound(_stream: Http2Stream, fields: Fields, end: boolean): boolean {
    return end && areTrailers(fields);
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
