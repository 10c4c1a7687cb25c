import type { TraceData } from '../../../src-main/contract/areas/test';
import { SvelteMap } from 'svelte/reactivity';
import type { AppState } from '../../state/app-state.svelte';
import type { Choice } from './chain';
import { chainOf } from './chain';

/** What is picked in the picture: a link or a part, by id; null: nothing yet. */
export type Picked = string | null;

/** How many of the last single tests are drawn. */
const SHOWN_RUNS = 4;

/** What Overview remembers while it is on screen. */
export class OverviewView {
  choice = $state.raw<Choice>({});
  picked = $state<Picked>(null);
  /** Traces of the last runs, by id, fetched once; null: it is gone or cannot be read. */
  readonly #traces = new SvelteMap<string, TraceData | null>();

  constructor(readonly app: AppState) {}

  readonly cluster = $derived.by(() => this.app.state.cluster);
  readonly chain = $derived.by(() => (this.cluster === null ? null : chainOf(this.cluster, this.choice)));
  /** The last single tests that were shown in full, newest first. */
  readonly runs = $derived.by(() =>
    (this.app.state.test?.runs ?? []).filter(({ kind }) => kind === 'single').slice(0, SHOWN_RUNS),
  );
  readonly matrixRun = $derived.by(
    () => (this.app.state.test?.runs ?? []).find(({ kind }) => kind === 'matrix') ?? null,
  );
  /** Names of certificates by file. */
  readonly names = $derived.by((): Readonly<Record<string, string>> =>
    Object.fromEntries((this.app.state.certificates?.rows ?? []).map(({ file, name }) => [file, name])),
  );
  /** The picked link, or the one most worth attention. */
  readonly pickedId = $derived.by(() => {
    const { chain, picked } = this;
    if (chain === null) return null;
    const links = chain.links.filter((link) => link !== null);
    const parts = [chain.gateway, chain.tablet, chain.backend].filter((part) => part !== null);
    if (picked !== null && [...links, ...parts].some(({ id }) => id === picked)) return picked;
    const failed = parts.find(({ state, fault }) => state === 'failed' || fault !== null);
    const weak = links.find(({ protection }) => protection === 'plain' || protection === 'tls-optional');
    return (failed ?? weak ?? links[0])?.id ?? null;
  });

  traceOf(id: string): TraceData | null | undefined {
    return this.#traces.get(id);
  }

  /** Fetches the traces of runs that are not known yet. A run that cannot be had stays a line of text. */
  async fetch(ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      if (this.#traces.has(id)) continue;
      this.#traces.set(id, null);
      const shown = await this.app.call.test.run({ id }).catch(() => null);
      if (shown?.kind === 'single') this.#traces.set(id, shown.trace);
    }
  }
}
