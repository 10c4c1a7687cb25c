import type {
  CertificateCheck,
  CertificateRow,
  CertificatesDone,
  CertificatesPart,
  NewCertificate,
} from '../../../src-main/contract';
import { asFailure } from '../../bridge/failure';
import type { AppState } from '../../state/app-state.svelte';
import { certificates as text } from '../../text/certificates';
import { inOrder, keptRows, nothingClosed, rowsBelow, rowsById } from './tree-rows';

/** A dialog or pane that is open, and what it is about. */
export type Opened =
  | { readonly kind: 'new'; readonly preset: Partial<NewCertificate> }
  | { readonly kind: 'import'; readonly files: readonly File[]; readonly text: string }
  | { readonly kind: 'renew' | 'revoke' | 'delete' | 'export' | 'fields'; readonly row: CertificateRow }
  | { readonly kind: 'faulty'; readonly like: string | null }
  | { readonly kind: 'connect'; readonly row: CertificateRow | null };

/** What the screen of certificates has chosen, typed and opened; the certificates themselves are in the program's state. */
export class CertificatesView {
  readonly app: AppState;
  filter = $state('');
  hideUnusable = $state(false);
  closed = $state.raw(nothingClosed);
  opened = $state.raw<Opened | null>(null);
  /** The passphrase of the private keys is asked for, above whatever is open, to go on with this. */
  unlocking = $state.raw<(() => void) | null>(null);
  /** Row of "Who checks whom" that is chosen; a chosen certificate takes its place. */
  checkId = $state<string | null>(null);

  constructor(app: AppState) {
    this.app = app;
  }

  get part(): CertificatesPart | null {
    return this.app.state.certificates;
  }

  readonly byId = $derived.by(() => rowsById(this.part?.rows ?? []));
  readonly #children = $derived.by(() => rowsBelow(this.part?.rows ?? []));
  readonly #kept = $derived.by(() => keptRows(this.part?.rows ?? [], this.filter, this.hideUnusable));
  readonly matches = $derived.by(() => this.#kept === null || this.#kept.size > 0);

  readonly roots = $derived.by(() => this.#tops(true));
  readonly strangers = $derived.by(() => this.#tops(false));

  #tops(connected: boolean): CertificateRow[] {
    return (this.part?.rows ?? [])
      .filter((row) => row.parent === null && row.connected === connected && this.keeps(row))
      .sort(inOrder);
  }

  keeps(row: CertificateRow): boolean {
    return this.#kept === null || this.#kept.has(row.id);
  }

  below = (row: CertificateRow): readonly CertificateRow[] =>
    (this.#children.get(row.id) ?? []).filter((child) => this.keeps(child));

  /** The chosen certificate: the one that another screen asked for, by `file`, or that was clicked. */
  readonly selected = $derived.by((): CertificateRow | null => {
    const { file } = this.app.nav.parameters;
    if (file === undefined) return null;
    return this.byId.get(file) ?? this.part?.rows.find((row) => row.file === file) ?? null;
  });

  readonly check = $derived.by(
    (): CertificateCheck | null => this.part?.checks.find(({ id }) => id === this.checkId) ?? null,
  );
  /** Rows of the tree on the path of the chosen check. */
  readonly markedRows = $derived.by(() => this.check?.path ?? []);
  /** Checks in which the chosen certificate has a part, its chain's with them. */
  readonly markedChecks = $derived.by(() => {
    const { selected } = this;
    if (selected === null || this.check !== null) return [];
    return (this.part?.checks ?? [])
      .filter(({ path, shown, callers }) =>
        callers && selected.caller !== null ? shown.includes(selected.id) : path.includes(selected.id),
      )
      .map(({ id }) => id);
  });

  select(id: string): void {
    this.checkId = null;
    this.app.nav.note({ file: id });
  }
  deselect(): void {
    this.checkId = null;
    this.app.nav.note({});
  }
  selectCheck(id: string): void {
    this.checkId = this.checkId === id ? null : id;
    this.app.nav.note({});
  }

  name(id: string): string {
    return this.byId.get(id)?.name ?? id;
  }

  open(opened: Opened): void {
    this.opened = opened;
  }
  close(): void {
    this.opened = null;
  }

  /**
   * Runs an edit of the draft: what was done is told with Undo, and with it what needs attention. Encrypted keys
   * ask for their passphrase first and go on afterwards. Rejects with whatever else went wrong.
   */
  async edit(work: () => Promise<CertificatesDone>, said: (done: CertificatesDone) => string): Promise<void> {
    let done: CertificatesDone;
    try {
      done = await work();
    } catch (error) {
      const failure = asFailure(error);
      if (failure.code !== 'certs.passphrase-missing') throw failure;
      this.unlocking = () => void this.attempt(work, said);
      return;
    }
    // Before the dialog that knows the words is gone.
    const words = [said(done), ...done.notes].join(' ');
    this.close();
    const { notices, call } = this.app;
    notices.tell(done.notes.length > 0 ? 'warning' : 'info', words, {
      label: text.undo,
      run: () => void this.app.attempt(() => call.document.undo()),
    });
    if (done.show !== null) this.select(done.show);
  }

  /** As `edit`, for buttons outside a form: a failure is told as a notice. */
  async attempt(work: () => Promise<CertificatesDone>, said: (done: CertificatesDone) => string): Promise<void> {
    await this.app.attempt(() => this.edit(work, said));
  }

  createUsualSet(): Promise<void> {
    return this.attempt(
      () => this.app.call.certificates.createUsualSet(),
      ({ count }) => text.usualSetMade(count),
    );
  }
}
