import type { HopId } from '../trace';
import type { AttackResult } from './result';

/** What is attacked, in the order in which the groups are shown. */
export const attackGroups = [
  'certificates',
  'man-in-the-middle',
  'rogue-component',
  'claimed-identity',
  'downgrade',
  'passwords',
  'acl-escape',
  'injection',
  'fail-open',
] as const;
export type AttackGroup = (typeof attackGroups)[number];

/**
 * Why an attack is not scored. `weak-on-purpose`: a victim is made weak, to show the other direction; `for-information`:
 * nothing is made weak, and no file of the workspace could stop it or has to.
 */
export type Unscored = 'weak-on-purpose' | 'for-information';

/** One rehearsed fault or attack on one place of a workspace, before it is performed. */
export interface AttackCard {
  /** Stable within a workspace, for reports and for what is accepted: `certificates/expired/main/mysql`. */
  readonly id: string;
  readonly group: AttackGroup;
  /** What is tried, a few words: `An expired certificate`. */
  readonly title: string;
  /** The place: `gateway certs, MySQL`, `link main → zone1-100`, `reporting`. */
  readonly aim: string;
  /** What is about to happen, a sentence each, in the order in which it happens. */
  readonly about: readonly string[];
  /** Where it is to be stopped. */
  readonly hop: HopId;
  /** False: what gets through tells nothing against the workspace; `unscored` says why. */
  readonly scored: boolean;
  /** Why it is not scored; absent or null: it is, or it is shown for information. */
  readonly unscored?: Unscored | null;
  /** Why it cannot be performed here; null: it can. */
  readonly notHere: string | null;
}

/** An attack that has been performed, or was left out. */
export interface PerformedAttack {
  readonly card: AttackCard;
  readonly result: AttackResult;
}

/** Why a card is not scored; null: it is. */
export const unscoredAs = ({ scored, unscored }: Pick<AttackCard, 'scored' | 'unscored'>): Unscored | null =>
  scored ? null : (unscored ?? 'for-information');
