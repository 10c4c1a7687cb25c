/** One thing the connecting side did or saw; never a secret. Times are microseconds since the Unix epoch. */
export interface ClientStep {
  readonly name: string;
  readonly outcome: 'ok' | 'info' | 'refused' | 'failed';
  readonly atMicros: number;
  readonly data: Readonly<Record<string, string | number | boolean | null | readonly string[]>>;
}

/** How far an attempt came: the stage in which it ended, `done` when the statement was answered with a result. */
export type Stage = 'connect' | 'tls' | 'login' | 'statement' | 'done';

/** TLS as this client wants it; PEM texts. */
export interface CallerTls {
  /** The name the server must prove, checked against `ca`; null: the server is not verified at all. */
  readonly verify: { readonly name: string; readonly ca: string | null } | null;
  readonly cert: string | null;
  readonly key: string | null;
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3';
  readonly maxVersion?: 'TLSv1.2' | 'TLSv1.3';
  /** A session of an earlier connection, to be resumed; default: a new one. */
  readonly session?: Buffer;
  /** Gets every session that the server hands out (RFC 8446 §4.6.1: after the handshake). */
  readonly onSession?: (session: Buffer) => void;
}

/** Column names and rows in MySQL's text form; null is NULL. */
export interface ResultTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
}

/** What a statement was answered with. */
export interface Answer {
  readonly rows: number;
  /** Null when the answer is a result. */
  readonly affected: number | null;
  readonly table: ResultTable | null;
}

/** Everything the connecting side learned from one connection and one statement. */
export interface Attempt {
  readonly stage: Stage;
  /** The other side's error, or null when there was none in words (a closed connection, a TLS alert). */
  readonly error: { readonly code: number; readonly sqlState: string | null; readonly message: string } | null;
  /** What this side's own libraries said when the connection failed; null otherwise. */
  readonly failure: string | null;
  readonly rows: number | null;
  /** Rows that a statement without a result changed; null for one with a result, or without an answer. */
  readonly affected?: number | null;
  /** The first rows as text, when they were asked for; null otherwise. */
  readonly table: ResultTable | null;
  /** `ip:port` of this end as the other end sees it; null over a Unix socket or without a connection. */
  readonly localAddress: string | null;
  readonly steps: readonly ClientStep[];
}

/** Collects steps with times; one object for each attempt. */
export class StepLog {
  readonly steps: ClientStep[] = [];

  note(name: string, outcome: ClientStep['outcome'], data: ClientStep['data'] = {}): void {
    this.steps.push({ name, outcome, atMicros: Math.round((performance.timeOrigin + performance.now()) * 1000), data });
  }
}
