import { errors, Http2Error } from './protocol';

/** What the other side may still send on a whole connection. Data counts when it comes, wanted or not. */
export class ReceiveWindow {
  #left: number;
  #taken = 0;

  constructor(private readonly bytes: number) {
    this.#left = bytes;
  }

  /** Counts a frame; how many bytes the other side gets back now. Throws Http2Error when it was not allowed to send them. */
  take(size: number): number {
    this.#left -= size;
    if (this.#left < 0) throw new Http2Error(errors.flowControl, 'more data than the connection allows');
    this.#taken += size;
    if (this.#taken < this.bytes / 2) return 0;
    const back = this.#taken;
    this.#left += back;
    this.#taken = 0;
    return back;
  }
}
