import { GatehouseError, type Failure } from '../../domain/kernel';
import type { HostedGateway } from '../../servers/engine';
import type { Unlocker } from '../../servers/store';
import type { SignInLog } from '../callers/sign-in-log';
import type { ServicePorts } from '../ports';
import { loadWorkspace, type RunOverrides } from '../workspace/load-workspace';
import { startCluster, type Cluster, type ClusterStep, type HangUpOutcome } from './cluster';
import { appThreads } from './engine-hosts';
import type { ReloadOutcome } from './reload';

export type ClusterState =
  | { readonly kind: 'stopped' }
  | { readonly kind: 'starting'; readonly steps: readonly ClusterStep[] }
  | {
      readonly kind: 'running';
      readonly since: Date;
      readonly cluster: Cluster;
      readonly steps: readonly ClusterStep[];
    }
  | { readonly kind: 'stopping' }
  | { readonly kind: 'failed'; readonly failure: Failure; readonly steps: readonly ClusterStep[] };

/** What a part of the running cluster is doing beside running. */
export type PartState = 'starting' | 'stopping' | { readonly failure: Failure };

/** Statements and connections of a gateway between two looks. */
export interface Rates {
  readonly perSecond: number;
  readonly statements: number;
  readonly connections: number;
}

const SAMPLE_MS = 2_000;
/** What a quit may take for the whole cluster (the limit is 5 s). */
export const STOP_GRACE_MS = 1_500;

const asFailure = (error: unknown): Failure =>
  error instanceof GatehouseError
    ? error.failure
    : { code: 'cluster.failed', summary: 'The cluster could not do that.', detail: String(error) };

/**
 * Starts, stops and reloads the cluster of one workspace for the app, one thing after the other, and tells its state. The
 * applied files run, never the draft.
 */
export class ClusterControl {
  #state: ClusterState = { kind: 'stopped' };
  #queue: Promise<unknown> = Promise.resolve();
  #abort: AbortController | null = null;
  #timer: NodeJS.Timeout | null = null;
  readonly #listeners = new Set<() => void>();
  readonly #parts = new Map<string, PartState>();
  readonly #rates = new Map<string, Rates>();

  constructor(
    readonly dir: string,
    readonly options: {
      readonly ports: ServicePorts;
      readonly unlocker: Unlocker;
      readonly program: string;
      readonly overrides?: RunOverrides;
      /** Where sign-ins are counted; undefined: in a log that each start opens. */
      readonly signIns?: SignInLog;
      /** From the app's settings: the mysqld to use, if the user named one. */
      readonly mysqld?: () => string | undefined;
    },
  ) {}

  get state(): ClusterState {
    return this.#state;
  }

  /** The running cluster, or null. */
  get cluster(): Cluster | null {
    return this.#state.kind === 'running' ? this.#state.cluster : null;
  }

  /** The running cluster; throws GatehouseError `cluster.stopped` when there is none. */
  require(): Cluster {
    if (this.#state.kind === 'running') return this.#state.cluster;
    throw new GatehouseError({ code: 'cluster.stopped', summary: 'The cluster is stopped. Start it first.' });
  }

  partState(id: string): PartState | undefined {
    return this.#parts.get(id);
  }

  ratesOf(gateway: string): Rates | null {
    return this.#rates.get(gateway) ?? null;
  }

  onChanged(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Starts the applied version. Rejects with what stopped it; the state says it too. */
  start(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#state.kind === 'running') return;
      const steps: ClusterStep[] = [];
      this.#set({ kind: 'starting', steps: [] });
      const abort = new AbortController();
      this.#abort = abort;
      try {
        const loaded = await loadWorkspace(this.dir, this.options.overrides ?? {});
        if (!loaded.ok) throw new GatehouseError(loaded.failure);
        const mysqld = this.options.mysqld?.();
        const cluster = await startCluster({
          workspace: loaded.value,
          ports: this.options.ports,
          program: this.options.program,
          unlocker: this.options.unlocker,
          signal: abort.signal,
          threads: appThreads,
          ...(mysqld === undefined ? {} : { mysqld }),
          ...(this.options.signIns === undefined ? {} : { signIns: this.options.signIns }),
          onReread: () => this.#changed(),
          onBackend: ({ backend, what, text }) => {
            const id = `backend:${backend}`;
            if (what === 'restarted') this.#parts.delete(id);
            else
              this.#parts.set(id, what === 'died' ? 'starting' : { failure: { code: 'backend.down', summary: text } });
            this.#changed();
          },
          onStep: (step) => {
            steps.push(step);
            // A MySQL that is started again later tells its steps too.
            if (this.#state.kind === 'starting') this.#set({ kind: 'starting', steps: [...steps] });
          },
        });
        this.#parts.clear();
        cluster.onPartDied((id, failure) => {
          this.#parts.set(id, { failure });
          this.#changed();
        });
        this.#set({ kind: 'running', since: new Date(), cluster, steps });
        this.#sample();
      } catch (error) {
        if (abort.signal.aborted) return this.#set({ kind: 'stopped' });
        this.#set({ kind: 'failed', failure: asFailure(error), steps });
        throw error;
      } finally {
        this.#abort = null;
      }
    });
  }

  /** Stops what runs; a start under way is given up. */
  stop(graceMs = STOP_GRACE_MS): Promise<void> {
    this.#abort?.abort();
    return this.#inTurn(async () => {
      if (this.#state.kind !== 'running') return this.#set({ kind: 'stopped' });
      const { cluster } = this.#state;
      this.#set({ kind: 'stopping' });
      if (this.#timer !== null) clearInterval(this.#timer);
      this.#rates.clear();
      try {
        await cluster.stop(graceMs);
      } finally {
        this.#parts.clear();
        this.#set({ kind: 'stopped' });
      }
    });
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** Takes over changed files; what it cannot take over is named. A stopped cluster has nothing to do. */
  reload(): Promise<ReloadOutcome> {
    return this.#inTurn(async () => {
      const outcome = (await this.cluster?.reload()) ?? { reloaded: [], restart: [] };
      this.#changed();
      return outcome;
    });
  }

  /** As SIGHUP: each changed file for itself. A stopped cluster has nothing to do. */
  hangUp(): Promise<HangUpOutcome> {
    return this.#inTurn(async () => {
      const outcome = (await this.cluster?.hangUp()) ?? { reloaded: [], restart: [], kept: [] };
      this.#changed();
      return outcome;
    });
  }

  /** Stops, starts or restarts one part (`gateway:NAME`, `tablet:ALIAS`, `backend:NAME`). */
  part(id: string, action: 'stop' | 'start' | 'restart'): Promise<void> {
    return this.#inTurn(async () => {
      const cluster = this.require();
      const mark = (state: PartState | null): void => {
        if (state === null) this.#parts.delete(id);
        else this.#parts.set(id, state);
        this.#changed();
      };
      try {
        if (action !== 'start') {
          mark('stopping');
          await cluster.stopPart(id);
        }
        if (action !== 'stop') {
          mark('starting');
          await cluster.startPart(id);
        }
        mark(null);
      } catch (error) {
        mark({ failure: asFailure(error) });
        throw error;
      }
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(work);
    this.#queue = done.catch(() => undefined);
    return done;
  }

  #set(state: ClusterState): void {
    this.#state = state;
    this.#changed();
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }

  /** Reads the gateways' counters every two seconds while the cluster runs. */
  #sample(): void {
    let at = performance.now();
    const sample = async (gateways: readonly HostedGateway[]): Promise<void> => {
      const now = performance.now();
      for (const gateway of gateways) {
        const { statements, mysqlConnections } = await gateway.stats();
        const before = this.#rates.get(gateway.name)?.statements ?? statements;
        // A gateway that was started again counts from zero.
        const perSecond = Math.max(0, Math.round(((statements - before) * 10_000) / (now - at)) / 10);
        if (this.cluster === null) return;
        this.#rates.set(gateway.name, { perSecond, statements, connections: mysqlConnections });
      }
      at = now;
      this.#changed();
    };
    // A gateway that dies under the question has no rates.
    this.#timer = setInterval(() => void sample(this.cluster?.gateways ?? []).catch(() => undefined), SAMPLE_MS);
    this.#timer.unref();
  }
}
