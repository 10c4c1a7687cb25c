import { oc } from '@orpc/contract';
import { z } from 'zod';

export const storedForm = z.enum(['plain', 'native', 'sha2']);
export type StoredFormName = z.infer<typeof storedForm>;

/** Name and groups by which table ACLs know somebody. */
export const immediateName = z.object({ username: z.string(), groups: z.array(z.string()) });

/** Something worth attention about a caller, with its remedy. */
export const callerNote = z.object({
  code: z.string(),
  level: z.enum(['error', 'warning', 'info']),
  text: z.string(),
  remedy: z.string(),
  line: z.number(),
  /** Entry (from 0) that it is about; null: the whole user. */
  entry: z.number().nullable(),
});
export type CallerNote = z.infer<typeof callerNote>;

/** One way from a proof to a name at one gateway. */
export const callerWay = z.object({
  gateway: z.string(),
  over: z.enum(['mysql', 'grpc']),
  /** Link of the cluster part that it uses. */
  link: z.string(),
  immediate: immediateName,
  /** Entry of the users file (from 0), where one decides. */
  entry: z.number().nullable(),
  /** The gateway's own words when it does not let the caller in now. */
  refusal: z.string().nullable(),
  /** Only over the gateway's Unix socket. */
  unixOnly: z.boolean(),
});
export type CallerWay = z.infer<typeof callerWay>;

/** An entry of a users file; nothing of its password but what kind it is. */
export const callerEntry = z.object({
  index: z.number(),
  /** Given back with every call about the entry, so that a changed file is noticed. */
  key: z.string().nullable(),
  line: z.number(),
  /** Null: the key is missing. */
  userData: z.string().nullable(),
  groups: z.array(z.string()),
  sourceHost: z.string(),
  forms: z.array(storedForm),
  password: z.object({
    /** `file`: it stands in clear in the file; `unknown`: only its hash is known; `none`: there is none. */
    origin: z.enum(['generated', 'typed', 'file', 'unknown', 'none']),
    /** Bits of entropy: exact for generated ones, estimated for typed ones; null: not known. */
    bits: z.number().nullable(),
  }),
  signIns: z.object({
    total: z.number(),
    onLastDay: z.number(),
    /** ISO 8601; null: never. */
    lastAt: z.string().nullable(),
  }),
});
export type CallerEntry = z.infer<typeof callerEntry>;

export const rotationAttempt = z.object({ ok: z.boolean(), message: z.string(), at: z.string() });

/** A rotation that is under way. */
export const rotationView = z.object({
  id: z.string(),
  kind: z.enum(['password', 'rights']),
  stage: z.enum(['apply', 'start', 'test', 'move', 'apply-end']),
  oldIndex: z.number().nullable(),
  newIndex: z.number().nullable(),
  oldName: z.string(),
  newName: z.string(),
  startedAt: z.string(),
  oldTest: rotationAttempt.nullable(),
  newTest: rotationAttempt.nullable(),
  watchFrom: z.string().nullable(),
  oldSince: z.number().nullable(),
  newSince: z.number().nullable(),
  oldLastAt: z.string().nullable(),
  newLastAt: z.string().nullable(),
  /** How long sign-ins were counted since the watch began, or since the last one by the old entry. */
  quietMs: z.number().nullable(),
  oldKnown: z.boolean(),
  newKnown: z.boolean(),
  /** Lists of the table ACL that name the old UserData, which nobody has once the old entry is gone. */
  leftInAcl: z.array(z.object({ file: z.string(), group: z.string(), list: z.string() })),
});
export type RotationView = z.infer<typeof rotationView>;

const named = {
  /** `user:FILE:NAME`, `certificate:FILE`, `claimed:KEY`, `grpc-user:FILE:NAME`. */
  id: z.string(),
  name: z.string(),
  ways: z.array(callerWay),
  notes: z.array(callerNote),
  /** Tables on which it may do something, of those that are known. */
  reach: z.number(),
};

export const userCaller = z.object({
  ...named,
  file: z.string(),
  /** First and last line in the file. */
  lines: z.tuple([z.number(), z.number()]),
  entries: z.array(callerEntry),
  rotations: z.array(rotationView),
});
export type UserCaller = z.infer<typeof userCaller>;

export const certificateCaller = z.object({
  ...named,
  file: z.string(),
  groups: z.array(z.string()),
  /** ISO 8601. */
  notAfter: z.string(),
  state: z.enum(['accepted', 'refused']),
});
export type CertificateCaller = z.infer<typeof certificateCaller>;

export const claimedCaller = z.object({
  ...named,
  groups: z.array(z.string()),
  /** Callers of tests who claim it. */
  tests: z.array(z.string()),
});
export type ClaimedCaller = z.infer<typeof claimedCaller>;

export const grpcUserCaller = z.object({ ...named, file: z.string(), line: z.number() });
export type GrpcUserCaller = z.infer<typeof grpcUserCaller>;

export const callersPart = z.object({
  usersFiles: z.array(
    z.object({
      file: z.string(),
      gateways: z.array(z.string()),
      mode: z.enum(['vitess', 'hardened']),
      /** Why it cannot be shown and edited, with place and remedy; null: it can. */
      fault: z.string().nullable(),
      legacy: z.boolean(),
    }),
  ),
  users: z.array(userCaller),
  certificates: z.array(certificateCaller),
  claimed: z.array(claimedCaller),
  grpcUsers: z.array(grpcUserCaller),
  /** Gateways that take claimed names, with the gRPC users and certificates that may carry one there. */
  claims: z.array(
    z.object({
      gateway: z.string(),
      users: z.array(z.string()),
      needsUser: z.boolean(),
      /** Whether a claimed name counts there for callers without a certificate. */
      needsCertificate: z.boolean(),
    }),
  ),
  tables: z.number(),
});
export type CallersPart = z.infer<typeof callersPart>;

const file = z.string().min(1).max(400);
const user = z.string().max(2_000);
/** Long enough for every password, short enough for a call. */
const passwordText = z.string().max(4_000);
const entry = z.strictObject({
  file,
  user,
  index: z.number().int().min(0).max(10_000),
  key: z.string().max(64).nullable(),
});
const password = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('generate'), bits: z.number().int().min(64).max(1_024) }),
  z.strictObject({ kind: z.literal('typed'), password: passwordText, keep: z.boolean() }),
]);
const groups = z.array(z.string().max(2_000)).max(1_000);
const sourceHost = z.enum(['', 'localhost']);
const newEntry = {
  userData: z.string().max(2_000).nullable(),
  groups,
  sourceHost,
  forms: z.array(storedForm).max(3),
  password,
};
/** A pasted or dropped text; a users file of tens of thousands of users is smaller. */
const importInput = z.strictObject({
  file,
  text: z.string().max(8_000_000),
  existing: z.enum(['keep', 'append', 'replace']),
  hashClear: z.boolean(),
});
const importReport = z.object({
  kind: z.enum(['users-file', 'mysql-accounts']),
  users: z.number(),
  lines: z.array(
    z.object({
      line: z.number(),
      user: z.string().nullable(),
      outcome: z.enum(['added', 'appended', 'replaced', 'kept', 'refused']),
      notes: z.array(z.string()),
    }),
  ),
});
export type ImportReport = z.infer<typeof importReport>;
const rotation = z.strictObject({ id: z.string().max(64) });

export const callersContract = {
  /** Adds a gateway for MySQL users to a workspace without one; returns its users file. Failures: `callers.no-gateway`. */
  addUsersGateway: oc.input(z.void()).output(z.object({ file: z.string() })),
  addUser: oc.input(z.strictObject({ file, name: user, ...newEntry })).output(z.void()),
  renameUser: oc.input(z.strictObject({ file, from: user, to: user })).output(z.void()),
  deleteUser: oc.input(z.strictObject({ file, name: user })).output(z.void()),
  addEntry: oc.input(z.strictObject({ file, user, ...newEntry })).output(z.void()),
  removeEntry: oc.input(entry).output(z.void()),
  moveEntry: oc.input(z.strictObject({ entry, to: z.number().int().min(0).max(10_000) })).output(z.void()),
  /** What is left out stays; `presentPassword` makes a form that the entry lacks. */
  changeEntry: oc
    .input(
      z.strictObject({
        entry,
        userData: z.string().max(2_000).nullable().optional(),
        groups: groups.optional(),
        sourceHost: sourceHost.optional(),
        forms: z.array(storedForm).max(3).optional(),
        password: password.optional(),
        presentPassword: passwordText.optional(),
      }),
    )
    .output(z.void()),
  /** The password of an entry, to be shown for so many seconds because somebody asked. Failures: `callers.password-unknown`. */
  reveal: oc.input(entry).output(z.object({ password: z.string(), seconds: z.number() })),
  /** Estimated bits of a password while it is typed, and what to say about it. */
  strength: oc
    .input(z.strictObject({ password: passwordText }))
    .output(z.object({ bits: z.number(), verdict: z.enum(['weak', 'enough', 'strong']) })),
  previewImport: oc.input(importInput).output(importReport),
  import: oc.input(importInput).output(importReport),
  /** Letters as in the access part (A D W N E), three a table: read, write, admin; one text for each caller. */
  reach: oc
    .input(
      z.strictObject({
        callers: z.array(z.strictObject({ username: z.string(), groups: z.array(z.string()) })).max(500),
      }),
    )
    .output(z.object({ tables: z.array(z.string()), rows: z.array(z.string()) })),
  addClaimed: oc
    .input(
      z.strictObject({
        principal: user,
        groups,
        gateway: z.string().max(200),
        /** The gRPC user that the caller signs in as, where the gateway demands one. */
        user: z.string().max(2_000).nullable(),
        certificate: z.string().max(400).nullable(),
      }),
    )
    .output(z.object({ file: z.string() })),
  removeClaimed: oc.input(z.strictObject({ id: z.string().max(8_000) })).output(z.void()),
  startRotation: oc
    .input(z.strictObject({ entry, password, userData: z.string().max(2_000).optional(), groups: groups.optional() }))
    .output(z.object({ id: z.string() })),
  /** Real connections with both entries; a password that is not known here is typed and never kept. */
  testRotation: oc
    .input(z.strictObject({ id: z.string().max(64), old: passwordText.optional(), new: passwordText.optional() }))
    .output(z.void()),
  watchRotation: oc.input(rotation).output(z.void()),
  finishRotation: oc
    .input(z.strictObject({ id: z.string().max(64), evenIfUsed: z.boolean(), cleanAcl: z.boolean() }))
    .output(z.void()),
  cancelRotation: oc.input(rotation).output(z.void()),
};
