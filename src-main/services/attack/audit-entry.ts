import type { AuditEntry } from '../../domain/audit';
import type { AttackScore } from '../../domain/attacks';
import { listed } from '../audit';
import { scoreSentence } from './report';

/** What the audit log keeps of a run: how many, how they ended, and what got through. */
export function attackedEntry(score: AttackScore): AuditEntry {
  const { items, more } = listed(score.open.map(({ id }) => id));
  const { tried, stopped, gotThrough, accepted, cannotDecide } = score;
  return {
    what: 'attacks.run',
    summary: `Attacks were rehearsed: ${scoreSentence(score)}`,
    facts: { ...{ tried, stopped, gotThrough, accepted, cannotDecide }, open: items, more },
  };
}
