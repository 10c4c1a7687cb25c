import type {
  ExportFileData,
  ExportProofData,
  FlagReportData,
  FlagVerdictData,
} from '../../src-main/contract/areas/exports';
import { count } from './plural';

type Version = '22' | '23' | '24';

/** Every visible string of the Export screen. */
export const exportText = {
  heading: 'Export',
  version: 'Vitess version',
  vitess: (version: Version): string => `Vitess ${version}`,
  tabs: { files: 'Files', flags: 'Flags', differences: 'Differences', check: 'Check flags' },
  views: 'What is exported',
  toFolder: 'Export to folder…',
  exportAnyway: 'Export anyway…',
  runAll: 'Run all first',
  runAgain: 'Run all again',
  running: 'The tests run',
  empty: {
    title: 'Nothing applied yet',
    text: 'Export uses the applied version.',
    review: 'Review changes',
    overview: 'Go to Overview',
  },
  fault: 'Nothing can be exported',
  draft: (changes: number): string =>
    `Export uses the applied version. ${count(changes, 'change is', 'changes are')} still in the draft.`,
  review: 'Review changes',

  /** The sentence of the screen. */
  state: (proof: ExportProofData, version: Version): string => {
    const hardened = proof.failing.filter(({ hardenedOnly }) => hardenedOnly).length;
    if (proof.state === 'no-tests') return 'No test proves these files.';
    if (proof.state === 'none') return `Nothing proves these files for Vitess ${version} yet.`;
    if (proof.state === 'outdated') return 'Tests ran before the last change.';
    if (hardened > 0)
      return hardened === 1
        ? 'One test passes in hardened mode only.'
        : `${hardened} tests pass in hardened mode only.`;
    if (proof.asExpected < proof.cells) return `${proof.asExpected} of ${proof.cells} tests hold on Vitess ${version}.`;
    return `These files are proved for Vitess ${version}.`;
  },
  /** What stands behind the sentence. */
  behind: (proof: ExportProofData, version: Version): string => {
    const as =
      version === '24' ? `as Vitess ${proof.emulated}` : `as Vitess ${proof.emulated}, the nearest that is repeated`;
    if (proof.state === 'no-tests') return 'Tests are where expectations live: add one on the screen Test.';
    if (proof.state === 'none') return `A run takes a cluster of its own, in vitess mode, ${as}.`;
    const hash = proof.files === null ? '' : ` · SHA-256 ${proof.files.slice(0, 12)}…`;
    return `${proof.line ?? ''} · ${as}${hash}`;
  },
  failing: {
    title: (number: number): string => count(number, 'test is not as expected', 'tests are not as expected'),
    expected: (expected: string, actual: string): string => `expected ${expected}, was ${actual}`,
    hardenedOnly: 'passes in hardened mode only',
    more: (number: number): string => `and ${number} more`,
  },

  files: {
    label: 'Files of the export',
    path: 'File',
    kind: 'What it is',
    mode: 'Permissions',
    who: (mode: string): string => (mode === '0600' ? 'owner only' : 'everybody may read'),
    kinds: {
      readme: 'start lines, proof, differences',
      proof: 'proof and hashes',
      flags: 'flags',
      users: 'users',
      acl: 'table ACL',
      'grpc-users': 'gRPC users',
      'query-rules': 'query rules',
      'grpc-credentials': 'gRPC credentials',
      certificate: 'certificate',
      crl: 'revocation list',
      key: 'private key',
      'database-password': 'password of MySQL',
    } satisfies Record<ExportFileData['kind'], string>,
    leftOut: 'left out',
    include: (number: number): string => `Include private keys (${number})`,
    includeHint: 'Without them the README says where each belongs.',
    preview: 'Preview',
    secret: 'Secret. It is handed over as it is and not shown here.',
    madeLater: 'Made when the folder is written: the proof and the hash of each file.',
    none: 'Nothing selected',
  },

  flags: {
    program: 'Program',
    start: 'Start it in the folder',
    copy: 'Copy flags',
    copyStart: 'Copy start line',
    copied: 'Copied.',
    copyFailed: 'The clipboard cannot be used here. Select the text and copy it by hand.',
    findings: 'What these flags leave open',
    noFindings: 'These flags leave nothing open that is known.',
    lines: (number: number): string => count(number, 'flag', 'flags'),
  },

  differences: {
    hardened: 'Stricter here than in Vitess',
    hardenedText: 'The workspace is in hardened mode; the exported programs do what Vitess does.',
    always: 'Not the same in any mode',
    release: (version: Version): string => (version === '22' ? 'Vitess 22 is older' : `Earlier releases of ${version}`),
    releaseText: {
      '22': 'These fixes of 23.0.7 and 24.0.4 never came to 22.',
      '23': 'From 23.0.7 on Vitess does what the workspace does.',
      '24': 'From 24.0.4 on Vitess does what the workspace does.',
    } satisfies Record<Version, string>,
    here: 'Workspace',
    there: 'Vitess',
    none: 'No difference',
    noneText: 'Nothing that this set-up could meet is different.',
  },

  check: {
    /** The sentence of the screen while flags are checked. */
    say: (report: FlagReportData | null): string => {
      if (report === null) return 'Old guides name flags that no release knows.';
      const open = report.commands.flatMap(({ findings }) => findings).filter(({ level }) => level === 'error').length;
      const stopped = report.commands.filter(({ starts }) => starts.length === 0).length;
      if (stopped > 0)
        return stopped === 1
          ? 'No release would start with these flags.'
          : 'No release would start with some of these flags.';
      if (open > 0) return open === 1 ? 'One setting fails open.' : `${open} settings fail open.`;
      return 'Nothing fails open that is known.';
    },
    behind: (report: FlagReportData | null): string => {
      if (report === null)
        return 'Paste the flags of a running cluster: what 22, 23 and 24 do with each name, and what fails open.';
      const flags = report.commands.flatMap((command) => command.flags);
      return `${count(flags.length, 'flag', 'flags')} of ${report.commands.map(({ program }) => program ?? 'a program').join(', ')}`;
    },
    paste: 'Flags of a running vtgate, vttablet or vtctld',
    hint: 'A command line, the output of ps, a systemd unit, a list of arguments in YAML or JSON, or a file of flags. Nothing of it is kept; values are judged and never shown.',
    placeholder: 'vtgate --mysql_server_port 15306 --mysql_auth_server_impl none …',
    component: 'Program',
    componentAuto: 'As the text says',
    clear: 'Clear',
    empty: 'Nothing pasted yet',
    emptyText: 'Each flag is told by release, with the right name beside it.',
    unknownProgram: 'a program that its flags do not tell',
    guessed: 'as its flags say',
    starts: (versions: readonly Version[]): string =>
      versions.length === 0
        ? 'No release would start with these names.'
        : versions.length === 3
          ? 'Every release takes these names.'
          : `${versions.join(' and ')} would start with these names.`,
    open: (errors: number): string => count(errors, 'setting fails open', 'settings fail open'),
    closed: 'Nothing fails open that is known.',
    names: 'Names',
    findings: 'What the flags leave open',
    line: 'Line',
    flag: 'Flag',
    hidden: 'a name that is not repeated',
    noNames: 'Every name is taken as it is written.',
    showTaken: 'Show those that are taken as they are',
    all: (number: number): string => count(number, 'flag', 'flags'),
    inReleases: (versions: readonly Version[]): string => (versions.length === 3 ? '' : `${versions.join(', ')}: `),
    notLookedAt: (programs: readonly string[]): string => `Not looked at: ${programs.join(', ')}.`,
    status: {
      taken: 'taken',
      'old-spelling': 'old spelling',
      deprecated: 'deprecated',
      ignored: 'ignored',
      unknown: 'unknown',
      'other-program': 'other program',
      'single-dash': 'one dash',
    } satisfies Record<FlagVerdictData['status'], string>,
  },

  dialog: {
    title: (version: Version): string => `Export for Vitess ${version}`,
    folder: 'Folder',
    folderHint: 'Not there, empty, or that of an earlier export.',
    choose: 'Choose…',
    force: 'Replace what an earlier export wrote there',
    forceHint: 'Other files stay.',
    keys: (number: number): string => `Include private keys (${number})`,
    keysHint: 'Whoever has the folder can then act as these programs.',
    accept: (number: number): string =>
      number === 1
        ? 'Accept that one test passes in hardened mode only'
        : `Accept that ${number} tests pass in hardened mode only`,
    acceptHint: 'Vitess is weaker there than the workspace.',
    withoutProof: 'The tests did not run with these files. The README says so.',
    outdated: 'Tests ran before the last change. The README says so.',
    notAll: (asExpected: number, cells: number): string =>
      `${asExpected} of ${cells} tests are as expected. The README names the others.`,
    proved: (line: string): string => `Proof: ${line}.`,
    cancel: 'Cancel',
    export: 'Export',
    anyway: 'Export anyway',
    runFirst: 'Run all first',
    doneTitle: 'Exported',
    done: (number: number): string => count(number, 'file', 'files'),
    written: 'Files that were written',
    missing: 'Secret and left out; put them there with mode 0600',
    left: 'Still there from an earlier export',
    copyPath: 'Copy path',
    close: 'Close',
  },
  commands: {
    export: 'Export…',
    copyFlags: 'Copy Flags',
    prove: 'Run All for the Export',
    check: 'Check Pasted Flags…',
  },
} as const;
