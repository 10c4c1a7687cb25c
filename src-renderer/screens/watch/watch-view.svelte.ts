import type { WatchedCluster, WatchNext, WatchPlaces, WatchVerdictId } from '../../../src-main/contract/areas/watch';
import { asFailure } from '../../bridge/failure';
import type { AppState } from '../../state/app-state.svelte';
import { watchText as text } from '../../text/watch';

export type WatchTab = keyof typeof text.tabs;
const tabs = Object.keys(text.tabs) as WatchTab[];
export type WatchRecord = WatchNext['rows'][number];

/** Records that the page keeps on show; older ones go. */
const MOST_SHOWN = 5_000;
/** How long a filter rests before it is asked with, milliseconds. */
const TYPING_MS = 250;
const RETRY_MS = 1_000;

const noFilter = {
  part: 'all' as 'all' | 'gateway' | 'tablet',
  caller: '',
  table: '',
  verdict: '' as WatchVerdictId | '',
  text: '',
};

/** What the screen Watch shows; outlives the screen, so that coming back finds it as it was. */
export class WatchView {
  filter = $state({ ...noFilter });
  values = $state(false);
  paused = $state(false);
  following = $state(true);
  rows = $state.raw<readonly WatchRecord[]>([]);
  /** Rows that went from the beginning since the page was opened: the list keeps its place by it. */
  gone = $state(0);
  missed = $state(0);
  left = $state(0);
  /** Records of before the cluster was watched, or that it keeps no more. */
  before = $state(0);
  cluster = $state.raw<WatchedCluster | null>(null);
  selected = $state<string | null>(null);
  #places: WatchPlaces = {};
  /** Grows when what is asked changes: answers to earlier questions are dropped. */
  #question = 0;
  #typing: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly app: AppState) {}

  get tab(): WatchTab {
    const wanted = this.app.nav.parameters['tab'];
    return tabs.includes(wanted as WatchTab) ? (wanted as WatchTab) : 'queries';
  }
  show(tab: WatchTab): void {
    this.app.nav.note({ tab });
  }

  get filtered(): boolean {
    const { part, caller, table, verdict, text: words } = this.filter;
    return part !== 'all' || verdict !== '' || [caller, table, words].some((wanted) => wanted.trim() !== '');
  }
  /** The filter in words. */
  get filterWords(): string {
    const { part, caller, table, verdict, text: words } = this.filter;
    return [
      part === 'all' ? '' : text.filter.parts[part],
      ...[caller, table].map((wanted) => wanted.trim()),
      verdict === '' ? '' : text.verdicts[verdict],
      words.trim(),
    ]
      .filter((word) => word !== '')
      .join(', ');
  }
  get chosen(): WatchRecord | null {
    return this.rows.find(({ id }) => id === this.selected) ?? null;
  }

  /** Asks anew with what is chosen: what the cluster keeps is filtered again. */
  ask(soon = false): void {
    clearTimeout(this.#typing);
    const now = (): void => {
      this.#question += 1;
      this.#places = {};
      this.rows = [];
      [this.missed, this.left, this.gone, this.before] = [0, 0, 0, 0];
    };
    if (soon) this.#typing = setTimeout(now, TYPING_MS);
    else now();
  }
  clearFilter(): void {
    this.filter = { ...noFilter };
    this.ask();
  }
  only(change: Partial<typeof noFilter>): void {
    this.filter = { ...this.filter, ...change };
    this.ask();
  }

  /** Empties the list; what comes from now on is shown. */
  clear(): void {
    this.rows = [];
    this.selected = null;
    [this.missed, this.left, this.gone, this.before] = [0, 0, 0, 0];
  }

  /**
   * Follows the query log until `signal` ends it. The next records are asked for when these are drawn; a page that is
   * paused or hidden asks for nothing.
   */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (this.paused || document.visibilityState === 'hidden') {
        await rest(100);
        continue;
      }
      const question = this.#question;
      const { part, caller, table, verdict, text: words } = this.filter;
      try {
        const next = await this.app.call.watch.next({
          places: this.#places,
          filter: { part, caller, table, verdicts: verdict === '' ? [] : [verdict], text: words },
          values: this.values,
          known: this.cluster?.kind ?? null,
        });
        if (signal.aborted || question !== this.#question || this.paused) continue;
        this.#take(next);
        // What is drawn is drawn before more is asked for.
        await new Promise((resolve) => requestAnimationFrame(resolve));
      } catch (error) {
        void asFailure(error);
        await rest(RETRY_MS);
      }
    }
  }

  #take({ rows, places, missed, left, before, cluster }: WatchNext): void {
    this.#places = places;
    this.cluster = cluster;
    this.missed += missed;
    this.left += left;
    this.before += before;
    if (rows.length === 0) return;
    // Parts tell of a statement when it is over; on show is when it began.
    const all = [...this.rows, ...rows].sort((a, b) => a.at - b.at);
    const over = Math.max(0, all.length - MOST_SHOWN);
    this.gone += over;
    this.rows = over === 0 ? all : all.slice(over);
  }
}

const rest = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

const views = new WeakMap<AppState, WatchView>();

/** The one view of a page. */
export function watchViewOf(app: AppState): WatchView {
  let view = views.get(app);
  if (view === undefined) views.set(app, (view = new WatchView(app)));
  return view;
}
