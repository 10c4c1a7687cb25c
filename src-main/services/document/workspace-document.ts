import type { AuditWhat } from '../../domain/audit';
import type { Clock, Finding } from '../../domain/kernel';
import type { DescribedChange } from '../../domain/workspace';
import type { Manifest, SecretStore, UndoLimits, Unlocker, VersionRecord } from '../../servers/store';
import type { Workspace } from '../workspace/load-workspace';
import type { Effect } from './effect';
import type { AccessImpact } from './impact';
import type { FileDiff, FlagDiff } from './versions';

export interface DocumentOptions {
  readonly unlocker: Unlocker;
  readonly clock: Clock;
  /** Who holds the draft, as others are told. */
  readonly program?: string;
  readonly limits?: UndoLimits;
  /** False: the applied files are not watched for changes by others; they are still looked at before an apply. */
  readonly watch?: boolean;
}

/** What an edit may say about itself. */
export interface EditOptions {
  /** Edits in a row with the same key are one step of undo: typing into one field, for example. */
  readonly merge?: string;
  /** What the audit log calls it; left out: the draft's edits are not recorded one by one, their apply is. */
  readonly audit?: AuditWhat;
}

/** What runs the applied version, as far as an apply is concerned. */
export interface ApplyTarget {
  /** Something runs that could go on with the version before. */
  readonly runs: boolean;
  /** Takes over what was just written: reloads or restarts. Rejecting means that it was not taken over. */
  take(applied: Workspace, effect: Effect): Promise<void>;
  /** The files are those of `previous` again: go on with it, or start again with it. */
  putBack(previous: Workspace, effect: Effect): Promise<void>;
}

/** Everything that a review shows, before anything is applied. */
export interface Review {
  readonly revision: number;
  readonly changes: readonly DescribedChange[];
  readonly impact: AccessImpact;
  readonly files: readonly FileDiff[];
  readonly flags: readonly FlagDiff[];
  /** Files of the draft's test suites, by the suites' names. */
  readonly suiteFiles: ReadonlyMap<string, string>;
  readonly effect: Effect;
  /** Findings that keep the draft from being applied. */
  readonly blocking: readonly Finding[];
  /** Findings that do not, those first that the applied version does not have. */
  readonly warnings: readonly (Finding & { readonly isNew: boolean })[];
}

/** One open workspace: what is applied, the draft of it, and every way from one to the other. */
export interface WorkspaceDocument {
  /** The workspace: applied files. */
  readonly dir: string;
  /** The working copy; edits go here. */
  readonly draftDir: string;
  readonly applied: Workspace;
  /** The last state of the draft that loads; faults of its files are findings in it. */
  readonly draft: Workspace;
  /** Findings of the draft as it is now, those too that keep it from loading. */
  readonly draftFindings: readonly Finding[];
  readonly secrets: SecretStore;
  /** Counts up with everything that `onChanged` tells. */
  readonly revision: number;
  /** What "Undo" and "Redo" would do, by label; null: nothing. */
  readonly undoLabel: string | null;
  readonly redoLabel: string | null;
  /** Paths of the files that differ between draft and applied. */
  readonly changedFiles: readonly string[];
  /** The same as sentences. */
  readonly changes: readonly DescribedChange[];
  /** What is applied, file by file. */
  readonly appliedFiles: Manifest;
  /** Applied files that somebody else has changed on the disk since, and that nobody has decided about. */
  readonly changedOnDisk: readonly string[];
  /** Files of the workspace that are links or too large: no part of the draft. */
  readonly skipped: readonly string[];

  /**
   * Runs `change` on the draft directory; whatever files differ afterwards is one undo step called `label` ("Add
   * Reader"). All or nothing, one edit after the other. An edit inside an edit is refused (`document.nested`).
   */
  edit<T>(label: string, change: (dir: string) => Promise<T>, options?: EditOptions): Promise<T>;
  /** Runs `look` on the draft directory while no edit runs; it must change nothing. */
  read<T>(look: (dir: string) => Promise<T>): Promise<T>;
  undo(): Promise<void>;
  redo(): Promise<void>;
  /** Tells of everything that changes; returns how to stop it. */
  onChanged(listener: () => void): () => void;

  /** What applying the draft as it is now would change. */
  review(): Promise<Review>;
  /** Takes one change of the review back in the draft, as a step of its own. Rejects with `document.stale`. */
  undoChange(id: string): Promise<void>;
  /**
   * Makes the draft the applied version: writes the files as one set, keeps the version, and has `target` take it over.
   * Rejects with `document.no-changes`, `document.findings`, `document.disk-changed`, and `document.not-applied` when the
   * target does not take it: then the version before is back and runs on. With `revision`, a document that has changed
   * since is refused (`document.stale`): what was looked at is what is applied.
   */
  apply(note: string, target?: ApplyTarget, revision?: number): Promise<VersionRecord>;
  /** Makes the draft equal to what is applied; can be undone. */
  discard(): Promise<void>;
  /** Applied versions, newest first. */
  history(): Promise<readonly VersionRecord[]>;
  /** From a version of the history to what is applied. */
  compare(
    version: number,
  ): Promise<{ readonly changes: readonly DescribedChange[]; readonly files: readonly FileDiff[] }>;
  /** Makes a version of the history the draft; applies nothing. */
  restore(version: number): Promise<void>;
  /** Looks at the disk now. */
  checkDisk(): Promise<void>;
  /** What others have changed on the disk: from the draft's version of each file to the disk's. */
  compareDisk(): Promise<readonly FileDiff[]>;
  /**
   * Decides about files that others have changed. `load`: they come into the draft, which can be undone, and count as
   * applied. `keep`: the draft stays, and applying writes over them; what is there now goes into the history first.
   */
  resolveDisk(choice: 'load' | 'keep', target?: ApplyTarget): Promise<void>;
  close(): Promise<void>;
}
