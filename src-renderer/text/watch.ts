import { count } from './plural';

const records = (number: number): string => count(number, 'record', 'records');

/** Every visible string of the screen Watch. */
export const watchText = {
  title: 'Watch',
  tabs: { queries: 'Query log', counters: 'Counters', audit: 'Audit log' },
  views: 'What is watched',
  stopped: {
    title: 'The cluster is stopped.',
    text: 'Statements are seen while it runs: who asked, what the table ACL said, how long it took.',
    start: 'Start cluster',
    starting: 'The cluster is starting.',
  },
  silent: (program: string, reason: string): string =>
    `${program} runs this workspace’s cluster and tells nothing of its queries: ${reason}.`,
  attached: (program: string, pid: number): string => `As told by ${program} (process ${pid}), which runs the cluster.`,
  waiting: {
    title: 'No statement yet.',
    text: 'What callers send to a gateway appears here at once, and again as the tablet saw it.',
    test: 'Run a test',
  },
  state: {
    seen: (number: number): string => (number === 1 ? 'One record is on show.' : `${records(number)} are on show.`),
    none: 'Waiting for statements.',
    paused: 'Paused.',
    sub: (denied: number, failed: number): string =>
      denied + failed === 0
        ? 'None of them was denied.'
        : [denied > 0 ? `${denied} denied` : '', failed > 0 ? `${failed} failed` : ''].filter(Boolean).join(', ') + '.',
    before: (number: number): string =>
      `${records(number)} of before ${number === 1 ? 'is' : 'are'} not here: a gateway keeps them from when Watch is first opened.`,
    missed: (number: number): string => `${records(number)} went by unseen.`,
    left: (number: number): string => `${records(number)} were too many to show; a narrower filter shows them.`,
  },
  pause: 'Pause',
  resume: 'Resume',
  clear: 'Clear',
  follow: 'Follow',
  values: 'Show bind values',
  valuesHint: 'Passwords stay hidden.',
  filters: 'Filter',
  filter: {
    part: 'Logged by',
    parts: { all: 'Both', gateway: 'Gateway', tablet: 'Tablet' },
    caller: 'Caller',
    table: 'Table or group',
    verdict: 'Verdict',
    anyVerdict: 'Any verdict',
    text: 'Text',
  },
  noMatch: 'No record matches.',
  verdicts: {
    allowed: 'Allowed',
    denied: 'Denied',
    'would-be-denied': 'Would be denied',
    'not-enforced': 'Allowed, not enforced',
    failed: 'Failed',
    answered: 'Answered',
  },
  verdictNotes: {
    answered:
      'The gateway does not learn what the table ACL said of a statement that went through; the tablet’s record has it.',
    asked: 'The table ACL was not asked about this one.',
  },
  columns: {
    time: 'Time',
    part: 'Logged by',
    caller: 'Caller',
    verdict: 'Verdict',
    tables: 'Tables',
    sql: 'Statement',
    took: 'Took',
  },
  noCaller: 'no caller',
  gateway: (name: string): string => `gateway ${name}`,
  tablet: (name: string): string => `tablet ${name}`,
  took: (micros: number): string =>
    micros < 1_000
      ? `${micros} µs`
      : micros < 1_000_000
        ? `${(micros / 1_000).toFixed(1)} ms`
        : `${(micros / 1e6).toFixed(2)} s`,
  list: 'Query log',
  details: {
    title: (who: string): string => `As logged by ${who}`,
    caller: 'Caller',
    groups: 'Table groups',
    tables: 'Tables',
    reason: 'Why',
    statement: 'Statement',
    error: 'Error',
    columnsOf: { gateway: 'vtgate’s columns', tablet: 'vttablet’s columns' },
    onlyCaller: 'Only this caller',
    onlyTable: 'Only this table',
    copy: 'Copy record',
    copied: 'The record was copied.',
    copyFailed: 'The clipboard cannot be used here.',
    trace: 'Show trace',
    noTrace: 'No trace was recorded of its connection.',
  },
  trace: {
    title: 'Trace of the connection',
    text: 'Everything that the parts recorded of this connection, this statement among it. Of a busy connection samples are kept.',
    gone: 'The trace is not kept any more: newer connections have taken its place.',
    columns: { after: 'After', part: 'Part', step: 'Step', outcome: 'Outcome', data: 'What it says' },
    outcomes: { ok: 'OK', info: 'Noted', refused: 'Refused', failed: 'Failed' },
  },
  counters: {
    label: 'Counters of the table ACL',
    by: 'Counted by',
    views: { groups: 'Group and caller', all: 'Every counter' },
    reset: 'Reset',
    resetDone: 'Counting from now on. The tablets’ own counters go on.',
    since: (time: string): string => `Since ${time}, when they were reset here; the tablets’ own counters go on.`,
    sinceStart: 'Since each tablet was started.',
    state: (allowed: number, denied: number, would: number): string =>
      denied + would === 0
        ? `${count(allowed, 'question', 'questions')} to the table ACL, none denied.`
        : `${count(allowed + denied + would, 'question', 'questions')} to the table ACL, ${denied + would} denied${would > 0 ? ` (${would} by a dry run, which lets them pass)` : ''}.`,
    none: 'Nothing was counted yet.',
    noneText:
      'The tablet counts each question to its table ACL, as vttablet does: TableACLAllowed, TableACLDenied and TableACLPseudoDenied.',
    noCaller: 'no caller',
    noGroup: 'no group',
    columns: {
      tablet: 'Tablet',
      group: 'Table group',
      table: 'Table',
      plan: 'Plan',
      caller: 'Caller',
      allowed: 'Allowed',
      denied: 'Denied',
      would: 'Would be denied',
      rate: 'Per second',
    },
  },
  audit: {
    label: 'Audit log',
    intact: (number: number): string => `The audit log is intact: ${records(number)}.`,
    broken: 'The audit log is broken.',
    absent: 'There is no audit log.',
    absentText:
      'Nothing was recorded in this workspace yet, or the file was removed. What is applied, made, started and exported from now on is recorded.',
    sub: 'Who did what with Gatehouse, in the app and on the command line; each record holds the hash of the one before.',
    faults: 'What is wrong',
    note: (line: number, message: string): string => `Line ${line}: ${message}`,
    head: 'Head',
    headHint:
      'A log that was cut at its end, or written anew as a whole, looks intact by itself. Note the head elsewhere; whether it is still there can be asked here, or with gatehouse audit verify --head.',
    check: 'Check a head…',
    checkTitle: 'Is this head still in the log?',
    checkField: 'Head noted earlier',
    checkHint: '64 hexadecimal digits, as the head was shown.',
    checkButton: 'Check',
    checkBad: 'That is no head: it has 64 hexadecimal digits.',
    there: (line: number, since: number): string =>
      since === 0
        ? `It is the last record, line ${line}: nothing came since.`
        : `It is line ${line}; ${count(since, 'record', 'records')} came since.`,
    notThere: 'No record has this head: the log was cut off before it, or written anew, or the head is of another log.',
    columns: { seq: 'No.', when: 'When', who: 'Who', program: 'Program', summary: 'What' },
    more: 'Show all',
    shown: (number: number, all: number): string => `The newest ${number} of ${all} are on show.`,
    details: {
      title: (seq: number): string => `Record ${seq}`,
      when: 'When',
      who: 'Who',
      program: 'With',
      what: 'Kind',
      changes: 'Changes',
      more: (number: number): string => `and ${number} more`,
      files: 'Files',
      added: 'added',
      removed: 'removed',
      changed: 'changed',
      facts: 'Facts',
      hash: 'Hash',
      previous: 'Follows',
    },
    openFile: 'File',
  },
  commands: {
    pause: 'Pause Query Log',
    resume: 'Resume Query Log',
    clear: 'Clear Query Log',
    filter: 'Filter Query Log',
    queries: 'Watch: Query Log',
    counters: 'Watch: Counters',
    audit: 'Watch: Audit Log',
  },
};
