import type {
  CopiedTest,
  CellDetails,
  ComparisonData,
  CoverageView,
  MatrixMessage,
  ReportForm,
  TestPart,
  TestRequest,
  TraceData,
  TransportId,
} from '../../contract/areas/test';
import { GatehouseError, type Clock } from '../../domain/kernel';
import type { Cell } from '../../domain/probes';
import { compareTraces, wireView, type ComparedSide } from '../../domain/trace';
import type { ClusterControl } from '../cluster/cluster-control';
import { localTraces } from '../cluster/attach';
import { changedFiles, fileHashes } from '../cluster/reload';
import type { WorkspaceDocument } from '../document/workspace-document';
import { cellsOf } from '../verify/verify-service';
import type { Workspace } from '../workspace/load-workspace';
import { cellDetails } from './cell-details';
import { coverageView } from './coverage-view';
import { exportedMatrix, type ExportedReport } from './export-matrix';
import { Matrix, type FinishedMatrix } from './matrix';
import { planMatrix } from './matrix-model';
import { RunList } from './run-list';
import { copyRequested } from './copy-request';
import { withFaultyCopy } from './made-certificate';
import { newRunId, RunStore, type SavedRun } from './run-store';
import { runTest, type TestGround } from './run-test';
import { SavedPasswords } from './saved-password';
import { SuiteEdits, type Counted } from './suite-edits';
import { savedExpectation, typedTest } from './test-cell';
import { testView } from './test-view';

/** Shows long work in the status bar; the app's own. */
export type TaskRunner = <T>(
  title: string,
  work: (report: (progress: { readonly done?: number; readonly total?: number }) => void) => Promise<T>,
  cancel: () => void,
) => Promise<T>;

/**
 * Tests of one open workspace: single ones, two side by side, and the matrix. They run against the cluster that runs, that
 * is against the applied version; callers and expectations are those of the draft, since they are no part of the cluster.
 */
export class TestService {
  readonly matrix: Matrix;
  readonly runs: RunList;
  readonly edits: SuiteEdits;
  readonly passwords: SavedPasswords;
  readonly #listeners = new Set<() => void>();
  readonly #ends: (() => void)[];
  #single: AbortController | null = null;
  #seen = '';
  #lastFiles: Readonly<Record<string, string>> | null = null;
  #working: Promise<unknown> = Promise.resolve();

  constructor(
    readonly document: WorkspaceDocument,
    readonly cluster: ClusterControl,
    readonly clock: Clock,
  ) {
    this.passwords = new SavedPasswords(document.secrets);
    this.runs = new RunList(new RunStore(document.applied.paths.state), () => this.#changed());
    this.edits = new SuiteEdits(document, this.passwords, () => this.cluster.cluster);
    this.matrix = new Matrix(
      () => planMatrix(this.asked(), document.secrets, clock.now()),
      () => clock.now(),
    );
    const changed = (): void => this.#filesChanged();
    this.#ends = [document.onChanged(changed), cluster.onChanged(changed)];
  }

  /** Reads what earlier sessions left. */
  async start(): Promise<void> {
    const last = await this.runs.store.newestMatrix();
    if (last === null) return;
    this.#lastFiles = last.files;
    this.matrix.restore(last.cells, last.summary.at, last.summary.milliseconds);
    this.#filesChanged();
  }

  /** Tells of new runs; what depends on files is told by document and cluster. */
  onChanged(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** The cluster's workspace, or the applied one while nothing runs, asked with the callers and suites of the draft. */
  asked(): Workspace {
    const { draft, applied } = this.document;
    const inForce = this.cluster.cluster?.workspace ?? applied;
    const certificates = new Map([...draft.certificates, ...inForce.certificates]);
    for (const [path, bytes] of draft.files)
      if (path.endsWith('-cert.pem') && !inForce.files.has(path)) certificates.set(path, bytes);
    return { ...inForce, suites: draft.suites, certificates };
  }

  async view(): Promise<TestPart> {
    const [suites, runs] = await Promise.all([this.edits.suites(), this.runs.summaries()]);
    return testView(this.asked(), this.passwords, suites, runs, this.clock.now(), this.matrix.outdated);
  }

  /** One connection, followed hop by hop. A second one waits for no other: it ends the first. */
  async single(request: TestRequest): Promise<TraceData> {
    const asked = await this.#withCopy(request, this.asked());
    const { cell, password } = typedTest(asked.request, asked.workspace, this.passwords);
    const expected = savedExpectation(cell, cellsOf(asked.workspace), password !== undefined);
    return this.#runSingle(cell, password, expected, asked.workspace);
  }

  /** A cell of the matrix as a single test. */
  async cell(id: string): Promise<TraceData> {
    const cell = this.#cellOf(id);
    return this.#runSingle(cell, undefined, cell.expected);
  }

  /** A test as a command line or a program. Throws GatehouseError `cluster.stopped`, and as `single` does. */
  copyAs(input: Parameters<typeof copyRequested>[3]): CopiedTest {
    return copyRequested(this.#ground(), this.passwords, this.document.dir, input);
  }

  stopSingle(): void {
    this.#single?.abort(new GatehouseError({ code: 'test.stopped', summary: 'The test was stopped.' }));
  }

  /** The same test over two transports, one after the other, with a listener between client and gateway. */
  async compare(request: TestRequest, transports: readonly [TransportId, TransportId]): Promise<ComparisonData> {
    const ground = this.#ground();
    const abort = this.#begin();
    const begun = performance.now();
    const side = async (transport: TransportId): Promise<ComparedSide> => {
      const asked = await this.#withCopy({ ...request, transport }, ground.workspace);
      const { cell, password } = typedTest(asked.request, asked.workspace, this.passwords);
      const expected = savedExpectation(cell, cellsOf(asked.workspace), password !== undefined);
      const run = await runTest({ ...ground, workspace: asked.workspace }, cell, {
        expected,
        password,
        listen: true,
        signal: abort.signal,
      });
      const about = { transport, user: cell.caller.user, sql: cell.sql, secret: run.typed };
      return { trace: run.trace, wire: run.capture === null ? null : wireView(run.capture, run.attempt, about) };
    };
    const sides = [await side(transports[0]), await side(transports[1])] as const;
    const comparison = { ...compareTraces(sides, ground.workspace.topology), runId: newRunId(this.clock.now()) };
    const [first, second] = sides;
    await this.runs.keep({
      schema: 1,
      kind: 'compare',
      summary: {
        id: comparison.runId,
        kind: 'compare',
        at: this.clock.now().toISOString(),
        title: request.caller,
        detail: request.sql,
        verdict: first.trace.verdict === second.trace.verdict ? first.trace.verdict : null,
        asExpected: null,
        milliseconds: performance.now() - begun,
        cancelled: false,
      },
      comparison,
    });
    return comparison;
  }

  watchMatrix(signal?: AbortSignal): AsyncGenerator<MatrixMessage, void, void> {
    return this.matrix.watch(signal);
  }

  /**
   * Begins a run of the matrix and returns how many cells it has; `task` shows it in the status bar. Throws GatehouseError
   * `test.running`, `test.nothing`, `cluster.stopped`.
   */
  runMatrix(
    what: {
      readonly which: 'all' | 'failed' | 'selected';
      readonly cells?: readonly string[] | undefined;
      readonly admin?: boolean | undefined;
    },
    task: TaskRunner,
  ): number {
    if (this.matrix.running)
      throw new GatehouseError({ code: 'test.running', summary: 'A run of the matrix is under way. Stop it first.' });
    const ground = this.#ground();
    const wanted = what.cells === undefined ? null : new Set(what.cells);
    const admin = what.admin === true || this.adminByDefault();
    const cells = this.matrix.plan.cells.filter(({ id, role }) => {
      if (role === 'admin' && !admin && what.which !== 'selected') return false;
      if (what.which === 'selected') return wanted?.has(id) === true;
      if (what.which === 'all') return true;
      const result = this.matrix.results.get(id);
      return result !== undefined && ('failure' in result || result.differs.length > 0);
    });
    if (cells.length === 0) throw new GatehouseError({ code: 'test.nothing', summary: 'There is no cell to run.' });
    this.#working = task(
      'Running the matrix',
      async (report) => {
        const whole = what.which === 'all' || this.matrix.results.size === 0;
        const progress = (run: { done: number; total: number }): void => report({ done: run.done, total: run.total });
        const done = await this.matrix.run(ground, cells, progress, whole);
        if (done === null) return;
        // Results of other cells may be older; they are as old as the last run of everything.
        if (whole) this.#lastFiles = fileHashes(ground.workspace);
        await this.runs.keep(this.#matrixRun(done));
        this.#filesChanged();
      },
      () => this.matrix.stop(),
    ).catch(() => undefined);
    return cells.length;
  }

  /** Whether every backend is Gatehouse's own, so that admin tests may run DDL without being asked. */
  adminByDefault(): boolean {
    return this.asked().topology.backends.every(({ kind }) => kind === 'managed');
  }

  details(id: string): CellDetails {
    const cell = this.#cellOf(id);
    return cellDetails(this.asked(), cell, this.matrix.plan.predict(cell), this.matrix.results.get(id));
  }

  /** Changes what is expected of cells, in the draft. */
  expect(ids: readonly string[], wanted: 'allow' | 'deny' | 'refuse' | 'actual'): Promise<Counted> {
    const cells = ids.map((id) => this.#cellOf(id));
    return this.edits.expect(cells, wanted, this.matrix.results);
  }

  /** What `acceptAll` would change; nothing is written. */
  acceptable(): Promise<Counted> {
    return this.edits.countActual(this.#differing(), this.matrix.results);
  }

  acceptAll(): Promise<Counted> {
    return this.edits.expect(this.#differing(), 'actual', this.matrix.results);
  }

  addCaller(id: string, transports: readonly TransportId[]): Promise<void> {
    return this.edits.addCaller(id, transports, this.clock.now());
  }

  /** What the tests touch, with a test to be made for what they do not. */
  async coverage(): Promise<CoverageView> {
    const tests = await this.edits.testMaker(this.clock.now());
    return coverageView(this.asked(), this.matrix.plan, this.matrix.results, tests);
  }

  addTestFor(file: string, item: string): Promise<{ readonly test: string }> {
    return this.edits.addTestFor(this.asked(), this.matrix.plan, file, item, this.clock.now());
  }

  /** The matrix as it is now, in one of its forms. */
  exportMatrix(form: ReportForm): ExportedReport {
    return exportedMatrix(form, this.asked(), this.document.secrets, this.matrix, this.clock.now());
  }

  createSuite(): Promise<{ readonly callers: number; readonly tables: number }> {
    return this.edits.createSuite(this.clock.now());
  }

  /** Stops what runs and lets go of everything; resolves when nothing of it is at work. */
  async dispose(): Promise<void> {
    for (const end of this.#ends) end();
    this.matrix.stop();
    this.stopSingle();
    await this.#working;
    this.#listeners.clear();
  }

  #differing(): Cell[] {
    return this.matrix.plan.cells.filter(({ id }) => {
      const result = this.matrix.results.get(id);
      return result !== undefined && !('failure' in result) && result.differs.includes('expected');
    });
  }

  #cellOf(id: string): Cell {
    const cell = this.matrix.plan.cells.find((one) => one.id === id);
    if (cell === undefined)
      throw new GatehouseError({ code: 'test.cell', summary: 'This test is no longer in the workspace.' });
    return cell;
  }

  /** What tests run on; throws GatehouseError `cluster.stopped`. */
  #ground(): TestGround {
    const cluster = this.cluster.require();
    return {
      workspace: this.asked(),
      addresses: cluster.addresses,
      secrets: this.document.secrets,
      traces: localTraces(cluster),
      keyFolders: [this.document.dir, this.document.draftDir],
    };
  }

  #begin(): AbortController {
    this.stopSingle();
    const abort = new AbortController();
    this.#single = abort;
    return abort;
  }

  /** The request with a faulty copy of its certificate where it asks for one, and the workspace of that run. */
  #withCopy(request: TestRequest, workspace: Workspace): ReturnType<typeof withFaultyCopy> {
    return withFaultyCopy(request, workspace, [this.document.dir, this.document.draftDir], this.clock);
  }

  async #runSingle(
    cell: Cell,
    password: string | undefined,
    expected: Cell['expected'] | null,
    workspace?: Workspace,
  ): Promise<TraceData> {
    const running = this.#ground();
    const ground = workspace === undefined ? running : { ...running, workspace };
    const abort = this.#begin();
    const run = await runTest(ground, cell, { expected, password, signal: abort.signal });
    const trace: TraceData = { ...run.trace, runId: newRunId(this.clock.now()) };
    await this.runs.keep({
      schema: 1,
      kind: 'single',
      summary: {
        id: trace.runId,
        kind: 'single',
        at: trace.startedAt,
        title: trace.caller,
        detail: trace.sql,
        verdict: trace.verdict,
        asExpected: trace.asExpected,
        milliseconds: trace.milliseconds,
        cancelled: false,
      },
      trace,
    });
    return trace;
  }

  #matrixRun({ run, results }: FinishedMatrix): SavedRun {
    const all = [...results];
    const judged = all.filter(([, result]) => !('failure' in result));
    const good = judged.filter(([, result]) => !('failure' in result) && result.differs.length === 0).length;
    return {
      schema: 1,
      kind: 'matrix',
      summary: {
        id: newRunId(this.clock.now()),
        kind: 'matrix',
        at: run.at ?? this.clock.now().toISOString(),
        title: 'Matrix',
        detail: `${good} of ${all.length} as expected`,
        verdict: null,
        asExpected: good === all.length,
        milliseconds: run.milliseconds,
        cancelled: run.state === 'cancelled',
      },
      files: this.#lastFiles ?? {},
      // The whole picture, so that the newest run alone restores it.
      cells: [...this.matrix.results],
    };
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }

  /** Document and cluster tell of much that concerns no test; only files and a start or an end do. */
  #filesChanged(): void {
    const inForce = this.cluster.cluster?.workspace ?? this.document.applied;
    const seen = JSON.stringify([this.document.revision, this.cluster.cluster !== null, fileHashes(inForce)]);
    if (seen === this.#seen) return;
    this.#seen = seen;
    const outdated = this.#lastFiles !== null && changedFiles(this.#lastFiles, fileHashes(inForce)).length > 0;
    // A run keeps the plan that it began with; what changed meanwhile is taken over at its end.
    if (this.matrix.running) this.#seen = '';
    else this.matrix.changed(outdated);
  }
}
