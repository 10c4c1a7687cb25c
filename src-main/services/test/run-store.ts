import { randomBytes } from 'node:crypto';
import { chmod, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ComparisonData, RunSummary, TraceData } from '../../contract/areas/test';
import { ensurePrivateFolder, writeFileAtomic } from '../../servers/store';
import type { CellFailure, CellOutcome } from './run-cells';

/** A run in full. What a single test read of MySQL's rows is not kept on disk, only how many there were. */
export type SavedRun =
  | { readonly schema: 1; readonly kind: 'single'; readonly summary: RunSummary; readonly trace: TraceData }
  | { readonly schema: 1; readonly kind: 'compare'; readonly summary: RunSummary; readonly comparison: ComparisonData }
  | {
      readonly schema: 1;
      readonly kind: 'matrix';
      readonly summary: RunSummary;
      /** SHA-256 of the files that were in force, by path. */
      readonly files: Readonly<Record<string, string>>;
      readonly cells: readonly (readonly [string, CellOutcome | CellFailure])[];
    };

/** Runs that are kept; the oldest go first. */
const MOST_RUNS = 60;
/** Of these, whole matrices: their results are the bulk. */
const MOST_MATRICES = 10;
const MAX_FILE_BYTES = 32 * 1024 * 1024;
const ID = /^\d{17}-[0-9a-f]{6}$/;

/** An id that sorts by time. */
export const newRunId = (at: Date): string =>
  `${at.toISOString().replaceAll(/[-:TZ.]/g, '')}-${randomBytes(3).toString('hex')}`;

/** The results of tests in `.gatehouse/runs`, one file a run, readable by this user alone. */
export class RunStore {
  readonly #folder: string;
  #summaries: RunSummary[] | null = null;

  constructor(stateFolder: string) {
    this.#folder = join(stateFolder, 'runs');
  }

  /** The runs that are kept, newest first. Files that cannot be read are left out and left alone. */
  async list(): Promise<readonly RunSummary[]> {
    if (this.#summaries !== null) return this.#summaries;
    const names = await this.#ids();
    const found: RunSummary[] = [];
    for (const id of names) {
      const run = await this.read(id);
      if (run !== null) found.push(run.summary);
    }
    this.#summaries = found;
    return found;
  }

  /** One run; null when there is none that can be read. */
  async read(id: string): Promise<SavedRun | null> {
    if (!ID.test(id)) return null;
    try {
      const text = await readFile(join(this.#folder, `${id}.json`), 'utf8');
      if (text.length > MAX_FILE_BYTES) return null;
      const run = JSON.parse(text) as SavedRun;
      return run.schema === 1 && run.summary.id === id ? run : null;
    } catch {
      return null;
    }
  }

  /** The newest whole matrix; null: none was run. */
  async newestMatrix(): Promise<Extract<SavedRun, { kind: 'matrix' }> | null> {
    for (const { id, kind } of await this.list())
      if (kind === 'matrix') {
        const run = await this.read(id);
        if (run?.kind === 'matrix') return run;
      }
    return null;
  }

  /** Keeps a run and lets go of the oldest beyond the limits. */
  async save(run: SavedRun): Promise<void> {
    await ensurePrivateFolder(this.#folder);
    const path = join(this.#folder, `${run.summary.id}.json`);
    await writeFileAtomic(path, JSON.stringify(withoutRows(run)), 0o600);
    await chmod(path, 0o600);
    const before = await this.list();
    const all = [run.summary, ...before.filter(({ id }) => id !== run.summary.id)];
    const matrices = all.filter(({ kind }) => kind === 'matrix').slice(MOST_MATRICES);
    const kept = all.filter((summary) => !matrices.includes(summary)).slice(0, MOST_RUNS);
    for (const { id } of all) if (!kept.some((summary) => summary.id === id)) await this.#remove(id);
    this.#summaries = kept;
  }

  async clear(): Promise<void> {
    for (const id of await this.#ids()) await this.#remove(id);
    this.#summaries = [];
  }

  #remove(id: string): Promise<void> {
    return rm(join(this.#folder, `${id}.json`), { force: true });
  }

  async #ids(): Promise<string[]> {
    const names = await readdir(this.#folder).catch(() => []);
    return names
      .filter((name) => name.endsWith('.json'))
      .map((name) => name.slice(0, -'.json'.length))
      .filter((id) => ID.test(id))
      .sort()
      .reverse();
  }
}

const emptied = <T extends TraceData | ComparisonData['sides'][number]['trace']>(trace: T): T =>
  trace.rows === null ? trace : { ...trace, rows: { ...trace.rows, values: [] } };

/** Values of tables, and what a listener read of them, do not go to disk. */
function withoutRows(run: SavedRun): SavedRun {
  if (run.kind === 'single') return { ...run, trace: emptied(run.trace) };
  if (run.kind === 'matrix') return run;
  const side = (one: ComparisonData['sides'][number]): ComparisonData['sides'][number] => ({
    trace: emptied(one.trace),
    wire:
      one.wire === null
        ? null
        : { ...one.wire, excerpts: one.wire.excerpts.filter(({ what }) => what === 'statement') },
  });
  const { sides } = run.comparison;
  return { ...run, comparison: { ...run.comparison, sides: [side(sides[0]), side(sides[1])] } };
}
