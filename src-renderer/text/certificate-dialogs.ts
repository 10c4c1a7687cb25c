import type {
  CertificateExportFormat,
  CertificateFaultName,
  NewCertificate,
  RevocationReasonName,
} from '../../src-main/contract';
import { count, date } from './plural';

/** What is wrong on purpose, in a word or two. */
export const faultWords = {
  expired: 'expired',
  'not-yet-valid': 'not valid yet',
  'other-authority': 'other authority',
  'wrong-name': 'wrong name',
  'server-only': 'server only',
  'no-common-name': 'no common name',
  revoked: 'revoked',
  'weak-key': 'weak key',
} satisfies Record<CertificateFaultName, string>;

/** `Import 2 certificates, 1 key`. */
function importRun(certificates: number, keys: number, crls: number): string {
  const parts = [
    ...(certificates > 0 ? [count(certificates, 'certificate', 'certificates')] : []),
    ...(keys > 0 ? [count(keys, 'key', 'keys')] : []),
    ...(crls > 0 ? [count(crls, 'CRL', 'CRLs')] : []),
  ];
  return parts.length === 0 ? 'Import' : `Import ${parts.join(', ')}`;
}

/** Words of the form for a new certificate and of the dialogs of the screen. */
export const certificateDialogs = {
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
      `Made a copy of ${name} that is faulty on purpose: ${faultWords[fault]}.`,
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
    unreadable: 'A file could not be read. Nothing of it was taken.',
    tooMany: 'More than 100 files, or more than 8 MB, at once. Import them in several steps.',
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
    run: importRun,
    done: (certificates: number, keys: number, crls: number): string =>
      `${importRun(certificates, keys, crls).replace('Import', 'Imported')}.`,
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
    faulty: (fault: CertificateFaultName): string => `This certificate is faulty on purpose (${faultWords[fault]}).`,
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
