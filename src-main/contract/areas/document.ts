import { oc } from '@orpc/contract';
import { z } from 'zod';
import { finding } from '../finding';
import { draftEdit, editImpact } from './edits';

/** The draft as the window around the screens shows it. */
export const documentPart = z.object({
  revision: z.number(),
  /** Files that differ between draft and applied. */
  changedFiles: z.array(z.string()),
  /** What Undo and Redo would do; null: nothing. */
  undoLabel: z.string().nullable(),
  redoLabel: z.string().nullable(),
  /** How many changes the review would list. */
  changes: z.number(),
  /** Applied files that somebody else has changed on the disk, and that nobody has decided about. */
  changedOnDisk: z.array(z.string()),
  /** Files that are no part of the draft: links, and such as are too large. */
  skipped: z.array(z.string()),
});
export type DocumentPart = z.infer<typeof documentPart>;

/** A sentence in pieces, so that names and what came or went can be set apart. */
export const sentence = z.array(z.object({ text: z.string(), as: z.enum(['text', 'name', 'strong', 'code']) }));
export type SentenceData = z.infer<typeof sentence>;

/** One change of the draft. */
export const draftChange = z.object({
  /** Names it in `undoChange`. */
  id: z.string(),
  area: z.enum(['callers', 'access', 'cluster', 'certificates', 'tests', 'files']),
  sentence,
  file: z.string(),
  /** From 1; 0: the whole file. */
  line: z.number(),
  /** The version in which `line` counts. */
  side: z.enum(['draft', 'applied']),
});
export type DraftChange = z.infer<typeof draftChange>;

const mark = z.enum(['allow', 'deny', 'refuse', 'would-deny', 'not-enforced', 'unknown']);
export type ImpactMark = z.infer<typeof mark>;

/** One cell whose outcome changes. */
export const impactCell = z.object({
  /** Null: no test covers it, the files alone say so. */
  suite: z.string().nullable(),
  /** File of the suite; null with it. */
  file: z.string().nullable(),
  /** The sign-in test, where it is one and no cell of a matrix. */
  test: z.string().nullable(),
  caller: z.string(),
  /** Who the caller is for the tablet; null: nobody gets that far. */
  immediate: z.string().nullable(),
  user: z.string().nullable(),
  transports: z.array(z.string()),
  table: z.string().nullable(),
  role: z.enum(['read', 'write', 'admin']).nullable(),
  before: mark,
  after: mark,
  expected: mark.nullable(),
  contradicts: z.boolean(),
});
export type ImpactCell = z.infer<typeof impactCell>;

/** Both versions of a file; secrets are masked, keys are not shown. Null: the file is not there. */
export const fileDiff = z.object({
  path: z.string(),
  status: z.enum(['added', 'removed', 'changed']),
  before: z.string().nullable(),
  after: z.string().nullable(),
  masked: z.boolean(),
});
export type FileDiffData = z.infer<typeof fileDiff>;

export const review = z.object({
  /** Of the draft that was looked at. */
  revision: z.number(),
  /** What the draft opens, in one sentence; null: nothing. */
  opens: sentence.nullable(),
  changes: z.array(draftChange),
  impact: z.object({
    /** Those that contradict an expectation first. */
    cells: z.array(impactCell),
    /** All there are; `cells` may hold fewer. */
    total: z.number(),
    gains: z.number(),
    loses: z.number(),
    contradictions: z.number(),
  }),
  files: z.array(fileDiff),
  flags: z.array(z.object({ program: z.string(), removed: z.array(z.string()), added: z.array(z.string()) })),
  effect: z.object({
    /** `none`: nothing that runs reads it. */
    kind: z.enum(['none', 'at-once', 'restart']),
    /** With `restart`: whose settings need it. */
    parts: z.array(z.object({ kind: z.enum(['gateway', 'tablet', 'backend', 'all']), name: z.string() })),
    schema: z.boolean(),
    running: z.boolean(),
    /** Connections that a restart would end. */
    connections: z.number(),
    /** Another program runs the cluster: `gatehouse up (process 7)`. */
    holder: z.string().nullable(),
  }),
  /** Findings that keep the draft from being applied. */
  blocking: z.array(finding),
  /** Findings that stay; new ones first. */
  warnings: z.array(finding.extend({ isNew: z.boolean() })),
});
export type ReviewData = z.infer<typeof review>;

/** One applied version. */
export const version = z.object({
  number: z.number(),
  /** ISO 8601. */
  at: z.string(),
  note: z.string(),
  /** `found`: it lay on the disk, before the first apply or put there by others. */
  origin: z.enum(['applied', 'found']),
  changes: z.number(),
  cells: z.object({ changed: z.number(), gains: z.number(), loses: z.number() }),
  files: z.number(),
  /** It is what is applied now. */
  current: z.boolean(),
});
export type VersionData = z.infer<typeof version>;

const versionNumber = z.strictObject({ version: z.number().int().min(1).max(999_999_999) });

export const documentContract = {
  undo: oc.input(z.void()).output(z.void()),
  redo: oc.input(z.void()).output(z.void()),
  /** Makes one typed edit. Failures: `edit.*`, `access.*`. */
  edit: oc.input(z.strictObject({ edit: draftEdit })).output(z.void()),
  /** What the edit would change in cells, without making it. */
  impactOf: oc.input(z.strictObject({ edit: draftEdit })).output(editImpact),
  review: oc.input(z.void()).output(review),
  /** Takes one change back in the draft; can be undone. Failure: `document.stale`. */
  undoChange: oc.input(z.strictObject({ id: z.string().max(64) })).output(z.void()),
  /** Failures: `document.no-changes`, `.findings`, `.disk-changed`, `.stale` (another revision), `.not-applied`. */
  apply: oc
    .input(z.strictObject({ note: z.string().max(1_000), revision: z.number() }))
    .output(z.object({ version: z.number(), cells: z.number() })),
  /** Makes the draft equal to what is applied; can be undone. */
  discard: oc.input(z.void()).output(z.void()),
  /** Applied versions, newest first. */
  history: oc.input(z.void()).output(z.array(version)),
  /** The way from a version to what is applied. */
  compare: oc.input(versionNumber).output(z.object({ changes: z.array(draftChange), files: z.array(fileDiff) })),
  /** Makes a version the draft; applies nothing. */
  restore: oc.input(versionNumber).output(z.void()),
  /** Looks at the disk now. */
  checkDisk: oc.input(z.void()).output(z.void()),
  /** From the draft's version of each file that others have changed to the disk's. */
  compareDisk: oc.input(z.void()).output(z.array(fileDiff)),
  /** `load`: into the draft and as applied. `keep`: the draft stays, and applying writes over it. */
  resolveDisk: oc.input(z.strictObject({ choice: z.enum(['load', 'keep']) })).output(z.void()),
};
