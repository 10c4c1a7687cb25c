import type { Fidelity } from '../fidelity/fidelity';

/** What the tablet's schema engine knows about tables, where the caller has it. */
export interface KnownTables {
  has(name: string): boolean;
  /** Whether the table is a Vitess sequence (`comment 'vitess_sequence'`). */
  isSequence?(name: string): boolean;
}

/** Which program is emulated and what it knows. */
export interface ReadOptions {
  readonly fidelity: Fidelity;
  readonly knownTables?: KnownTables;
  /**
   * The text is what vttablet's plan builder got: programs cut comments and semicolons off before, so without this they
   * are taken as cut off, and what fails only when the statement is run fails here.
   */
  readonly isCut?: boolean;
  /** vttablet's `--queryserver-config-passthrough-dmls`. */
  readonly passthroughDmls?: boolean;
}
