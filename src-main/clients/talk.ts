import type { Answer, Attempt } from './attempt';

/** A value handed over beside the statement; a Buffer for bytes that are no UTF-8. */
export type BoundValue = string | number | null | Buffer;

/**
 * One thing that a client says on an open connection.
 * - `query`: one text; a Buffer where its bytes are no UTF-8.
 * - `bound`: a prepared statement over MySQL's binary protocol, bind variables over gRPC; `?` marks the places.
 * - `several`: one text of several statements (CLIENT_MULTI_STATEMENTS; vtgateservice ExecuteMulti).
 * - `batch`: statements of one call (vtgateservice ExecuteBatch; over MySQL one after the other).
 * - `stream`: a streaming call (vtgateservice StreamExecute; over MySQL a query).
 * - `command`: a command of MySQL's protocol as it is; over gRPC it cannot be said.
 */
export type Turn =
  | { readonly kind: 'query'; readonly sql: string | Buffer }
  | { readonly kind: 'bound'; readonly sql: string | Buffer; readonly values: readonly BoundValue[] }
  | { readonly kind: 'several'; readonly sql: string }
  | { readonly kind: 'batch'; readonly sql: readonly string[] }
  | { readonly kind: 'stream'; readonly sql: string }
  | { readonly kind: 'command'; readonly command: number; readonly payload: Buffer };

/** What came back for one turn. Times are microseconds since the Unix epoch. */
export interface TurnAnswer {
  readonly turn: Turn;
  /** Results in their order, those before an error too. */
  readonly answers: readonly Answer[];
  readonly error: Attempt['error'];
  /** What this side's own libraries said when the connection failed; the turns behind it were not sent. */
  readonly failure: string | null;
  readonly beganMicros: number;
  readonly endedMicros: number;
}

/** One connection with everything that was said on it. */
export interface Talk {
  /** The connection as such: `stage` is `done` when every turn was answered, well or with an error. */
  readonly attempt: Attempt;
  readonly turns: readonly TurnAnswer[];
}

/** The statement of a turn, for people. */
export const turnText = (turn: Turn): string => {
  switch (turn.kind) {
    case 'batch':
      return turn.sql.join('; ');
    case 'command':
      return `command 0x${turn.command.toString(16).padStart(2, '0')} ${turn.payload.toString('latin1')}`;
    default:
      return typeof turn.sql === 'string' ? turn.sql : turn.sql.toString('latin1');
  }
};

export const nowMicros = (): number => Math.round((performance.timeOrigin + performance.now()) * 1000);
