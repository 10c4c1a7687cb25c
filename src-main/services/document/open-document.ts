import { AsyncLocalStorage } from 'node:async_hooks';
import { join, resolve } from 'node:path';
import { GatehouseError, type Failure, type Finding, type Result } from '../../domain/kernel';
import { acquireLock, DraftStore, SecretStore } from '../../servers/store';
import { loadWorkspace, type Workspace } from '../workspace/load-workspace';
import { WorkspacePaths } from '../workspace/workspace-paths';
import type { DocumentOptions, EditOptions, WorkspaceDocument } from './workspace-document';

const unwrap = <T>(result: Result<T, Failure>): T => {
  if (!result.ok) throw new GatehouseError(result.failure);
  return result.value;
};

/**
 * Opens the workspace in `dir` for editing. Rejects with GatehouseError: those of `loadWorkspace` and `SecretStore.open`,
 * and `workspace.locked` when another program has the draft open.
 */
export async function openDocument(dir: string, options: DocumentOptions): Promise<WorkspaceDocument> {
  const paths = new WorkspacePaths(resolve(dir));
  const applied = unwrap(await loadWorkspace(paths.dir));
  const secrets = unwrap(await SecretStore.open(paths.secrets, options.unlocker));
  const lock = unwrap(await acquireLock(join(paths.state, 'draft', 'lock'), options.program ?? 'Gatehouse'));
  try {
    const store = await DraftStore.open({
      dir: paths.dir,
      clock: options.clock,
      ...(options.limits === undefined ? {} : { limits: options.limits }),
    });
    const document = new OpenDocument(applied, store, secrets, () => lock.release());
    await document.load();
    return document;
  } catch (error) {
    await lock.release();
    throw error;
  }
}

class OpenDocument implements WorkspaceDocument {
  readonly dir: string;
  readonly draftDir: string;
  #applied: Workspace;
  #draft: Workspace;
  #draftFindings: readonly Finding[] = [];
  #revision = 0;
  #queue: Promise<unknown> = Promise.resolve();
  readonly #inside = new AsyncLocalStorage<true>();
  readonly #listeners = new Set<() => void>();

  constructor(
    applied: Workspace,
    readonly store: DraftStore,
    readonly secrets: SecretStore,
    readonly release: () => Promise<void>,
  ) {
    this.dir = applied.paths.dir;
    this.draftDir = store.filesDir;
    this.#applied = applied;
    this.#draft = applied;
  }

  get applied(): Workspace {
    return this.#applied;
  }
  get draft(): Workspace {
    return this.#draft;
  }
  get draftFindings(): readonly Finding[] {
    return this.#draftFindings;
  }
  get revision(): number {
    return this.#revision;
  }
  get undoLabel(): string | null {
    return this.store.state.undo.at(-1)?.label ?? null;
  }
  get redoLabel(): string | null {
    return this.store.state.redo.at(-1)?.label ?? null;
  }
  get changedFiles(): readonly string[] {
    return this.store.changes;
  }

  edit<T>(label: string, change: (dir: string) => Promise<T>, { merge }: EditOptions = {}): Promise<T> {
    return this.#serial(async () => {
      const result = await this.store.edit(label, change, { merge: merge ?? null });
      await this.#changed();
      return result;
    });
  }

  undo(): Promise<void> {
    return this.#serial(async () => {
      if (await this.store.undo()) await this.#changed();
    });
  }

  redo(): Promise<void> {
    return this.#serial(async () => {
      if (await this.store.redo()) await this.#changed();
    });
  }

  onChanged(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    await this.#serial(() => this.release());
    this.#listeners.clear();
  }

  /** Reads the draft as it is on disk. */
  async load(): Promise<void> {
    const loaded = await loadWorkspace(this.draftDir);
    if (loaded.ok) this.#draft = loaded.value;
    this.#draftFindings = loaded.ok ? loaded.value.findings : (loaded.failure.findings ?? [faultOf(loaded.failure)]);
  }

  async #changed(): Promise<void> {
    await this.load();
    this.#revision += 1;
    for (const listener of [...this.#listeners]) listener();
  }

  #serial<T>(work: () => Promise<T>): Promise<T> {
    if (this.#inside.getStore() === true)
      return Promise.reject(
        new GatehouseError({
          code: 'document.nested',
          summary: 'An edit of the draft was begun inside another one. Nothing was changed.',
        }),
      );
    const turn = this.#queue.then(() => this.#inside.run(true, work));
    this.#queue = turn.catch(() => undefined);
    return turn;
  }
}

const faultOf = (failure: Failure): Finding => ({
  code: failure.code,
  level: 'error',
  file: 'gatehouse.json',
  line: 0,
  column: 0,
  message: failure.summary,
  remedy: 'Undo the last change, or mend the file.',
});
