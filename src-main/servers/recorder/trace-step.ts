/** The part that took a step and recorded it itself. */
export type TracePart = 'client' | 'gateway' | 'link' | 'tablet' | 'mysql';

export type TraceOutcome = 'ok' | 'info' | 'refused' | 'failed';

/** A value that survives JSON; never a secret. */
export type TraceValue =
  string | number | boolean | null | readonly TraceValue[] | { readonly [key: string]: TraceValue };

/** One thing one part did, seen and timed by that part. */
export interface TraceStep {
  readonly traceId: string;
  readonly part: TracePart;
  /** Dotted name, stable: `tls.handshake`, `login.method`, `login.entry`, `identity.derived`, `acl.decided`, `mysql.answered`, … */
  readonly name: string;
  readonly outcome: TraceOutcome;
  /** Microseconds since the Unix epoch. */
  readonly atMicros: number;
  readonly data: { readonly [key: string]: TraceValue };
}

/**
 * Where parts hand in their steps. A part asks `enabled(part)` before it builds data, so that tracing costs nothing when
 * it is off.
 */
export interface Recorder {
  /**
   * Whether steps of `part` are wanted; with `traceId`, whether one more of that trace is: a trace that is full takes a
   * sample of what follows, so that a busy connection pays for its first statements and then next to nothing.
   */
  enabled(part: TracePart, traceId?: string): boolean;
  /** A fresh trace id for a connection accepted from `peer` (`ip:port`, or `@<connection id>` over a Unix socket) on listener `listener`. */
  open(listener: string, peer: string): string;
  record(
    traceId: string,
    part: TracePart,
    name: string,
    outcome: TraceOutcome,
    data?: { readonly [key: string]: TraceValue },
  ): void;
}
