import { unmatchedAccepted } from '../../domain/attacks';
import type { Finding } from '../../domain/kernel';
import { ACCEPTED_ATTACKS, type Workspace } from '../workspace/load-workspace';
import { planAttacks } from './families';
import type { PlannedAttack } from './planned';

/** Warnings about accepted attacks that are none of `planned`, with their places in tests/attacks.json. */
export const unmatchedAttacks = (
  { acceptedPlaces }: Pick<Workspace, 'acceptedPlaces'>,
  planned: readonly PlannedAttack[],
): readonly Finding[] =>
  unmatchedAccepted(acceptedPlaces, new Set(planned.map(({ card }) => card.id)), `tests/${ACCEPTED_ATTACKS}`);

/** The same for a workspace of which nothing was planned yet; a secret that is missing takes no attack away here. */
export const unmatchedAttacksOf = (workspace: Workspace): readonly Finding[] =>
  workspace.acceptedPlaces.length === 0
    ? []
    : unmatchedAttacks(workspace, planAttacks({ workspace, now: new Date(), hasSecret: () => true }));
