import type {
  CellLetter,
  CellMark,
  MatrixMessage,
  MatrixModel,
  MatrixRunState,
  MatrixTotals,
} from '../../contract/areas/test';
import type { FailureData } from '../../contract/failure';
import { meets, TimeLeftEstimate, type Cell } from '../../domain/probes';
import { Broadcast } from './broadcast';
import { letters, type MatrixPlan } from './matrix-model';
import { runCells, type CellFailure, type CellOutcome } from './run-cells';
import type { TestGround } from './run-test';

/** Milliseconds between two messages of a run. */
const BATCH_MS = 100;

const idle: MatrixRunState = { state: 'idle', done: 0, total: 0, at: null, milliseconds: 0, left: null, failure: null };

/** What came of a run, for the list of runs. */
export interface FinishedMatrix {
  readonly run: MatrixRunState;
  readonly totals: MatrixTotals;
  readonly results: ReadonlyMap<string, CellOutcome | CellFailure>;
}

/** The matrix while a workspace is open: its plan, its results, the run that changes them, and who watches. */
export class Matrix {
  readonly #broadcast = new Broadcast<MatrixMessage>();
  readonly #results = new Map<string, CellOutcome | CellFailure>();
  readonly #running = new Set<string>();
  #plan: MatrixPlan | null = null;
  #run: MatrixRunState = idle;
  #outdated = false;
  #abort: AbortController | null = null;
  #dirty = new Set<string>();
  #timer: NodeJS.Timeout | null = null;

  constructor(
    /** Plans the matrix anew from the files as they are. */
    readonly makePlan: () => MatrixPlan,
    readonly now: () => Date,
  ) {}

  get plan(): MatrixPlan {
    if (this.#plan === null) {
      this.#plan = this.makePlan();
      this.#judgeAnew(this.#plan);
    }
    return this.#plan;
  }

  /** What happened stays what it was; whether it was expected depends on what is expected now. */
  #judgeAnew({ cells }: MatrixPlan): void {
    for (const { id, expected } of cells) {
      const result = this.#results.get(id);
      if (result === undefined || 'failure' in result) continue;
      const differs = result.differs.filter((what) => what === 'predicted');
      this.#results.set(id, {
        ...result,
        differs: meets(result.outcome, expected) ? differs : ['expected', ...differs],
      });
    }
  }

  get running(): boolean {
    return this.#abort !== null;
  }

  get results(): ReadonlyMap<string, CellOutcome | CellFailure> {
    return this.#results;
  }

  /** Takes over results of an earlier run. */
  restore(results: Iterable<readonly [string, CellOutcome | CellFailure]>, at: string, milliseconds: number): void {
    for (const [id, result] of results) this.#results.set(id, result);
    this.#run = { ...idle, state: 'finished', at, milliseconds };
  }

  /** The run that is under way or was the last. */
  get lastRun(): MatrixRunState {
    return this.#run;
  }

  /** Results were made with other files than are in force now. */
  get outdated(): boolean {
    return this.#outdated;
  }

  /** The files changed: the plan is made anew, results stay with the cells that there still are. */
  changed(outdated: boolean): void {
    this.#plan = null;
    this.#outdated = outdated;
    if (this.#broadcast.watched) this.#broadcast.send({ kind: 'model', model: this.model() });
  }

  model(): MatrixModel {
    const { rows, columns, admissions, cells, places } = this.plan;
    const actual = rows.map(({ expected }) => [...expected.replaceAll(/\S/g, '.')]);
    const marks = rows.map(({ expected }) => [...expected.replaceAll(/\S/g, '.')]);
    const judged = admissions.map((row) => ({ ...row, actual: '.', mark: '.' as CellMark }));
    for (const { id } of cells) {
      const place = places.get(id);
      const { letter, mark } = this.#shown(id);
      if (place === undefined) continue;
      if ('admission' in place) judged[place.admission] = { ...judged[place.admission]!, actual: letter, mark };
      else {
        actual[place.row]![place.at] = letter;
        marks[place.row]![place.at] = mark;
      }
    }
    return {
      rows: rows.map((row, index) => ({ ...row, actual: actual[index]!.join(''), marks: marks[index]!.join('') })),
      columns,
      admissions: judged,
      totals: this.totals(),
      run: this.#run,
      outdated: this.#outdated,
    };
  }

  totals(): MatrixTotals {
    let run = 0;
    let asExpected = 0;
    let differs = 0;
    let fromPrediction = 0;
    for (const { id } of this.plan.cells) {
      const result = this.#results.get(id);
      if (result === undefined) continue;
      run += 1;
      if ('failure' in result) continue;
      if (result.differs.length === 0) asExpected += 1;
      else differs += 1;
      if (result.differs.includes('predicted')) fromPrediction += 1;
    }
    return { cells: this.plan.cells.length, run, asExpected, differs, fromPrediction };
  }

  watch(signal?: AbortSignal): AsyncGenerator<MatrixMessage, void, void> {
    return this.#broadcast.watch(() => ({ kind: 'model', model: this.model() }), signal);
  }

  /**
   * Runs `cells` and resolves when all are done or `stop` was called. One run at a time: a second one is refused with
   * null. `whole`: afterwards no result is older than this run. Never rejects.
   */
  async run(
    ground: TestGround,
    cells: readonly Cell[],
    onProgress: (run: MatrixRunState) => void,
    whole: boolean,
  ): Promise<FinishedMatrix | null> {
    if (this.#abort !== null) return null;
    const abort = new AbortController();
    this.#abort = abort;
    const begun = performance.now();
    const estimate = new TimeLeftEstimate(cells.length, () => performance.now());
    this.#run = { ...idle, state: 'running', total: cells.length, at: this.now().toISOString(), left: estimate.left };
    this.#flush();
    this.#timer = setInterval(() => {
      this.#run = { ...this.#run, milliseconds: performance.now() - begun, left: estimate.left };
      this.#flush();
      onProgress(this.#run);
    }, BATCH_MS);
    const results = new Map<string, CellOutcome | CellFailure>();
    let failure: FailureData | null = null;
    try {
      await runCells(ground, cells, {
        signal: abort.signal,
        now: this.now,
        onBegin: ({ id }) => {
          this.#running.add(id);
          this.#dirty.add(id);
        },
        onEnd: ({ id }, result) => {
          this.#running.delete(id);
          this.#results.set(id, result);
          results.set(id, result);
          this.#dirty.add(id);
          estimate.finished();
          this.#run = { ...this.#run, done: this.#run.done + 1 };
        },
      });
    } catch (error) {
      failure = { code: 'test.run', summary: 'The run could not go on.', detail: String(error) };
    } finally {
      clearInterval(this.#timer);
      this.#timer = null;
      for (const id of this.#running) this.#dirty.add(id);
      this.#running.clear();
      this.#abort = null;
    }
    const state =
      failure !== null ? 'failed' : abort.signal.aborted && this.#run.done < this.#run.total ? 'cancelled' : 'finished';
    this.#run = { ...this.#run, state, milliseconds: performance.now() - begun, left: null, failure };
    if (whole) this.#outdated = false;
    this.#flush();
    return { run: this.#run, totals: this.totals(), results };
  }

  /** Ends the run; what was finished stays. */
  stop(): void {
    this.#abort?.abort();
  }

  #shown(id: string): { readonly letter: CellLetter; readonly mark: CellMark } {
    if (this.#running.has(id)) return { letter: '.', mark: '…' };
    return letters(this.#results.get(id));
  }

  #flush(): void {
    const cells: [number, number, CellLetter, CellMark][] = [];
    const admissions: [number, CellLetter, CellMark][] = [];
    for (const id of this.#dirty) {
      const place = this.plan.places.get(id);
      if (place === undefined) continue;
      const { letter, mark } = this.#shown(id);
      if ('admission' in place) admissions.push([place.admission, letter, mark]);
      else cells.push([place.row, place.at, letter, mark]);
    }
    this.#dirty = new Set();
    if (this.#broadcast.watched)
      this.#broadcast.send({ kind: 'cells', cells, admissions, totals: this.totals(), run: this.#run });
  }
}
