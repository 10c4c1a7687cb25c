import type { RecordedCase } from './recorded';

/** What a statement that is let through may leave behind. */
export type Effect = 'nothing' | 'rows' | 'objects';

const reads =
  /^(?:\/\*[\s\S]*?\*\/|--[^\n]*\n?|#[^\n]*\n?|[\s(;])*(?:select|with|values|table|explain|describe|desc|vexplain|show|set|use|begin|start|savepoint|release|commit|rollback|do|flush|analyze|check|checksum|lock|unlock|prepare|deallocate|stream|vstream)\b/i;
const changesRows = /\b(?:insert|update|delete|replace|load|next)\b/i;
const changesObjects = /\b(?:create|drop|alter|rename|truncate|call|import|optimize|repair|revert)\b/i;
/** What other sessions wait for, or MySQL itself. */
const holds = /\b(?:binlog|binary|relaylog|lock|unlock|flush|get_lock|release_lock|release_all_locks|global|sleep)\b/i;

/** Everything that is sent for a case. */
export const textsOf = ({ sql, setup, preQueries }: RecordedCase): readonly string[] => [
  ...(setup ?? []),
  ...(preQueries ?? []),
  sql,
];

/** What `text` may change, by its words; what is not known to leave the tables alone may change all of them. */
export function effectOf(text: string): Effect {
  if (changesObjects.test(text)) return 'objects';
  if (changesRows.test(text)) return 'rows';
  return text.trim() === '' || reads.test(text) ? 'nothing' : 'objects';
}

/** Whether a case as a whole may be played beside others: nobody who gets in changes anything or holds a lock. */
export function isHarmless(one: RecordedCase): boolean {
  const texts = textsOf(one);
  if (texts.some((text) => holds.test(text))) return false;
  if (texts.every((text) => effectOf(text) === 'nothing')) return true;
  return texts.length === 1 && !/;\s*\S/.test(one.sql) && answersOf(one).every(({ ok }) => ok === undefined);
}

/** All recorded answers of a case. */
export const answersOf = ({ gate = [], tablet = [], answers = [] }: RecordedCase) => [...gate, ...tablet, ...answers];
