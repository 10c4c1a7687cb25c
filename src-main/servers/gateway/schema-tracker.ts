import { queryMethods, type GrpcClient, type query } from '../rpc';

/** Milliseconds between a tablet's word and the questions it leads to (go/vt/vtgate/schema: one second). */
const CONSUME_DELAY_MS = 1000;

/** query.SchemaTableType. */
const kinds = { views: 0, tables: 1 } as const;

/**
 * Follows the tables and views of one primary as vtgate's schema tracking does (`--schema-change-signal`, on by
 * default): all of them when it begins to serve, afterwards those that it says have changed. Failures are tried again
 * with the tablet's next word.
 */
export class SchemaTracker {
  readonly #names = { views: new Set<string>(), tables: new Set<string>() };
  #loaded = false;
  #working = false;
  #timer: NodeJS.Timeout | undefined;
  /** The primary that is followed; null while none serves. */
  #target: query.Target | null = null;
  readonly #changed = { views: new Set<string>(), tables: new Set<string>() };
  #stopped = false;

  constructor(private readonly client: GrpcClient) {}

  get tables(): ReadonlySet<string> {
    return this.#names.tables;
  }

  get views(): ReadonlySet<string> {
    return this.#names.views;
  }

  /** The tables, which are asked for where that has not been done yet. */
  async followed(): Promise<ReadonlySet<string>> {
    if (!this.#loaded && this.#target !== null) await this.#ask(this.#target, 'tables', []);
    return this.#names.tables;
  }

  /** The tablet's word on itself; `serving` as the gateway judges it. */
  heard({ target, realtimeStats }: query.StreamHealthResponse, serving: boolean): void {
    if (!serving || target === null || (target.tabletType as number) !== 1) {
      this.#loaded = false;
      this.#target = null;
      return;
    }
    if (this.#loaded) {
      for (const name of realtimeStats?.tableSchemaChanged ?? []) this.#changed.tables.add(name);
      for (const name of realtimeStats?.viewSchemaChanged ?? []) this.#changed.views.add(name);
    }
    this.#target = target;
    if (this.#working || (this.#loaded && this.#changed.tables.size + this.#changed.views.size === 0)) return;
    this.#working = true;
    this.#timer = setTimeout(() => {
      this.#work()
        .catch(() => undefined)
        .finally(() => (this.#working = false));
    }, CONSUME_DELAY_MS).unref();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  async #work(): Promise<void> {
    const target = this.#target;
    if (target === null || this.#stopped) return;
    if (!this.#loaded) {
      this.#names.tables.clear();
      this.#names.views.clear();
      await this.#ask(target, 'tables', []);
      await this.#ask(target, 'views', []);
      this.#loaded = true;
    }
    while (this.#changed.tables.size + this.#changed.views.size > 0) {
      for (const kind of ['tables', 'views'] as const) {
        const names = [...this.#changed[kind]];
        if (names.length === 0) continue;
        this.#changed[kind].clear();
        for (const name of names) this.#names[kind].delete(name);
        await this.#ask(target, kind, names);
      }
    }
  }

  async #ask(target: query.Target, kind: 'views' | 'tables', tableNames: readonly string[]): Promise<void> {
    const request = { target, tableType: kinds[kind], tableNames };
    for await (const { tableDefinition } of this.client.stream(queryMethods.GetSchema, request))
      for (const name of Object.keys(tableDefinition)) this.#names[kind].add(name);
  }
}
