import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { BlockAssembler } from './block-assembler';
import { HpackDecoder, type Fields } from './hpack-decoder';
import type { SentField } from './hpack-encoder';
import {
  DEFAULT_FRAME_BYTES,
  DEFAULT_WINDOW,
  errors,
  flags,
  FRAME_HEADER_BYTES,
  frameTypes,
  Http2Error,
  LARGEST_WINDOW,
  settingNumbers,
} from './protocol';
import { Sender } from './sender';
import { Splitter } from './splitter';
import type { Http2Stream, StreamEnd } from './stream';

/** What this side allows the other one. */
export interface Http2Limits {
  readonly streamWindow: number;
  readonly connectionWindow: number;
  readonly frameBytes: number;
  readonly headerListBytes: number;
  /** Data that may wait for the other side, over all streams. */
  readonly queuedBytes: number;
  /** Entries of one SETTINGS frame. */
  readonly settings: number;
}

/** Events of a connection; nothing here happens once a call. */
export interface ConnectionEvents {
  /** The other side's first SETTINGS are in. */
  ready: [];
  /** The other side begins no new streams (GOAWAY). */
  goaway: [];
  /** The connection broke, because of the socket or of the protocol; `close` follows. */
  error: [error: Error];
  close: [];
}

/** Frames of data without data that one connection may send. */
const MOST_EMPTY_FRAMES = 10_000;
const PONG_BYTES = 8;

/**
 * HTTP/2 (RFC 9113) over one socket, whichever side it is: frames in and out, settings, windows, PING, GOAWAY. All frames
 * of one turn of the event loop leave in one write. Streams are for the subclasses to begin.
 */
export abstract class Http2Connection extends EventEmitter<ConnectionEvents> {
  /** New streams are not begun: the other side or this one has said so. */
  closed = false;
  destroyed = false;
  protected readonly streams = new Map<number, Http2Stream>();
  protected readonly sender: Sender;
  protected remoteMaxStreams = Number.POSITIVE_INFINITY;
  readonly #decoder: HpackDecoder;
  readonly #splitter: Splitter;
  #ready = false;
  #receiveLeft: number;
  #taken = 0;
  #block: BlockAssembler | null = null;
  #empty = 0;
  readonly #pings: ((() => void) | null)[] = [];

  protected constructor(
    protected readonly socket: Socket,
    protected readonly limits: Http2Limits,
  ) {
    super();
    this.sender = new Sender(socket, (stream) => this.#localEnd(stream));
    this.#decoder = new HpackDecoder(limits.headerListBytes);
    this.#splitter = new Splitter(limits.frameBytes);
    this.#receiveLeft = limits.connectionWindow;
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('drain', () => this.sender.pumpAll());
    socket.on('error', (error) => this.#break(error));
    socket.on('end', () => this.destroy());
    socket.on('close', () => this.destroy());
    // Whoever had the socket before may have paused it.
    socket.resume();
  }

  /** What the first frames say of this side's limits; `more` are settings of the role. */
  protected greet(more: readonly (readonly [number, number])[]): void {
    const { streamWindow, connectionWindow, frameBytes, headerListBytes } = this.limits;
    const settings = [
      ...more,
      [settingNumbers.initialWindowSize, streamWindow],
      [settingNumbers.maxFrameSize, frameBytes],
      [settingNumbers.maxHeaderListSize, headerListBytes],
    ] as const;
    this.sender.outbox.head(settings.length * 6, frameTypes.settings, 0, 0);
    for (const [number, value] of settings) {
      this.sender.outbox.u16(number);
      this.sender.outbox.u32(value);
    }
    this.sender.windowUpdate(0, connectionWindow - DEFAULT_WINDOW);
  }

  /** Fields behind a stream's first ones must end it. */
  protected abstract readonly onlyTrailers: boolean;
  /** Header fields for a stream that does not exist; null: more than allowed. */
  protected abstract headersOfNew(id: number, fields: Fields | null, end: boolean): void;
  /** Whether `id` was in use once: frames may still be on their way to it. */
  protected abstract wasUsed(id: number): boolean;
  /** One side has ended its half of a stream before the other has. */
  protected abstract endedFirst(stream: Http2Stream, side: 'local' | 'remote'): void;
  /** A stream has ended. */
  protected abstract streamEnded(stream: Http2Stream): void;
  /** The other side's GOAWAY: streams of this side above `last` were not begun. */
  protected abstract goneAway(last: number): void;

  /** Sends a PING; `answered` is called when its answer comes. */
  ping(answered: (() => void) | null): void {
    this.#pings.push(answered);
    this.sender.outbox.frame(frameTypes.ping, 0, 0, Buffer.alloc(PONG_BYTES));
    this.sender.schedule();
  }

  /** Begins no more streams; the connection ends with its last one. */
  close(): void {
    if (this.closed || this.destroyed) return;
    this.closed = true;
    this.sayGoodbye(errors.none);
    this.endWhenIdle();
  }

  protected endWhenIdle(): void {
    if (this.streams.size > 0 || this.destroyed) return;
    this.sender.flush();
    this.socket.end();
    this.destroy();
  }

  protected sayGoodbye(code: number, text = ''): void {
    const note = Buffer.from(text, 'latin1');
    this.sender.outbox.head(8 + note.length, frameTypes.goaway, 0, 0);
    this.sender.outbox.u32(this.lastRemoteStream());
    this.sender.outbox.u32(code);
    this.sender.outbox.bytes(note);
    this.sender.schedule();
  }

  protected lastRemoteStream(): number {
    return 0;
  }

  /** Ends the connection and every stream on it. */
  destroy(): void {
    if (this.destroyed) return;
    this.sender.close();
    this.destroyed = true;
    this.closed = true;
    this.socket.destroySoon();
    for (const stream of [...this.streams.values()]) this.#over(stream, 'lost', 0);
    this.emit('close');
  }

  #break(error: Error): void {
    if (this.destroyed) return;
    if (error instanceof Http2Error) this.sayGoodbye(error.code, error.message);
    if (this.listenerCount('error') > 0) this.emit('error', error);
    this.destroy();
  }

  protected adopt(stream: Http2Stream, id: number): void {
    stream.id = id;
    stream.sendWindow = this.sender.streamWindow;
    this.streams.set(id, stream);
  }

  #over(stream: Http2Stream, how: StreamEnd, code: number): void {
    if (stream.closed) return;
    stream.closed = true;
    this.sender.forget(stream);
    if (stream.id !== 0) this.streams.delete(stream.id);
    stream.owner.closed(how, code);
    this.streamEnded(stream);
  }

  /** Ends a stream whose answer is complete, whatever of this side's half is left. */
  protected finish(stream: Http2Stream): void {
    this.sender.reset(stream.id, errors.none);
    this.#over(stream, 'finished', 0);
  }

  /** Ends a stream that never reached the other side, or that it will not begin. */
  protected refuse(stream: Http2Stream): void {
    this.#over(stream, 'refused', errors.refusedStream);
  }

  protected protocolError(text: string): Http2Error {
    return new Http2Error(errors.protocol, text);
  }

  sendHeaders(stream: Http2Stream, fields: readonly SentField[], end: boolean): void {
    this.sender.headers(stream, fields, end);
  }

  sendData(stream: Http2Stream, chunk: Buffer, end: boolean): boolean {
    const sent = this.sender.data(stream, chunk, end);
    if (this.sender.queued > this.limits.queuedBytes)
      this.#break(new Http2Error(errors.enhanceYourCalm, 'too much waits for the other side'));
    return sent;
  }

  sendTrailers(stream: Http2Stream, fields: readonly SentField[]): void {
    this.sender.trailers(stream, fields);
  }

  resetStream(stream: Http2Stream, code: number): void {
    if (stream.closed) return;
    if (stream.id !== 0) this.sender.reset(stream.id, code);
    this.#over(stream, 'reset', code);
  }

  /** Lets the other side send again what `stream` has taken. */
  giveBack(stream: Http2Stream): void {
    if (stream.closed || stream.remoteEnded || stream.paused || stream.taken < this.limits.streamWindow / 2) return;
    this.sender.windowUpdate(stream.id, stream.taken);
    stream.receiveLeft += stream.taken;
    stream.taken = 0;
  }

  #take(chunk: Buffer): void {
    if (this.destroyed) return;
    const bytes = this.#splitter.take(chunk);
    if (bytes === null) return;
    try {
      const read = this.readFrames(bytes);
      if (!this.destroyed) this.#splitter.keep(bytes.subarray(read), this.leastBytes);
    } catch (error) {
      this.#break(error as Error);
    }
  }

  /** Bytes without which nothing can be read. */
  protected get leastBytes(): number {
    return FRAME_HEADER_BYTES;
  }

  /** Reads complete frames; how many bytes they were. */
  protected readFrames(bytes: Buffer): number {
    let at = 0;
    while (bytes.length - at >= FRAME_HEADER_BYTES && !this.destroyed) {
      const end = at + FRAME_HEADER_BYTES + this.#splitter.size(bytes, at);
      if (end > bytes.length) break;
      const id = bytes.readUInt32BE(at + 5) & 0x7fff_ffff;
      this.#frame(bytes[at + 3]!, bytes[at + 4]!, id, bytes.subarray(at + FRAME_HEADER_BYTES, end));
      at = end;
    }
    return at;
  }

  #frame(type: number, frameFlags: number, id: number, payload: Buffer): void {
    if (!this.#ready && type !== frameTypes.settings) throw this.protocolError('the first frame is not SETTINGS');
    if (this.#block !== null && (type !== frameTypes.continuation || id !== this.#block.stream))
      throw this.protocolError('a header block is interrupted');
    switch (type) {
      case frameTypes.data:
        return this.#onData(frameFlags, id, payload);
      case frameTypes.headers:
        return this.#onHeaders(frameFlags, id, payload);
      case frameTypes.continuation:
        return this.#onContinuation(frameFlags, id, payload);
      case frameTypes.resetStream:
        return this.#onReset(id, payload);
      case frameTypes.settings:
        return this.#onSettings(frameFlags, id, payload);
      case frameTypes.ping:
        return this.#onPing(frameFlags, id, payload);
      case frameTypes.goaway:
        return this.#onGoaway(id, payload);
      case frameTypes.windowUpdate:
        return this.#onWindowUpdate(id, payload);
      case frameTypes.priority:
        if (id === 0) throw this.protocolError('PRIORITY of stream 0');
        if (payload.length !== 5) throw new Http2Error(errors.frameSize, 'PRIORITY of a wrong size');
        return;
      case frameTypes.pushPromise:
        throw this.protocolError('PUSH_PROMISE was not allowed');
      default:
      // Frames of unknown types are ignored (RFC 9113 §4.1).
    }
  }

  /** The payload of DATA or HEADERS without its padding. */
  #unpadded(frameFlags: number, payload: Buffer): Buffer {
    if ((frameFlags & flags.padded) === 0) return payload;
    const padding = payload[0];
    if (padding === undefined || padding >= payload.length) throw this.protocolError('padding beyond the frame');
    return payload.subarray(1, payload.length - padding);
  }

  #onData(frameFlags: number, id: number, payload: Buffer): void {
    if (id === 0) throw this.protocolError('DATA of stream 0');
    const size = payload.length;
    this.#receiveLeft -= size;
    if (this.#receiveLeft < 0) throw new Http2Error(errors.flowControl, 'more data than the connection allows');
    this.#taken += size;
    if (this.#taken >= this.limits.connectionWindow / 2) {
      this.sender.windowUpdate(0, this.#taken);
      this.#receiveLeft += this.#taken;
      this.#taken = 0;
    }
    const stream = this.streams.get(id);
    if (stream === undefined) {
      if (!this.wasUsed(id)) throw this.protocolError('DATA of a stream that does not exist');
      return;
    }
    if (stream.remoteEnded) return this.#streamError(stream, errors.streamClosed);
    if (!stream.receivedHeaders) return this.#streamError(stream, errors.protocol);
    stream.receiveLeft -= size;
    if (stream.receiveLeft < 0) return this.#streamError(stream, errors.flowControl);
    stream.taken += size;
    const data = this.#unpadded(frameFlags, payload);
    if (data.length > 0) stream.owner.data(data);
    else if ((frameFlags & flags.endStream) === 0 && (this.#empty += 1) > MOST_EMPTY_FRAMES)
      throw new Http2Error(errors.enhanceYourCalm, 'too many empty frames');
    if (stream.closed) return;
    if ((frameFlags & flags.endStream) === 0) return this.giveBack(stream);
    stream.remoteEnded = true;
    stream.owner.ended();
    this.#remoteEnd(stream);
  }

  #streamError(stream: Http2Stream, code: number): void {
    this.provoked();
    this.sender.reset(stream.id, code);
    this.#over(stream, 'reset', code);
  }

  #onHeaders(frameFlags: number, id: number, payload: Buffer): void {
    if (id === 0) throw this.protocolError('HEADERS of stream 0');
    let block = this.#unpadded(frameFlags, payload);
    if ((frameFlags & flags.priority) !== 0) {
      if (block.length < 5) throw new Http2Error(errors.frameSize, 'HEADERS too short for their priority');
      block = block.subarray(5);
    }
    const end = (frameFlags & flags.endStream) !== 0;
    if ((frameFlags & flags.endHeaders) !== 0) return this.#onBlock(id, block, end);
    this.#block = new BlockAssembler(id, end, block, this.limits.headerListBytes);
  }

  #onContinuation(frameFlags: number, id: number, payload: Buffer): void {
    const whole = this.#block;
    if (whole === null) throw this.protocolError('CONTINUATION of nothing');
    whole.add(payload);
    if ((frameFlags & flags.endHeaders) === 0) return;
    this.#block = null;
    this.#onBlock(id, whole.block, whole.end);
  }

  #onBlock(id: number, block: Buffer, end: boolean): void {
    // Every block is decoded, wanted or not: the table of the connection depends on it.
    const fields = this.#decoder.decode(block);
    const stream = this.streams.get(id);
    if (stream === undefined) return this.headersOfNew(id, fields, end);
    if (fields === null) return this.#streamError(stream, errors.enhanceYourCalm);
    // Only an answer may have several sets of fields ahead of its data.
    if (stream.receivedHeaders && !end && this.onlyTrailers) return this.#streamError(stream, errors.protocol);
    if (stream.remoteEnded) return this.#streamError(stream, errors.streamClosed);
    this.deliver(stream, fields, end);
  }

  /** Hands over fields; ends the stream when that was all of it. */
  protected deliver(stream: Http2Stream, fields: Fields, end: boolean): void {
    stream.receivedHeaders = true;
    if (end) stream.remoteEnded = true;
    stream.owner.fields(fields, end);
    if (end) this.#remoteEnd(stream);
  }

  #remoteEnd(stream: Http2Stream): void {
    if (stream.localEnded) this.#over(stream, 'finished', 0);
    else if (!stream.closed) this.endedFirst(stream, 'remote');
  }

  #localEnd(stream: Http2Stream): void {
    if (stream.remoteEnded) this.#over(stream, 'finished', 0);
    else this.endedFirst(stream, 'local');
  }

  #onReset(id: number, payload: Buffer): void {
    if (id === 0) throw this.protocolError('RST_STREAM of stream 0');
    if (payload.length !== 4) throw new Http2Error(errors.frameSize, 'RST_STREAM of a wrong size');
    const stream = this.streams.get(id);
    this.provoked();
    if (stream !== undefined) this.#over(stream, 'reset', payload.readUInt32BE(0));
    else if (!this.wasUsed(id)) throw this.protocolError('RST_STREAM of a stream that does not exist');
  }

  #onSettings(frameFlags: number, id: number, payload: Buffer): void {
    if (id !== 0) throw this.protocolError('SETTINGS of a stream');
    if ((frameFlags & flags.ack) !== 0) {
      if (payload.length > 0) throw new Http2Error(errors.frameSize, 'an acknowledgement with settings in it');
      return;
    }
    if (payload.length % 6 !== 0) throw new Http2Error(errors.frameSize, 'SETTINGS of a wrong size');
    if (payload.length / 6 > this.limits.settings) throw new Http2Error(errors.enhanceYourCalm, 'too many settings');
    for (let at = 0; at < payload.length; at += 6)
      this.#setting(payload.readUInt16BE(at), payload.readUInt32BE(at + 2));
    this.sender.outbox.head(0, frameTypes.settings, flags.ack, 0);
    this.sender.answering();
    if (!this.#ready) {
      this.#ready = true;
      this.emit('ready');
    }
    this.sender.pumpAll();
  }

  #setting(number: number, value: number): void {
    switch (number) {
      case settingNumbers.headerTableSize:
        return this.sender.limitTable(value);
      case settingNumbers.enablePush:
        if (value > 1) throw this.protocolError('SETTINGS_ENABLE_PUSH is neither 0 nor 1');
        return;
      case settingNumbers.maxConcurrentStreams:
        this.remoteMaxStreams = value;
        return;
      case settingNumbers.initialWindowSize: {
        if (value > LARGEST_WINDOW) throw new Http2Error(errors.flowControl, 'a window beyond all bounds');
        const more = value - this.sender.streamWindow;
        this.sender.streamWindow = value;
        for (const stream of this.streams.values()) {
          stream.sendWindow += more;
          if (stream.sendWindow > LARGEST_WINDOW)
            throw new Http2Error(errors.flowControl, 'a window beyond all bounds');
        }
        return;
      }
      case settingNumbers.maxFrameSize:
        if (value < DEFAULT_FRAME_BYTES || value > 0xff_ffff) throw this.protocolError('a frame size out of bounds');
        return this.sender.limitFrames(value);
      default:
    }
  }

  #onPing(frameFlags: number, id: number, payload: Buffer): void {
    if (id !== 0) throw this.protocolError('PING of a stream');
    if (payload.length !== PONG_BYTES) throw new Http2Error(errors.frameSize, 'PING of a wrong size');
    if ((frameFlags & flags.ack) !== 0) return this.#pings.shift()?.();
    this.sender.outbox.frame(frameTypes.ping, flags.ack, 0, payload);
    this.sender.answering();
    this.pinged();
  }

  /** The other side has reset a stream, or made this one do so. */
  protected provoked(): void {
    // Only accepting sides count.
  }

  /** The other side sent a PING. */
  protected pinged(): void {
    // Only accepting sides count.
  }

  #onGoaway(id: number, payload: Buffer): void {
    if (id !== 0) throw this.protocolError('GOAWAY of a stream');
    if (payload.length < 8) throw new Http2Error(errors.frameSize, 'GOAWAY of a wrong size');
    this.emit('goaway');
    this.closed = true;
    this.goneAway(payload.readUInt32BE(0) & 0x7fff_ffff);
    this.endWhenIdle();
  }

  #onWindowUpdate(id: number, payload: Buffer): void {
    if (payload.length !== 4) throw new Http2Error(errors.frameSize, 'WINDOW_UPDATE of a wrong size');
    const more = payload.readUInt32BE(0) & 0x7fff_ffff;
    if (id === 0) {
      if (more === 0) throw this.protocolError('a window grows by nothing');
      return this.sender.widen(more);
    }
    const stream = this.streams.get(id);
    if (stream === undefined) {
      if (!this.wasUsed(id)) throw this.protocolError('WINDOW_UPDATE of a stream that does not exist');
      return;
    }
    if (more === 0) return this.#streamError(stream, errors.protocol);
    stream.sendWindow += more;
    if (stream.sendWindow > LARGEST_WINDOW) return this.#streamError(stream, errors.flowControl);
    this.sender.resume(stream);
  }
}
