import { isTrackedPath, MAX_FILE_BYTES, type FileRef, type Manifest } from './tracked-files';

/** One file's content on both sides of a step; null: it was not there. */
export interface FileChange {
  readonly path: string;
  readonly before: FileRef | null;
  readonly after: FileRef | null;
}

/** One step that can be undone as a whole. */
export interface Step {
  readonly label: string;
  /** ISO time. */
  readonly at: string;
  readonly changes: readonly FileChange[];
  /** Steps in a row with the same key are one; null: a step of its own. */
  readonly merge: string | null;
}

/** Everything the draft knows besides the files themselves: `state.json`, written as a whole. */
export interface DraftState {
  readonly schema: 1;
  /** The applied version that the draft is compared with. */
  readonly base: Manifest;
  /** The draft. The files on disk follow it, never the other way round. */
  readonly files: Manifest;
  /** Oldest first. */
  readonly undo: readonly Step[];
  /** The next to be done again is the last. */
  readonly redo: readonly Step[];
  /** The apply that this state was written by; null: none yet. */
  readonly applied: string | null;
  /** Names of secrets that were made since the last apply. */
  readonly newSecrets: readonly string[];
}

const isRef = (value: unknown): value is FileRef => {
  const ref = value as Partial<FileRef> | null;
  return (
    typeof ref === 'object' &&
    ref !== null &&
    typeof ref.hash === 'string' &&
    /^[0-9a-f]{64}$/.test(ref.hash) &&
    (ref.mode === 0o600 || ref.mode === 0o644) &&
    Number.isInteger(ref.size) &&
    (ref.size as number) >= 0 &&
    (ref.size as number) <= MAX_FILE_BYTES
  );
};

/** A manifest as it was written, or null: paths that leave the workspace and anything else that is odd make it none. */
export function readManifest(value: unknown): Manifest | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const entries = Object.entries(value);
  if (!entries.every(([path, ref]) => isTrackedPath(path) && isRef(ref))) return null;
  return Object.fromEntries(entries.map(([path, { hash, mode, size }]) => [path, { hash, mode, size }]));
}

const isChange = (value: unknown): value is FileChange => {
  const change = value as Partial<FileChange> | null;
  return (
    typeof change === 'object' &&
    change !== null &&
    typeof change.path === 'string' &&
    isTrackedPath(change.path) &&
    (change.before === null || isRef(change.before)) &&
    (change.after === null || isRef(change.after))
  );
};

/** Changes as they were written, or null. */
export const readChanges = (value: unknown): readonly FileChange[] | null =>
  Array.isArray(value) && value.every(isChange) ? value : null;

function readSteps(value: unknown): readonly Step[] | null {
  if (!Array.isArray(value)) return null;
  const steps = value as Partial<Step>[];
  return steps.every(
    (step) =>
      typeof step === 'object' &&
      step !== null &&
      typeof step.label === 'string' &&
      step.label.length <= 200 &&
      typeof step.at === 'string' &&
      (step.merge === null || typeof step.merge === 'string') &&
      readChanges(step.changes) !== null,
  )
    ? (steps as Step[])
    : null;
}

/** Reads `state.json`; null when it is not what this program writes, for whatever reason. */
export function readDraftState(text: string): DraftState | null {
  let value: Partial<Record<keyof DraftState, unknown>> | null;
  try {
    value = JSON.parse(text) as typeof value;
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null || value.schema !== 1) return null;
  const base = readManifest(value.base);
  const files = readManifest(value.files);
  const undo = readSteps(value.undo);
  const redo = readSteps(value.redo);
  const { applied, newSecrets } = value;
  if (base === null || files === null || undo === null || redo === null) return null;
  if (applied !== null && typeof applied !== 'string') return null;
  if (!Array.isArray(newSecrets) || !newSecrets.every((name): name is string => typeof name === 'string')) return null;
  return { schema: 1, base, files, undo, redo, applied, newSecrets };
}
