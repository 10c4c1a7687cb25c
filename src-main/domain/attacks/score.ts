import { attackGroups, type AttackGroup, type PerformedAttack } from './attack';
import type { AttackSide, ResponsibleSetting } from './result';

/** What was tried of a group, or of all, and how it ended. Demonstrations (`scored: false`) count in none of the numbers. */
export interface Tally {
  readonly tried: number;
  readonly stopped: number;
  readonly gotThrough: number;
  /** Got through, and the workspace's tests say that this is known. */
  readonly accepted: number;
  readonly cannotDecide: number;
  readonly notHere: number;
}

export interface AttackScore extends Tally {
  readonly groups: readonly (Tally & { readonly group: AttackGroup })[];
  /** How many were stopped by whom. */
  readonly stoppedBy: Readonly<Record<AttackSide, number>>;
  /** What got through and is not accepted, with the settings to change, in the order in which it was performed. */
  readonly open: readonly {
    readonly id: string;
    readonly title: string;
    readonly aim: string;
    readonly settings: readonly ResponsibleSetting[];
  }[];
}

/** Attacks that may get through because the workspace's owner says so, by id, with the reason given. */
export type AcceptedAttacks = ReadonlyMap<string, string>;

const tally = (performed: readonly PerformedAttack[], accepted: AcceptedAttacks): Tally => {
  const scored = performed.filter(({ card }) => card.scored);
  const count = (test: (attack: PerformedAttack) => boolean): number => scored.filter(test).length;
  const through = count(({ result }) => result.outcome === 'got-through');
  const known = count(({ card, result }) => result.outcome === 'got-through' && accepted.has(card.id));
  return {
    tried: count(({ result }) => result.outcome !== 'not-here'),
    stopped: count(({ result }) => result.outcome === 'stopped'),
    gotThrough: through - known,
    accepted: known,
    cannotDecide: count(({ result }) => result.outcome === 'cannot-decide'),
    notHere: count(({ result }) => result.outcome === 'not-here'),
  };
};

/** Sums up what was performed. What nobody could decide is never counted as stopped. */
export function scoreAttacks(performed: readonly PerformedAttack[], accepted: AcceptedAttacks): AttackScore {
  const stoppedBy = { client: 0, gateway: 0, tablet: 0, mysql: 0 };
  for (const { card, result } of performed)
    if (card.scored && result.outcome === 'stopped' && result.stoppedAt !== null) stoppedBy[result.stoppedAt.side] += 1;
  return {
    ...tally(performed, accepted),
    groups: attackGroups.map((group) => ({
      group,
      ...tally(
        performed.filter(({ card }) => card.group === group),
        accepted,
      ),
    })),
    stoppedBy,
    open: performed
      .filter(({ card, result }) => card.scored && result.outcome === 'got-through' && !accepted.has(card.id))
      .map(({ card: { id, title, aim }, result: { settings } }) => ({ id, title, aim, settings })),
  };
}

/** Whether a workspace holds: everything scored was stopped or is accepted, and something was tried. */
export const holds = (score: AttackScore): boolean =>
  score.tried > 0 && score.gotThrough === 0 && score.cannotDecide === 0;
