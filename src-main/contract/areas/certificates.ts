import { oc } from '@orpc/contract';
import { z } from 'zod';
import { finding } from '../finding';

/** Status words of ux §8.3, the worst first. */
export const certificateStatus = z.enum([
  'revoked',
  'expired',
  'not-yet-valid',
  'signer-unknown',
  'self-signed',
  'wrong-purpose',
  'name-missing',
  'expires-soon',
  'valid',
]);
export type CertificateStatus = z.infer<typeof certificateStatus>;

/** What a certificate is for in this workspace; `server`, `client` and `other` where no part and no authority tells more. */
export const certificateRole = z.enum([
  'root',
  'authority',
  'gateway-server',
  'tablet-server',
  'mysql-server',
  'gateway-as-tablet-client',
  'mysql-client',
  'caller',
  'server',
  'client',
  'other',
]);
export type CertificateRoleName = z.infer<typeof certificateRole>;

/** What is wrong on purpose with a certificate that was made for tests. */
export const certificateFault = z.enum([
  'expired',
  'not-yet-valid',
  'other-authority',
  'wrong-name',
  'server-only',
  'no-common-name',
  'revoked',
  'weak-key',
]);
export type CertificateFaultName = z.infer<typeof certificateFault>;

const keySpec = z.enum(['ecdsa-p256', 'ecdsa-p384', 'rsa-2048', 'rsa-3072', 'rsa-4096', 'ed25519']);
const revocationReason = z.enum([
  'unspecified',
  'keyCompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'privilegeWithdrawn',
]);
export type RevocationReasonName = z.infer<typeof revocationReason>;

/** Parts of the cluster of one kind, by name. */
const parts = z.object({ kind: z.enum(['client', 'gateway', 'tablet', 'backend']), names: z.array(z.string()) });

/** One certificate as tree and short form show it. Nothing secret: of the key only where it is and whether it is encrypted. */
export const certificateRow = z.object({
  /** Workspace path; `PATH#2` for the second certificate of a bundle. */
  id: z.string(),
  file: z.string(),
  /** Row of the issuer; null: at the top of the tree, or not connected to it. */
  parent: z.string().nullable(),
  /** False: its signer is not in the workspace. */
  connected: z.boolean(),
  /** Common name, else first name, else serial. */
  name: z.string(),
  role: certificateRole,
  status: certificateStatus,
  /** ISO 8601: when it was revoked, expired, will begin or will end. */
  statusDate: z.string(),
  /** More about the status in a sentence: the name that is missing, the authority that expired. */
  statusNote: z.string().nullable(),
  daysLeft: z.number(),
  faulty: certificateFault.nullable(),
  key: z.enum(['clear', 'encrypted', 'missing', 'mismatch']),
  keyFile: z.string(),
  /** Parts that show it. */
  uses: z.array(parts),
  /** Parts that check others against it. */
  trustedBy: z.array(parts),
  signs: z.object({ authorities: z.number(), certificates: z.number() }),
  /** How gateways know who shows it; null: not a caller's. */
  caller: z.object({ name: z.string(), groups: z.array(z.string()), gateways: z.array(z.string()) }).nullable(),
  subject: z.string(),
  issuer: z.string(),
  serial: z.string(),
  names: z.array(z.string()),
  purposes: z.object({ client: z.boolean(), server: z.boolean(), authority: z.boolean() }),
  keyText: z.string(),
  notBefore: z.string(),
  notAfter: z.string(),
  /** Itself, its issuer, and so on up to the root; ids. */
  chain: z.array(z.string()),
  /** Rows of "Who checks whom" in which it has a part. */
  checks: z.array(z.string()),
  findings: z.array(finding),
  /** Whether its authority can sign here: renew and revoke. */
  renewable: z.boolean(),
  revocable: z.boolean(),
  /** An authority whose key is here. */
  canSign: z.boolean(),
  /** Folder below pki/ of an authority; null for others. */
  authority: z.string().nullable(),
});
export type CertificateRow = z.infer<typeof certificateRow>;

/** One row of "Who checks whom" (ux §8.1). */
export const certificateCheck = z.object({
  id: z.string(),
  link: z.enum(['client-gateway-mysql', 'client-gateway-grpc', 'gateway-tablet', 'tablet-backend']),
  from: z.array(z.string()),
  to: z.array(z.string()),
  shownBy: z.enum(['dialler', 'listener']),
  checkedBy: z.enum(['client', 'gateway', 'tablet', 'backend', 'nobody']),
  reason: z.enum([
    'verified',
    'system-roots',
    'client-side',
    'backend-side',
    'login',
    'not-asked',
    'nothing-shown',
    'plain',
    'socket',
    'mismatch',
  ]),
  names: z.array(z.string()),
  flags: z.array(z.string()),
  /** Certificates that are shown: one, or those of all callers. */
  shown: z.array(z.string()),
  /** True when callers show their own. */
  callers: z.boolean(),
  /** Authorities it is checked against. */
  against: z.array(z.string()),
  /** File named in gatehouse.json in which there is no certificate; null: all are there. */
  missingFile: z.string().nullable(),
  crl: z.string().nullable(),
  /** Every certificate of the path that this check walks. */
  path: z.array(z.string()),
  warning: z.string().nullable(),
});
export type CertificateCheck = z.infer<typeof certificateCheck>;

export const certificatesPart = z.object({
  rows: z.array(certificateRow),
  checks: z.array(certificateCheck),
  crls: z.array(
    z.object({
      authority: z.string(),
      name: z.string(),
      file: z.string(),
      thisUpdate: z.string(),
      nextUpdate: z.string().nullable(),
      entries: z.number(),
      /** False: no part names it, so that nobody looks. */
      used: z.boolean(),
    }),
  ),
  /** What "Create the usual set" would still make; empty: everything is there. */
  usualSet: z.array(z.string()),
  gateways: z.array(z.object({ name: z.string(), mysql: z.boolean(), auth: z.string(), trust: z.string().nullable() })),
  /** Private keys are encrypted and their passphrase is not known: nothing can be signed until `unlockKeys`. */
  locked: z.boolean(),
  /** Files below pki/ that cannot be read, each with its place. */
  findings: z.array(finding),
});
export type CertificatesPart = z.infer<typeof certificatesPart>;

const id = z.string().min(1).max(400);
const name = z.string().max(200);
const passphrase = z.string().max(1024);
const days = z.number().int().min(1).max(3650);

/** What the form for a new certificate asks. */
export const newCertificate = z.strictObject({
  for: z.enum([
    'gateway-server',
    'gateway-as-tablet-client',
    'tablet-server',
    'mysql-server',
    'caller',
    'authority',
    'other',
  ]),
  commonName: name,
  /** Folder of the authority; null: itself (a new root). */
  signedBy: z.string().max(100).nullable(),
  /** Days, or the day it ends (YYYY-MM-DD). */
  validFor: z.union([days, z.iso.date()]),
  dns: z.array(name).max(100),
  ip: z.array(z.string().max(64)).max(100),
  key: keySpec,
  /** Hex digits as shown; empty: a random one. */
  serial: z.string().max(60),
  /** For "other". */
  purposes: z.array(z.enum(['client', 'server'])).max(2),
  /** A certificate request in PEM whose key is certified instead of a new one. */
  request: z.string().max(100_000).nullable(),
});
export type NewCertificate = z.infer<typeof newCertificate>;

/** What the form says while it is filled in. */
export const certificateAdvice = z.object({
  /** `error`: it cannot be created so. */
  notes: z.array(
    z.object({
      field: z.enum(['for', 'commonName', 'signedBy', 'validFor', 'dns', 'ip', 'key', 'serial', 'purposes']),
      level: z.enum(['error', 'warning', 'info']),
      text: z.string(),
    }),
  ),
  /** Where it would be written; null where nothing can be. */
  file: z.string().nullable(),
  notAfter: z.string().nullable(),
});
export type CertificateAdvice = z.infer<typeof certificateAdvice>;

/** What was done: the row to show, the files, sentences about what needs attention, and what was made. */
const done = z.object({
  show: z.string().nullable(),
  files: z.array(z.string()),
  notes: z.array(z.string()),
  made: z.object({ name: z.string(), signedBy: z.string().nullable(), notAfter: z.string() }).nullable(),
  /** How many certificates were made or renewed. */
  count: z.number(),
});
export type CertificatesDone = z.infer<typeof done>;

/** A file to be imported, as base64; its name is shown and used for naming, never as a path. */
const importFile = z.strictObject({ name: z.string().max(300), content: z.string().max(1_500_000) });
const importInput = z.strictObject({
  files: z.array(importFile).min(1).max(100),
  /** Tried on everything that is encrypted. */
  passphrases: z.array(passphrase).max(10),
});
export type CertificateImportInput = z.infer<typeof importInput>;

/** What one file holds and what would become of it. */
export const importedCertificateFile = z.object({
  name: z.string(),
  outcome: z.enum(['import', 'present', 'passphrase', 'request', 'refused', 'unused']),
  /** One sentence for each thing found (ux §8.5). */
  lines: z.array(z.string()),
  /** Why nothing of it is imported, with the place, and what helps. */
  findings: z.array(finding),
  /** The request inside, to be issued. */
  request: z
    .object({ pem: z.string(), commonName: z.string(), dns: z.array(z.string()), ip: z.array(z.string()) })
    .nullable(),
});
export type ImportedCertificateFile = z.infer<typeof importedCertificateFile>;
export const certificateImportReport = z.object({
  files: z.array(importedCertificateFile),
  certificates: z.number(),
  keys: z.number(),
  crls: z.number(),
  /** Files that are or would be written. */
  writes: z.array(z.string()),
  show: z.string().nullable(),
});
export type CertificateImportReport = z.infer<typeof certificateImportReport>;

const exportFormat = z.enum(['pem', 'chain', 'pkcs12', 'kubernetes', 'encrypted-key', 'key']);
export type CertificateExportFormat = z.infer<typeof exportFormat>;

export const certificatesContract = {
  /** Makes what is missing of the usual set and puts it to use. */
  createUsualSet: oc.input(z.void()).output(done),
  /** Judges a form; writes nothing. */
  advise: oc.input(newCertificate).output(certificateAdvice),
  create: oc.input(newCertificate).output(done),
  /** A copy of a certificate with one fault, for tests that must be refused. */
  makeFaulty: oc.input(z.strictObject({ like: id, fault: certificateFault })).output(done),
  /** `branch`: an authority and everything below it. */
  renew: oc.input(z.strictObject({ id, days, branch: z.boolean(), revokeOld: z.boolean() })).output(done),
  revoke: oc.input(z.strictObject({ id, reason: revocationReason, useCrl: z.boolean() })).output(done),
  /** Lets every part that trusts the authority look at its CRL. */
  useCrl: oc.input(z.strictObject({ authority: z.string().max(100) })).output(done),
  /** What deleting would mean, in sentences. */
  consequences: oc.input(z.strictObject({ id })).output(z.object({ lines: z.array(z.string()) })),
  remove: oc.input(z.strictObject({ id })).output(done),
  /** Everything a certificate says, as text. */
  fields: oc
    .input(z.strictObject({ id }))
    .output(z.object({ fields: z.array(z.object({ label: z.string(), value: z.string() })), pem: z.string() })),
  /** Keeps the passphrase of the private keys in memory until the workspace is closed. */
  unlockKeys: oc.input(z.strictObject({ passphrase })).output(z.void()),
  /** The private key as it lies in its file. The only call beside `export` that answers with one. */
  reveal: oc.input(z.strictObject({ id })).output(z.object({ pem: z.string(), encrypted: z.boolean() })),
  inspectImport: oc.input(importInput).output(certificateImportReport),
  import: oc.input(importInput).output(certificateImportReport),
  /** Faulty certificates are exported only when `faulty` says so. */
  export: oc
    .input(z.strictObject({ id, format: exportFormat, passphrase: passphrase.nullable(), faulty: z.boolean() }))
    .output(
      z.object({ name: z.string(), mediaType: z.string(), content: z.string(), encoding: z.enum(['utf8', 'base64']) }),
    ),
  /** Lines with which clients connect as this caller. */
  snippets: oc.input(z.strictObject({ id: id.nullable(), gateway: z.string().max(100) })).output(
    z.object({
      notes: z.array(z.string()),
      snippets: z.array(z.object({ title: z.string(), language: z.string(), text: z.string() })),
    }),
  ),
};
