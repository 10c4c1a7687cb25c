import type { FileDiffData, ImpactMark, ReviewData } from '../../src-main/contract/areas/document';
import type { VerdictKind } from '../components/verdict';
import { count } from './plural';
import { verdictText } from './verdict';

type Effect = ReviewData['effect'];
type Impact = ReviewData['impact'];

/** Outcomes as the verdicts of the other screens. */
export const verdictOf: Readonly<Record<ImpactMark, VerdictKind>> = {
  allow: 'allowed',
  deny: 'denied',
  refuse: 'refused',
  'would-deny': 'would-be-denied',
  'not-enforced': 'not-enforced',
  unknown: 'cannot-decide',
};
const wordOf = (mark: ImpactMark): string => (mark === 'refuse' ? 'Refused' : verdictText.word[verdictOf[mark]]);

const transports: Readonly<Record<string, string>> = {
  'mysql-plain': 'MySQL without TLS',
  'mysql-tls': 'MySQL with TLS',
  'mysql-tls-verified': 'MySQL with TLS, verified',
  'mysql-mutual-tls': 'MySQL with mutual TLS',
  'mysql-unix': 'Unix socket',
  'grpc-plain': 'gRPC without TLS',
  'grpc-tls': 'gRPC with TLS',
  'grpc-mutual-tls': 'gRPC with mutual TLS',
};

const listed = (names: readonly string[]): string =>
  names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;

const partWord = { gateway: 'gateway', tablet: 'tablet', backend: 'MySQL', all: 'all parts' } as const;

function effectText({ kind, parts, schema, running, connections, holder }: Effect): string {
  const after = schema ? ' The schema is run only when a database is made; one that is there stays as it is.' : '';
  if (holder !== null)
    return `${holder} runs this workspace: it goes on with the version it has until it is told to read the files again.${after}`;
  if (kind === 'none') return `Nothing that runs reads these files.${after}`;
  if (!running) return `The cluster is stopped. It starts with this version.${after}`;
  if (kind === 'at-once') return `Takes effect at once. Nothing is restarted and no connection is closed.${after}`;
  const whole = parts.some((part) => part.kind === 'all');
  const why = whole
    ? 'settings of the whole cluster change'
    : `settings of ${listed(parts.map((part) => `${partWord[part.kind]} ${part.name}`))} change`;
  const open =
    connections === 0
      ? 'No connection is open.'
      : `${count(connections, 'open connection', 'open connections')} will be closed.`;
  return `Applying restarts the cluster, because ${why}. ${open}${after}`;
}

function impactText({ cells, total, gains, loses }: Impact): string {
  if (total === 0) return 'No cell changes.';
  if (cells.length < total)
    return `${count(total, 'cell changes', 'cells change')}: ${gains} gain access, ${loses} lose it.`;
  const by = new Map<ImpactMark, number>();
  for (const { before, after } of cells) if (before !== after) by.set(after, (by.get(after) ?? 0) + 1);
  if (by.size === 0) return 'No cell changes.';
  return `${becomesText([...by].map(([mark, number]) => ({ mark, cells: number })))}.`;
}

/** `3 cells become Allowed, 1 becomes Denied`: what changed cells become. */
export const becomesText = (becomes: readonly { readonly mark: ImpactMark; readonly cells: number }[]): string =>
  becomes
    .map(({ mark, cells: number }, index) => {
      const cellsText = index === 0 ? count(number, 'cell', 'cells') : String(number);
      return `${cellsText} ${number === 1 ? 'becomes' : 'become'} ${wordOf(mark)}`;
    })
    .join(', ');

const statusWord: Readonly<Record<FileDiffData['status'], string>> = { added: 'new', removed: 'removed', changed: '' };

/** Every visible string of the review and of the notice about files changed by others. */
export const reviewText = {
  title: 'Review changes',
  loading: 'Comparing the draft with what is applied',
  nothing: 'The draft has no changes.',
  nothingMore: 'What is applied is what the draft says. Edits made on any screen come here.',
  opensNothing: (changes: number): string => `${count(changes, 'change', 'changes')}; nobody gains access.`,
  opensNothingLoses: (changes: number, loses: number): string =>
    `${count(changes, 'change', 'changes')}; nobody gains access, and ${count(loses, 'cell loses', 'cells lose')} it.`,
  effect: effectText,
  what: 'What changes',
  changes: (number: number): string => count(number, 'change', 'changes'),
  area: {
    access: 'Table groups',
    callers: 'Users',
    certificates: 'Certificates',
    cluster: 'Cluster',
    tests: 'Tests',
    files: 'Other files',
  },
  undoThis: 'Undo this',
  undoThisOf: (sentence: string): string => `Undo this: ${sentence}`,
  undone: 'Taken back in the draft.',
  applied: '(applied)',
  warnings: (number: number): string =>
    `${count(number, 'finding stays and does', 'findings stay and do')} not stop applying.`,
  newWarning: 'new',
  cannot: 'Cannot apply',
  blocked: (number: number): string => `Cannot apply: ${count(number, 'finding', 'findings')} would be refused.`,
  impact: 'Access impact',
  impactText,
  notPredicted: 'Nothing is predicted while the draft cannot be applied. What is applied goes on.',
  predicted: 'Predicted from the files of both versions.',
  caller: 'Caller',
  untested: 'no test covers it',
  user: (name: string): string => `user ${name}`,
  as: (name: string): string => `as ${name === '' ? 'nobody' : name}`,
  transport: (names: readonly string[]): string => names.map((one) => transports[one] ?? one).join(', '),
  cells: 'Changed cells',
  signIn: 'Sign-in test',
  signIns: 'Changed sign-in tests',
  change: 'Change',
  role: { read: 'R', write: 'W', admin: 'A' },
  word: wordOf,
  unchanged: 'no change',
  fromTo: (before: ImpactMark, after: ImpactMark): string => `${wordOf(before)} → ${wordOf(after)}`,
  fromToSpoken: (role: string | null, before: ImpactMark, after: ImpactMark): string =>
    `${role === null ? '' : `${role}: `}${wordOf(before)}, will be ${wordOf(after)}`,
  contradictsSpoken: 'contradicts an expectation',
  contradictions: (number: number): string =>
    `${number === 1 ? '1 contradicts an expectation' : `${number} contradict expectations`}`,
  expectedIs: (mark: ImpactMark): string => `is expected ${wordOf(mark)}.`,
  expect: (mark: ImpactMark): string => `Expect ${mark === 'allow' ? 'allowed' : 'denied'}`,
  editTest: (file: string): string => `Change what ${file} expects, or the draft.`,
  moreContradictions: (number: number): string => `and ${number} more`,
  moreRows: (number: number): string => `${count(number, 'more row is', 'more rows are')} not shown.`,
  files: 'Files and flags',
  filesText: (files: number, flags: number, masked: boolean): string =>
    [
      files === 1 ? '1 file changes' : `${files} files change`,
      flags === 0 ? ', flags stay as they are.' : `, and flags of ${count(flags, 'program', 'programs')}.`,
      masked ? ' Passwords are masked on both sides, private keys are not shown.' : '',
    ].join(''),
  whole: 'Show whole files',
  folded: 'Show changes only',
  flagsOf: (program: string): string => `Flags of ${program}`,
  statusWord,
  draft: 'Draft',
  appliedLabel: 'Applied',
  note: 'Describe the change (optional)',
  discard: 'Discard draft…',
  discardTitle: (changes: number): string => `Discard ${count(changes, 'change', 'changes')}?`,
  discardText: 'Undo brings them back.',
  discardConfirm: 'Discard',
  discarded: 'The draft is discarded.',
  undo: 'Undo',
  keep: 'Keep editing',
  apply: 'Apply',
  applyRestart: 'Apply and restart cluster',
  applying: 'Applying',
  done: (version: number, cells: number): string =>
    cells === 0
      ? `Applied as version ${version}.`
      : `Applied as version ${version}. ${count(cells, 'cell changes', 'cells change')}: tests run before are out of date.`,
  toTests: 'Go to Test',
  disk: {
    title: (files: readonly string[]): string =>
      files.length <= 3 ? `${listed(files)} changed on the disk.` : `${files.length} files changed on the disk.`,
    text: 'Something other than Gatehouse wrote there. Nothing is lost either way.',
    compare: 'Compare…',
    load: 'Load it',
    loadTip: 'Takes what is on the disk into the draft. Undo brings the draft back.',
    keep: 'Keep mine',
    keepTip: 'Keeps the draft. Applying writes over the disk; what is there now goes into the history first.',
    dialog: 'Changed on the disk',
    diskLabel: 'Disk',
    none: 'The draft and the disk agree.',
  },
  skipped: (files: readonly string[]): string =>
    `${listed(files.slice(0, 3))}${files.length > 3 ? ` and ${files.length - 3} more` : ''}: links and very large files are no part of the draft. Put a plain file in their place.`,
};
