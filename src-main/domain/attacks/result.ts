import type { HopId, RemedyEdit, Trace } from '../trace';

/**
 * `stopped`: the other side's answer was seen, in words, as an alert or in its own record. `got-through`: the attacker got
 * what it came for. `cannot-decide`: it failed, and nobody can show what stopped it; never counted as stopped.
 * `not-here`: nothing in the workspace can be attacked this way.
 */
export type AttackOutcome = 'stopped' | 'got-through' | 'cannot-decide' | 'not-here';

export type AttackSide = 'client' | 'gateway' | 'tablet' | 'mysql';

/** One thing that was seen on a socket or in a part's own record. Never holds a secret. */
export interface Evidence {
  readonly kind: 'alert' | 'error' | 'closed' | 'record' | 'bytes' | 'rows';
  /** Whose answer, alert or record it is. */
  readonly side: AttackSide;
  /** The exact words, alert name with number, or what the bytes show. */
  readonly text: string;
}

/** A setting that is responsible for an outcome. */
export interface ResponsibleSetting {
  /** `gateway main: mysql.requireSecureTransport`. */
  readonly name: string;
  /** What it is set to, as written. */
  readonly value: string;
  /** Where it stands; null: outside of the workspace's files (a client's own setting). */
  readonly place: { readonly file: string; readonly line: number } | null;
  /** Vitess's flag for it; null: none. */
  readonly flag: string | null;
  /** What to change, a sentence; null: it is right as it is. */
  readonly advice: string | null;
  /** The same as one click in the draft; null: it takes more than one. */
  readonly edit: RemedyEdit | null;
}

export interface AttackResult {
  readonly outcome: AttackOutcome;
  /** Where it ended and who ended it; null: nowhere, or nobody knows. */
  readonly stoppedAt: { readonly hop: HopId; readonly side: AttackSide } | null;
  /** How it ended, one sentence. */
  readonly sentence: string;
  /** Why, a sentence each. */
  readonly why: readonly string[];
  readonly evidence: readonly Evidence[];
  readonly settings: readonly ResponsibleSetting[];
  /** The connection hop by hop; null: it never was one (a byte or a handshake alone). */
  readonly trace: Trace | null;
  readonly milliseconds: number;
}
