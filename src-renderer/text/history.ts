import { count } from './plural';

/** Every visible string of the screen History. */
export const historyText = {
  title: 'History',
  statement: (number: number): string => `Version ${number} is applied.`,
  statementNone: 'Nothing has been applied from here yet.',
  statementOther: 'What is applied was not applied from here.',
  sub: 'Each version holds its private keys too, readable by you alone, in .gatehouse/history.',
  empty: 'No versions yet',
  emptyText:
    'Applying the draft keeps a version here: when, why, what changed, and all files. Any of them can be made the draft again.',
  review: 'Review changes',
  versions: 'Applied versions',
  loading: 'Reading the history',
  version: 'Version',
  when: 'Applied',
  note: 'Note',
  changes: 'Changes',
  access: 'Access',
  current: 'applied now',
  found: 'found on the disk',
  noNote: 'no note',
  cells: (gains: number, loses: number, changed: number): string =>
    changed === 0 ? 'no cell changed' : `${count(changed, 'cell', 'cells')}: ${gains} gained, ${loses} lost`,
  name: (number: number): string => `Version ${number}`,
  since: 'From this version to what is applied',
  same: 'This version is what is applied.',
  restore: 'Restore this version…',
  restoreTitle: (number: number): string => `Restore version ${number}?`,
  restoreText: (changes: number): string =>
    changes === 0
      ? 'Its files become the draft. Nothing is applied until you review and apply it.'
      : `Its files become the draft in place of ${count(changes, 'change', 'changes')}; Undo brings them back. Nothing is applied until you review and apply it.`,
  restoreConfirm: 'Restore',
  restored: (number: number): string => `Version ${number} is the draft now. Nothing is applied yet.`,
};
