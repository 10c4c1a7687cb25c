import type { AttackCard, AttackGroup, AttackResult } from '../../domain/attacks';
import type { Workspace } from '../workspace/load-workspace';
import type { AttackGround } from './ground';

/** What is known of a workspace before anything runs. */
export interface AttackWorld {
  readonly workspace: Workspace;
  readonly now: Date;
  /** Whether the workspace's secrets hold this name. */
  hasSecret(name: string): boolean;
}

/** An attack that can be performed. */
export interface PlannedAttack {
  readonly card: AttackCard;
  /** It changes what is in force or what stands on a link: it runs by itself, and puts back what it changed. */
  readonly alone: boolean;
  /** Performs it. What it cannot show is `cannot-decide`; it rejects only for faults of its own. */
  run(ground: AttackGround, signal: AbortSignal): Promise<AttackResult>;
}

/** All attacks of one group on a workspace; pure, so that they can be shown before anything runs. */
export interface AttackFamily {
  readonly group: AttackGroup;
  plan(world: AttackWorld): readonly PlannedAttack[];
}

/** A card of something that the workspace has no place for, with the reason. */
export const notHere = (card: Omit<AttackCard, 'notHere'>, reason: string): PlannedAttack => ({
  card: { ...card, notHere: reason },
  alone: false,
  run: () => Promise.reject(new Error('nothing to perform')),
});
