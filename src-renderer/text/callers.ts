import type { CallerEntry, RotationView, StoredFormName } from '../../src-main/contract';
import { count, date, moment } from './plural';

const few = (names: readonly string[]): string =>
  names.length <= 3 ? names.join(', ') : `${names.slice(0, 2).join(', ')} and ${names.length - 2} more`;
const shown = (name: string): string => (name === '' ? '(no name)' : name);

/** `3 days`, `2 h`, `5 min`; less than a minute in seconds. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h`;
  return count(Math.floor(seconds / 86_400), 'day', 'days');
}

/** Every visible string of Callers. */
export const callers = {
  title: (number: number): string => `Callers. ${count(number, 'caller', 'callers')}.`,
  list: 'Callers',
  filter: 'Filter callers',
  noFit: 'No caller matches',
  hidden: (number: number): string => `${count(number, 'caller is', 'callers are')} hidden.`,
  empty: {
    title: 'No callers',
    text: 'A caller is a MySQL user, a certificate or a claimed name.',
    noGateway: 'No gateway of this workspace authenticates yet, so nobody can become a caller.',
    import: 'Import users.json…',
  },
  noneInFile: (file: string): string => `${file} has no users.`,
  sections: {
    user: 'MySQL users',
    certificate: 'Certificates',
    claimed: 'Claimed names',
    grpcUser: 'gRPC users',
  },
  notVerified: 'Not verified',
  grpcUser: 'gRPC user',
  immediate: (names: readonly string[]): string => `immediate caller ${few(names.map(shown))}`,
  entriesOf: (number: number, names: readonly string[]): string =>
    `${count(number, 'entry', 'entries')} · ${few(names.map(shown))}`,
  noEntries: 'no entries: always denied',
  commonName: (file: string): string => `common name · ${file}`,
  refusedNow: (file: string): string => `refused now · ${file}`,
  expired: (iso: string): string => `expired ${date(iso)}`,
  reach: (number: number, all: number): string => `reaches ${number} of ${count(all, 'table', 'tables')}`,
  reachShort: (number: number): string => count(number, 'table', 'tables'),

  newCaller: 'New caller',
  newUser: 'New MySQL user…',
  newUserDetail: 'Name and password, in a users file.',
  newCertificate: 'New certificate caller…',
  newCertificateDetail: 'Certificates makes it; its common name is the caller.',
  newClaim: 'New claimed name…',
  newClaimDetail: 'A name to test with. Nobody verifies it.',
  gatewayAdded: 'A gateway for MySQL users is in the draft: mysql-users. Its users file gets its first user here.',
  noUsersFile: 'No gateway authenticates by a users file.',
  noClaims: 'No gateway takes claimed names.',
  import: 'Import users…',
  importNoFile: 'No gateway authenticates by a users file.',

  rename: 'Rename…',
  renameTo: 'New name',
  renameHint: 'Clients log in with this name. Tests that use the old one follow.',
  renameDo: 'Rename',
  delete: 'Delete',
  deleted: (name: string): string => `${name} was deleted.`,
  undo: 'Undo',
  more: 'More',
  place: 'Place',

  becomes: 'How this becomes a caller',
  proof: {
    user: 'and a password',
    certificate: 'shows its certificate',
    claimed: 'says so itself',
    grpcUser: 'and a password',
  },
  gateway: (name: string): string => `Gateway ${name}`,
  byEntry: (number: number, userData: string): string => `entry ${number}: UserData ${shown(userData)}`,
  byCommonName: (name: string): string => `common name ${name}`,
  byClaim: 'takes the name, unverified',
  byGrpcUser: (name: string): string => (name === 'unsecure_grpc_client' ? 'does not name the caller' : 'gRPC user'),
  refusedHere: 'does not let it in now',
  tablet: 'Tablet',
  asks: 'asks: may',
  nobody: 'nobody',
  groupsToo: (groups: readonly string[]): string => `or ${few(groups)}`,
  unixOnly: 'over the Unix socket',
  over: { mysql: 'MySQL', grpc: 'gRPC' },
  noWay: 'No gateway makes a caller of it now.',
  wayText: (from: string, gateway: string, how: string, immediate: string): string =>
    `${from} at gateway ${gateway}, ${how}; the tablet asks about ${shown(immediate)}`,

  entries: 'Entries',
  entriesNote: 'tried from top to bottom; the first that fits decides',
  entry: (number: number): string => `Entry ${number}`,
  userData: 'UserData → immediate caller',
  noUserData: 'missing: the caller has no name',
  groups: 'Groups',
  password: 'Password',
  forms: { plain: 'in clear', native: 'native', sha2: 'caching_sha2' } satisfies Record<StoredFormName, string>,
  origin: ({ origin, bits }: CallerEntry['password']): string => {
    switch (origin) {
      case 'generated':
        return `generated here, ${bits ?? 0} bits`;
      case 'typed':
        return `typed here, about ${bits ?? 0} bits`;
      case 'file':
        return `readable in the file, about ${bits ?? 0} bits`;
      case 'none':
        return 'none: a stock vtgate lets the empty password in';
      case 'unknown':
        return 'imported, strength not known';
    }
  },
  signIns: ({ total, onLastDay, lastAt }: CallerEntry['signIns'], now: Date): string => {
    if (lastAt === null || total === 0) return 'no sign-ins yet';
    if (new Date(lastAt).toDateString() === now.toDateString())
      return `${count(onLastDay, 'sign-in', 'sign-ins')} today`;
    return `none since ${date(lastAt)}`;
  },
  signInsMore: ({ total, lastAt }: CallerEntry['signIns']): string =>
    lastAt === null
      ? 'Gatehouse has counted none.'
      : `${count(total, 'sign-in', 'sign-ins')}, the last ${moment(lastAt)}.`,
  edit: 'Edit',
  editEntry: (number: number): string => `Edit entry ${number}`,
  entryMenu: (number: number): string => `More for entry ${number}`,
  addEntry: 'Add entry',
  moveUp: 'Move up',
  moveDown: 'Move down',
  moved: (number: number): string => `Now entry ${number}.`,
  removeEntry: 'Remove',
  removed: (number: number): string => `Entry ${number} was removed.`,
  rotate: 'Rotate password…',
  rotateRights: 'Move to other rights…',
  save: 'Save',
  add: 'Add',
  cancel: 'Cancel',

  form: {
    newUser: 'New MySQL user',
    newEntry: (user: string): string => `New entry of ${user}`,
    name: 'Name',
    nameHint: 'What clients log in with.',
    file: 'Users file',
    fileOption: (file: string, gateways: readonly string[]): string => `${file} · gateway ${gateways.join(', ')}`,
    userData: 'UserData',
    userDataHint: 'Known to tables by this name. Empty is a name too, the empty one.',
    noUserData: 'Without UserData the caller is named "", not after the login.',
    groups: 'Groups',
    groupsHint: 'Further names that table groups may list.',
    addGroup: 'Add group',
    from: 'From',
    anywhere: 'anywhere',
    unixSocket: 'the Unix socket only',
    storedAs: 'Stored as',
    formNames: {
      native: 'mysql_native_password hash',
      sha2: 'caching_sha2_password hash',
      plain: 'Plain text',
    } satisfies Record<StoredFormName, string>,
    formHints: {
      native: 'Every vtgate checks it. MySQL 9’s own client cannot use it.',
      sha2: 'Hardened gateways check it over TLS. A stock vtgate ignores it.',
      plain: 'Readable by anyone who can read the file.',
    } satisfies Record<StoredFormName, string>,
    sha2Only: 'A stock vtgate denies the right password here and lets the empty one in. Keep the native hash too.',
    password: 'Password',
    keep: 'Keep',
    generate: 'Generate',
    type: 'Type',
    keepHint: 'The password stays as it is.',
    presentPassword: 'Present password',
    presentHint: 'Only its hash is known here. It is needed once to make the other form, and is not kept.',
    bits: 'Strength',
    bitsOption: (bits: number): string => `${bits} random bits`,
    generated: 'Made when this is saved, and kept among the workspace’s secrets. Show it from the entry.',
    typed: 'New password',
    keepSecret: 'Keep it among the workspace’s secrets',
    keepSecretHint: 'Then it can be shown again, and tests can sign in with it.',
    strength: (bits: number, verdict: 'weak' | 'enough' | 'strong'): string =>
      `About ${bits} bits: ${
        verdict === 'weak'
          ? 'weak, the hash is not salted'
          : verdict === 'enough'
            ? 'enough against guessing at the gateway, not against a stolen file'
            : 'strong'
      }.`,
    showTyped: 'Show what is typed',
  },

  passwordOf: (number: number): string => `password of entry ${number}`,

  lastTest: 'Last test',
  neverTested: 'none yet',
  testAt: (iso: string, detail: string): string => `${moment(iso)} · ${detail}`,
  openTest: 'Open trace',

  notes: 'Findings',
  line: (number: number): string => `line ${number}`,

  reachTitle: 'What it can reach',
  reachNote: 'predicted from the draft · read, write, admin',
  reachNone: 'No table is known. Tables come from the schema file, the tests and the running backend.',
  reachFailed: 'The prediction could not be made.',
  immediateCaller: 'Immediate caller',

  claim: {
    title: 'New claimed name',
    text: 'Applications can send any name as effective caller. Gateways that take it believe them.',
    principal: 'Name',
    gateway: 'Gateway',
    user: 'Signs in as',
    userHint: 'The gateway lets only its gRPC users in.',
    certificate: 'Shows certificate',
    certificateHint: 'A common name beats a claimed one: only a certificate without one leaves room.',
    none: 'none',
    added: (file: string): string => `Added to ${file}.`,
    tests: (names: readonly string[]): string => `Claimed by ${few(names)} in the tests.`,
    warning: 'Nobody verifies this name. Whoever reaches the gateway can claim it.',
  },
  certificateOf: 'Certificate',
  openCertificate: 'Open in Certificates',
  until: (iso: string): string => `valid until ${date(iso)}`,
  dnsGroups: 'DNS names, which are its groups',
  grpcPlace: (file: string, line: number): string => `${file}, line ${line}`,
  grpcText: 'gRPC users open the door; whether they name the caller is a setting of the gateway.',

  importDialog: {
    title: 'Import users',
    text: 'A users.json of vtgate, the old form too, or accounts of a MySQL server: rows of user and authentication_string, or lines of SHOW CREATE USER.',
    into: 'Into',
    paste: 'Text',
    pasteHint: 'Paste it here, drop a file, or choose one.',
    choose: 'Choose file…',
    tooLarge: (name: string): string => `${name} is larger than 8 MB, which no users file is. Nothing was read.`,
    notText: (name: string): string => `${name} could not be read. Choose another file.`,
    read: (name: string): string => `${name} was read.`,
    existing: 'Users who are there already',
    existingOptions: { keep: 'Leave them', append: 'Add entries', replace: 'Replace them' },
    hashClear: 'Turn passwords in clear into hashes',
    hashClearHint: 'Both hashes are written. The passwords themselves are not kept.',
    report: 'What would happen',
    outcome: {
      added: 'added',
      appended: 'entry added',
      replaced: 'replaced',
      kept: 'left',
      refused: 'not imported',
    },
    columns: { line: 'Line', user: 'User', outcome: 'Outcome', notes: 'Notes' },
    run: (number: number): string => (number === 0 ? 'Import' : `Import ${count(number, 'user', 'users')}`),
    nothing: 'Nothing in the text can be imported.',
    noText: 'There is no text yet.',
    done: (number: number): string => `${count(number, 'user was', 'users were')} imported.`,
  },

  rotation: {
    title: (user: string, number: number): string => `Rotate entry ${number} of ${user}`,
    text: 'A second entry gets the new password. Both work until the old one is removed, so nobody is locked out.',
    rightsTitle: (user: string, number: number): string => `Move entry ${number} of ${user} to other rights`,
    rightsText: 'A second entry gets the new UserData and a password of its own. Clients move by using that password.',
    start: 'Add second entry',
    heading: (kind: RotationView['kind']): string =>
      kind === 'password' ? 'Password rotation' : 'Move to other rights',
    steps: ['Second entry', 'Both tested', 'Clients moved', 'Old entry removed'],
    stepDone: 'done',
    stepNow: 'now',
    stepLater: 'later',
    apply: 'The second entry is in the draft. Apply it, so that the gateway takes both passwords.',
    applyEnd: 'The old entry is out of the draft. Apply it to finish.',
    review: 'Review changes…',
    startCluster: 'Both entries are applied. Start the cluster to test them.',
    startDo: 'Start cluster',
    test: 'Test both over real connections.',
    testDo: 'Test both entries',
    testAgain: 'Test again',
    oldPassword: 'Old password',
    newPassword: 'New password',
    oldUnknown: 'Not known here. Typed for this test only, and not kept; empty: not tested.',
    oldResult: (number: number | null): string => (number === null ? 'Old entry' : `Old entry (${number})`),
    newResult: (number: number | null): string => (number === null ? 'New entry' : `New entry (${number})`),
    move: 'Give clients the new password. Sign-ins are counted for each entry; tests from here are not.',
    since: (iso: string | null): string => (iso === null ? 'not counted yet' : `since ${moment(iso)}`),
    used: (number: number | null): string => (number === null ? '–' : count(number, 'sign-in', 'sign-ins')),
    last: (iso: string | null): string => (iso === null ? 'never' : moment(iso)),
    counted: 'Sign-ins',
    lastOne: 'Last',
    quiet: (old: number, ms: number): string => `Nobody has used entry ${old} for ${duration(ms)} of running gateways.`,
    inUse: (old: number, number: number): string =>
      `Entry ${old} is still in use: ${count(number, 'sign-in', 'sign-ins')} since the count began.`,
    watch: 'Count anew from now',
    watchHint: 'When all clients have moved: whoever still uses the old entry shows up.',
    finish: 'Finish rotation…',
    finishTitle: (user: string): string => `Finish the rotation of ${user}?`,
    finishText: (number: number): string => `Entry ${number} is removed from the draft. Undo brings it back.`,
    finishUsed: (number: number, old: number): string =>
      `Entry ${old} has let somebody in ${count(number, 'time', 'times')} since the count began. Those clients are locked out once this is applied.`,
    finishUntested: 'The new entry has not been tested, and nobody has signed in by it.',
    clean: (name: string, places: readonly { group: string; list: string }[]): string =>
      `Also remove ${name} from ${few(places.map(({ group, list }) => `the ${list} of ${shown(group)}`))}`,
    cleanHint: 'Nobody has this name afterwards.',
    finishDo: 'Remove old entry',
    stop: 'Stop rotation',
    stopHint: 'The second entry is removed from the draft.',
    beforeAfter: 'Before and after',
    canFinish: 'The rotation can be finished.',
  },
  strip: (file: string): string => file.replace(/^pki\//, '').replace(/-cert\.pem$/, ''),
};
