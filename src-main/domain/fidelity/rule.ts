/** Where a rule's knowledge comes from. */
export type FidelityEvidence = 'measured' | 'source' | 'release notes';

/** A behaviour that differs between the two modes, or between the two emulated versions in vitess mode. */
export type FidelityBehaviour =
  | { readonly vitess: string; readonly hardened: string }
  | { readonly '24.0-recorded': string; readonly '24.0.4': string };

/** One named difference: what the app shows as "Vitess behaves differently here" and export lists. */
export interface FidelityRule {
  /** Stable, kebab-case, begins with its area. */
  readonly id: string;
  readonly title: string;
  readonly behaviour: FidelityBehaviour;
  readonly source: FidelityEvidence;
  /** Path, from the root of the repository, of the test that shows the difference. */
  readonly test: string;
}
