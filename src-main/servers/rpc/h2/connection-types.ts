/** What this side allows the other one. */
export interface Http2Limits {
  readonly streamWindow: number;
  readonly connectionWindow: number;
  readonly frameBytes: number;
  readonly headerListBytes: number;
  /** Data that may wait for the other side, over all streams. */
  readonly queuedBytes: number;
  /** Frames that the socket has not taken. Data stays behind 1 MiB of them; fields, which no window holds back, come on top. */
  readonly unsentBytes: number;
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
