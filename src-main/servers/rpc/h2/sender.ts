import type { Socket } from 'node:net';
import { HpackEncoder, type SentField } from './hpack-encoder';
import { Outbox } from './outbox';
import {
  DEFAULT_FRAME_BYTES,
  DEFAULT_TABLE_BYTES,
  DEFAULT_WINDOW,
  errors,
  flags,
  frameTypes,
  Http2Error,
  LARGEST_WINDOW,
} from './protocol';
import type { Http2Stream } from './stream';

/** Bytes waiting in the socket beyond which streams wait, and answers to control frames mean that nobody reads them. */
const BACKLOG_BYTES = 1024 * 1024;
/** Larger frames would keep other streams waiting. */
const LARGEST_FRAME_BYTES = 64 * 1024;

/** The sending half of a connection: frames, header blocks and the other side's windows. Frames of one turn leave in one write. */
export class Sender {
  readonly outbox = new Outbox();
  /** Bytes of data that wait for a window or for the socket. */
  queued = 0;
  /** Window of a new stream. */
  streamWindow = DEFAULT_WINDOW;
  #frameBytes = DEFAULT_FRAME_BYTES;
  #encoder = new HpackEncoder(DEFAULT_TABLE_BYTES);
  #window = DEFAULT_WINDOW;
  /** Streams with data that wait for their own window, … */
  readonly #blocked = new Set<Http2Stream>();
  /** … or, in order, for that of the connection or for the socket. */
  readonly #behindAll = new Set<Http2Stream>();
  #scheduled = false;
  #closed = false;

  /** `ended` hears of each stream whose half of this side is complete. */
  constructor(
    private readonly socket: Socket,
    private readonly ended: (stream: Http2Stream) => void,
  ) {}

  /** Frames of this turn go out at its end. */
  schedule(): void {
    if (this.#scheduled || this.#closed) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.flush();
    });
  }

  flush(): void {
    if (this.outbox.length === 0 || this.#closed || !this.socket.writable) return;
    this.socket.write(this.outbox.take());
  }

  /** Sends what is built and then no more. */
  close(): void {
    this.flush();
    this.#closed = true;
  }

  headers(stream: Http2Stream, fields: readonly SentField[], end: boolean): void {
    if (stream.closed || stream.localEnded) return;
    const block = this.#encoder.encode(fields);
    const most = this.#frameBytes;
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
    if (end) this.#end(stream);
  }

  /** False when some of it must wait. */
  data(stream: Http2Stream, chunk: Buffer, end: boolean): boolean {
    if (stream.closed || stream.localEnded) return true;
    stream.waiting.push(chunk);
    this.queued += chunk.length;
    if (end) stream.endWaits = true;
    return this.#pump(stream);
  }

  /** Ends this side's half with fields behind all data. */
  trailers(stream: Http2Stream, fields: readonly SentField[]): void {
    if (stream.closed || stream.localEnded) return;
    stream.trailersWait = fields;
    this.#pump(stream);
  }

  /** SETTINGS, number and value in turn. */
  settings(settings: readonly (readonly [number, number])[]): void {
    this.outbox.head(settings.length * 6, frameTypes.settings, 0, 0);
    for (const [number, value] of settings) {
      this.outbox.u16(number);
      this.outbox.u32(value);
    }
    this.schedule();
  }

  /** GOAWAY: streams of the other side above `last` were not begun. */
  goodbye(last: number, code: number, text: string): void {
    const note = Buffer.from(text, 'latin1');
    this.outbox.head(8 + note.length, frameTypes.goaway, 0, 0);
    this.outbox.u32(last);
    this.outbox.u32(code);
    this.outbox.bytes(note);
    this.schedule();
  }

  reset(id: number, code: number): void {
    this.outbox.head(4, frameTypes.resetStream, 0, id);
    this.outbox.u32(code);
    this.schedule();
  }

  windowUpdate(id: number, bytes: number): void {
    this.outbox.head(4, frameTypes.windowUpdate, 0, id);
    this.outbox.u32(bytes);
    this.schedule();
  }

  /** An answer to a control frame is due. Throws Http2Error when the other side reads none of them. */
  answering(): void {
    if (this.unsent > BACKLOG_BYTES) throw new Http2Error(errors.enhanceYourCalm, 'answers are not read');
    this.schedule();
  }

  /** Nothing of a stream waits any more. */
  forget(stream: Http2Stream): void {
    for (const chunk of stream.waiting) this.queued -= chunk.length;
    this.queued += stream.waitingAt;
    stream.waiting.length = 0;
    stream.waitingAt = 0;
    this.#blocked.delete(stream);
    this.#behindAll.delete(stream);
  }

  /** Bytes of frames that the socket has not taken. */
  get unsent(): number {
    return this.socket.writableLength + this.outbox.length;
  }

  /** The other side's SETTINGS_HEADER_TABLE_SIZE. */
  limitTable(bytes: number): void {
    if (bytes < DEFAULT_TABLE_BYTES) this.#encoder = new HpackEncoder(bytes);
  }

  limitFrames(bytes: number): void {
    this.#frameBytes = Math.min(bytes, LARGEST_FRAME_BYTES);
  }

  /** The window of all streams together grows. Throws Http2Error. */
  widen(bytes: number): void {
    this.#window += bytes;
    if (this.#window > LARGEST_WINDOW) throw new Http2Error(errors.flowControl, 'a window beyond all bounds');
    this.pumpAll();
  }

  /** The window of one stream has grown. */
  resume(stream: Http2Stream): void {
    if (stream.sendWindow > 0 && this.#blocked.delete(stream)) this.#goOn(stream);
  }

  /**
   * Room for all streams has come. It ends with the first stream that finds none left, so that a trickle of it costs as
   * little as it gives.
   */
  pumpAll(): void {
    for (const stream of this.#behindAll) {
      if (this.#isFull()) return;
      if (this.#behindAll.delete(stream)) this.#goOn(stream);
    }
  }

  #goOn(stream: Http2Stream): void {
    if (this.#pump(stream) && !stream.closed) stream.owner.drained?.();
  }

  /** Nothing can be sent on any stream. */
  #isFull(): boolean {
    return this.#window <= 0 || this.unsent > BACKLOG_BYTES;
  }

  /** Frames what the windows allow; false when something waits. */
  #pump(stream: Http2Stream): boolean {
    const { waiting } = stream;
    while (waiting.length > 0) {
      const chunk = waiting[0]!;
      const left = chunk.length - stream.waitingAt;
      const room = Math.min(this.#window, stream.sendWindow, this.#frameBytes);
      if (left > 0 && (room <= 0 || this.unsent > BACKLOG_BYTES)) {
        (stream.sendWindow <= 0 ? this.#blocked : this.#behindAll).add(stream);
        this.schedule();
        return false;
      }
      const size = Math.min(left, room);
      const to = stream.waitingAt + size;
      const last = size === left && waiting.length === 1 && stream.endWaits;
      this.outbox.frame(frameTypes.data, last ? flags.endStream : 0, stream.id, chunk, stream.waitingAt, to);
      this.#window -= size;
      stream.sendWindow -= size;
      if (size === left) {
        waiting.shift();
        stream.waitingAt = 0;
        this.queued -= chunk.length;
      } else stream.waitingAt = to;
      if (last) this.#end(stream);
    }
    this.schedule();
    if (stream.trailersWait !== null) {
      const fields = stream.trailersWait;
      stream.trailersWait = null;
      this.headers(stream, fields, true);
    }
    return true;
  }

  #end(stream: Http2Stream): void {
    stream.localEnded = true;
    this.ended(stream);
  }
}
