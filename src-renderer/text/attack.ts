import type {
  AttackGroup,
  AttackOutcome,
  AttackScore,
  AttackSide,
  Evidence,
  Unscored,
} from '../../src-main/contract/areas/attack';
import { count } from './plural';

/** Every text of the tab Break it. */
export const attack = {
  label: 'Rehearsed faults and attacks',
  group: {
    certificates: 'Certificates',
    'man-in-the-middle': 'Somebody in the middle',
    'rogue-component': 'Rogue components',
    'claimed-identity': 'Claimed identities',
    downgrade: 'Downgrades',
    passwords: 'Passwords',
    'acl-escape': 'Ways around the table ACL',
    injection: 'Injection',
    'fail-open': 'Settings that let in',
  } satisfies Record<AttackGroup, string>,
  groupAbout: {
    certificates: 'Certificates with one fault, shown where a certificate is asked for.',
    'man-in-the-middle': 'A proxy that ends TLS with a certificate of its own and reads along.',
    'rogue-component': 'A gateway, a tablet or a caller that is not what it says it is.',
    'claimed-identity': 'Callers that say they are somebody else.',
    downgrade: 'Less protection than both ends could have.',
    passwords: 'Empty, old, wrong and replayed passwords, against every entry.',
    'acl-escape': 'Statements that reach a forbidden table by another way.',
    injection: 'The same hostile input joined into a statement, bound, and against query rules.',
    'fail-open': 'Each setting of this workspace that opens a door, shown with the door open.',
  } satisfies Record<AttackGroup, string>,
  head: {
    idle: 'Nothing has been tried yet.',
    opening: 'The place for the attacks is being made.',
    running: 'Attacks are under way.',
    good: 'Nothing got through.',
    through: (number: number): string => (number === 1 ? 'One attack got through.' : `${number} attacks got through.`),
    undecided: (number: number): string =>
      number === 1 ? 'One attack could not be decided.' : `${number} attacks could not be decided.`,
    failed: 'The attacks could not go on.',
    none: 'There is nothing to attack in this workspace.',
  },
  idleSub: (number: number): string =>
    `${count(number, 'attack', 'attacks')}, performed on a private copy with a MySQL of its own. Nothing of this workspace is changed.`,
  score: (score: AttackScore, unscored: number): string =>
    [
      `${score.tried} tried`,
      `${score.stopped} stopped`,
      ...(['client', 'gateway', 'tablet', 'mysql'] as const).flatMap((side) =>
        score.stoppedBy[side] === 0 ? [] : [`${score.stoppedBy[side]} by ${attack.by[side]}`],
      ),
      ...(score.accepted === 0 ? [] : [`${score.accepted} accepted`]),
      ...(unscored === 0 ? [] : [`${unscored} for information, not counted`]),
      ...(score.notHere === 0 ? [] : [`${score.notHere} with no place here`]),
    ].join(' · '),
  progress: (done: number, total: number): string => `${done} of ${total} attacks`,
  left: (seconds: number): string => (seconds < 1.5 ? 'about a second left' : `about ${Math.ceil(seconds)} s left`),
  cancelled: 'stopped early',
  runAll: 'Break it',
  runAgain: 'Break it again',
  runGroup: 'Try this group',
  runOne: 'Try it',
  runOneAgain: 'Try it again',
  stop: 'Stop',
  filter: 'Filter attacks',
  show: {
    label: 'Which attacks',
    all: 'All',
    through: 'Got through',
    stopped: 'Stopped',
    information: 'For information',
    rest: 'The rest',
  },
  noMatch: 'No attack is like that.',
  nothingThrough: 'Nothing got through.',
  export: 'Report',
  exportAs: { text: 'Plain text…', json: 'JSON…', junit: 'JUnit…' },
  nothingToReport: 'Nothing has been tried yet',
  unmatched: (ids: readonly string[]): string =>
    `tests/attacks.json accepts what is no attack on this workspace: ${ids.join(', ')}. Nothing is accepted by it; correct the name, or take it out of the file.`,
  outdated: (earlier: number, all: number): string =>
    earlier === all
      ? 'The files have changed since: these results are of the files before. Break it again to see what stops them now.'
      : `The files have changed since: ${earlier} of ${all} results, in grey, are of the files before.`,
  earlier: 'earlier files',
  earlierLong: 'The files have changed since: this is of the files before. Try it again to see what happens now.',
  gone: 'The files applied now have no place for this attack any more; this is what came of it before.',
  tally: (stopped: number, through: number, rest: number): string =>
    [
      ...(stopped === 0 ? [] : [`${stopped} stopped`]),
      ...(through === 0 ? [] : [`${through} got through`]),
      ...(rest === 0 ? [] : [`${rest} undecided`]),
    ].join(', ') || 'not tried',
  column: { outcome: 'Outcome', attack: 'Attack', aim: 'Where', took: 'Took' },
  by: { client: 'the client', gateway: 'the gateway', tablet: 'the tablet', mysql: 'MySQL' } satisfies Record<
    AttackSide,
    string
  >,
  side: { client: 'Client', gateway: 'Gateway', tablet: 'Tablet', mysql: 'MySQL' } satisfies Record<AttackSide, string>,
  stoppedBy: (side: AttackSide | null): string => (side === null ? 'Stopped' : `Stopped by ${attack.by[side]}`),
  outcome: {
    stopped: 'Stopped',
    'got-through': 'Got through',
    'cannot-decide': 'Cannot decide',
    'not-here': 'No place here',
  } satisfies Record<AttackOutcome, string>,
  acceptedWord: 'Got through, accepted',
  acceptedInDraftWord: 'Got through, accepted in the draft',
  unscoredWord: {
    'weak-on-purpose': 'Got through, weak on purpose',
    'for-information': 'Got through, for information',
  } satisfies Record<Unscored, string>,
  running: 'Under way',
  notTried: 'Not tried',
  details: 'The attack',
  about: 'What is about to happen',
  happened: 'What happened',
  evidence: 'What was seen',
  evidenceKind: {
    alert: 'alert',
    error: 'said',
    closed: 'closed the connection',
    record: 'noted',
    bytes: 'bytes',
    rows: 'answered',
  } satisfies Record<Evidence['kind'], string>,
  why: 'Why',
  settings: 'Responsible',
  advice: 'Change',
  right: 'Nothing has to change here.',
  set: (member: string, value: string): string => `Set ${member} to ${value}`,
  openTrace: 'Open trace',
  unscored: {
    'weak-on-purpose':
      'The victim is made weak on purpose, to show the other direction. It does not count in the score.',
    'for-information':
      'This is shown for information and does not count in the score: no file of this workspace could stop it, or has to.',
  } satisfies Record<Unscored, string>,
  undecided: 'It failed, and nobody can show what stopped it. That is not counted as stopped.',
  accept: 'Accept…',
  acceptTitle: 'Accept that this gets through?',
  acceptText:
    'The reason is written into tests/attacks.json of the draft; from then on it does not count against the workspace.',
  acceptReason: 'Reason',
  acceptReasonHint: 'Who decided it, and why it is meant to be so',
  acceptEmpty: 'Write why this may get through; without a reason nothing is accepted.',
  acceptLong: (over: number): string => `${count(over, 'character', 'characters')} too many; 500 are the most.`,
  acceptConfirm: 'Accept',
  cancel: 'Cancel',
  acceptedBecause: (reason: string): string => `Accepted: ${reason}`,
  inDraft: 'In the draft; it counts once that is applied.',
  unacceptedInDraft: 'In the draft it is accepted no longer; that counts once it is applied.',
  unaccept: 'Accept no longer',
  said: (stopped: number, through: number): string =>
    `${stopped} stopped, ${through === 0 ? 'none' : through} got through.`,
  saidOne: (title: string, word: string): string => `${title}: ${word}.`,
  commands: { run: 'Break it: try every attack', stop: 'Stop the attacks' },
};
