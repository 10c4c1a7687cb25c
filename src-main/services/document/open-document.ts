import { AsyncLocalStorage } from 'node:async_hooks';
import { join, resolve } from 'node:path';
import type { AuditEntry } from '../../domain/audit';
import { GatehouseError, type Failure, type Finding, type Result } from '../../domain/kernel';
import { describeChanges, type DescribedChange } from '../../domain/workspace';
import {
  acquireLock,
  changedPaths,
  DiskWatcher,
  DraftStore,
  HistoryStore,
  manifestOf,
  own,
  putTracked,
  scanFiles,
  SecretStore,
  type FileRef,
  type Manifest,
  type Scan,
  type VersionRecord,
} from '../../servers/store';
import { auditSecrets, recordAudit } from '../audit';
import { loadWorkspace, type Workspace } from '../workspace/load-workspace';
import { WorkspacePaths } from '../workspace/workspace-paths';
import { applyDraft, recoverApply } from './apply-draft';
import { appliedEntry, editEntry, fromDiskEntry, notAppliedEntry, restoredEntry } from './document-audit';
import { effectOf } from './effect';
import { accessImpact } from './impact';
import { newSecretsSince, removeUnusedSecrets } from './new-secrets';
import {
  compareVersions,
  fileDiffs,
  flagDiffs,
  namedKinds,
  suiteFiles,
  type Contents,
  type FileDiff,
} from './versions';
import { withPresentCrls } from './present-crls';
import type { ApplyTarget, DocumentOptions, EditOptions, Review, WorkspaceDocument } from './workspace-document';

const unwrap = <T>(result: Result<T, Failure>): T => {
  if (!result.ok) throw new GatehouseError(result.failure);
  return result.value;
};

/**
 * Opens the workspace in `dir` for editing. An apply that was cut off is put back or completed first. Rejects with
 * GatehouseError: those of `loadWorkspace` and `SecretStore.open`, and `workspace.locked` when another program has the
 * draft open.
 */
export async function openDocument(dir: string, options: DocumentOptions): Promise<WorkspaceDocument> {
  const paths = new WorkspacePaths(resolve(dir));
  let applied = unwrap(await loadWorkspace(paths.dir));
  const secrets = unwrap(await SecretStore.open(paths.secrets, options.unlocker));
  auditSecrets(secrets, paths.dir);
  const lock = unwrap(await acquireLock(join(paths.state, 'draft', 'lock'), options.program ?? 'Gatehouse'));
  try {
    const store = await DraftStore.open({
      dir: paths.dir,
      clock: options.clock,
      ...(options.limits === undefined ? {} : { limits: options.limits }),
    });
    const history = new HistoryStore(paths.history);
    await history.clean();
    if (await recoverApply(store, history)) applied = unwrap(await loadWorkspace(paths.dir));
    const document = new OpenDocument(applied, store, history, secrets, options, () => lock.release());
    await document.begin();
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
  #changes: readonly DescribedChange[] = [];
  #changedOnDisk: readonly string[] = [];
  #skipped: readonly string[] = [];
  #revision = 0;
  #queue: Promise<unknown> = Promise.resolve();
  #watcher: DiskWatcher | null = null;
  readonly #inside = new AsyncLocalStorage<true>();
  readonly #listeners = new Set<() => void>();

  constructor(
    applied: Workspace,
    readonly store: DraftStore,
    readonly versions: HistoryStore,
    readonly secrets: SecretStore,
    readonly options: DocumentOptions,
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
  get changes(): readonly DescribedChange[] {
    return this.#changes;
  }
  get appliedFiles(): Manifest {
    return this.store.state.base;
  }
  get changedOnDisk(): readonly string[] {
    return this.#changedOnDisk;
  }
  get skipped(): readonly string[] {
    return this.#skipped;
  }

  /** Reads the draft and what has happened on the disk while nothing was open; begins to watch. */
  async begin(): Promise<void> {
    await this.#look();
    // Nobody had anything in the draft: what is on the disk is what was meant.
    if (this.#changedOnDisk.length > 0 && this.store.changes.length === 0) await this.#loadDisk();
    await this.#load();
    if (this.options.watch === false) return;
    this.#watcher = new DiskWatcher(this.dir, { onChange: () => this.checkDisk() });
    await this.#watcher.start();
  }

  edit<T>(label: string, change: (dir: string) => Promise<T>, { merge, audit }: EditOptions = {}): Promise<T> {
    return this.#step(async () => {
      const newSecrets = newSecretsSince(this.secrets);
      const { files } = this.store.state;
      try {
        const result = await this.store.edit(label, change, { merge: merge ?? null, newSecrets });
        if (audit !== undefined)
          await this.#record(editEntry(audit, label, { before: files, after: this.store.state.files }));
        return result;
      } catch (error) {
        await this.secrets.remove(newSecrets());
        throw error;
      }
    });
  }

  read<T>(look: (dir: string) => Promise<T>): Promise<T> {
    return this.#serial(() => look(this.draftDir));
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

  review(): Promise<Review> {
    return this.#serial(async () => {
      const [before, after] = await this.#sides();
      const blocking = this.#draftFindings.filter(({ level }) => level === 'error');
      const known = new Set(this.#applied.findings.map(({ code, file, message }) => `${code} ${file} ${message}`));
      const warnings = this.#draftFindings
        .filter(({ level }) => level === 'warning')
        .map((finding) => ({ ...finding, isNew: !known.has(`${finding.code} ${finding.file} ${finding.message}`) }))
        .sort((a, b) => Number(b.isNew) - Number(a.isNew));
      return {
        revision: this.#revision,
        changes: this.#changes,
        // What cannot be applied changes nobody's access; a file that cannot be read would look as if it listed nobody.
        impact: blocking.length > 0 ? { cells: [], gains: 0, loses: 0 } : await this.#impact(),
        files: fileDiffs(before, after, this.#kinds),
        suiteFiles: suiteFiles(after),
        flags: flagDiffs(this.#applied.topology, this.#draft.topology),
        effect: effectOf(this.#applied, this.#draft, this.store.changes),
        blocking,
        warnings,
      };
    });
  }

  undoChange(id: string): Promise<void> {
    return this.#step(async () => {
      const change = this.#changes.find((candidate) => candidate.id === id);
      if (change === undefined)
        throw new GatehouseError({
          code: 'document.stale',
          summary: 'This change is not in the draft any more. Nothing was undone.',
        });
      await this.store.edit('Undo One Change', async (dir) => {
        for (const [path, content] of change.revert()) {
          const { base, files } = this.store.state;
          const ref: FileRef | undefined = own(files, path) ?? own(base, path);
          if (content !== null && ref === undefined) continue;
          await putTracked(dir, path, content === null || ref === undefined ? null : { ref, content });
        }
      });
    });
  }

  apply(note: string, target?: ApplyTarget, revision = this.#revision): Promise<VersionRecord> {
    return this.#serial(async () => {
      if (revision !== this.#revision)
        throw new GatehouseError({
          code: 'document.stale',
          summary: 'Not applied. The draft has changed since this review; look at it again.',
        });
      await this.#look();
      const impact = await this.#impact();
      const sides = { before: this.store.state.base, after: this.store.state.files };
      const changes = this.#changes;
      const record = await applyDraft({
        store: this.store,
        history: this.versions,
        applied: this.#applied,
        draft: this.#draft,
        findings: this.#draftFindings,
        changedOnDisk: this.#changedOnDisk,
        note,
        counts: {
          changes: this.#changes.length,
          cells: { changed: impact.cells.length, gains: impact.gains, loses: impact.loses },
        },
        now: this.options.clock.now(),
        target,
      }).catch(async (error: unknown) => {
        await this.#record(notAppliedEntry(error, changes, sides));
        await this.#changed();
        throw error;
      });
      await this.#record(appliedEntry(record, changes, sides));
      this.#applied = unwrap(await loadWorkspace(this.dir));
      await removeUnusedSecrets(this.store, this.versions, this.secrets);
      await this.#look();
      await this.#changed();
      return record;
    });
  }

  discard(): Promise<void> {
    return this.#step(() => this.store.replace('Discard Draft', this.store.state.base));
  }

  history(): Promise<readonly VersionRecord[]> {
    return this.versions.list();
  }

  compare(version: number): Promise<{ changes: readonly DescribedChange[]; files: readonly FileDiff[] }> {
    return this.#serial(async () => {
      const { contents } = await this.versions.read(version);
      return compareVersions(contents, await this.store.contents(this.store.state.base), this.#kinds);
    });
  }

  restore(version: number): Promise<void> {
    return this.#step(async () => {
      const { record, contents } = await this.versions.read(version);
      for (const content of contents.values()) await this.store.objects.put(content);
      const { files } = this.store.state;
      await this.store.replace(`Restore Version ${version}`, withPresentCrls(record.files, files));
      await this.#record(restoredEntry(version, { before: files, after: this.store.state.files }));
    });
  }

  checkDisk(): Promise<void> {
    return this.#serial(async () => {
      const before = JSON.stringify([this.#changedOnDisk, this.#skipped]);
      await this.#look();
      if (JSON.stringify([this.#changedOnDisk, this.#skipped]) !== before) this.#tell();
    });
  }

  compareDisk(): Promise<readonly FileDiff[]> {
    return this.#serial(async () => {
      const disk = await this.#look();
      const draft = await this.store.contents(this.store.state.files);
      const only = (contents: Contents): Contents =>
        new Map([...contents].filter(([path]) => this.#changedOnDisk.includes(path)));
      const found = new Map([...disk.files].map(([path, { content }]) => [path, content]));
      return fileDiffs(only(draft), only(found), this.#kinds);
    });
  }

  resolveDisk(choice: 'load' | 'keep', target?: ApplyTarget): Promise<void> {
    return this.#serial(async () => {
      const previous = this.#applied;
      const { base } = this.store.state;
      if (choice === 'load') await this.#loadDisk();
      else await this.store.setBase(await this.#look());
      const files = changedPaths(base, this.store.state.base);
      const loaded = await loadWorkspace(this.dir);
      if (loaded.ok) this.#applied = loaded.value;
      await this.#look();
      await this.#changed();
      const faulty = !loaded.ok || loaded.value.findings.some(({ level }) => level === 'error');
      if (choice === 'load' && !faulty) await target?.take(this.#applied, effectOf(previous, this.#applied, files));
    });
  }

  async close(): Promise<void> {
    await this.#watcher?.close();
    await this.#serial(() => this.release());
    this.#listeners.clear();
  }

  get #kinds(): ReturnType<typeof namedKinds> {
    return namedKinds(this.#draft.topology, this.#applied.topology);
  }

  async #sides(): Promise<[Contents, Contents]> {
    const { base, files } = this.store.state;
    return [await this.store.contents(base), await this.store.contents(files)];
  }

  #impact(): ReturnType<typeof accessImpact> {
    return accessImpact(this.#applied, this.#draft, { secrets: this.secrets, now: this.options.clock.now() });
  }

  /** Reads the disk and notes what differs from what was applied. */
  async #look(): Promise<Scan> {
    const scan = await scanFiles(this.dir);
    this.#changedOnDisk = changedPaths(this.store.state.base, manifestOf(scan));
    this.#skipped = scan.skipped;
    return scan;
  }

  /** Takes over what is on the disk: those files in the draft, as one step, and all of it as what is applied. */
  async #loadDisk(): Promise<void> {
    const disk = await this.#look();
    const paths = this.#changedOnDisk;
    const { base } = this.store.state;
    await this.store.setBase(disk);
    await this.#record(fromDiskEntry({ before: base, after: this.store.state.base }));
    const { files } = this.store.state;
    const found = manifestOf(disk);
    const taken = Object.fromEntries(
      [...new Set([...Object.keys(files), ...paths])].flatMap((path): [string, FileRef][] => {
        const ref = paths.includes(path) ? own(found, path) : own(files, path);
        return ref === undefined ? [] : [[path, ref]];
      }),
    );
    await this.store.replace('Load Changed Files', taken);
    this.#changedOnDisk = [];
  }

  async #record(entry: AuditEntry | null): Promise<void> {
    if (entry !== null) await recordAudit(this.dir, entry, this.options.clock);
  }

  /** Reads the draft as it is on disk. */
  async #load(): Promise<void> {
    const loaded = await loadWorkspace(this.draftDir);
    if (loaded.ok) this.#draft = loaded.value;
    this.#draftFindings = loaded.ok ? loaded.value.findings : (loaded.failure.findings ?? [faultOf(loaded.failure)]);
    const [before, after] = await this.#sides();
    this.#changes = describeChanges(before, after, this.#kinds);
  }

  async #changed(): Promise<void> {
    await this.#load();
    this.#tell();
  }

  #tell(): void {
    this.#revision += 1;
    for (const listener of [...this.#listeners]) listener();
  }

  #step<T>(work: () => Promise<T>): Promise<T> {
    return this.#serial(async () => {
      const result = await work();
      await this.#changed();
      return result;
    });
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
