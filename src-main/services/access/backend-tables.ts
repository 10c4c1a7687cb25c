import { GatehouseError, type Failure } from '../../domain/kernel';
import type { Cluster } from '../cluster/cluster';
import { listBackendTables } from './list-backend-tables';

/** What a running backend said when it was asked for the tables of a keyspace. */
export interface BackendTableList {
  readonly state: 'stopped' | 'listing' | 'listed' | 'failed';
  readonly names: readonly string[];
  readonly failure: Failure | null;
}

const stopped: BackendTableList = { state: 'stopped', names: [], failure: null };

/** What is needed of the cluster's control: the running cluster, and to hear of changes. */
export interface ClusterSource {
  readonly cluster: Cluster | null;
  onChanged(listener: () => void): () => void;
}

/**
 * The tables of the running backends by keyspace: asked once when a cluster has started, and again by `refresh`. A list
 * that could not be had is a state of its own, never an empty list.
 */
export class BackendTables {
  #cluster: Cluster | null = null;
  #lists = new Map<string, BackendTableList>();
  /** Counts what was asked, so that a late answer to an old question is passed over. */
  #asked = 0;
  #version = 0;
  readonly #unsubscribe: () => void;

  constructor(
    readonly source: ClusterSource,
    readonly onChange: () => void,
    readonly list: typeof listBackendTables = listBackendTables,
  ) {
    this.#unsubscribe = source.onChanged(() => this.#look());
    this.#look();
  }

  /** Counts up with every change. */
  get version(): number {
    return this.#version;
  }

  of(keyspace: string): BackendTableList {
    return this.#lists.get(keyspace) ?? stopped;
  }

  /** Asks every keyspace of the running cluster; resolves when all have answered or failed. Nothing runs: nothing is asked. */
  async refresh(): Promise<void> {
    const cluster = this.#cluster;
    if (cluster === null) return;
    const turn = (this.#asked += 1);
    const { keyspaces } = cluster.workspace.topology;
    for (const { name } of keyspaces) this.#lists.set(name, { ...this.of(name), state: 'listing', failure: null });
    this.#changed();
    await Promise.all(
      keyspaces.map(async ({ name }) => {
        const found = await this.list(cluster, name).then(
          (names): BackendTableList => ({ state: 'listed', names, failure: null }),
          (error: unknown): BackendTableList => ({ state: 'failed', names: [], failure: failureOf(error) }),
        );
        if (turn === this.#asked) this.#lists.set(name, found);
      }),
    );
    if (turn === this.#asked) this.#changed();
  }

  dispose(): void {
    this.#asked += 1;
    this.#unsubscribe();
  }

  #look(): void {
    const { cluster } = this.source;
    if (cluster === this.#cluster) return;
    this.#cluster = cluster;
    this.#asked += 1;
    this.#lists = new Map();
    if (cluster === null) this.#changed();
    else void this.refresh();
  }

  #changed(): void {
    this.#version += 1;
    this.onChange();
  }
}

const failureOf = (error: unknown): Failure =>
  error instanceof GatehouseError
    ? error.failure
    : { code: 'access.tables', summary: 'The tables could not be listed.', detail: String(error) };
