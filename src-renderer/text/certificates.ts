import type { CertificateCheck, CertificateRoleName, CertificateRow, CertificatesPart } from '../../src-main/contract';
import { certificateDialogs, faultWords } from './certificate-dialogs';
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
  fault: faultWords,

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
    crlUsed: (changed: boolean): string =>
      changed ? 'The parts that trust it look at its CRL from now on.' : 'No part was changed.',
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
  ...certificateDialogs,
};

/** `in 12 days`, `tomorrow`, `today`. */
function inDays(days: number): string {
  return days <= 0 ? 'today' : days === 1 ? 'tomorrow' : `in ${days.toLocaleString('en')} days`;
}
