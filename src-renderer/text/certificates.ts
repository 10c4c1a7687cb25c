import type {
  CertificateCheck,
  CertificateExportFormat,
  CertificateFaultName,
  CertificateRoleName,
  CertificateRow,
  CertificatesPart,
  NewCertificate,
  RevocationReasonName,
} from '../../src-main/contract';
import { count, date } from './plural';

const numbers = [
  'No',
  'One',
  'Two',
  'Three',
  'Four',
  'Five',
  'Six',
  'Seven',
  'Eight',
  'Nine',
  'Ten',
  'Eleven',
  'Twelve',
];
const spelled = (number: number): string => numbers[number] ?? number.toLocaleString('en');
const few = (names: readonly string[]): string =>
  names.length <= 2 ? names.join(', ') : `${names[0] ?? ''} and ${names.length - 1} more`;

type Parts = CertificateRow['uses'];
const partWords: Record<Parts[number]['kind'], readonly [one: string, many: string]> = {
  client: ['clients', 'clients'],
  gateway: ['gateway', 'gateways'],
  tablet: ['tablet', 'tablets'],
  backend: ['MySQL', 'MySQL'],
};
const partText = ({ kind, names }: Parts[number]): string =>
  kind === 'client'
    ? 'clients'
    : names.length === 1
      ? `${partWords[kind][0]} ${names[0] ?? ''}`
      : partCount({ kind, names });
/** `gateway`, `3 gateways`: where the names are told beside it. */
const partCount = ({ kind, names }: Parts[number]): string =>
  kind === 'client' ? 'clients' : names.length === 1 ? partWords[kind][0] : `${names.length} ${partWords[kind][1]}`;

const isBroken = ({ status }: CertificateRow): boolean => status !== 'valid' && status !== 'expires-soon';

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** `3 Feb 2026`, for columns. */
const shortDay = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
const shortDate = (iso: string): string => shortDay.format(new Date(iso));

/** `today`, `3 Feb 2026`. */
function dayText(iso: string, now = new Date()): string {
  return new Date(iso).toDateString() === now.toDateString() ? 'today' : shortDate(iso);
}

export const certificates = {
  /** A finding's message as a sentence. */
  sentence: (message: string): string => capital(message).replace(/\.?$/, '.'),
  title: (number: number): string => `Certificates, ${number}`,
  import: 'Import…',
  create: 'New certificate',
  more: 'More actions',
  filter: 'Filter certificates',
  hideUnusable: 'Hide unusable',
  tree: 'Certificates by issuer',
  notConnected: 'Not connected',
  notConnectedText: 'Their signer is not in this workspace.',
  columns: { name: 'Name', role: 'Role', usedBy: 'Used by', status: 'Status' },
  noMatch: 'No certificate matches',
  hidden: (number: number): string => `${count(number, 'certificate is', 'certificates are')} hidden.`,
  unusableFilter: 'unusable ones hidden',
  empty: {
    title: 'No certificates',
    text: 'Without certificates the gateway talks in clear text. Drop PEM files here, or let the usual set be made:',
    make: 'Create the usual set',
    makes: 'What is made',
  },

  /** The one sentence of the screen: what is broken first, then what is open, then what holds. */
  statement: ({ rows, checks }: CertificatesPart): string => {
    const used = rows.filter(({ uses }) => uses.length > 0);
    const broken = used.filter(isBroken);
    const [one] = broken;
    if (broken.length === 1 && one !== undefined) return `${one.name} is in use and will not be accepted.`;
    if (broken.length > 1) return `${spelled(broken.length)} certificates in use will not be accepted.`;
    const missing = checks.find(({ missingFile }) => missingFile !== null);
    if (missing !== undefined) return 'A certificate that gatehouse.json names is not here.';
    const soon = used.filter(({ status }) => status === 'expires-soon').sort((a, b) => a.daysLeft - b.daysLeft);
    if (soon[0] !== undefined)
      return soon.length === 1
        ? `${soon[0].name} ends ${inDays(soon[0].daysLeft)}.`
        : `${spelled(soon.length)} certificates in use end soon, the first ${inDays(soon[0].daysLeft)}.`;
    const open = new Set(
      checks.filter(({ warning }) => warning !== null).map(({ link, from, to }) => [link, from, to].join()),
    );
    if (open.size > 0)
      return `${spelled(open.size)} ${open.size === 1 ? 'link is' : 'links are'} not checked on both sides.`;
    const authorities = rows.filter(
      ({ role, trustedBy }) => (role === 'authority' || role === 'root') && trustedBy.length > 0,
    );
    return authorities.length === 0
      ? 'No authority is trusted by any part yet.'
      : `${spelled(authorities.length)} ${authorities.length === 1 ? 'authority answers' : 'authorities answer'} who may call whom.`;
  },
  /** What stands behind it. */
  summary: ({ rows, crls }: CertificatesPart): string[] => {
    const number = (status: CertificateRow['status']): number => rows.filter((row) => row.status === status).length;
    const faulty = rows.filter((row) => row.faulty !== null).length;
    const parts = [count(rows.length, 'certificate', 'certificates')];
    const add = (many: number, one: string, other: string): void => {
      if (many > 0) parts.push(count(many, one, other));
    };
    add(number('expires-soon'), 'ends soon', 'end soon');
    add(number('expired'), 'expired', 'expired');
    add(number('revoked'), 'revoked', 'revoked');
    add(faulty, 'faulty on purpose', 'faulty on purpose');
    const crl = [...crls].filter(({ used }) => used).sort((a, b) => (a.thisUpdate < b.thisUpdate ? 1 : -1))[0];
    if (crl !== undefined) parts.push(`CRL of ${crl.name} from ${dayText(crl.thisUpdate)}`);
    return parts;
  },

  role: {
    root: 'Root authority',
    authority: 'Authority',
    'gateway-server': 'Gateway server',
    'tablet-server': 'Tablet server',
    'mysql-server': 'MySQL server',
    'gateway-as-tablet-client': 'Gateway to tablet',
    'mysql-client': 'Tablet to MySQL',
    caller: 'Caller',
    server: 'Server',
    client: 'Client',
    other: 'Other',
  } satisfies Record<CertificateRoleName, string>,

  /** Who uses a certificate, in the words of a column. */
  usedBy: (row: CertificateRow): string => {
    if (row.uses.length > 0) return row.uses.map(partText).join(', ');
    if (row.trustedBy.length > 0)
      return row.trustedBy
        .map(
          (part) => `${partCount(part)} ${part.kind !== 'client' && part.names.length === 1 ? 'trusts' : 'trust'} it`,
        )
        .join(', ');
    const { authorities, certificates: leaves } = row.signs;
    if (authorities > 0) return `signs ${count(authorities, 'authority', 'authorities')}`;
    if (leaves > 0) return `signs ${count(leaves, 'certificate', 'certificates')}`;
    if (row.caller !== null) {
      if (row.caller.gateways.length === 0) return 'nobody';
      return row.caller.name === '' ? 'a caller without a name' : `caller ${row.caller.name}`;
    }
    return 'no link';
  },

  /** The status as a word with its date. */
  status: (row: CertificateRow): string => {
    switch (row.status) {
      case 'valid':
        return 'Valid';
      case 'expires-soon':
        return `Ends ${inDays(row.daysLeft)}`;
      case 'expired':
        return `Expired ${shortDate(row.statusDate)}`;
      case 'not-yet-valid':
        return `Not valid before ${shortDate(row.statusDate)}`;
      case 'revoked':
        return `Revoked ${dayText(row.statusDate)}`;
      case 'signer-unknown':
        return 'Signer unknown';
      case 'self-signed':
        return 'Self-signed';
      case 'name-missing':
        return 'Name missing';
      case 'wrong-purpose':
        return 'Wrong purpose';
    }
  },
  until: (row: CertificateRow): string => `until ${date(row.notAfter)}`,
  faulty: 'Faulty on purpose',
  fault: {
    expired: 'expired',
    'not-yet-valid': 'not valid yet',
    'other-authority': 'other authority',
    'wrong-name': 'wrong name',
    'server-only': 'server only',
    'no-common-name': 'no common name',
    revoked: 'revoked',
    'weak-key': 'weak key',
  } satisfies Record<CertificateFaultName, string>,

  checks: {
    title: 'Who checks whom',
    marked: 'The selected certificate is on the marked links.',
    unused: 'The selected certificate is on no link.',
    path: 'Its path is marked in the tree.',
    none: 'There is no link yet: gatehouse.json names no gateway.',
    columns: { link: 'Link', shows: 'Shows', checkedBy: 'Checked by', against: 'Against', flag: 'Flag' },
    /** A link by the kinds of its ends, or by names where there are several of a kind. */
    link: (
      check: CertificateCheck,
      all: { readonly gateways: number; readonly tablets: number; readonly backends: number },
    ): string => {
      const end = (kind: string, names: readonly string[], of: number): string =>
        of <= 1
          ? kind
          : names.length === of
            ? `${of} ${kind}s`
            : names.length === 1
              ? (names[0] ?? '')
              : `${names.length} of ${of} ${kind}s`;
      const { link, from, to } = check;
      if (link === 'gateway-tablet')
        return `${capital(end('gateway', from, all.gateways))} → ${end('tablet', to, all.tablets)}`;
      if (link === 'tablet-backend')
        return `${capital(end('tablet', from, all.tablets))} → ${all.backends <= 1 ? 'MySQL' : few(to)}`;
      return `Client → ${end('gateway', to, all.gateways)}, ${link === 'client-gateway-grpc' ? 'gRPC' : 'MySQL'}`;
    },
    callers: 'the caller’s certificate',
    mysqls: 'MySQL’s certificate',
    nothing: 'nothing',
    clientSide: 'client side',
    against: {
      verified: '',
      'system-roots': 'the authorities of this machine',
      'client-side': '',
      'backend-side': 'as MySQL is set up',
      login: 'a password decides',
      'not-asked': 'not checked',
      'nothing-shown': '',
      plain: 'not encrypted',
      socket: 'local socket',
      mismatch: 'the link fails',
    } satisfies Record<CertificateCheck['reason'], string>,
    missing: (file: string): string => `${file} is not there.`,
    checker: {
      client: 'client',
      gateway: 'gateway',
      tablet: 'tablet',
      backend: 'MySQL',
      nobody: 'nobody',
    } satisfies Record<CertificateCheck['checkedBy'], string>,
  },

  details: {
    knownAs: 'Gateway calls it',
    noName: 'unsecure_grpc_client',
    groups: 'Groups',
    subject: 'Subject',
    signedBy: 'Signed by',
    itself: 'itself',
    valid: 'Valid',
    validity: (row: CertificateRow): string => `${date(row.notBefore)} to ${date(row.notAfter)}`,
    usedAs: 'May be',
    purposes: ({ purposes }: CertificateRow): string =>
      [
        ...(purposes.authority ? ['authority'] : []),
        ...(purposes.client ? ['TLS client'] : []),
        ...(purposes.server ? ['TLS server'] : []),
      ].join(', ') || 'nothing that TLS asks for',
    names: 'Names',
    key: 'Key',
    keyPlace: {
      clear: 'in a file of its own',
      encrypted: 'encrypted',
      missing: 'private key not here',
      mismatch: 'the key file is another one’s',
    } satisfies Record<CertificateRow['key'], string>,
    serial: 'Serial',
    /** A long number by its ends; all of it is among all fields. */
    shortSerial: (serial: string): string =>
      serial.length > 16 ? `${serial.slice(0, 8)}…${serial.slice(-4)}` : serial,
    chain: 'Chain',
    makes: 'Makes this caller',
    makesName: 'Common name → immediate caller',
    makesGroups: 'DNS names → groups',
    makesNoGroups: 'No DNS names, so no groups.',
    letIn: (gateways: readonly string[]): string =>
      gateways.length === 0
        ? 'No gateway lets it in.'
        : `Let in by ${gateways.length === 1 ? 'gateway' : 'gateways'} ${few(gateways)}.`,
    usedByNoLink: 'Used by no link.',
    findings: 'Findings',
    notes: 'Notes',
    renew: 'Renew…',
    export: 'Export…',
    revoke: 'Revoke…',
    connect: 'Connect…',
    makeFaulty: 'Make a faulty certificate…',
    copyPem: 'Copy PEM',
    copied: 'The certificate was copied.',
    remove: 'Delete…',
    useCrl: 'Let every part use its CRL',
    issueBelow: 'New certificate signed by it…',
    allFields: 'All fields',
    more: 'More',
    privateKey: 'Private key',
    noKeyHere: 'The key of its authority is not here.',
    rootNotRevocable: 'A root cannot be revoked. Take it out of the files that trust it.',
    already: 'It is revoked already.',
    noOwnFile: 'It has no file of its own.',
    noPrivateKey: 'Its private key is not here.',
    notALeaf: 'Only a certificate that an authority has signed can be copied.',
  },

  form: {
    title: 'New certificate',
    fromRequest: 'Certificate for a request',
    for: 'For',
    forOptions: {
      caller: 'Caller',
      'gateway-server': 'Gateway server',
      'gateway-as-tablet-client': 'Gateway as client of tablets',
      'tablet-server': 'Tablet server',
      'mysql-server': 'MySQL server',
      authority: 'Authority',
      other: 'Other',
    } satisfies Record<NewCertificate['for'], string>,
    commonName: 'Common name',
    commonNameHint: 'The gateway will know this caller by exactly this text.',
    commonNameServer: 'For people; clients compare the names under More.',
    signedBy: 'Signed by',
    itself: 'Itself (a new root)',
    noAuthority: 'There is no authority whose key is here.',
    validFor: 'Valid for',
    validOptions: { '1': '1 day', '90': '90 days', '365': '1 year', '3650': '10 years', until: 'until…' },
    until: 'Valid until',
    more: 'More',
    dns: 'DNS names',
    dnsHintCaller: 'For callers these count as groups.',
    dnsHintServer: 'Clients compare these with the name they dial.',
    addName: 'Add a name',
    ip: 'IP addresses',
    addAddress: 'Add an address',
    key: 'Key',
    keyOptions: {
      'ecdsa-p256': 'ECDSA P-256',
      'ecdsa-p384': 'ECDSA P-384',
      'rsa-2048': 'RSA 2048',
      'rsa-3072': 'RSA 3072',
      'rsa-4096': 'RSA 4096',
      ed25519: 'Ed25519',
    },
    serial: 'Serial number',
    serialHint: 'Hexadecimal. Random unless something is written here.',
    purposes: 'Purposes',
    client: 'TLS client',
    server: 'TLS server',
    requestKey: 'The key stays with whoever made the request.',
    writes: (file: string): string => `Will be written to ${file}.`,
    create: 'Create certificate',
    cancel: 'Cancel',
  },

  made: (name: string, signedBy: string | null, notAfter: string): string =>
    `Created ${name === '' ? 'a certificate' : name}, signed by ${signedBy ?? 'itself'}, valid until ${date(notAfter)}.`,
  show: 'Show',
  undo: 'Undo',
  cancel: 'Cancel',
  usualSetMade: (number: number): string =>
    `Created ${count(number, 'certificate', 'certificates')} and put them to use.`,
  usualSetMissing: 'Create what is missing of the usual set',
  usualSetComplete: 'Nothing is missing of the usual set.',
  makeFaulty: 'Make a faulty certificate…',
  connectUser: 'Connect as a user with a password…',
  noMysqlGateway: 'No gateway speaks MySQL over TLS.',
  unlock: 'Unlock private keys…',

  renewDialog: {
    title: (name: string): string => `Renew ${name}`,
    leaf: 'Same names and purposes, new key and serial number. The old certificate stays valid until it ends.',
    scope: 'What is renewed',
    branch: (number: number): string =>
      `Everything below it too (${count(number, 'certificate', 'certificates')}), with new keys`,
    alone: 'The authority alone, with its old key',
    branchText: 'Files that trust the old authority get the new one. Clients outside need it too: export it to them.',
    aloneText: 'What it has signed stays valid.',
    days: 'Valid for',
    revokeOld: 'Revoke the old one',
    revokeHint: 'Puts it on the CRL of its authority, as superseded.',
    run: 'Renew',
    done: (name: string, notAfter: string): string => `Renewed ${name}, valid until ${date(notAfter)}.`,
    doneMany: (number: number): string => `Renewed ${count(number, 'certificate', 'certificates')}.`,
  },

  revokeDialog: {
    title: (name: string): string => `Revoke ${name}?`,
    text: (authority: string): string =>
      `It is put on the CRL of ${authority}. Whoever looks at that list refuses it from then on, also when it is shown again later.`,
    reason: 'Reason',
    reasons: {
      unspecified: 'Not stated',
      keyCompromise: 'Its key is known to others',
      affiliationChanged: 'Its owner belongs elsewhere now',
      superseded: 'It was replaced',
      cessationOfOperation: 'It is needed no more',
      privilegeWithdrawn: 'Its owner may no longer',
    } satisfies Record<RevocationReasonName, string>,
    useCrl: 'Let every part that trusts the authority look at the CRL',
    useCrlHint: 'Parts that look at no CRL let a revoked certificate in.',
    run: 'Revoke',
    done: (name: string): string => `Revoked ${name}.`,
  },

  deleteDialog: {
    title: (name: string): string => `Delete ${name}?`,
    nothing: 'Nothing uses it.',
    run: 'Delete',
    done: (name: string): string => `Deleted ${name}.`,
  },

  faultyDialog: {
    title: 'Make a faulty certificate',
    text: 'A copy with one fault and a key of its own, for tests that must be refused. It is marked everywhere and never exported without asking.',
    like: 'Copy of',
    fault: 'Fault',
    faults: {
      expired: 'Expired a month ago',
      'not-yet-valid': 'Valid from next month on',
      'other-authority': 'Signed by an authority that nobody trusts',
      'wrong-name': 'With a name that nobody asks for',
      'server-only': 'For servers only, shown by a client',
      'no-common-name': 'Without a common name',
      revoked: 'Revoked',
      'weak-key': 'With an RSA key of 1024 bits',
    } satisfies Record<CertificateFaultName, string>,
    effect: {
      expired: 'Refused in the handshake.',
      'not-yet-valid': 'Refused in the handshake.',
      'other-authority': 'Refused in the handshake: the signer is unknown.',
      'wrong-name': 'A client refuses a server so; a caller is known by another name.',
      'server-only': 'Refused in the handshake: the purpose is wrong.',
      'no-common-name': 'Let in over gRPC as unsecure_grpc_client.',
      revoked: 'Refused where the CRL is looked at.',
      'weak-key': 'Refused in hardened mode; a stock Vitess takes it.',
    } satisfies Record<CertificateFaultName, string>,
    onlyClients: 'For a server this is no fault.',
    none: 'There is no certificate to copy.',
    run: 'Make certificate',
    done: (name: string, fault: CertificateFaultName): string =>
      `Made a copy of ${name} that is faulty on purpose: ${certificates.fault[fault]}.`,
  },

  importDialog: {
    title: 'Import certificates and keys',
    text: 'PEM, DER, PKCS#12 and certificate requests. Keys find the certificates they fit.',
    paste: 'Paste PEM text',
    pasteName: 'pasted text',
    choose: 'Choose files…',
    drop: 'Or drop files anywhere in the window.',
    passphrase: 'Passphrase',
    passphraseHint: 'For the files that are encrypted. It is not kept.',
    tooLarge: (name: string): string => `${name} is larger than 1 MB and was not read.`,
    tooMany: 'More than 100 files at once. Import them in several steps.',
    report: 'What would be imported',
    remove: (name: string): string => `Leave ${name} out`,
    outcome: {
      import: 'Import',
      present: 'Here already',
      passphrase: 'Encrypted',
      request: 'Request',
      refused: 'Refused',
      unused: 'Not needed',
    },
    issue: 'Issue…',
    nothing: 'Nothing of this can be imported.',
    noFiles: 'Choose or paste something first.',
    run: (certificates_: number, keys: number, crls: number): string => {
      const parts = [
        ...(certificates_ > 0 ? [count(certificates_, 'certificate', 'certificates')] : []),
        ...(keys > 0 ? [count(keys, 'key', 'keys')] : []),
        ...(crls > 0 ? [count(crls, 'CRL', 'CRLs')] : []),
      ];
      return parts.length === 0 ? 'Import' : `Import ${parts.join(', ')}`;
    },
    done: (certificates_: number, keys: number, crls: number): string =>
      `${certificates.importDialog.run(certificates_, keys, crls).replace('Import', 'Imported')}.`,
  },

  exportDialog: {
    title: (name: string): string => `Export ${name}`,
    format: 'Form',
    formats: {
      pem: 'Certificate (PEM)',
      chain: 'Chain up to the root (PEM)',
      pkcs12: 'Certificate and key (PKCS#12)',
      kubernetes: 'Kubernetes secret (YAML)',
      'encrypted-key': 'Private key, encrypted (PEM)',
      key: 'Private key in clear (PEM)',
    } satisfies Record<CertificateExportFormat, string>,
    hints: {
      pem: 'With the intermediates that are sent along. Nothing secret.',
      chain: 'What others need to trust it. Nothing secret.',
      pkcs12: 'Protected by a passphrase.',
      kubernetes: 'Holds the private key in clear: whoever reads it can be this certificate’s owner.',
      'encrypted-key': 'Protected by a passphrase.',
      key: 'Whoever reads it can be this certificate’s owner.',
    } satisfies Record<CertificateExportFormat, string>,
    passphrase: 'Passphrase',
    passphraseHint: 'At least 12 characters protect it from being guessed.',
    passphraseMissing: 'This form needs a passphrase.',
    faulty: (fault: CertificateFaultName): string =>
      `This certificate is faulty on purpose (${certificates.fault[fault]}).`,
    faultyConfirm: 'Export it all the same',
    noKey: 'Its private key is not here.',
    run: 'Save file…',
    copy: 'Copy',
    copied: 'Copied.',
    saved: (name: string): string => `Saved as ${name} in the downloads.`,
  },

  connectDialog: {
    title: (name: string): string => `Connect as ${name}`,
    titleUser: 'Connect as a user with a password',
    text: 'With verified TLS. No password is in the text; programs read it from MYSQL_PASSWORD.',
    gateway: 'Gateway',
    client: 'Client',
    none: 'No gateway speaks MySQL over TLS.',
  },

  fieldsDialog: {
    title: (name: string): string => `All fields of ${name}`,
    pem: 'PEM',
    key: 'Private key',
    keyOf: (name: string): string => `Private key of ${name}`,
    keyEncrypted: 'Encrypted; shown as it lies in its file.',
  },

  unlockDialog: {
    title: 'Unlock private keys',
    text: 'The private keys of this workspace are encrypted. The passphrase is kept in memory until the workspace is closed.',
    passphrase: 'Passphrase',
    run: 'Unlock',
    done: 'The private keys are unlocked.',
  },
};

/** `in 12 days`, `tomorrow`, `today`. */
function inDays(days: number): string {
  return days <= 0 ? 'today' : days === 1 ? 'tomorrow' : `in ${days.toLocaleString('en')} days`;
}
