import { oc } from '@orpc/contract';
import { z } from 'zod';

/** The app's own settings, applied at once and kept for this user. */
export const appSettings = z.object({
  appearance: z.enum(['system', 'light', 'dark']),
  /** Start the cluster when a workspace is opened. */
  startOnOpen: z.boolean(),
  /** Where new workspaces are made; null: the usual place. */
  workspacesDir: z.string().min(1).max(4096).nullable(),
  /** The mysqld or mariadbd to use; null: the first one found. */
  mysqld: z.string().min(1).max(4096).nullable(),
  /** How the matrix begins: in the order of the files, or with what differs. */
  matrixOrder: z.enum(['file', 'differs']),
});
export type AppSettings = z.infer<typeof appSettings>;
export type AppSettingKey = keyof AppSettings;
export const appSettingsChange = appSettings.partial().strict();
export type AppSettingsChange = z.infer<typeof appSettingsChange>;

/** One setting that could not be taken over from the file; the usual value is in force. */
export const settingFault = z.object({
  /** Null: the whole file. */
  key: z.string().nullable(),
  message: z.string(),
});

export const settingsPart = z.object({
  values: appSettings,
  faults: z.array(settingFault),
  /** The file, for those who look. */
  file: z.string(),
});
export type SettingsPart = z.infer<typeof settingsPart>;

const mode = z.enum(['vitess', 'hardened']);
const emulated = z.enum(['24.0.4', '24.0-recorded']);
const port = z.number().int().min(0).max(65_535);

/** Settings that belong to the workspace: shown from the draft, changed as edits of it. */
export const setupPart = z.object({
  fidelity: mode,
  vitess: emulated,
  gateways: z.array(
    z.object({
      name: z.string(),
      /** Null: the workspace's own. */
      fidelity: mode.nullable(),
      /** Null: it does not listen; 0: any free port. */
      mysqlPort: port.nullable(),
      grpcPort: port.nullable(),
    }),
  ),
  tablets: z.array(z.object({ alias: z.string(), grpcPort: port })),
  backends: z.array(
    z.object({
      name: z.string(),
      kind: z.enum(['managed', 'external']),
      host: z.string().nullable(),
      port: port.nullable(),
      user: z.string().nullable(),
      /** CA that vouches for an external MySQL. */
      ca: z.string().nullable(),
      tls: z.boolean(),
      /** Its password is in the secrets. */
      password: z.boolean(),
    }),
  ),
  /** Certificates of authorities in the workspace, for the choice of a CA. */
  authorities: z.array(z.string()),
  keys: z.object({
    folder: z.string(),
    files: z.number(),
    encrypted: z.number(),
    /** Of these, keys of authorities. */
    authorities: z.number(),
    authoritiesEncrypted: z.number(),
    /** Files that others than their owner may read. */
    open: z.array(z.string()),
  }),
  secrets: z.object({
    /** How the secrets open. */
    ways: z.array(z.enum(['key-file', 'passphrase', 'system'])),
    count: z.number(),
    /** This shell has the system's keychain. */
    keychain: z.boolean(),
  }),
});
export type SetupPart = z.infer<typeof setupPart>;

/** A MySQL or MariaDB of this machine. */
export const foundMysql = z.object({
  vendor: z.enum(['MariaDB', 'MySQL']),
  version: z.string(),
  path: z.string(),
  how: z.enum(['given', 'extra', 'bundled', 'path', 'usual-place']),
});
export type FoundMysql = z.infer<typeof foundMysql>;

/** One named difference between versions of Vitess, or between Vitess and hardened mode (docs/fidelity.md). */
export const fidelityDifference = z.object({
  id: z.string(),
  title: z.string(),
  /** What differs: two versions, or the two modes. */
  between: z.enum(['versions', 'modes']),
  /** Before the fixes of 24.0.4, or in vitess mode. */
  before: z.string(),
  /** In 24.0.4, or in hardened mode. */
  after: z.string(),
  source: z.enum(['measured', 'source', 'release notes']),
  /** Cases recorded of real Vitess that come out otherwise because of it. */
  cases: z.number().int(),
});
export type FidelityDifference = z.infer<typeof fidelityDifference>;

const name = z.string().min(1).max(100);
const passphrase = z.string().min(8).max(1024);

const external = z.strictObject({
  name,
  host: z.string().min(1).max(255),
  port: port.min(1),
  user: z.string().min(1).max(128),
  /** Null: the one that is known stays. */
  password: z.string().max(1024).nullable(),
  /** Workspace path of the CA; null: no TLS. */
  ca: z.string().max(400).nullable(),
});
export type ExternalBackendInput = z.infer<typeof external>;

export const settingsContract = {
  /** Changes some of the app's own settings, at once. Failures: `settings.*`. */
  set: oc.input(appSettingsChange).output(z.void()),
  /** Every MySQL and MariaDB of this machine; `trying` is one that the user named, with why it cannot be used. */
  findMysql: oc.input(z.void()).output(z.object({ found: z.array(foundMysql), fault: z.string().nullable() })),
  /** The mode of the workspace (`gateway` null) or of one gateway (`mode` null: the workspace's). An edit of the draft. */
  setFidelity: oc.input(z.strictObject({ gateway: name.nullable(), mode: mode.nullable() })).output(z.void()),
  setVitess: oc.input(z.strictObject({ vitess: emulated })).output(z.void()),
  /** Every named difference, those between versions first. */
  differences: oc.input(z.void()).output(z.array(fidelityDifference)),
  /** Port of a listener: `gateway:NAME/mysql`, `gateway:NAME/grpc`, `tablet:ALIAS/grpc`; 0 is any free one. */
  setPort: oc.input(z.strictObject({ listener: z.string().max(200), port })).output(z.void()),
  /** Lets the workspace use a MySQL that others run, or one of its own again. */
  useExternal: oc.input(external).output(z.void()),
  useManaged: oc.input(z.strictObject({ name })).output(z.void()),
  /** Logs in to a MySQL and says what it is; changes nothing. */
  probeExternal: oc.input(external).output(z.object({ text: z.string(), missingDatabases: z.array(z.string()) })),
  /** Encrypts the private keys of the authorities, an edit of the draft; issuing needs the passphrase then. */
  encryptKeys: oc.input(z.strictObject({ passphrase })).output(z.void()),
  decryptKeys: oc.input(z.strictObject({ passphrase: z.string().max(1024) })).output(z.void()),
  /** Locks the secrets with a passphrase instead of the key file; the workspace is opened again, its cluster stops. */
  lockSecrets: oc.input(z.strictObject({ passphrase })).output(z.void()),
  /** The reverse. */
  unlockSecrets: oc.input(z.void()).output(z.void()),
};
