/**
 * Tier of a comparison (docs/design.md §3). `a`: who gets in and why: verdict, errno, SQLSTATE, gRPC code, texts of
 * denials, logins and settings. `b`: SQL as Vitess prints it and positions in syntax errors.
 */
export type Tier = 'a' | 'b';

/** One thing of one case that was compared and is not equal. */
export interface Difference {
  readonly tier: Tier;
  /** Where in the case: `steps[2].got.err.message`. */
  readonly at: string;
  readonly expected: unknown;
  readonly seen: unknown;
}

/** What the replay of one recorded case showed. */
export interface CaseOutcome {
  readonly id: string;
  /** The tiers in which this case had anything to compare. */
  readonly compared: readonly Tier[];
  readonly differences: readonly Difference[];
  /** A foreign program that the case needs and that is not on this machine; nothing is compared then. */
  readonly missing?: string;
  /** The recorded case, so that an exception can look at it. */
  readonly recorded: unknown;
}

/** How a replay is run. */
export interface ReplaySettings {
  /** Emulation under which the engine runs; `vitess` and `24.0-recorded` unless a list of differences is made. */
  readonly fidelity: { readonly mode: 'vitess' | 'hardened'; readonly version: '24.0-recorded' | '24.0.4' };
  /** Folder of the recording, for what lies beside it (certificates.sh). */
  readonly folder: string;
  /** Only these cases; absent = all. */
  readonly only?: (id: string) => boolean;
}

/**
 * Replays one kind of recording. Starts what it needs, yields one outcome a case as it is known, stops what it
 * started. A case that cannot be played at all yields a difference in tier a, never silence.
 */
export type Replay = (recording: unknown, settings: ReplaySettings) => AsyncIterable<CaseOutcome>;

/** A case of a recording that Gatehouse answers otherwise on purpose or because it cannot do better, with the reason. */
export interface Exception {
  /** Recording without `.json`. */
  readonly file: string;
  /** Short name of the reason, shown beside the count: `tls-alert-not-sendable`. */
  readonly name: string;
  readonly reason: string;
  readonly tier: Tier;
  /** Whether this difference of this case is meant. It looks at the facts of the case, not at its id. */
  readonly covers: (difference: Difference, outcome: CaseOutcome) => boolean;
}
