import type {
  ComparisonData,
  CopyForm,
  ExplainedErrorData,
  ShownRun,
  TestPart,
  TraceData,
  TransportId,
} from '../../../src-main/contract/areas/test';
import type { AppState } from '../../state/app-state.svelte';
import { test as text } from '../../text/test';
import { AttackView } from './attack-view.svelte';
import { copySecret } from '../../ui/clipboard';
import { MatrixView } from './matrix-view.svelte';
import { TestForm } from './test-form.svelte';

export type TestTab = 'single' | 'compare' | 'matrix' | 'attacks' | 'errors' | 'runs';
const tabs: readonly TestTab[] = ['single', 'compare', 'matrix', 'attacks', 'errors', 'runs'];
export const isTab = (value: string | undefined): value is TestTab => tabs.includes(value as TestTab);

/** What the screen Test shows; outlives the screen, so that coming back finds it as it was. */
export class TestView {
  tab = $state<TestTab>('single');
  readonly form = new TestForm();
  readonly matrix: MatrixView;
  readonly attacks: AttackView;
  /** The run on show. */
  trace = $state.raw<TraceData | null>(null);
  comparison = $state.raw<ComparisonData | null>(null);
  left = $state<TransportId>('mysql-plain');
  right = $state<TransportId>('mysql-tls-verified');
  pending = $state<'single' | 'compare' | null>(null);
  /** Whether the rest of the choices is on show. */
  more = $state(false);
  /** An error text to be explained, and what it means once that was asked; lives on the page alone. */
  errorText = $state('');
  explained = $state.raw<ExplainedErrorData | null>(null);
  /** A run of the list. */
  picked = $state.raw<{ readonly id: string; readonly run: ShownRun } | null>(null);
  /** Grows with each run that came to an end, so that the line moves once. */
  runs = $state(0);

  constructor(readonly app: AppState) {
    this.matrix = new MatrixView(app);
    this.attacks = new AttackView(app);
  }

  get part(): TestPart | null {
    return this.app.state.test;
  }
  get ready(): boolean {
    return this.app.state.cluster?.state === 'running';
  }
  get changes(): number {
    return this.app.state.document?.changes ?? 0;
  }

  async runSingle(): Promise<void> {
    if (this.pending !== null || this.form.missing !== null || !this.ready) return;
    await this.#run('single', () => this.app.call.test.single(this.form.request()));
  }

  /** A cell of the matrix, hop by hop. */
  async openCell(id: string): Promise<void> {
    this.tab = 'single';
    await this.#run('single', () => this.app.call.test.cell({ id }));
    if (this.trace !== null) this.form.follow(this.trace, this.part);
  }

  async #run(kind: 'single', work: () => Promise<TraceData>): Promise<void> {
    this.pending = kind;
    this.app.notices.say(text.started);
    const trace = await this.app.attempt(work);
    this.pending = null;
    if (trace === null) return;
    this.trace = trace;
    this.runs += 1;
    this.app.notices.say(text.said(trace.title, trace.asExpected));
  }

  async compare(): Promise<void> {
    if (this.pending !== null || !this.ready || this.left === this.right) return;
    this.pending = 'compare';
    this.app.notices.say(text.started);
    const request = this.form.request();
    const comparison = await this.app.attempt(() =>
      this.app.call.test.compare({ request, transports: [this.left, this.right] }),
    );
    this.pending = null;
    if (comparison === null) return;
    this.comparison = comparison;
    this.app.notices.say(comparison.title);
  }

  /** The transport to put beside the one of the form: without TLS, or with it. */
  get counterpart(): TransportId {
    const { form } = this;
    return form.way === 'plain' ? form.transportOf('tls') : form.transportOf('plain');
  }

  compareWith(transport: TransportId): void {
    const own = this.form.transport;
    [this.left, this.right] = this.form.way === 'plain' ? [own, transport] : [transport, own];
    this.tab = 'compare';
    void this.compare();
  }

  /** What `text` means; null when the program could not be asked. */
  explain(text: string): Promise<ExplainedErrorData | null> {
    return this.app.attempt(() => this.app.call.test.explain({ text }));
  }

  async explainPasted(): Promise<void> {
    const explained = await this.explain(this.errorText);
    if (explained === null) return;
    this.explained = explained;
    // What was masked is not kept on the page either.
    this.errorText = explained.text;
    this.app.notices.say(explained.known[0]?.title ?? text.errors.unknown);
  }

  stop(): void {
    if (this.pending !== null) void this.app.attempt(() => this.app.call.test.stopSingle());
    else if (this.matrix.running) void this.matrix.stop();
    else if (this.attacks.running) void this.attacks.stop();
  }

  /** The connection of an attack, hop by hop. */
  async openAttack(id: string): Promise<void> {
    const trace = await this.app.attempt(() => this.app.call.attack.trace({ id }));
    if (trace === null) return;
    this.trace = trace;
    this.form.follow(trace, this.part);
    this.tab = 'single';
  }

  async openRun(id: string): Promise<void> {
    const run = await this.app.attempt(() => this.app.call.test.run({ id }));
    if (run === null) return;
    this.picked = { id, run };
    if (run.kind === 'single') {
      this.trace = run.trace;
      this.form.follow(run.trace, this.part);
      this.tab = 'single';
    } else if (run.kind === 'compare') {
      this.comparison = run.comparison;
      this.tab = 'compare';
    }
  }

  /** The test of the form for another client. A copy with a password leaves the clipboard after a minute. */
  async copyAs(form: CopyForm, withPassword: boolean): Promise<void> {
    const request = this.form.request();
    const copied = await this.app.attempt(() => this.app.call.test.copyAs({ request, form, withPassword }));
    if (copied === null) return;
    if (copied.text === null) {
      this.app.notices.tell('warning', copied.why ?? text.copy.cannot);
      return;
    }
    if (withPassword) await copySecret(copied.text, text.copy.seconds);
    else await navigator.clipboard.writeText(copied.text);
    const done = withPassword ? text.copy.doneWithPassword : text.copy.done(text.copy.forms[form]);
    this.app.notices.tell('info', [done, ...copied.notes].join(' '));
  }

  async copyReport(runId: string, json = false): Promise<void> {
    const report = await this.app.attempt(() => this.app.call.test.report({ id: runId, ...(json ? { json } : {}) }));
    if (report === null) return;
    await navigator.clipboard.writeText(report.text);
    this.app.notices.tell('info', json ? text.copy.json : text.copied);
  }

  async saveReport(runId: string): Promise<void> {
    const report = await this.app.attempt(() => this.app.call.test.report({ id: runId }));
    if (report === null) return;
    const url = URL.createObjectURL(new Blob([report.text], { type: 'text/plain' }));
    const link = document.createElement('a');
    link.href = url;
    link.download = report.name;
    link.click();
    URL.revokeObjectURL(url);
  }

  startCluster(): void {
    void this.app.attempt(() => this.app.call.cluster.start());
  }
  review(): void {
    this.app.nav.go('history', { show: 'review' });
  }
}

const views = new WeakMap<AppState, { readonly dir: string; readonly view: TestView }>();

/** The view of the open workspace; another workspace begins with a new one. */
export function testViewOf(app: AppState): TestView {
  const dir = app.state.app.workspace?.dir ?? '';
  const known = views.get(app);
  if (known?.dir === dir) return known.view;
  // What it derives belongs to no component: it goes on when the screen that made it is left.
  let made: TestView | undefined;
  $effect.root(() => void (made = new TestView(app)));
  const view = made!;
  views.set(app, { dir, view });
  return view;
}
