import type { query } from '../rpc';
import type { BackendAccess } from './backend-access';
import type { TabletConfig } from './config';

const PRIMARY = 1;

/** Milliseconds between two messages when nothing changes (vttablet: `--health-check-interval`). */
const INTERVAL_MS = 20_000;

/** What every listener of StreamHealth hears: the present state at once, then each change, and a sign of life. */
export class HealthBroadcast {
  readonly #since = BigInt(Math.floor(Date.now() / 1000));
  #stopping = false;
  readonly #wakers = new Set<() => void>();

  constructor(
    private readonly config: TabletConfig,
    private readonly backend: BackendAccess,
  ) {}

  /** The tablet is being stopped: listeners hear that it does not serve, and their streams end. */
  stop(): void {
    this.#stopping = true;
    for (const wake of [...this.#wakers]) wake();
  }

  #message(changed: readonly string[]): query.IStreamHealthResponse {
    const { keyspace, shard, alias } = this.config;
    return {
      target: { keyspace, shard, tabletType: PRIMARY },
      serving: this.backend.serving && !this.#stopping,
      primaryTermStartTimestamp: this.#since,
      realtimeStats: {
        ...(this.backend.serving || this.backend.lastError === null ? {} : { healthError: this.backend.lastError }),
        ...(changed.length === 0 ? {} : { tableSchemaChanged: changed }),
      },
      tabletAlias: alias,
      ...(this.backend.vendor === '' ? {} : { backendVendor: this.backend.vendor }),
    };
  }

  async *stream(signal: AbortSignal): AsyncGenerator<query.IStreamHealthResponse> {
    const waiting: (readonly string[])[] = [];
    let wake: () => void = () => undefined;
    const rouse = (): void => wake();
    const unwatch = this.backend.watch((changed) => {
      waiting.push(changed);
      rouse();
    });
    this.#wakers.add(rouse);
    signal.addEventListener('abort', rouse);
    try {
      yield this.#message([]);
      const known = [...this.backend.schema.tables.keys()].sort();
      if (known.length > 0) yield this.#message(known);
      while (!signal.aborted && !this.#stopping) {
        if (waiting.length === 0) {
          let timer: NodeJS.Timeout | undefined;
          const silent = await new Promise<boolean>((resolve) => {
            wake = () => resolve(false);
            timer = setTimeout(() => resolve(true), INTERVAL_MS).unref();
          });
          clearTimeout(timer);
          wake = () => undefined;
          if (silent) yield this.#message([]);
          continue;
        }
        yield this.#message([...new Set(waiting.splice(0).flat())].sort());
      }
      if (this.#stopping) yield this.#message([]);
    } finally {
      unwatch();
      this.#wakers.delete(rouse);
      signal.removeEventListener('abort', rouse);
    }
  }
}
