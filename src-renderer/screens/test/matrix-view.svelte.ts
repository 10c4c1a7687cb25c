import type {
  CellDetails,
  CoverageView,
  MatrixModel,
  MatrixRow,
  ReportForm,
  TransportId,
} from '../../../src-main/contract/areas/test';
import type { MatrixMark, MatrixPlace } from '../../components/matrix';
import type { AppState } from '../../state/app-state.svelte';
import { test as text } from '../../text/test';
import { saveFile } from '../certificates/save-file';
import { cellId, differing, markAt, patched, roleLetters, roleNames, type RoleName } from './matrix-cells';
import { differingCells, differingCounts, groupsFirst, mostFirst, type DifferingCell } from './matrix-differing';

/** The matrix as the page shows it: followed while the screen is there, filtered, with a cell in the pane beside it. */
export class MatrixView {
  model = $state.raw<MatrixModel | null>(null);
  view = $state<'access' | 'ways' | 'coverage'>('access');
  filter = $state('');
  role = $state<'all' | RoleName>('all');
  transport = $state<TransportId | ''>('');
  onlyDiffering = $state(false);
  admin = $state(false);
  active = $state.raw<MatrixPlace | null>(null);
  // Replaced as a whole.
  // eslint-disable-next-line svelte/prefer-svelte-reactivity
  selected = $state.raw<ReadonlySet<string>>(new Set());
  details = $state.raw<CellDetails | null>(null);
  detailsRole = $state<RoleName>('read');
  /** Row and table of the cell in the pane. */
  shown = $state.raw<{ readonly row: string; readonly table: string } | null>(null);
  coverage = $state.raw<CoverageView | null>(null);
  /** How many cells of each row and column differed when nothing ran last: rows do not move under a run. */
  #counts = $state.raw<ReturnType<typeof differingCounts> | null>(null);
  #following: AbortController | null = null;

  constructor(readonly app: AppState) {}

  get running(): boolean {
    return this.model?.run.state === 'running';
  }

  readonly transports = $derived.by((): readonly TransportId[] =>
    (this.model?.rows ?? []).map(({ transport }) => transport).filter((one, at, all) => all.indexOf(one) === at),
  );

  /** Indices of the rows and columns on show. */
  readonly seen = $derived.by(() => {
    const { model } = this;
    if (model === null) return { rows: [] as number[], columns: [] as number[] };
    const wanted = this.filter.trim().toLowerCase();
    const has = (value: string): boolean => value.toLowerCase().includes(wanted);
    const byTransport = model.rows
      .map((row, index) => ({ row, index }))
      .filter(({ row }) => this.transport === '' || row.transport === this.transport);
    let rows = wanted === '' ? byTransport : byTransport.filter(({ row }) => has(row.caller) || has(row.proof));
    let columns = model.columns.map((column, index) => ({ column, index }));
    if (wanted !== '') {
      const tables = columns.filter(({ column }) => has(column.table));
      // A text that fits callers shows their rows whole; one that fits tables alone shows their columns.
      if (rows.length === 0 && tables.length > 0) rows = byTransport;
      if (tables.length > 0) columns = tables;
      else if (rows.length === 0) columns = [];
    }
    if (this.onlyDiffering) {
      const off = (row: MatrixRow, column: number): boolean =>
        [0, 1, 2].some((role) => differing(row.marks[column * 3 + role]) || row.marks[column * 3 + role] === '!');
      rows = rows.filter(({ row }) => columns.some(({ index }) => off(row, index)));
      columns = columns.filter(({ index }) => rows.some(({ row }) => off(row, index)));
    }
    const all = { rows: rows.map(({ index }) => index), columns: columns.map(({ index }) => index) };
    const counts = this.#counts;
    if (this.order === 'file' || counts === null) return all;
    return { rows: mostFirst(all.rows, counts.rows), columns: groupsFirst(all.columns, counts.columns, model.columns) };
  });

  /** Remembered for this user, not for this workspace. */
  get order(): 'file' | 'differs' {
    return this.app.state.settings?.values.matrixOrder ?? 'differs';
  }
  async setOrder(matrixOrder: 'file' | 'differs'): Promise<void> {
    const at = this.#activeIds();
    await this.app.attempt(() => this.app.call.settings.set({ matrixOrder }));
    this.#keepActive(at);
  }

  /** What needs a look, in the order of the files. */
  readonly differing = $derived(this.model === null ? [] : differingCells(this.model));

  #activeIds(): { readonly row: number; readonly column: number } | null {
    const { active } = this;
    if (active === null) return null;
    const row = this.seen.rows[active.row];
    const column = this.seen.columns[active.column];
    return row === undefined || column === undefined ? null : { row, column };
  }
  /** The active cell stays the same caller and table wherever these stand now. */
  #keepActive(at: { readonly row: number; readonly column: number } | null): void {
    if (at === null) return;
    const row = this.seen.rows.indexOf(at.row);
    const column = this.seen.columns.indexOf(at.column);
    if (row >= 0 && column >= 0) this.active = { row, column };
  }
  #recount(): void {
    if (this.model === null || this.running) return;
    const at = this.#activeIds();
    this.#counts = differingCounts(this.model);
    this.#keepActive(at);
  }

  /** Leads to a cell of the list: where it stands in the grid, or null for a way in; filters that hide it are lifted. */
  async jump(cell: DifferingCell): Promise<MatrixPlace | null> {
    if (cell.place === null) {
      this.view = 'ways';
      this.filter = '';
      await this.openAdmission(cell.id);
      return null;
    }
    const { row, column, role } = cell.place;
    const find = (): MatrixPlace => ({ row: this.seen.rows.indexOf(row), column: this.seen.columns.indexOf(column) });
    let place = find();
    if (place.row < 0 || place.column < 0) {
      this.filter = '';
      this.transport = '';
      place = find();
    }
    if (this.role !== 'all') this.role = role;
    this.shown = { row: this.model?.rows[row]?.id ?? '', table: cell.test };
    this.detailsRole = role;
    await this.refresh();
    return place.row < 0 || place.column < 0 ? null : place;
  }

  async refreshCoverage(): Promise<void> {
    this.coverage = await this.app.call.test.coverage().catch(() => this.coverage);
  }
  async addTestFor(file: string, item: string): Promise<void> {
    const added = await this.app.attempt(() => this.app.call.test.addTestFor({ file, item }));
    if (added !== null) this.app.notices.tell('info', text.matrix.coverage.added(added.test));
    await this.refreshCoverage();
  }

  async exportAs(form: ReportForm): Promise<void> {
    const file = await this.app.attempt(() => this.app.call.test.exportMatrix({ form }));
    if (file === null) return;
    saveFile(file);
    this.app.notices.say(text.matrix.exported(file.name));
  }

  /** Marks of a cell by its place in the grid on show. */
  marks(row: number, column: number): readonly MatrixMark[] {
    const source = this.model?.rows[this.seen.rows[row] ?? -1];
    const at = (this.seen.columns[column] ?? 0) * 3;
    if (source === undefined) return [];
    return this.rolesOnShow.flatMap((role) => {
      const mark = markAt(source, at + roleNames.indexOf(role), roleLetters[roleNames.indexOf(role)] ?? 'R');
      return mark === null ? [] : [mark];
    });
  }

  get rolesOnShow(): readonly RoleName[] {
    return this.role === 'all' ? roleNames : [this.role];
  }

  /** Ids of the cells behind a place of the grid on show. */
  idsAt(place: MatrixPlace): string[] {
    const row = this.model?.rows[this.seen.rows[place.row] ?? -1];
    const column = this.model?.columns[this.seen.columns[place.column] ?? -1];
    return row === undefined || column === undefined
      ? []
      : this.rolesOnShow.map((role) => cellId(row, column.table, role));
  }

  /** Ids of the selected cells. */
  selectedIds(): string[] {
    // Only read here, never shown.
    // eslint-disable-next-line svelte/prefer-svelte-reactivity
    const rows = new Map((this.model?.rows ?? []).map((row) => [row.id, row]));
    return [...this.selected].flatMap((key) => {
      const [id = '', table = ''] = key.split('\n');
      const row = rows.get(id);
      return row === undefined ? [] : this.rolesOnShow.map((role) => cellId(row, table, role));
    });
  }

  /** Follows the program's matrix until the returned function is called. */
  follow(): () => void {
    const abort = new AbortController();
    this.#following = abort;
    void this.#follow(abort.signal);
    return () => {
      abort.abort();
      if (this.#following === abort) this.#following = null;
    };
  }

  async #follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted)
      try {
        for await (const message of await this.app.call.test.watchMatrix(undefined, { signal })) {
          if (signal.aborted) return;
          if (message.kind === 'model') {
            this.model = message.model;
            this.#recount();
          } else if (this.model !== null) {
            this.#tell(
              message.run.state,
              message.totals.asExpected,
              message.totals.cells,
              message.run.done,
              message.run.total,
            );
            this.model = patched(this.model, message);
            if (message.run.state !== 'running') this.#recount();
          }
          if (this.view === 'coverage' && (message.kind === 'model' || message.run.state !== 'running'))
            void this.refreshCoverage();
          if (this.shown !== null && (message.kind === 'model' || message.run.state !== 'running')) void this.refresh();
        }
      } catch {
        // The page's connection is opened anew by itself; so is this.
        if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, 500));
      }
  }

  /** One sentence when a run ends. */
  #tell(state: string, good: number, cells: number, done: number, total: number): void {
    if (this.model?.run.state !== 'running' || state === 'running') return;
    this.app.notices.say(
      state === 'cancelled' ? text.matrix.stoppedSaid(done, total) : text.matrix.finished(good, cells),
    );
  }

  async run(which: 'all' | 'failed' | 'selected', cells?: readonly string[]): Promise<void> {
    const input = {
      which,
      ...(cells === undefined ? {} : { cells: [...cells] }),
      ...(this.admin ? { admin: true } : {}),
    };
    if ((await this.app.attempt(() => this.app.call.test.runMatrix(input))) !== null)
      this.app.notices.say(text.started);
  }
  async stop(): Promise<void> {
    await this.app.attempt(() => this.app.call.test.stopMatrix());
  }

  /** Shows a cell in the pane. */
  async open(place: MatrixPlace): Promise<void> {
    const row = this.model?.rows[this.seen.rows[place.row] ?? -1];
    const column = this.model?.columns[this.seen.columns[place.column] ?? -1];
    if (row === undefined || column === undefined) return;
    this.shown = { row: row.id, table: column.table };
    if (this.role !== 'all') this.detailsRole = this.role;
    else {
      const off = roleNames.find((_, role) => differing(row.marks[(this.seen.columns[place.column] ?? 0) * 3 + role]));
      if (off !== undefined) this.detailsRole = off;
    }
    await this.refresh();
  }

  /** A way in, in the pane. */
  async openAdmission(id: string): Promise<void> {
    this.shown = { row: id, table: '' };
    await this.refresh();
  }

  get shownId(): string | null {
    if (this.shown === null) return null;
    if (this.shown.table === '') return this.shown.row;
    const row = this.model?.rows.find(({ id }) => id === this.shown?.row);
    return row === undefined ? null : cellId(row, this.shown.table, this.detailsRole);
  }

  async refresh(): Promise<void> {
    const id = this.shownId;
    if (id === null) return this.close();
    const details = await this.app.call.test.cellDetails({ id }).catch(() => null);
    if (this.shownId === id) this.details = details;
  }

  close(): void {
    this.shown = null;
    this.details = null;
  }

  async expect(ids: readonly string[], expectation: 'allow' | 'deny' | 'refuse', what: string): Promise<void> {
    const counted = await this.app.attempt(() => this.app.call.test.expect({ cells: [...ids], expectation }));
    if (counted === null) return;
    if (counted.changed === 0 && counted.kept > 0) this.app.notices.tell('warning', text.matrix.cannotExpect);
    else
      this.app.notices.say(
        text.matrix.expectSaid({ allow: 'allowed', deny: 'denied', refuse: 'refused' }[expectation], what),
      );
  }

  /** The other expectation for the cell in the pane, or at a place; for all that are selected when it is one of them. */
  async toggleExpectation(place: MatrixPlace, selected: boolean): Promise<void> {
    await this.open(place);
    const { details } = this;
    if (details === null) return;
    const wanted = details.expected.verdict === 'allowed' ? 'deny' : 'allow';
    if (!selected) return this.expect([details.id], wanted, details.title);
    const ids = this.selectedIds();
    await this.expect(ids, wanted, text.matrix.cells(ids.length));
  }
}
