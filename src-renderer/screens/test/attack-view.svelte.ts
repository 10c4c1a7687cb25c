import type {
  AttackCardData,
  AttackGroup,
  AttackMessage,
  AttackModel,
  AttackResultData,
} from '../../../src-main/contract/areas/attack';
import type { VerdictKind } from '../../components/verdict';
import type { AppState } from '../../state/app-state.svelte';
import { attack as text } from '../../text/attack';

export type AttackFilter = 'all' | 'through' | 'stopped' | 'information' | 'rest';

/** An attack with what came of it, as one row. */
export interface AttackRow {
  readonly card: AttackCardData;
  readonly result: AttackResultData | null;
  readonly running: boolean;
  /** Why it may get through, as applied. */
  readonly reason: string | null;
  /** The same as in the draft, which counts once it is applied. */
  readonly draftReason: string | null;
  /** Its result was made with other files than are applied now. */
  readonly earlier: boolean;
  /** The applied files no longer have it. */
  readonly gone: boolean;
}

/** The verdict of a row: its mark, its word, and whether it is news. */
export function verdictOf({ card, result, running, reason, draftReason, earlier, gone }: AttackRow): {
  readonly kind: VerdictKind;
  readonly word: string;
  readonly news: boolean;
} {
  if (running) return { kind: 'running', word: text.running, news: false };
  if (card.notHere !== null && !gone) return { kind: 'not-run', word: text.outcome['not-here'], news: false };
  if (result === null) return { kind: 'not-run', word: text.notTried, news: false };
  switch (result.outcome) {
    case 'stopped':
      return { kind: 'refused', word: text.stoppedBy(result.stoppedAt?.side ?? null), news: false };
    case 'got-through':
      if (!card.scored)
        return { kind: 'not-enforced', word: text.unscoredWord[card.unscored ?? 'for-information'], news: false };
      if (reason !== null) return { kind: 'insecure', word: text.acceptedWord, news: false };
      return {
        kind: 'allowed',
        word: draftReason === null ? text.outcome['got-through'] : text.acceptedInDraftWord,
        news: !earlier,
      };
    case 'cannot-decide':
      return { kind: 'cannot-decide', word: text.outcome['cannot-decide'], news: card.scored && !earlier };
    case 'not-here':
      return { kind: 'not-run', word: text.outcome['not-here'], news: false };
  }
}

/** The filter that shows a row; what is not scored is never among what got through or was stopped. */
export function filterOf({ card, result, gone }: AttackRow): Exclude<AttackFilter, 'all'> {
  if ((card.notHere !== null && !gone) || result === null || result.outcome === 'not-here') return 'rest';
  if (!card.scored) return 'information';
  if (result.outcome === 'got-through') return 'through';
  return result.outcome === 'stopped' ? 'stopped' : 'rest';
}

/** The tab Break it: followed while it is there, filtered, with an attack in the pane beside it. */
export class AttackView {
  model = $state.raw<AttackModel | null>(null);
  // Replaced as a whole.
  // eslint-disable-next-line svelte/prefer-svelte-reactivity
  underWay = $state.raw<ReadonlySet<string>>(new Set());
  filter = $state('');
  show = $state<AttackFilter>('all');
  /** Id of the attack in the pane. */
  shown = $state<string | null>(null);

  constructor(readonly app: AppState) {}

  get running(): boolean {
    const state = this.model?.run.state;
    return state === 'running' || state === 'opening';
  }

  readonly rows = $derived.by((): readonly AttackRow[] => {
    const { model } = this;
    if (model === null) return [];
    // eslint-disable-next-line svelte/prefer-svelte-reactivity
    const [earlier, gone] = [new Set(model.earlier), new Set(model.gone)];
    return model.cards.map((card) => ({
      card,
      result: model.results[card.id] ?? null,
      running: this.underWay.has(card.id),
      reason: model.accepted[card.id] ?? null,
      draftReason: model.acceptedInDraft[card.id] ?? null,
      earlier: earlier.has(card.id),
      gone: gone.has(card.id),
    }));
  });

  /** How many were tried that count in no score. */
  readonly unscored = $derived.by(() => this.rows.filter((row) => filterOf(row) === 'information').length);

  /** The rows on show by group; what got through comes first in each. */
  readonly groups = $derived.by((): readonly { readonly group: AttackGroup; readonly rows: readonly AttackRow[] }[] => {
    const wanted = this.filter.trim().toLowerCase();
    const fits = (row: AttackRow): boolean =>
      (this.show === 'all' || filterOf(row) === this.show) &&
      (wanted === '' || [row.card.title, row.card.aim, row.card.id].some((one) => one.toLowerCase().includes(wanted)));
    const order = (row: AttackRow): number =>
      verdictOf(row).news ? 0 : row.card.notHere !== null && !row.gone ? 2 : 1;
    return (Object.keys(text.group) as AttackGroup[])
      .map((group) => ({
        group,
        rows: this.rows.filter((row) => row.card.group === group && fits(row)).toSorted((a, b) => order(a) - order(b)),
      }))
      .filter(({ rows }) => rows.length > 0);
  });

  get row(): AttackRow | null {
    return this.rows.find(({ card }) => card.id === this.shown) ?? null;
  }

  /** Follows the program's attacks until the returned function is called. */
  follow(): () => void {
    const abort = new AbortController();
    void this.#follow(abort.signal);
    return () => abort.abort();
  }

  async #follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted)
      try {
        for await (const message of await this.app.call.attack.watch(undefined, { signal })) {
          if (signal.aborted) return;
          this.#take(message);
        }
      } catch {
        // The page's connection is opened anew by itself; so is this.
        if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, 500));
      }
  }

  #take(message: AttackMessage): void {
    const was = this.running;
    if (message.kind === 'model') {
      this.model = message.model;
      // eslint-disable-next-line svelte/prefer-svelte-reactivity
      this.underWay = new Set();
    } else if (this.model !== null) {
      const results = { ...this.model.results };
      /* eslint-disable svelte/prefer-svelte-reactivity */
      const underWay = new Set(this.underWay);
      for (const [id, result] of message.results)
        if (result === null) underWay.add(id);
        else {
          underWay.delete(id);
          results[id] = result;
        }
      this.underWay = underWay;
      const made = new Map(message.results);
      /* eslint-enable svelte/prefer-svelte-reactivity */
      const earlier = this.model.earlier.filter((id) => made.get(id) == null);
      this.model = { ...this.model, results, earlier, score: message.score, run: message.run };
    }
    if (was && !this.running && this.model !== null) this.#tell(this.model);
  }

  /** One sentence when a run ends. */
  #tell({ run, score }: AttackModel): void {
    if (run.state === 'failed') {
      this.app.notices.tell('error', run.failure?.summary ?? text.head.failed);
      return;
    }
    const row = run.total === 1 ? this.row : null;
    this.app.notices.say(
      row === null
        ? text.said(score.stopped, score.gotThrough)
        : text.saidOne(row.card.title, verdictOf(row).word.toLowerCase()),
    );
  }

  async run(ids?: readonly string[]): Promise<void> {
    await this.app.attempt(() => this.app.call.attack.run(ids === undefined ? {} : { ids: [...ids] }));
  }

  async stop(): Promise<void> {
    await this.app.attempt(() => this.app.call.attack.stop());
  }

  async accept(id: string, reason: string | null): Promise<boolean> {
    const made = await this.app.attempt(async () => {
      await this.app.call.attack.accept({ id, reason });
      return true;
    });
    return made === true;
  }

  async report(format: 'text' | 'json' | 'junit'): Promise<void> {
    const report = await this.app.attempt(() => this.app.call.attack.report({ format }));
    if (report === null) return;
    const url = URL.createObjectURL(new Blob([report.text], { type: 'text/plain' }));
    const link = document.createElement('a');
    link.href = url;
    link.download = report.name;
    link.click();
    URL.revokeObjectURL(url);
  }
}
