import { randomUUID } from 'node:crypto';
import { GatehouseError, type Finding } from '../../domain/kernel';
import {
  beginApply,
  changedPaths,
  differences,
  endApply,
  readJournal,
  removeHalfWritten,
  writeSide,
  type ApplyJournal,
  type DraftStore,
  type HistoryStore,
  type VersionRecord,
} from '../../servers/store';
import { loadWorkspace, requireSound, type Workspace } from '../workspace/load-workspace';
import { effectOf } from './effect';
import type { ApplyTarget } from './workspace-document';

export interface ApplyRequest {
  readonly store: DraftStore;
  readonly history: HistoryStore;
  readonly applied: Workspace;
  readonly draft: Workspace;
  readonly findings: readonly Finding[];
  readonly changedOnDisk: readonly string[];
  readonly note: string;
  readonly counts: Pick<VersionRecord, 'changes' | 'cells'>;
  readonly now: Date;
  readonly target?: ApplyTarget | undefined;
}

const names = (paths: readonly string[]): string =>
  paths.length <= 3 ? paths.join(', ') : `${paths.slice(0, 2).join(', ')} and ${paths.length - 2} more files`;

function requireApplicable({ store, findings, changedOnDisk }: ApplyRequest): void {
  if (changedOnDisk.length > 0)
    throw new GatehouseError({
      code: 'document.disk-changed',
      summary: `Not applied. ${names(changedOnDisk)} changed on the disk since. Load what is there, or keep the draft's version, first.`,
    });
  if (store.changes.length === 0)
    throw new GatehouseError({ code: 'document.no-changes', summary: 'The draft has no changes.' });
  const [fault] = findings.filter(({ level }) => level === 'error');
  if (fault !== undefined)
    throw new GatehouseError({
      code: 'document.findings',
      summary: `Cannot apply: ${fault.file}${fault.line > 0 ? `, line ${fault.line}` : ''}: ${fault.message.replace(/\.$/, '')}. ${fault.remedy}`,
    });
}

/**
 * Writes the draft into the workspace as one set. The journal is on the disk before the first write and goes after the
 * state says that the apply is done, so that a program killed in between leaves what can be completed or put back. When
 * the target does not take the version over, or anything else fails, the version before is put back.
 */
export async function applyDraft(request: ApplyRequest): Promise<VersionRecord> {
  requireApplicable(request);
  const { store, history, applied, draft, note, counts, now, target } = request;
  const { base, files } = store.state;
  const effect = effectOf(applied, draft, store.changes);
  await keepFound(request);
  const journal: ApplyJournal = {
    schema: 1,
    id: randomUUID(),
    changes: differences(base, files),
    version: await history.next(),
  };
  const record: Omit<VersionRecord, 'schema'> = {
    number: journal.version,
    at: now.toISOString(),
    note: note.trim().slice(0, 1_000),
    origin: 'applied',
    ...counts,
    files,
  };
  await beginApply(store.options.dir, journal);
  let asked = false;
  try {
    const left = await writeSide(store.options.dir, store.objects, journal.changes, 'after');
    if (left.length > 0)
      throw new GatehouseError({
        code: 'document.disk-changed',
        summary: `${names(left)} changed on the disk at this moment.`,
      });
    const next = await loadWorkspace(store.options.dir);
    if (!next.ok) throw new GatehouseError(next.failure);
    requireSound(next.value);
    asked = true;
    await target?.take(next.value, effect);
    await history.add(record, await store.contents(files));
    await store.commitApply(journal.id);
  } catch (error) {
    await writeSide(store.options.dir, store.objects, journal.changes, 'before');
    await history.remove(journal.version);
    await endApply(store.options.dir);
    const running = asked ? await target?.putBack(applied, effect).then(() => null, reasonOf) : null;
    throw new GatehouseError(
      {
        code: 'document.not-applied',
        summary: `Not applied. ${sentence(reasonOf(error))} ${
          running == null
            ? target?.runs !== true
              ? 'The previous version is still the applied one.'
              : 'The previous version is still running.'
            : `The previous version is applied again, but does not run: ${sentence(running)}`
        }`,
        detail: String(error),
      },
      { cause: error },
    );
  }
  await endApply(store.options.dir);
  return { schema: 1, ...record };
}

const reasonOf = (error: unknown): string =>
  error instanceof GatehouseError ? error.failure.summary : error instanceof Error ? error.message : String(error);
const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

/** The version that is about to be replaced is kept when the history does not have it: it was made by others. */
async function keepFound({ store, history, now }: ApplyRequest): Promise<void> {
  const { base } = store.state;
  const [last] = await history.list();
  if (last !== undefined && changedPaths(last.files, base).length === 0) return;
  await history.add(
    {
      number: await history.next(),
      at: now.toISOString(),
      note: '',
      origin: 'found',
      changes: 0,
      cells: { changed: 0, gains: 0, loses: 0 },
      files: base,
    },
    await store.contents(base),
  );
}

/** Completes or puts back an apply that was cut off; true when it wrote files. */
export async function recoverApply(store: DraftStore, history: HistoryStore): Promise<boolean> {
  const { dir } = store.options;
  await removeHalfWritten(dir, ['.gatehouse/apply.json']);
  const journal = await readJournal(dir);
  if (journal === null) return false;
  await removeHalfWritten(
    dir,
    journal.changes.map(({ path }) => path),
  );
  const done = store.state.applied === journal.id;
  await writeSide(dir, store.objects, journal.changes, done ? 'after' : 'before');
  if (!done) await history.remove(journal.version);
  await endApply(dir);
  return true;
}
