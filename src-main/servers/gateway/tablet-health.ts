import { queryMethods, type GrpcClient, type query } from '../rpc';

/** First pause before the stream is opened again; doubled each time, up to the silence limit (vtgate begins with 2 ms). */
const FIRST_PAUSE_MS = 10;
const OUTDATED = 'health stats mismatch';

/** Times of one watch, in milliseconds. */
export interface HealthTimes {
  /** `--healthcheck-timeout`: silence after which a tablet counts as lost. */
  readonly silenceMs: number;
  /** How long a statement waits for the first word of a tablet that is being asked. */
  readonly firstWordMs: number;
}

/**
 * Listens to StreamHealth of one tablet, as vtgate does of every tablet it knows (go/vt/discovery,
 * tablet_health_check.go). What the tablet says of itself decides over keyspace, shard and type, not what the topology
 * says; without its word no statement is sent to it.
 */
export class TabletHealth {
  /** It says that it serves, and the stream is whole. */
  serving = false;
  /** Who it says it is, once it has said it. */
  target: query.Target | null = null;
  /** Seconds since the epoch, 0 when it has not said. */
  primaryTermStart = 0n;
  /** Why it does not serve, or null. */
  lastError: string | null = null;
  /** The server behind it knows `SET_VAR`: MySQL does, for MariaDB it is a comment. */
  takesHints = true;
  /** Another tablet answers at its address: it does not exist any more. */
  gone = false;
  /** Messages so far. */
  heard = 0;
  #stopped = false;
  /** The present round ends because a new one is wanted, which says nothing about the tablet. */
  #renewing = false;
  #round = new AbortController();
  /** Resolves when a round has brought a word or a failure, or has been waited for long enough. */
  #word: Promise<void> = Promise.resolve();
  #told: () => void = () => undefined;
  /** The present round has nothing more to wait for. */
  #judged = false;
  /** Ends the pause before the next round; null while a round is under way. */
  #wake: (() => void) | null = null;

  constructor(
    private readonly client: GrpcClient,
    private readonly alias: { readonly cell: string; readonly uid: number },
    private readonly times: HealthTimes,
    private readonly listener: (message: query.StreamHealthResponse) => void,
  ) {
    this.#begin();
    void this.#watch();
  }

  /** Null: what is known of the tablet is all that can be known now. Else resolves when more is known. */
  news(): Promise<void> | null {
    if (this.#stopped || this.gone || this.#judged) return null;
    this.#wake?.();
    return this.#word;
  }

  /** Asks again over a new connection: the one that the stream is on was made with certificates that have gone. */
  renew(): void {
    this.#renewing = true;
    this.#round.abort();
    this.#wake?.();
  }

  stop(): void {
    this.#stopped = true;
    this.#round.abort();
    this.#wake?.();
  }

  async #watch(): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS;
    for (;;) {
      const heard = this.heard;
      await this.#listen();
      if (this.#stopped || this.gone) return;
      if (this.heard > heard) pauseMs = FIRST_PAUSE_MS;
      this.#begin();
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, pauseMs).unref();
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#wake = null;
      if (this.#stopped) return;
      pauseMs = Math.min(pauseMs * 2, this.times.silenceMs);
    }
  }

  /** Those who ask from here on wait for the next round's first word. */
  #begin(): void {
    this.#judged = false;
    this.#word = new Promise((resolve) => {
      this.#told = () => {
        this.#judged = true;
        resolve();
      };
    });
  }

  /** One round: the stream from its beginning to its end. */
  async #listen(): Promise<void> {
    this.#round = new AbortController();
    this.#renewing = false;
    const { signal } = this.#round;
    let silent = false;
    const late = setTimeout(() => this.#told(), this.times.firstWordMs).unref();
    const silence = setTimeout(() => {
      silent = true;
      this.#round.abort();
    }, this.times.silenceMs).unref();
    try {
      for await (const message of this.client.stream(queryMethods.StreamHealth, {}, { signal })) {
        silence.refresh();
        this.#take(message);
        this.#told();
      }
      // A stream that ends without an error says nothing about the tablet.
    } catch (error) {
      if (this.#renewing) return;
      const text = error instanceof Error ? error.message : String(error);
      this.serving = false;
      this.lastError = silent ? 'healthcheck timed out' : text;
      this.gone = text.startsWith(OUTDATED);
    } finally {
      clearTimeout(late);
      clearTimeout(silence);
      this.#told();
    }
  }

  #take(message: query.StreamHealthResponse): void {
    const { target, realtimeStats, tabletAlias, serving, primaryTermStartTimestamp, backendVendor } = message;
    if (target === null || realtimeStats === null) throw new Error('health stats is not valid');
    const { cell, uid } = this.alias;
    if (tabletAlias !== null && (tabletAlias.cell !== cell || tabletAlias.uid !== uid))
      throw new Error(`${OUTDATED}: ${tabletAlias.cell}-${tabletAlias.uid} answers instead of ${cell}-${uid}`);
    const { healthError } = realtimeStats;
    this.heard += 1;
    this.target = target;
    this.primaryTermStart = primaryTermStartTimestamp;
    this.takesHints = backendVendor === '';
    this.serving = serving && healthError === '';
    this.lastError = healthError === '' ? null : `vttablet error: ${healthError}`;
    this.listener(message);
  }
}
