import { oc } from '@orpc/contract';
import { z } from 'zod';
import { failure } from '../failure';
import { finding } from '../finding';

/** The four lists of a table group; `entries` are its tables and prefixes. */
export const groupList = z.enum(['entries', 'readers', 'writers', 'admins']);
export type GroupListName = z.infer<typeof groupList>;

/** One name in a list of the form. */
export const aclFormName = z.object({
  text: z.string(),
  line: z.number(),
  /** The applied file does not have it in this group's list. */
  added: z.boolean(),
  /**
   * A principal: `caller` is somebody's name, `group` a group of somebody, `unknown` neither. An entry: `table` is there,
   * `prefix` covers at least one table, `unknown` covers none that is known. `unchecked`: nothing is known to compare with.
   */
  kind: z.enum(['caller', 'group', 'table', 'prefix', 'unknown', 'unchecked']),
  /** How many known callers it lets in, or known tables it covers. */
  matches: z.number(),
  /** The known name that was probably meant. */
  nearest: z.string().nullable(),
});
export type AclFormName = z.infer<typeof aclFormName>;

export const groupHint = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('writers-cannot-read'),
    names: z.array(z.string()).readonly(),
    to: z.array(groupList).readonly(),
  }),
  z.object({
    kind: z.literal('admins-cannot-use'),
    names: z.array(z.string()).readonly(),
    to: z.array(groupList).readonly(),
  }),
  z.object({ kind: z.literal('covers-everything'), otherEntries: z.number() }),
  z.object({ kind: z.literal('everybody-on-this-host'), lists: z.array(groupList).readonly() }),
]);
export type GroupHintData = z.infer<typeof groupHint>;

export const aclGroup = z.object({
  name: z.string(),
  line: z.number(),
  entries: z.array(aclFormName),
  readers: z.array(aclFormName),
  writers: z.array(aclFormName),
  admins: z.array(aclFormName),
  /** Known tables that the group's entries cover. */
  tables: z.number(),
  /** The applied file has no group of this name. */
  added: z.boolean(),
  hints: z.array(groupHint),
  /** Errors and warnings between this group's first line and the next one's. */
  findings: z.array(finding),
});
export type AclGroup = z.infer<typeof aclGroup>;

/** One ACL file of the draft. */
export const aclFile = z.object({
  path: z.string(),
  /** Changes with every change of the text; an edit of the text says which one it began with. */
  version: z.string(),
  /** `missing` or `unreadable`: there is no text. */
  state: z.enum(['text', 'binary', 'missing', 'unreadable']),
  text: z.string(),
  /** What `groups` shows: the text as it is, or (the text is broken) the last good one or the applied one. */
  form: z.enum(['text', 'last-good', 'applied', 'none']),
  groups: z.array(aclGroup),
  vitess: z.object({ accepted: z.boolean(), message: z.string().nullable() }),
  findings: z.array(finding),
  /** Tablets of the draft that use it. */
  tablets: z.array(z.string()),
});
export type AclFile = z.infer<typeof aclFile>;

export const aclMode = z.enum(['strict', 'dry-run', 'off']);
export type AclMode = z.infer<typeof aclMode>;

/** How one tablet uses its ACL. */
export const accessTablet = z.object({
  alias: z.string(),
  keyspace: z.string(),
  file: z.string().nullable(),
  mode: aclMode,
  strict: z.boolean(),
  dryRun: z.boolean(),
  enforce: z.boolean(),
  exempt: z.string(),
  /** What the mode comes to; the page has a sentence for each. */
  consequence: z.enum(['enforced', 'closed', 'dry-run', 'dry-run-over-strict', 'off', 'off-without-file']),
  /** Whom the exemption lets past: known callers, or everybody (`gRPC`). */
  exempts: z.enum(['nobody', 'everybody', 'some', 'unknown', 'no-file']),
});
export type AccessTablet = z.infer<typeof accessTablet>;

/** The tables that can be offered for one keyspace. */
export const accessTables = z.object({
  keyspace: z.string(),
  names: z.array(z.string()),
  /** `stopped`: no cluster runs, so only files and tests were asked. */
  backend: z.enum(['stopped', 'listing', 'listed', 'failed']),
  failure: failure.nullable(),
});
export type AccessTables = z.infer<typeof accessTables>;

export const accessPart = z.object({
  tablets: z.array(accessTablet),
  files: z.array(aclFile),
  tables: z.array(accessTables),
  /** Names that lists can hold, as far as known. */
  principals: z.array(z.object({ name: z.string(), kind: z.enum(['caller', 'group']) })),
  /** Gateways where any name can be claimed. */
  claimsAt: z.array(z.string()),
});
export type AccessPart = z.infer<typeof accessPart>;

/** Cells that differ between two versions. */
const cellChanges = z.object({
  /** A text for each caller, a character for each cell: `.` same, `+` now gets through, `-` not any more, `~` otherwise. */
  rows: z.array(z.string()),
  gains: z.number(),
  loses: z.number(),
  others: z.number(),
});

/** What a text would allow, predicted. */
export const accessPreview = z.object({
  tablet: z.string(),
  vitess: z.object({ accepted: z.boolean(), message: z.string().nullable() }),
  /** Which version the cells are of: the text asked about, or the last one that Vitess would load. */
  shows: z.enum(['text', 'last-good', 'applied', 'nothing']),
  findings: z.array(finding),
  callers: z.array(
    z.object({
      key: z.string(),
      name: z.string(),
      groups: z.array(z.string()),
      /** Ways to this name: users, certificates, claims. */
      kinds: z.array(z.enum(['user', 'certificate', 'claimed', 'grpc-user', 'no-authentication', 'unnamed'])),
    }),
  ),
  /** In the order of the groups that cover them; -1: no group covers it. `group` counts the groups that the cells are of. */
  tables: z.array(z.object({ name: z.string(), group: z.number() })),
  groups: z.array(z.string()),
  /**
   * A text for each caller with three letters a table, for read, write and admin: `A` allowed, `D` denied, `W` would be
   * denied (dry run), `N` allowed, not enforced, `E` allowed, because exempt.
   */
  cells: z.array(z.string()),
  /** Against the draft as it is saved, and against what is applied; null: the tablet is new. */
  sinceDraft: cellChanges,
  sinceApplied: cellChanges.nullable(),
});
export type AccessPreview = z.infer<typeof accessPreview>;

/** Why one cell is as it is. */
export const accessWhy = z.object({
  table: z.string(),
  role: z.enum(['READER', 'WRITER', 'ADMIN']),
  caller: z.object({ name: z.string(), groups: z.array(z.string()) }),
  letter: z.string(),
  file: z.string().nullable(),
  /** Place and name of the group in the form that covers the table; null: none does. */
  group: z.object({ index: z.number(), name: z.string(), entry: z.string(), line: z.number() }).nullable(),
  list: z.object({ name: groupList, members: z.array(z.string()), line: z.number() }).nullable(),
  /** The name or group in that list that grants it. */
  principal: z.string().nullable(),
  sentence: z.string(),
});
export type AccessWhy = z.infer<typeof accessWhy>;

/** What an import would bring. */
export const aclImportReport = z.object({
  name: z.string(),
  format: z.enum(['json', 'binary']),
  groups: z.number(),
  entries: z.number(),
  principals: z.number(),
  /** Groups of the draft that the file does not have: they would go. */
  replaced: z.number(),
  vitess: z.object({ accepted: z.boolean(), message: z.string().nullable() }),
  findings: z.array(finding),
});
export type AclImportReport = z.infer<typeof aclImportReport>;

const path = z.string().min(1).max(1_000);
const alias = z.string().min(1).max(200);
const aclText = z.string().max(4_000_000);
const name = z.string().max(1_000);
const index = z.number().int().min(0).max(1_000_000);

/** Where the group stands, and the name it must have there: the page may be behind. */
const ofGroup = { group: index, groupName: name.optional() };

/** domain/acl AclEdit. */
export const aclEdit = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('add-group'), name, entries: z.array(name).max(10_000) }),
  z.strictObject({ kind: z.literal('rename-group'), ...ofGroup, name }),
  z.strictObject({ kind: z.literal('remove-group'), ...ofGroup }),
  z.strictObject({ kind: z.literal('move-group'), ...ofGroup, to: index }),
  z.strictObject({
    kind: z.literal('add-names'),
    ...ofGroup,
    list: groupList,
    names: z.array(name).max(1_000),
    take: z.boolean().optional(),
  }),
  z.strictObject({ kind: z.literal('remove-name'), ...ofGroup, list: groupList, index, name }),
  z.strictObject({ kind: z.literal('replace-name'), ...ofGroup, list: groupList, index, name, by: name }),
]);
export type AclEditData = z.infer<typeof aclEdit>;

/** A file as it was dropped, chosen or pasted: base64 of at most 4 MB. */
const imported = z.strictObject({ tablet: alias, name: z.string().max(300), content: z.string().max(5_600_000) });

export const accessContract = {
  /** One step of undo each. Failures: `access.*`, each with its place and remedy. */
  edit: oc.input(z.strictObject({ file: path, edit: aclEdit })).output(z.void()),
  /**
   * The whole text, broken or not. `base`: the version it was begun with; another one there now is refused with
   * `access.changed-elsewhere`. Null: whatever is there.
   */
  setText: oc
    .input(z.strictObject({ file: path, text: aclText, base: z.string().max(100).nullable() }))
    .output(z.object({ version: z.string() })),
  /** The same JSON, laid out evenly; `access.text-broken` when it is none. */
  format: oc.input(z.strictObject({ file: path })).output(z.void()),
  /** In the place of a broken text the last one that could be read. */
  restoreGood: oc.input(z.strictObject({ file: path })).output(z.void()),
  setMode: oc.input(z.strictObject({ tablet: alias, mode: aclMode })).output(z.void()),
  setSettings: oc
    .input(z.strictObject({ tablet: alias, enforce: z.boolean().optional(), exempt: name.optional() }))
    .output(z.void()),
  /** An empty ACL file for a tablet that has none. */
  createFile: oc.input(z.strictObject({ tablet: alias })).output(z.object({ file: z.string() })),
  /** A tablet uses another ACL file of the workspace, or none. */
  useFile: oc.input(z.strictObject({ tablet: alias, file: path.nullable() })).output(z.void()),
  inspectImport: oc.input(imported).output(aclImportReport),
  /** Replaces the tablet's ACL file, or makes it. A file that holds no table groups to read is refused. */
  import: oc.input(imported).output(z.void()),
  /** What a text (null: the draft's) would allow. Nothing is written. */
  preview: oc
    .input(
      z.strictObject({
        tablet: alias,
        text: aclText.nullable(),
        /** Tables to show beside those that are known. */
        tables: z.array(name).max(1_000).optional(),
      }),
    )
    .output(accessPreview),
  why: oc
    .input(
      z.strictObject({
        tablet: alias,
        text: aclText.nullable(),
        caller: z.string().max(20_000),
        table: name,
        role: z.enum(['READER', 'WRITER', 'ADMIN']),
      }),
    )
    .output(accessWhy),
  /** Asks the running backends for their tables again. */
  listTables: oc.input(z.void()).output(z.void()),
};
