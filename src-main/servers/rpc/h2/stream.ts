import type { Fields } from './hpack-decoder';
import type { SentField } from './hpack-encoder';
import type { Http2Connection } from './connection';
import { errors } from './protocol';

/**
 * How a stream ended: both sides finished, one of them reset it, the other side never began with it (and never will), or
 * the connection was lost.
 */
export type StreamEnd = 'finished' | 'reset' | 'refused' | 'lost';

/** Who a stream's frames are for. */
export interface StreamOwner {
  /** Header fields: the first time those of the call, then trailers. `end`: nothing follows from the other side. */
  fields(fields: Fields, end: boolean): void;
  data(chunk: Buffer): void;
  /** The other side has ended its half behind data. */
  ended(): void;
  /** All that was handed over to `data` is on its way, after some of it had to wait. */
  drained?(): void;
  /** The stream is over. Called once, as the last. `code`: of the reset. */
  closed(how: StreamEnd, code: number): void;
}

/** One HTTP/2 stream. What it sends is framed as the windows of the other side allow. */
export class Http2Stream {
  /** 0 while it waits for its turn. */
  id = 0;
  sendWindow = 0;
  /** Bytes the other side may still send. */
  receiveLeft: number;
  /** Bytes received and not yet given back to the other side's window. */
  taken = 0;
  paused = false;
  /** The fields that count are in: those of the request, or of the final answer. */
  receivedHeaders = false;
  /** Answers that preceded the final one. */
  interim = 0;
  localEnded = false;
  remoteEnded = false;
  closed = false;
  /** What waits for the window: data, then the end. */
  readonly waiting: Buffer[] = [];
  waitingAt = 0;
  endWaits = false;
  trailersWait: readonly SentField[] | null = null;

  constructor(
    private readonly connection: Http2Connection,
    public owner: StreamOwner,
    window: number,
  ) {
    this.receiveLeft = window;
  }

  /** Sends header fields ahead of all data. */
  headers(fields: readonly SentField[], end = false): void {
    this.connection.sendHeaders(this, fields, end);
  }

  /** Sends data; false when some of it must wait, until `drained`. */
  data(chunk: Buffer, end = false): boolean {
    return this.connection.sendData(this, chunk, end);
  }

  /** Ends this half with trailers, behind all data. */
  trailers(fields: readonly SentField[]): void {
    this.connection.sendTrailers(this, fields);
  }

  /** Ends the stream at once and tells the other side. */
  reset(code: number = errors.cancel): void {
    this.connection.resetStream(this, code);
  }

  /** The other side shall send no more than it may by now. */
  pause(): void {
    this.paused = true;
  }

  resume(): void {
    if (!this.paused) return;
    this.paused = false;
    this.connection.giveBack(this);
  }
}
