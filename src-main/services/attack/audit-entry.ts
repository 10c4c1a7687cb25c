import type { AuditEntry } from '../../domain/audit';
import type { AttackScore } from '../../domain/attacks';
import { listed } from '../audit';
import { scoreSentence } from './report';

/** How a run was asked for; null: as the workspace says, or everything. */
export interface AttackedHow {
  readonly fidelity: string | null;
  readonly vitess: string | null;
  readonly groups: readonly string[];
  /** Only attacks whose id contains this. */
  readonly only: string | null;
}

/** What the audit log keeps of a run: how it was asked for, how many, how they ended, and what got through. */
export function attackedEntry(score: AttackScore, how: AttackedHow): AuditEntry {
  const { items, more } = listed(score.open.map(({ id }) => id));
  const { tried, stopped, gotThrough, accepted, cannotDecide } = score;
  return {
    what: 'attacks.run',
    summary: `Attacks were rehearsed: ${scoreSentence(score)}`,
    facts: { ...{ tried, stopped, gotThrough, accepted, cannotDecide }, ...how, open: items, more },
  };
}
