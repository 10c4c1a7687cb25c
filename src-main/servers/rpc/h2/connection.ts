import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { HpackDecoder, type Fields } from './hpack-decoder';
import { HpackEncoder, type SentField } from './hpack-encoder';
import { Outbox } from './outbox';
import {
  DEFAULT_FRAME_BYTES,
  DEFAULT_TABLE_BYTES,
  DEFAULT_WINDOW,
  errors,
  flags,
  FRAME_HEADER_BYTES,
  frameTypes,
  Http2Error,
  LARGEST_WINDOW,
  settingNumbers,
} from './protocol';
import type { Http2Stream, StreamEnd } from './stream';

/** What this side allows the other one. */
export interface Http2Limits {
  readonly streamWindow: number;
  readonly connectionWindow: number;
  readonly frameBytes: number;
  readonly headerListBytes: number;
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

/** Bytes waiting in the socket beyond which streams wait, and answers to control frames mean that nobody reads them. */
const BACKLOG_BYTES = 1024 * 1024;
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
  protected readonly outbox = new Outbox();
  protected remoteMaxStreams = Number.POSITIVE_INFINITY;
  protected remoteWindow = DEFAULT_WINDOW;
  #remoteFrame = DEFAULT_FRAME_BYTES;
  #encoder = new HpackEncoder(DEFAULT_TABLE_BYTES);
  readonly #decoder: HpackDecoder;
  #rest: Buffer | null = null;
  #ready = false;
  /** Bytes this side may send, over all streams. */
  #sendWindow = DEFAULT_WINDOW;
  #receiveLeft: number;
  #taken = 0;
  readonly #blocked = new Set<Http2Stream>();
  #flushing = false;
  #fragments: Buffer[] | null = null;
  #fragmentBytes = 0;
  #fragmentStream = 0;
  #fragmentEnds = false;
  readonly #pings: ((() => void) | null)[] = [];

  protected constructor(
    protected readonly socket: Socket,
    protected readonly limits: Http2Limits,
  ) {
    super();
    this.#decoder = new HpackDecoder(limits.headerListBytes);
    this.#receiveLeft = limits.connectionWindow;
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('drain', () => this.#pumpAll());
    socket.on('error', (error) => this.#break(error));
    socket.on('end', () => this.destroy());
    socket.on('close', () => this.destroy());
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
    this.outbox.head(settings.length * 6, frameTypes.settings, 0, 0);
    for (const [number, value] of settings) {
      this.outbox.u16(number);
      this.outbox.u32(value);
    }
    this.#windowUpdate(0, connectionWindow - DEFAULT_WINDOW);
    this.schedule();
  }

  /** Header fields for a stream that does not exist. */
  protected abstract headersOfNew(id: number, fields: Fields, end: boolean): void;
  /** Whether `id` was in use once: frames may still be on their way to it. */
  protected abstract wasUsed(id: number): boolean;
  /** The other side has ended its half of a stream before this one has. */
  protected abstract endedFirst(stream: Http2Stream): void;
  /** A stream has ended. */
  protected abstract streamEnded(stream: Http2Stream): void;
  /** The other side's GOAWAY: streams of this side above `last` were not begun. */
  protected abstract goneAway(last: number): void;

  /** Sends a PING; `answered` is called when its answer comes. */
  ping(answered: (() => void) | null): void {
    this.#pings.push(answered);
    this.outbox.frame(frameTypes.ping, 0, 0, Buffer.alloc(PONG_BYTES));
    this.schedule();
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
    this.flush();
    this.socket.end();
    this.destroy();
  }

  protected sayGoodbye(code: number, text = ''): void {
    const note = Buffer.from(text, 'latin1');
    this.outbox.head(8 + note.length, frameTypes.goaway, 0, 0);
    this.outbox.u32(this.lastRemoteStream());
    this.outbox.u32(code);
    this.outbox.bytes(note);
    this.schedule();
  }

  protected lastRemoteStream(): number {
    return 0;
  }

  /** Ends the connection and every stream on it. */
  destroy(): void {
    if (this.destroyed) return;
    this.flush();
    this.destroyed = true;
    this.closed = true;
    this.socket.destroySoon();
    for (const stream of [...this.streams.values()]) this.#over(stream, 'lost', 0);
    this.emit('close');
  }

  #break(error: Error): void {
    if (this.destroyed) return;
    if (error instanceof Http2Error) this.sayGoodbye(error.code);
    if (this.listenerCount('error') > 0) this.emit('error', error);
    this.destroy();
  }

  /** Frames of this turn go out at its end. */
  protected schedule(): void {
    if (this.#flushing || this.destroyed) return;
    this.#flushing = true;
    setImmediate(() => {
      this.#flushing = false;
      this.flush();
    });
  }

  protected flush(): void {
    if (this.outbox.length === 0 || this.destroyed || !this.socket.writable) return;
    this.socket.write(this.outbox.take());
  }

  protected adopt(stream: Http2Stream, id: number): void {
    stream.id = id;
    stream.sendWindow = this.remoteWindow;
    this.streams.set(id, stream);
  }

  #over(stream: Http2Stream, how: StreamEnd, code: number): void {
    if (stream.closed) return;
    stream.closed = true;
    stream.waiting.length = 0;
    this.#blocked.delete(stream);
    if (stream.id !== 0) this.streams.delete(stream.id);
    stream.owner.closed(how, code);
    this.streamEnded(stream);
  }

  /** Ends a stream whose answer is complete, whatever of this side's half is left. */
  protected finish(stream: Http2Stream): void {
    this.#sendReset(stream.id, errors.none);
    this.#over(stream, 'finished', 0);
  }

  /** Ends a stream that never reached the other side, or that it will not begin. */
  protected refuse(stream: Http2Stream): void {
    this.#over(stream, 'refused', errors.refusedStream);
  }

  protected protocolError(text: string): Http2Error {
    return new Http2Error(errors.protocol, text);
  }

  // ---- sending

  sendHeaders(stream: Http2Stream, fields: readonly SentField[], end: boolean): void {
    if (stream.closed || stream.localEnded) return;
    const block = this.#encoder.encode(fields);
    const most = this.#remoteFrame;
    const endFlag = end ? flags.endStream : 0;
    if (block.length <= most) this.outbox.frame(frameTypes.headers, flags.endHeaders | endFlag, stream.id, block);
    else {
      this.outbox.frame(frameTypes.headers, endFlag, stream.id, block, 0, most);
      for (let from = most; from < block.length; from += most) {
        const to = Math.min(from + most, block.length);
        const last = to === block.length ? flags.endHeaders : 0;
        this.outbox.frame(frameTypes.continuation, last, stream.id, block, from, to);
      }
    }
    this.schedule();
    if (end) this.#localEnd(stream);
  }

  sendData(stream: Http2Stream, chunk: Buffer, end: boolean): boolean {
    if (stream.closed || stream.localEnded) return true;
    stream.waiting.push(chunk);
    if (end) stream.endWaits = true;
    return this.#pump(stream);
  }

  sendTrailers(stream: Http2Stream, fields: readonly SentField[]): void {
    if (stream.closed || stream.localEnded) return;
    stream.trailersWait = fields;
    this.#pump(stream);
  }

  /** Frames what the windows allow; false when something waits. */
  #pump(stream: Http2Stream): boolean {
    const { waiting } = stream;
    while (waiting.length > 0) {
      const chunk = waiting[0]!;
      const left = chunk.length - stream.waitingAt;
      const room = Math.min(this.#sendWindow, stream.sendWindow, this.#remoteFrame);
      const crowded = this.socket.writableLength + this.outbox.length > BACKLOG_BYTES;
      if (left > 0 && (room <= 0 || crowded)) {
        this.#blocked.add(stream);
        this.schedule();
        return false;
      }
      const size = Math.min(left, room);
      const to = stream.waitingAt + size;
      const last = size === left && waiting.length === 1 && stream.endWaits;
      this.outbox.frame(frameTypes.data, last ? flags.endStream : 0, stream.id, chunk, stream.waitingAt, to);
      this.#sendWindow -= size;
      stream.sendWindow -= size;
      if (size === left) {
        waiting.shift();
        stream.waitingAt = 0;
      } else stream.waitingAt = to;
      if (last) this.#localEnd(stream);
    }
    this.schedule();
    if (stream.trailersWait !== null) {
      const fields = stream.trailersWait;
      stream.trailersWait = null;
      this.sendHeaders(stream, fields, true);
    }
    return true;
  }

  #pumpAll(): void {
    for (const stream of [...this.#blocked]) {
      this.#blocked.delete(stream);
      if (this.#pump(stream) && !stream.closed) stream.owner.drained?.();
    }
  }

  #localEnd(stream: Http2Stream): void {
    stream.localEnded = true;
    if (stream.remoteEnded) this.#over(stream, 'finished', 0);
  }

  resetStream(stream: Http2Stream, code: number): void {
    if (stream.closed) return;
    if (stream.id !== 0) this.#sendReset(stream.id, code);
    this.#over(stream, 'reset', code);
  }

  #sendReset(id: number, code: number): void {
    this.outbox.head(4, frameTypes.resetStream, 0, id);
    this.outbox.u32(code);
    this.schedule();
  }

  #windowUpdate(id: number, bytes: number): void {
    this.outbox.head(4, frameTypes.windowUpdate, 0, id);
    this.outbox.u32(bytes);
    this.schedule();
  }

  /** Lets the other side send again what `stream` has taken. */
  giveBack(stream: Http2Stream): void {
    if (stream.closed || stream.remoteEnded || stream.paused || stream.taken < this.limits.streamWindow / 2) return;
    this.#windowUpdate(stream.id, stream.taken);
    stream.receiveLeft += stream.taken;
    stream.taken = 0;
  }

  // ---- receiving

  #take(chunk: Buffer): void {
    if (this.destroyed) return;
    const bytes = this.#rest === null ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#rest = null;
    try {
      const read = this.readFrames(bytes);
      if (read < bytes.length && !this.destroyed) this.#rest = bytes.subarray(read);
    } catch (error) {
      this.#break(error as Error);
    }
  }

  /** Reads complete frames; how many bytes they were. */
  protected readFrames(bytes: Buffer): number {
    let at = 0;
    while (bytes.length - at >= FRAME_HEADER_BYTES && !this.destroyed) {
      const size = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
      if (size > this.limits.frameBytes) throw new Http2Error(errors.frameSize, 'a frame is too large');
      const end = at + FRAME_HEADER_BYTES + size;
      if (end > bytes.length) break;
      const id = bytes.readUInt32BE(at + 5) & 0x7fff_ffff;
      this.#frame(bytes[at + 3]!, bytes[at + 4]!, id, bytes.subarray(at + FRAME_HEADER_BYTES, end));
      at = end;
    }
    return at;
  }

  #frame(type: number, frameFlags: number, id: number, payload: Buffer): void {
    if (!this.#ready && type !== frameTypes.settings) throw this.protocolError('the first frame is not SETTINGS');
    if (this.#fragments !== null && (type !== frameTypes.continuation || id !== this.#fragmentStream))
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
      this.#windowUpdate(0, this.#taken);
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
    if (stream.closed) return;
    if ((frameFlags & flags.endStream) === 0) return this.giveBack(stream);
    stream.remoteEnded = true;
    stream.owner.ended();
    this.#remoteEnd(stream);
  }

  #streamError(stream: Http2Stream, code: number): void {
    this.#sendReset(stream.id, code);
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
    this.#fragments = [block];
    this.#fragmentBytes = block.length;
    this.#fragmentStream = id;
    this.#fragmentEnds = end;
  }

  #onContinuation(frameFlags: number, id: number, payload: Buffer): void {
    const fragments = this.#fragments;
    if (fragments === null) throw this.protocolError('CONTINUATION of nothing');
    this.#fragmentBytes += payload.length;
    // Empty frames count too: a peer could send them without end.
    if (this.#fragmentBytes > this.limits.headerListBytes || fragments.length > 64)
      throw new Http2Error(errors.enhanceYourCalm, 'the header block is too large');
    fragments.push(payload);
    if ((frameFlags & flags.endHeaders) === 0) return;
    this.#fragments = null;
    this.#onBlock(id, Buffer.concat(fragments), this.#fragmentEnds);
  }

  #onBlock(id: number, block: Buffer, end: boolean): void {
    // Every block is decoded, wanted or not: the table of the connection depends on it.
    const fields = this.#decoder.decode(block);
    const stream = this.streams.get(id);
    if (stream === undefined) return this.headersOfNew(id, fields, end);
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
    else if (!stream.closed) this.endedFirst(stream);
  }

  #onReset(id: number, payload: Buffer): void {
    if (id === 0) throw this.protocolError('RST_STREAM of stream 0');
    if (payload.length !== 4) throw new Http2Error(errors.frameSize, 'RST_STREAM of a wrong size');
    const stream = this.streams.get(id);
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
    this.#control();
    this.outbox.head(0, frameTypes.settings, flags.ack, 0);
    this.schedule();
    if (!this.#ready) {
      this.#ready = true;
      this.emit('ready');
    }
    this.#pumpAll();
  }

  #setting(number: number, value: number): void {
    switch (number) {
      case settingNumbers.headerTableSize:
        if (value < DEFAULT_TABLE_BYTES) this.#encoder = new HpackEncoder(value);
        return;
      case settingNumbers.enablePush:
        if (value > 1) throw this.protocolError('SETTINGS_ENABLE_PUSH is neither 0 nor 1');
        return;
      case settingNumbers.maxConcurrentStreams:
        this.remoteMaxStreams = value;
        return;
      case settingNumbers.initialWindowSize: {
        if (value > LARGEST_WINDOW) throw new Http2Error(errors.flowControl, 'a window beyond all bounds');
        const more = value - this.remoteWindow;
        this.remoteWindow = value;
        for (const stream of this.streams.values()) {
          stream.sendWindow += more;
          if (stream.sendWindow > LARGEST_WINDOW)
            throw new Http2Error(errors.flowControl, 'a window beyond all bounds');
        }
        return;
      }
      case settingNumbers.maxFrameSize:
        if (value < DEFAULT_FRAME_BYTES || value > 0xff_ffff) throw this.protocolError('a frame size out of bounds');
        this.#remoteFrame = Math.min(value, 64 * 1024);
        return;
      default:
    }
  }

  /** An answer to a control frame is due; a peer that reads none of them must not make them pile up. */
  #control(): void {
    if (this.socket.writableLength + this.outbox.length > BACKLOG_BYTES)
      throw new Http2Error(errors.enhanceYourCalm, 'answers are not read');
  }

  #onPing(frameFlags: number, id: number, payload: Buffer): void {
    if (id !== 0) throw this.protocolError('PING of a stream');
    if (payload.length !== PONG_BYTES) throw new Http2Error(errors.frameSize, 'PING of a wrong size');
    if ((frameFlags & flags.ack) !== 0) return this.#pings.shift()?.();
    this.#control();
    this.outbox.frame(frameTypes.ping, flags.ack, 0, payload);
    this.schedule();
    this.pinged();
  }

  /** The other side sent a PING. */
  protected pinged(): void {
    // Only accepting sides count them.
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
      this.#sendWindow += more;
      if (this.#sendWindow > LARGEST_WINDOW) throw new Http2Error(errors.flowControl, 'a window beyond all bounds');
      this.#pumpAll();
      return;
    }
    const stream = this.streams.get(id);
    if (stream === undefined) {
      if (!this.wasUsed(id)) throw this.protocolError('WINDOW_UPDATE of a stream that does not exist');
      return;
    }
    if (more === 0) return this.#streamError(stream, errors.protocol);
    stream.sendWindow += more;
    if (stream.sendWindow > LARGEST_WINDOW) return this.#streamError(stream, errors.flowControl);
    if (this.#blocked.delete(stream) && this.#pump(stream) && !stream.closed) stream.owner.drained?.();
  }
}
