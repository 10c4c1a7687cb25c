import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { BlockAssembler } from './block-assembler';
import type { ConnectionEvents, Http2Limits } from './connection-types';
import { HpackDecoder, type Fields } from './hpack-decoder';
import type { SentField } from './hpack-encoder';
import { blockFragment, checkPriority, lastOfGoaway, resetCode, unpadded, windowIncrement } from './frame-payload';
import { FrameSource } from './frame-source';
import { readSettings } from './peer-settings';
import { DEFAULT_WINDOW, errors, flags, frameTypes, Http2Error, LARGEST_WINDOW, settingNumbers } from './protocol';
import { ReceiveWindow } from './receive-window';
import { Sender } from './sender';
import type { Http2Stream, StreamEnd } from './stream';

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
  readonly #source: FrameSource;
  #ready = false;
  readonly #receive: ReceiveWindow;
  #block: BlockAssembler | null = null;
  #empty = 0;
  readonly #pings: ((() => void) | null)[] = [];

  protected constructor(
    protected readonly socket: Socket,
    protected readonly limits: Http2Limits,
    /** What the other side says ahead of its frames. */
    greeting: Buffer | null,
  ) {
    super();
    this.sender = new Sender(socket, (stream) => this.#localEnd(stream));
    this.#decoder = new HpackDecoder(limits.headerListBytes);
    this.#source = new FrameSource(
      limits.frameBytes,
      greeting,
      (type, frameFlags, id, payload) => this.#frame(type, frameFlags, id, payload),
      () => this.destroyed,
    );
    this.#receive = new ReceiveWindow(limits.connectionWindow);
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
    this.sender.settings(settings);
    this.sender.windowUpdate(0, connectionWindow - DEFAULT_WINDOW);
  }

  /** Whether fields of a stream that exists may be what they are, where they are (RFC 9113 §8.1). */
  protected abstract areSound(stream: Http2Stream, fields: Fields, end: boolean): boolean;
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
    this.sender.goodbye(this.lastRemoteStream(), code, text);
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
    this.#requireReader();
  }

  sendData(stream: Http2Stream, chunk: Buffer, end: boolean): boolean {
    const sent = this.sender.data(stream, chunk, end);
    this.#requireReader();
    return sent;
  }

  sendTrailers(stream: Http2Stream, fields: readonly SentField[]): void {
    this.sender.trailers(stream, fields);
    this.#requireReader();
  }

  /** Ends a connection whose other side asks and asks and does not read what it is answered. */
  #requireReader(): void {
    if (this.sender.queued > this.limits.queuedBytes || this.sender.unsent > this.limits.unsentBytes)
      this.#break(new Http2Error(errors.enhanceYourCalm, 'too much waits for the other side'));
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
    try {
      this.#source.take(chunk);
    } catch (error) {
      this.#break(error as Error);
    }
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
        return checkPriority(id, payload);
      case frameTypes.pushPromise:
        throw this.protocolError('PUSH_PROMISE was not allowed');
      default:
      // Frames of unknown types are ignored (RFC 9113 §4.1).
    }
  }

  #onData(frameFlags: number, id: number, payload: Buffer): void {
    if (id === 0) throw this.protocolError('DATA of stream 0');
    const size = payload.length;
    const back = this.#receive.take(size);
    if (back > 0) this.sender.windowUpdate(0, back);
    const data = unpadded(frameFlags, payload);
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
    this.provoked('reset');
    this.sender.reset(stream.id, code);
    this.#over(stream, 'reset', code);
  }

  #onHeaders(frameFlags: number, id: number, payload: Buffer): void {
    if (id === 0) throw this.protocolError('HEADERS of stream 0');
    const block = blockFragment(frameFlags, payload);
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
    if (stream.remoteEnded) return this.#streamError(stream, errors.streamClosed);
    if (!this.areSound(stream, fields, end)) return this.#streamError(stream, errors.protocol);
    this.deliver(stream, fields, end);
  }

  /** Hands over fields that were found sound; ends the stream when that was all of it. */
  protected deliver(stream: Http2Stream, fields: Fields, end: boolean): void {
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
    const code = resetCode(id, payload);
    const stream = this.streams.get(id);
    this.provoked('reset');
    if (stream !== undefined) this.#over(stream, 'reset', code);
    else if (!this.wasUsed(id)) throw this.protocolError('RST_STREAM of a stream that does not exist');
  }

  #onSettings(frameFlags: number, id: number, payload: Buffer): void {
    if (id !== 0) throw this.protocolError('SETTINGS of a stream');
    if ((frameFlags & flags.ack) !== 0) {
      if (payload.length > 0) throw new Http2Error(errors.frameSize, 'an acknowledgement with settings in it');
      return;
    }
    const settings = readSettings(payload, this.limits.settings);
    if (this.#ready) this.provoked('settings');
    if (settings.headerTableSize !== undefined) this.sender.limitTable(settings.headerTableSize);
    if (settings.maxFrameSize !== undefined) this.sender.limitFrames(settings.maxFrameSize);
    if (settings.initialWindowSize !== undefined) this.#resizeWindows(settings.initialWindowSize);
    this.remoteMaxStreams = settings.maxConcurrentStreams ?? this.remoteMaxStreams;
    this.sender.outbox.head(0, frameTypes.settings, flags.ack, 0);
    this.sender.answering();
    if (!this.#ready) {
      this.#ready = true;
      this.emit('ready');
    }
  }

  /** A new initial window counts for open streams as well, whose window may become less than nothing (RFC 9113 §6.9.2). */
  #resizeWindows(bytes: number): void {
    const more = bytes - this.sender.streamWindow;
    if (more === 0) return;
    this.sender.streamWindow = bytes;
    for (const stream of [...this.streams.values()]) {
      stream.sendWindow += more;
      if (stream.sendWindow > LARGEST_WINDOW) throw new Http2Error(errors.flowControl, 'a window beyond all bounds');
      if (more > 0) this.sender.resume(stream);
    }
  }

  #onPing(frameFlags: number, id: number, payload: Buffer): void {
    if (id !== 0) throw this.protocolError('PING of a stream');
    if (payload.length !== PONG_BYTES) throw new Http2Error(errors.frameSize, 'PING of a wrong size');
    if ((frameFlags & flags.ack) !== 0) return this.#pings.shift()?.();
    this.sender.outbox.frame(frameTypes.ping, flags.ack, 0, payload);
    this.sender.answering();
    this.provoked('ping');
  }

  /** The other side has reset a stream or made this one do so, sent SETTINGS once more, or a PING. */
  protected provoked(_by: 'reset' | 'settings' | 'ping'): void {
    // Only accepting sides count.
  }

  #onGoaway(id: number, payload: Buffer): void {
    const last = lastOfGoaway(id, payload);
    this.emit('goaway');
    this.closed = true;
    this.goneAway(last);
    this.endWhenIdle();
  }

  #onWindowUpdate(id: number, payload: Buffer): void {
    const more = windowIncrement(id, payload);
    if (id === 0) return this.sender.widen(more);
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
