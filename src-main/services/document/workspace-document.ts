import type { Clock, Finding } from '../../domain/kernel';
import type { SecretStore, UndoLimits, Unlocker } from '../../servers/store';
import type { Workspace } from '../workspace/load-workspace';

export interface DocumentOptions {
  readonly unlocker: Unlocker;
  readonly clock: Clock;
  /** Who holds the draft, as others are told. */
  readonly program?: string;
  readonly limits?: UndoLimits;
}

/** What an edit may say about itself. */
export interface EditOptions {
  /** Edits in a row with the same key are one step of undo: typing into one field, for example. */
  readonly merge?: string;
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
  /**
   * Runs `change` on the draft directory; whatever files differ afterwards is one undo step called `label` ("Add
   * Reader"). All or nothing, one edit after the other. An edit inside an edit is refused (`document.nested`).
   */
  edit<T>(label: string, change: (dir: string) => Promise<T>, options?: EditOptions): Promise<T>;
  undo(): Promise<void>;
  redo(): Promise<void>;
  /** Tells of everything that changes; returns how to stop it. */
  onChanged(listener: () => void): () => void;
  close(): Promise<void>;
}
