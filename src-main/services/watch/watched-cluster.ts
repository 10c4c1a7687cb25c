import type { WatchedCluster } from '../../contract/areas/watch';
import type { CounterRow, WatchTake, WatchWish } from '../../domain/watch';
import type { TraceStep } from '../../servers/recorder';
import { connectControl, readLock, type ControlClient } from '../../servers/store';
import type { Cluster } from '../cluster/cluster';
import { countersOf, watchParts } from '../cluster/watch-parts';
import type { WorkspacePaths } from '../workspace/workspace-paths';

/** Whom a page can ask about queries at this moment. */
export interface WatchSource {
  readonly cluster: WatchedCluster;
  take(wish: WatchWish): Promise<WatchTake>;
  counters(): Promise<readonly CounterRow[]>;
  steps(traceId: string): Promise<readonly TraceStep[]>;
}

const nothing = { rows: [], places: {}, missed: 0, left: 0 };
const silence = (cluster: WatchedCluster): WatchSource => ({
  cluster,
  take: () => Promise.resolve(nothing),
  counters: () => Promise.resolve([]),
  steps: () => Promise.resolve([]),
});

const localSource = (cluster: Cluster): WatchSource => ({
  cluster: { kind: 'running' },
  take: (wish) => watchParts(cluster, wish),
  counters: () => countersOf(cluster),
  steps: async (traceId) => {
    await cluster.settle();
    return cluster.recorder.steps(traceId);
  },
});

/** Finds whom to ask: the program's own cluster, one that another program holds, or nobody. */
export class WatchSources {
  #remote: { readonly pid: number; readonly client: ControlClient } | null = null;

  constructor(
    readonly paths: WorkspacePaths,
    readonly own: { readonly cluster: Cluster | null },
  ) {}

  async now(): Promise<WatchSource> {
    const { cluster } = this.own;
    if (cluster !== null) {
      this.dispose();
      return localSource(cluster);
    }
    const holder = await readLock(this.paths.lock);
    if (holder === null || holder.pid === process.pid) {
      this.dispose();
      return silence({ kind: 'stopped' });
    }
    const who = { program: holder.program, pid: holder.pid };
    try {
      const client = await this.#connect(holder.pid);
      const call = <T>(method: string, parameters?: unknown): Promise<T> =>
        client.call(method, parameters) as Promise<T>;
      return {
        cluster: { kind: 'attached', ...who },
        take: async (wish) => {
          const take = await call<WatchTake | null>('watch', wish);
          if (take === null)
            throw new Error('it runs Vitess’s own programs, whose query logs are files and pages of theirs');
          return take;
        },
        counters: async () => (await call<readonly CounterRow[] | null>('counters')) ?? [],
        steps: async (id) =>
          (await call<{ readonly steps: readonly TraceStep[] } | null>('trace', { id }))?.steps ?? [],
      };
    } catch (error) {
      return silence({ kind: 'silent', ...who, reason: error instanceof Error ? error.message : String(error) });
    }
  }

  /** Somebody who was to be asked did not answer. */
  failed(source: WatchSource, error: unknown): WatchSource {
    this.dispose();
    const { cluster } = source;
    if (cluster.kind !== 'attached') return silence({ kind: 'stopped' });
    const { program, pid } = cluster;
    const reason = error instanceof Error ? error.message : String(error);
    // A program of an earlier version knows no such call.
    const said = /^unknown call/.test(reason) ? 'it is of a version that cannot tell' : reason;
    return silence({ kind: 'silent', program, pid, reason: said });
  }

  dispose(): void {
    this.#remote?.client.close();
    this.#remote = null;
  }

  async #connect(pid: number): Promise<ControlClient> {
    if (this.#remote?.pid === pid) return this.#remote.client;
    this.dispose();
    const client = await connectControl(this.paths.socket('control'));
    this.#remote = { pid, client };
    return client;
  }
}
