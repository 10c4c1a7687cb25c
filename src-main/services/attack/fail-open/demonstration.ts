import type { AttackCard, AttackResult, Evidence, ResponsibleSetting } from '../../../domain/attacks';
import type { Finding } from '../../../domain/kernel';
import type { Gateway, Tablet } from '../../../domain/topology';
import type { AttackGround } from '../ground';
import type { AttackWorld } from '../planned';

/** A finding with the part of the workspace that it is about. */
export interface Placed {
  readonly finding: Finding;
  readonly gateway: Gateway | null;
  readonly tablet: Tablet | null;
}

/** What somebody got by the open door, or what stopped it nevertheless. */
export interface Shown {
  readonly outcome: AttackResult['outcome'];
  readonly stoppedAt: AttackResult['stoppedAt'];
  readonly sentence: string;
  readonly why?: readonly string[];
  readonly evidence: readonly Evidence[];
  readonly trace?: AttackResult['trace'];
  /** The setting itself, with its one click; the finding is named before it. */
  readonly settings?: readonly ResponsibleSetting[];
}

/** How a finding is shown to let somebody in. */
export interface Demonstration {
  readonly about: readonly string[];
  readonly hop: AttackCard['hop'];
  readonly alone?: boolean;
  show(ground: AttackGround, signal: AbortSignal): Promise<Shown>;
}

/**
 * What is known of a finding's code:
 * - a function: demonstrates it, or says in a sentence why it cannot be done in this workspace;
 * - `elsewhere`: another group of attacks performs just this; `never`: it lets somebody in and cannot be shown;
 * - `shuts`: it lets nobody in, so that there is nothing to show.
 */
export type Known =
  | ((placed: Placed, world: AttackWorld) => Demonstration | string)
  | { readonly kind: 'elsewhere' | 'never' | 'shuts'; readonly why: string };

/** What was not tried after all. */
export const notShown = (sentence: string): Shown => ({
  outcome: 'not-here',
  stoppedAt: null,
  sentence,
  evidence: [],
});

/** A result of another attack as what the door let through. */
export const shownBy = (result: AttackResult): Shown => ({ ...result });

/** What got through, with the attack of another group that shows the same: one mistake, told twice. */
export const alsoAt = (id: string, shown: Shown): Shown =>
  shown.outcome === 'got-through' ? { ...shown, sentence: `${shown.sentence} The same as ${id}.` } : shown;
