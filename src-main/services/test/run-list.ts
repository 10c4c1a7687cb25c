import type { RunSummary, ShownRun } from '../../contract/areas/test';
import { GatehouseError } from '../../domain/kernel';
import { traceJson, traceReport } from '../../domain/trace';
import type { RunStore, SavedRun } from './run-store';

/** Runs of this session that are kept whole. */
const KEPT_IN_MEMORY = 20;

/** The runs that can be looked at again: those of this session whole, older ones as far as they are kept on disk. */
export class RunList {
  readonly #recent = new Map<string, SavedRun>();

  constructor(
    readonly store: RunStore,
    readonly changed: () => void,
  ) {}

  /** Newest first. */
  async summaries(): Promise<RunSummary[]> {
    const live = [...this.#recent.values()].map(({ summary }) => summary).reverse();
    const saved = await this.store.list();
    return [...live, ...saved.filter(({ id }) => !this.#recent.has(id))];
  }

  async keep(run: SavedRun): Promise<void> {
    this.#recent.set(run.summary.id, run);
    for (const id of [...this.#recent.keys()].slice(0, -KEPT_IN_MEMORY)) this.#recent.delete(id);
    // A full disk does not take the result from the screen.
    await this.store.save(run).catch(() => undefined);
    this.changed();
  }

  /** Throws GatehouseError `test.run` when it is no longer kept. */
  async get(id: string): Promise<SavedRun> {
    const run = this.#recent.get(id) ?? (await this.store.read(id));
    if (run === null) throw new GatehouseError({ code: 'test.run', summary: 'This run is no longer kept.' });
    return run;
  }

  /** A run for the page. */
  async shown(id: string): Promise<ShownRun> {
    const run = await this.get(id);
    switch (run.kind) {
      case 'single':
        return { kind: 'single', trace: run.trace };
      case 'compare':
        return { kind: 'compare', comparison: run.comparison };
      case 'matrix':
        return { kind: 'matrix', summary: run.summary, lines: matrixLines(run) };
    }
  }

  /** A run as plain text, secrets removed, and a name for its file. */
  async report(id: string, json = false): Promise<{ readonly text: string; readonly name: string }> {
    const run = await this.get(id);
    if (json && run.kind === 'single')
      return { name: `gatehouse-trace-${id.slice(0, 14)}.json`, text: traceJson(run.trace) };
    const name = `gatehouse-${run.kind === 'matrix' ? 'matrix' : 'trace'}-${id.slice(0, 14)}.txt`;
    switch (run.kind) {
      case 'single':
        return { name, text: traceReport(run.trace) };
      case 'compare': {
        const [a, b] = run.comparison.sides;
        return { name, text: `${run.comparison.title}\n\n${traceReport(a.trace)}\n${traceReport(b.trace)}` };
      }
      case 'matrix':
        return { name, text: `${matrixLines(run).join('\n')}\n` };
    }
  }

  async forget(): Promise<void> {
    this.#recent.clear();
    await this.store.clear();
    this.changed();
  }
}

/** A matrix run as lines of text: one for each cell that is not as expected, after a head. */
function matrixLines({ summary, cells }: Extract<SavedRun, { kind: 'matrix' }>): string[] {
  const lines = [`Gatehouse matrix ${summary.at}: ${summary.detail}${summary.cancelled ? ' (stopped)' : ''}`];
  for (const [id, result] of cells) {
    if ('failure' in result) lines.push(`! ${id}: ${result.failure}`);
    else if (result.differs.length > 0)
      lines.push(`≠ ${id}: ${result.shown}, differs from what was ${result.differs.join(' and ')}`);
  }
  return lines;
}
