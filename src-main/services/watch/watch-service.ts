import { setTimeout as pause } from 'node:timers/promises';
import type {
  AuditPage,
  WatchCounters,
  WatchedCluster,
  WatchFilterInput,
  WatchNext,
  WatchPlaces,
  WatchTrace,
} from '../../contract/areas/watch';
import { MOST_ROWS, type WatchTake } from '../../domain/watch';
import type { Cluster } from '../cluster/cluster';
import type { WorkspacePaths } from '../workspace/workspace-paths';
import { auditPage, auditSeen } from './audit-page';
import { WatchSources, type WatchSource } from './watched-cluster';

/** Rows in one answer at most: what a page can draw and a person can follow. */
const ROWS_AT_ONCE = 250;
/** In answer to a page that begins anew: what it may have had on show before. */
const ROWS_AT_FIRST = MOST_ROWS;
/** The same while there are more than it can be shown: nobody reads them, and each costs the cluster's threads. */
const ROWS_WHEN_FULL = 80;
/** Least time between two answers to one page, milliseconds; and when there is more than it can be shown. */
const BETWEEN_MS = 150;
const BETWEEN_FULL_MS = 500;
/** How long a call waits for something to tell, milliseconds. */
const PATIENCE_MS = 2_000;
const AUDIT_LOOK_MS = 500;

interface Asked {
  readonly places: WatchPlaces;
  readonly filter: WatchFilterInput;
  readonly values: boolean;
  /** What the page takes the cluster to be; an answer comes at once when it is something else. */
  readonly known: WatchedCluster['kind'] | null;
}

/**
 * What a page sees of a running cluster. The page asks for each batch when it has drawn the one before, so a page that does
 * not keep up, is paused or hidden asks for nothing and costs nothing; the next answer counts what it missed.
 */
export class WatchService {
  readonly #sources: WatchSources;
  /** The last answer could not hold all that there was. */
  #full = false;

  constructor(
    readonly paths: WorkspacePaths,
    own: { readonly cluster: Cluster | null },
  ) {
    this.#sources = new WatchSources(paths, own);
  }

  /** The records since `places` that pass the filter, the newest 250 of them, and fewer while there are always more. */
  async next({ places, filter, values, known }: Asked, signal?: AbortSignal): Promise<WatchNext> {
    const until = performance.now() + PATIENCE_MS;
    if (known !== null) await rest(this.#full ? BETWEEN_FULL_MS : BETWEEN_MS, signal);
    let [missed, before] = [0, 0];
    for (;;) {
      const fresh = Object.keys(places).length === 0;
      const limit = fresh ? ROWS_AT_FIRST : this.#full ? ROWS_WHEN_FULL : ROWS_AT_ONCE;
      const asked = { places, filter, values, limit };
      const { source, value } = await this.#ask((one) => one.take(asked), nothing);
      const { cluster } = source;
      missed += value.missed;
      before += value.before ?? 0;
      this.#full = value.left > 0;
      const over = signal?.aborted === true || performance.now() > until;
      if (value.rows.length > 0 || cluster.kind !== known || over)
        return { cluster, rows: value.rows, places: { ...places, ...value.places }, missed, left: value.left, before };
      places = { ...places, ...value.places };
      await rest(BETWEEN_MS, signal);
    }
  }

  async counters(): Promise<WatchCounters> {
    const { source, value } = await this.#ask((one) => one.counters(), []);
    return { cluster: source.cluster, at: Date.now(), rows: value };
  }

  async trace(traceId: string): Promise<WatchTrace | null> {
    const { value } = await this.#ask((one) => one.steps(traceId), []);
    const [first] = value;
    if (first === undefined) return null;
    return {
      steps: value.map(({ part, name, outcome, atMicros, data }) => ({
        ...{ part, name, outcome, data },
        micros: atMicros - first.atMicros,
      })),
    };
  }

  /** The audit log with its verdict; with `seen`, when it has changed or after two seconds. */
  async audit(
    asked: { readonly limit: number; readonly head: string | null; readonly seen: string | null },
    signal?: AbortSignal,
  ): Promise<AuditPage> {
    const until = performance.now() + PATIENCE_MS;
    while (asked.seen !== null && performance.now() < until && signal?.aborted !== true) {
      if ((await auditSeen(this.paths.dir)) !== asked.seen) break;
      await rest(AUDIT_LOOK_MS, signal);
    }
    return auditPage(this.paths.dir, asked.limit, asked.head);
  }

  dispose(): void {
    this.#sources.dispose();
  }

  async #ask<T>(
    question: (source: WatchSource) => Promise<T>,
    none: T,
  ): Promise<{ readonly source: WatchSource; readonly value: T }> {
    const source = await this.#sources.now();
    try {
      return { source, value: await question(source) };
    } catch (error) {
      return { source: this.#sources.failed(source, error), value: none };
    }
  }
}

const nothing: WatchTake = { rows: [], places: {}, missed: 0, left: 0 };

const rest = (milliseconds: number, signal?: AbortSignal): Promise<void> =>
  pause(milliseconds, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
