import type { Expectation, Outcome, Transport } from '../probes';
import type { Remedy } from './remedy';
import type { Rich } from './rich';
import type { ShownVerdict } from './shown-verdict';

export const hopIds = ['A', 'B', 'C', 'D', 'E'] as const;
export type HopId = (typeof hopIds)[number];

/** `not-recorded`: it happened, but the part that did it keeps no record; nothing is guessed in its place. */
export type Mark = 'passed' | 'failed' | 'denied' | 'warning' | 'skipped' | 'not-reached' | 'not-recorded';

/** One thing that happened at a hop. */
export interface Step {
  readonly mark: Mark;
  readonly text: Rich;
  /** Second lines: chains, what was compared with what. */
  readonly details: readonly Rich[];
  /** Who tells it: what the connecting side saw, or what the program's own part noted. */
  readonly side: 'client' | 'gateway' | 'tablet' | 'mysql';
  /** Milliseconds since the step before it in the same hop; null where that is not known. */
  readonly milliseconds: number | null;
}

/** A handshake that failed, in the words of both ends. */
export interface BothSides {
  /** Who the two ends are: `client` and `gateway` at hop A, `gateway` and `tablet` at hop C. */
  readonly ends: readonly ['client', 'gateway'] | readonly ['gateway', 'tablet'];
  /** What the dialling side saw. */
  readonly near: Rich;
  /** What the accepting side saw. */
  readonly far: Rich;
  readonly reason: Rich;
  /** What else is worth knowing, for instance which alert real Vitess sends. */
  readonly notes: readonly Rich[];
}

export interface Hop {
  readonly id: HopId;
  readonly title: string;
  readonly summary: Rich;
  readonly mark: Mark;
  readonly milliseconds: number | null;
  readonly steps: readonly Step[];
  /** The other side's own words, exactly. */
  readonly said: string | null;
  readonly bothSides: BothSides | null;
  /** Why it ended here or what let it pass, a sentence each. */
  readonly why: readonly Rich[];
  readonly remediesTitle: 'Ways to allow' | 'Ways to deny' | 'Ways to fix' | 'Ways to close it' | null;
  readonly remedies: readonly Remedy[];
}

/** How a link is protected; `socket` is a Unix socket, `unknown` a link that nobody has seen yet. */
export type Protection = 'mutual-tls' | 'tls' | 'plain' | 'socket' | 'unknown';

/** Everything about one connection and one statement, ready to be shown. Holds no secret. */
export interface Trace {
  /** ISO 8601. */
  readonly startedAt: string;
  readonly milliseconds: number;
  /** The caller's name, and how it proves it: `user web`, `certificate billing`. */
  readonly caller: string;
  readonly proof: string;
  readonly gateway: string;
  readonly transport: Transport;
  readonly sql: string;
  readonly verdict: ShownVerdict;
  /** `Denied at the tablet`. */
  readonly title: string;
  /** One sentence: who did what and how it ended. */
  readonly sentence: Rich;
  /** Null: nothing was expected of this test. */
  readonly asExpected: boolean | null;
  /** Null: nothing was predicted. */
  readonly asPredicted: boolean | null;
  readonly actual: Outcome;
  readonly expected: Expectation | null;
  readonly predicted: Outcome | null;
  /** Where the run ended; null: it got an answer from the last hop that it needed. */
  readonly stoppedAt: HopId | null;
  readonly protection: { readonly A: Protection; readonly C: Protection; readonly E: Protection };
  readonly hops: readonly Hop[];
  /** The error as the client got it, with everything that gateway and tablet put around it; null: it got none. */
  readonly heard: { readonly text: string; readonly note: Rich | null } | null;
  readonly rows: {
    readonly count: number;
    readonly affected: number | null;
    readonly columns: readonly string[];
    readonly values: readonly (readonly (string | null)[])[];
  } | null;
}
