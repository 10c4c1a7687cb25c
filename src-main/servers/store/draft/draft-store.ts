import { lstat, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../../domain/kernel';
import { writeFileAtomic } from '../atomic-write';
import { ensurePrivateFolder } from '../private-folder';
import { readDraftState, type DraftState, type FileChange, type Step } from './draft-state';
import { ObjectStore } from './object-store';
import { changedPaths, manifestOf, own, scanFiles, type Manifest, type Scan } from './tracked-files';
import { putMode, putTracked, removeHalfWritten } from './write-tracked';

/** How much is kept to be undone: steps, and bytes of contents that nothing but these steps needs. */
export interface UndoLimits {
  readonly steps: number;
  readonly bytes: number;
}

export const undoLimits: UndoLimits = { steps: 200, bytes: 64 * 1024 * 1024 };

export interface DraftStoreOptions {
  /** The workspace. */
  readonly dir: string;
  readonly clock: Clock;
  readonly limits?: UndoLimits;
}

/**
 * The draft of one workspace on disk: a complete working copy in `.gatehouse/draft/files`, the contents of every version
 * that can still be undone, and `state.json`, whose replacement is the one moment at which a step becomes true. A program
 * that is killed before it finds the version before at the next opening, one killed afterwards the version after.
 * Not safe for calls at the same time: its owner calls one after the other.
 */
export class DraftStore {
  readonly folder: string;
  readonly filesDir: string;
  #state!: DraftState;

  private constructor(
    readonly options: DraftStoreOptions,
    readonly objects: ObjectStore,
  ) {
    this.folder = join(options.dir, '.gatehouse', 'draft');
    this.filesDir = join(this.folder, 'files');
  }

  /** Opens the draft, or makes it from what is applied. Reads the applied files; changes none of them. */
  static async open(options: DraftStoreOptions): Promise<DraftStore> {
    const folder = join(options.dir, '.gatehouse', 'draft');
    for (const path of [join(options.dir, '.gatehouse'), folder, join(folder, 'files')])
      await ensurePrivateFolder(path);
    for (const name of await readdir(folder))
      if (name.startsWith('scratch-')) await rm(join(folder, name), { recursive: true, force: true });
    const store = new DraftStore(options, await ObjectStore.open(join(folder, 'objects')));
    const text = await readFile(store.#statePath, 'utf8').catch(() => null);
    const state = text === null ? null : readDraftState(text);
    if (state !== null) {
      await removeHalfWritten(store.filesDir, Object.keys(state.files));
      await removeHalfWritten(folder, ['state.json']);
      if (await store.#restore(state)) return store;
    }
    await store.#make(text !== null);
    return store;
  }

  get state(): DraftState {
    return this.#state;
  }

  /** Paths that differ between the draft and what is applied. */
  get changes(): string[] {
    return changedPaths(this.#state.base, this.#state.files);
  }

  /**
   * Runs `change` on the working copy; whatever files differ afterwards are one step. When it fails, or when nothing can
   * be kept, the working copy is as it was before.
   */
  async edit<T>(
    label: string,
    change: (dir: string) => Promise<T>,
    more: { readonly merge?: string | null; readonly newSecrets?: () => readonly string[] } = {},
  ): Promise<T> {
    const before = this.#state;
    try {
      const result = await change(this.filesDir);
      const scan = await scanFiles(this.filesDir);
      const newSecrets = more.newSecrets?.() ?? [];
      await this.#keep(scan, changedPaths(before.files, manifestOf(scan)));
      await this.#commitStep(label, manifestOf(scan), more.merge ?? null, newSecrets);
      return result;
    } catch (error) {
      await this.#follow(before.files);
      throw error;
    }
  }

  /** Replaces the draft by a version whose contents are kept already. */
  async replace(label: string, files: Manifest): Promise<void> {
    await this.edit(label, () => this.#follow(files));
  }

  /** Takes the last step back; false when there is none. */
  async undo(): Promise<boolean> {
    const { undo, redo } = this.#state;
    const step = undo.at(-1);
    if (step === undefined) return false;
    await this.#move(step, 'before', { undo: undo.slice(0, -1), redo: [...redo, step] });
    return true;
  }

  /** Does the step again that was taken back last; false when there is none. */
  async redo(): Promise<boolean> {
    const { undo, redo } = this.#state;
    const step = redo.at(-1);
    if (step === undefined) return false;
    await this.#move(step, 'after', { undo: [...undo, step], redo: redo.slice(0, -1) });
    return true;
  }

  /** From here on the draft is compared with `base`. */
  async setBase(scan: Pick<Scan, 'files'>, applied: string | null = this.#state.applied): Promise<void> {
    const base = manifestOf(scan);
    await this.#keep(scan, Object.keys(base));
    await this.#write({ ...this.#state, base, applied });
  }

  /** The draft is what is applied: the moment at which an apply becomes true. */
  async commitApply(id: string): Promise<void> {
    await this.#write({ ...this.#state, base: this.#state.files, applied: id });
  }

  /** Keeps the names of secrets that belong to steps not yet applied. */
  async setNewSecrets(newSecrets: readonly string[]): Promise<void> {
    await this.#write({ ...this.#state, newSecrets });
  }

  /** Content of a file of a version that is kept. */
  content(hash: string): Promise<Buffer> {
    return this.objects.get(hash);
  }

  /** Contents of a whole version. */
  async contents(manifest: Manifest): Promise<Map<string, Buffer>> {
    return new Map(
      await Promise.all(
        Object.entries(manifest).map(async ([path, { hash }]): Promise<[string, Buffer]> => [
          path,
          await this.content(hash),
        ]),
      ),
    );
  }

  get #statePath(): string {
    return join(this.folder, 'state.json');
  }

  async #make(hadState: boolean): Promise<void> {
    const applied = await scanFiles(this.options.dir);
    const base = manifestOf(applied);
    await this.#keep(applied, Object.keys(base));
    const left = await scanFiles(this.filesDir);
    // A state that cannot be read any more does not take the work in the draft with it.
    const rescued = hadState && left.files.has('gatehouse.json');
    const damaged = await lstat(this.#statePath).catch(() => null);
    if (damaged !== null) await rename(this.#statePath, `${this.#statePath}.damaged`);
    if (rescued) await this.#keep(left, [...left.files.keys()]);
    else await this.#follow(base);
    await this.#write({
      schema: 1,
      base,
      files: rescued ? manifestOf(left) : base,
      undo: [],
      redo: [],
      applied: null,
      newSecrets: [],
    });
  }

  /** Brings the working copy to what `state` says; false when a content that this needs is lost. */
  async #restore(state: DraftState): Promise<boolean> {
    const lost = [...Object.values(state.base), ...Object.values(state.files)].some(
      ({ hash }) => !this.objects.has(hash),
    );
    if (lost) return false;
    try {
      await this.#follow(state.files);
    } catch {
      return false;
    }
    // Steps whose contents are lost are no steps.
    const whole = (step: Step): boolean =>
      step.changes.every(({ before, after }) =>
        [before, after].every((ref) => ref === null || this.objects.has(ref.hash)),
      );
    const sound = [...state.undo, ...state.redo].every(whole);
    this.#state = sound ? state : { ...state, undo: [], redo: [] };
    return true;
  }

  /** Makes the working copy hold exactly `files`. */
  async #follow(files: Manifest): Promise<void> {
    const found = manifestOf(await scanFiles(this.filesDir));
    const stray = changedPaths(found, files);
    for (const path of stray.filter((path) => own(files, path) === undefined))
      await putTracked(this.filesDir, path, null);
    await Promise.all(
      stray.map(async (path) => {
        const ref = own(files, path);
        if (ref !== undefined)
          await putTracked(this.filesDir, path, { ref, content: await this.objects.get(ref.hash) });
      }),
    );
    for (const [path, { mode }] of Object.entries(files)) await putMode(this.filesDir, path, mode);
  }

  async #keep(scan: Pick<Scan, 'files'>, paths: readonly string[]): Promise<void> {
    await Promise.all(
      paths.map(async (path) => {
        const file = scan.files.get(path);
        if (file !== undefined) await this.objects.put(file.content);
      }),
    );
  }

  async #commitStep(
    label: string,
    files: Manifest,
    merge: string | null,
    newSecrets: readonly string[],
  ): Promise<void> {
    const state = this.#state;
    const changes = differences(state.files, files);
    const secrets = [...new Set([...state.newSecrets, ...newSecrets])];
    if (changes.length === 0) {
      if (secrets.length > state.newSecrets.length) await this.#write({ ...state, newSecrets: secrets });
      return;
    }
    const last = state.undo.at(-1);
    const at = this.options.clock.now().toISOString();
    const merged = merge !== null && last?.merge === merge && state.redo.length === 0;
    const step: Step = merged
      ? { ...last, label: label.slice(0, 200), at, changes: join2(last.changes, changes) }
      : { label: label.slice(0, 200), at, changes, merge };
    const undo = [...(merged ? state.undo.slice(0, -1) : state.undo), ...(step.changes.length === 0 ? [] : [step])];
    await this.#write(this.#bounded({ ...state, files, undo, redo: [], newSecrets: secrets }));
    await this.#prune();
  }

  async #move(
    step: Step,
    side: 'before' | 'after',
    stacks: { readonly undo: readonly Step[]; readonly redo: readonly Step[] },
  ): Promise<void> {
    const files: Record<string, Manifest[string]> = { ...this.#state.files };
    for (const change of step.changes) {
      const ref = change[side];
      if (ref === null) delete files[change.path];
      else files[change.path] = ref;
    }
    const before = this.#state;
    try {
      await this.#follow(files);
      await this.#write({ ...before, files, ...stacks });
    } catch (error) {
      await this.#follow(before.files);
      throw error;
    }
  }

  /** Drops the oldest steps that are beyond the limits. */
  #bounded(state: DraftState): DraftState {
    const { steps, bytes } = this.options.limits ?? undoLimits;
    const undo = state.undo.slice(-steps);
    const needed = new Set([...Object.values(state.base), ...Object.values(state.files)].map(({ hash }) => hash));
    let total = 0;
    let from = undo.length;
    for (; from > 0; from -= 1) {
      for (const { before, after } of undo[from - 1]?.changes ?? [])
        for (const ref of [before, after])
          if (ref !== null && !needed.has(ref.hash)) {
            needed.add(ref.hash);
            total += ref.size;
          }
      // The step just made can always be undone.
      if (total > bytes && from < undo.length) break;
    }
    return { ...state, undo: undo.slice(from) };
  }

  async #prune(): Promise<void> {
    const { base, files, undo, redo } = this.#state;
    const kept = new Set([...Object.values(base), ...Object.values(files)].map(({ hash }) => hash));
    for (const { changes } of [...undo, ...redo])
      for (const { before, after } of changes) for (const ref of [before, after]) if (ref !== null) kept.add(ref.hash);
    await this.objects.keepOnly(kept);
  }

  async #write(state: DraftState): Promise<void> {
    await writeFileAtomic(this.#statePath, `${JSON.stringify(state)}\n`, 0o600);
    this.#state = state;
  }
}

/** What differs between two versions, file by file. */
export const differences = (before: Manifest, after: Manifest): FileChange[] =>
  changedPaths(before, after).map((path) => ({
    path,
    before: own(before, path) ?? null,
    after: own(after, path) ?? null,
  }));

/** Two steps as one; what ends as it began is no change. */
function join2(first: readonly FileChange[], second: readonly FileChange[]): FileChange[] {
  const joined = new Map(first.map((change) => [change.path, change]));
  for (const change of second) {
    const before = joined.get(change.path);
    joined.set(change.path, before === undefined ? change : { ...before, after: change.after });
  }
  return [...joined.values()].filter(({ before, after }) => before?.hash !== after?.hash);
}
