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
  /** False: a victim is made weak on purpose to show the other direction; it tells nothing against the workspace. */
  readonly scored: boolean;
  /** Why it cannot be performed here; null: it can. */
  readonly notHere: string | null;
}

/** An attack that has been performed, or was left out. */
export interface PerformedAttack {
  readonly card: AttackCard;
  readonly result: AttackResult;
}
