import type {
  CellDetails,
  MatrixMessage,
  MatrixModel,
  MatrixRow,
  TransportId,
} from '../../../src-main/contract/areas/test';
import type { MatrixMark, MatrixPlace, Role } from '../../components/matrix';
import type { VerdictKind } from '../../components/verdict';
import type { AppState } from '../../state/app-state.svelte';
import { test as text } from '../../text/test';

export type RoleName = 'read' | 'write' | 'admin';
const roleNames: readonly RoleName[] = ['read', 'write', 'admin'];
const roleLetters: readonly Role[] = ['R', 'W', 'A'];

const kinds: Readonly<Record<string, VerdictKind>> = {
  a: 'allowed',
  d: 'denied',
  r: 'refused',
  w: 'would-be-denied',
  n: 'not-enforced',
  x: 'error',
  '.': 'not-run',
};
/** The verdict that a letter of the model stands for. */
export const kindOf = (letter: string | undefined): VerdictKind => kinds[letter ?? '.'] ?? 'not-run';

const differing = (mark: string | undefined): boolean => mark === 'e' || mark === 'p' || mark === 'b';

/** What one cell shows, out of the letters of its row. */
export function markAt(row: MatrixRow, at: number, role: Role): MatrixMark | null {
  if ((row.expected[at] ?? ' ') === ' ') return null;
  const mark = row.marks[at] ?? '.';
  const expected = kindOf(row.expected[at]);
  if (mark === '…') return { role, kind: 'running', expected };
  if (mark === '!') return { role, kind: 'error', expected };
  if (mark === '.') return { role, kind: kindOf(row.predicted[at]), predicted: true, expected };
  return { role, kind: kindOf(row.actual[at]), expected, differs: differing(mark) };
}

/** The matrix as the page shows it: followed while the screen is there, filtered, with a cell in the pane beside it. */
export class MatrixView {
  model = $state.raw<MatrixModel | null>(null);
  view = $state<'access' | 'ways'>('access');
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
    return { rows: rows.map(({ index }) => index), columns: columns.map(({ index }) => index) };
  });

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
          if (message.kind === 'model') this.model = message.model;
          else if (this.model !== null) {
            this.#tell(
              message.run.state,
              message.totals.asExpected,
              message.totals.cells,
              message.run.done,
              message.run.total,
            );
            this.model = patched(this.model, message);
          }
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

  /** The other expectation for the cell in the pane, or at a place. */
  async toggleExpectation(place: MatrixPlace): Promise<void> {
    await this.open(place);
    const { details } = this;
    if (details === null) return;
    await this.expect([details.id], details.expected.verdict === 'allowed' ? 'deny' : 'allow', details.title);
  }
}

export const cellId = (row: Pick<MatrixRow, 'suite' | 'caller' | 'transport'>, table: string, role: RoleName): string =>
  `${row.suite}/access/${row.caller}/${row.transport}/${table}/${role}`;

type Cells = Extract<MatrixMessage, { kind: 'cells' }>;

/** The model with what a message changes in it; rows that did not change stay the same objects. */
export function patched(model: MatrixModel, message: Cells): MatrixModel {
  const rows = [...model.rows];
  // Gone when the model is made.
  // eslint-disable-next-line svelte/prefer-svelte-reactivity
  const letters = new Map<number, { actual: string[]; marks: string[] }>();
  for (const [row, at, letter, mark] of message.cells) {
    const source = rows[row];
    if (source === undefined) continue;
    let open = letters.get(row);
    if (open === undefined) {
      open = { actual: [...source.actual], marks: [...source.marks] };
      letters.set(row, open);
    }
    open.actual[at] = letter;
    open.marks[at] = mark;
  }
  for (const [row, { actual, marks }] of letters) {
    const source = rows[row];
    if (source !== undefined) rows[row] = { ...source, actual: actual.join(''), marks: marks.join('') };
  }
  const admissions = [...model.admissions];
  for (const [index, letter, mark] of message.admissions) {
    const source = admissions[index];
    if (source !== undefined) admissions[index] = { ...source, actual: letter, mark };
  }
  return {
    ...model,
    rows,
    admissions,
    totals: message.totals,
    run: message.run,
    outdated: model.outdated && message.run.state === 'running',
  };
}
