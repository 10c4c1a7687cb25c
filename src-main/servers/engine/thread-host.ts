import { Worker } from 'node:worker_threads';
import { GatehouseError, type Failure } from '../../domain/kernel';
import type { WatchTake } from '../../domain/watch';
import type { GatewayStats, SignIn } from '../gateway';
import type { TraceRecorder } from '../recorder';
import type { AclCounters } from '../tablet';
import { pack, unpack } from './carry';
import type { EngineHost, HostedGateway, HostedTablet, TabletReport } from './hosts';
import { arrivedError, type Ask, type FromThread, type Started, type ThreadData, type ToThread } from './protocol';

/** How long a thread that was told to close may take, milliseconds. */
const CLOSE_MS = 1_000;

/** What the thread's messages about one part are for. */
interface PartEars {
  signedIn?: (signIn: SignIn) => void;
  backendError: string | null;
  readonly queryListeners: Set<(line: string) => void>;
  readonly deathListeners: Set<(failure: Failure) => void>;
}

type Asked = { readonly resolve: (value: never) => void; readonly reject: (error: Error) => void };

/** One thread with its parts, from its start until its end. */
class EngineThread {
  readonly #worker: Worker;
  readonly #asked = new Map<number, Asked>();
  readonly #parts = new Map<number, PartEars>();
  readonly #leaveWishes: () => void;
  readonly ended: Promise<void>;
  /** Why it has ended, if nobody asked it to. */
  #death: Failure | null = null;
  #closing = false;
  #over = false;
  #next = 1;

  constructor(
    entry: string,
    name: string,
    private readonly recorder: TraceRecorder,
  ) {
    const workerData: ThreadData = { time: recorder.time.shared, name };
    this.#worker = new Worker(entry, { workerData, name });
    this.#worker.on('message', (message: FromThread) => this.#hear(message));
    this.#worker.on('error', (error) => this.#die(error));
    this.ended = new Promise((resolve) => {
      this.#worker.once('exit', (code) => {
        if (!this.#closing) this.#die(new Error(`it ended with code ${code}`));
        this.#over = true;
        this.#leaveWishes();
        resolve();
      });
    });
    this.#leaveWishes = recorder.onWishes((wishes) => this.#say({ kind: 'wishes', wishes }));
  }

  get over(): boolean {
    return this.#over || this.#death !== null;
  }

  #say(message: ToThread): void {
    this.#worker.postMessage(message);
  }

  #hear(message: FromThread): void {
    switch (message.kind) {
      case 'answer':
      case 'failed': {
        const asked = this.#asked.get(message.id);
        this.#asked.delete(message.id);
        if (message.kind === 'answer') asked?.resolve(message.value as never);
        else asked?.reject(arrivedError(message.error));
        break;
      }
      case 'traced':
        this.recorder.take(message.events);
        break;
      case 'signed-in':
        this.#parts.get(message.part)?.signedIn?.(unpack<SignIn>(message.signIn));
        break;
      case 'queries':
        for (const listener of this.#parts.get(message.part)?.queryListeners ?? []) message.lines.forEach(listener);
        break;
      case 'backend': {
        const part = this.#parts.get(message.part);
        if (part !== undefined) part.backendError = message.error;
      }
    }
  }

  /** The first reason is the one that is told. */
  #die(error: unknown): void {
    if (this.#death !== null) return;
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const death: Failure = { code: 'engine.thread-ended', summary: 'Its thread has ended by a fault.', detail };
    this.#death = death;
    for (const { reject } of this.#asked.values()) reject(new GatehouseError(death));
    this.#asked.clear();
    for (const { deathListeners } of this.#parts.values()) for (const listener of deathListeners) listener(death);
    this.#parts.clear();
  }

  ask<T>(ask: Ask): Promise<T> {
    if (this.#death !== null) return Promise.reject(new GatehouseError(this.#death));
    return new Promise<T>((resolve, reject) => {
      const id = this.#next++;
      this.#asked.set(id, { resolve, reject });
      this.#say({ kind: 'ask', id, ask });
    });
  }

  /** Starts a part; it is known under a number for as long as it runs. */
  async start(
    what: 'start-tablet' | 'start-gateway',
    config: unknown,
    signedIn?: (signIn: SignIn) => void,
  ): Promise<{ readonly part: number; readonly ears: PartEars; readonly started: Started }> {
    const part = this.#next++;
    const ears: PartEars = {
      ...(signedIn === undefined ? {} : { signedIn }),
      backendError: null,
      queryListeners: new Set(),
      deathListeners: new Set(),
    };
    this.#parts.set(part, ears);
    try {
      return { part, ears, started: await this.ask<Started>({ what, part, config: pack(config) }) };
    } catch (error) {
      this.#parts.delete(part);
      throw error;
    }
  }

  async stop(part: number, graceMs: number | undefined): Promise<void> {
    if (!this.#parts.has(part)) return;
    // A thread that dies of its part's end has ended it too.
    await this.ask({ what: 'stop', part, graceMs }).catch(() => undefined);
    this.#parts.delete(part);
  }

  hearQueries(part: number, ears: PartEars, listener: (line: string) => void): () => void {
    ears.queryListeners.add(listener);
    if (!this.over) this.#say({ kind: 'hear-queries', part, wanted: true });
    return () => {
      ears.queryListeners.delete(listener);
      if (!this.over && ears.queryListeners.size === 0) this.#say({ kind: 'hear-queries', part, wanted: false });
    };
  }

  onDied(ears: PartEars, listener: (failure: Failure) => void): void {
    const death = this.#death;
    if (death === null) ears.deathListeners.add(listener);
    else queueMicrotask(() => listener(death));
  }

  async close(): Promise<void> {
    if (!this.over) {
      this.#closing = true;
      this.#say({ kind: 'close' });
      const late = setTimeout(() => void this.#worker.terminate(), CLOSE_MS);
      await this.ended;
      clearTimeout(late);
    }
    await this.ended;
  }
}

/**
 * Runs parts in one further thread of this process, which begins with the first part; after a fault of the thread the next
 * part that is started begins a new one.
 *
 * @param entry file that calls `serveEngineThread`, as the bundler has put it
 * @param name of the thread, for people and debuggers
 * @param recorder keeps the steps of all threads
 */
export function threadHost(entry: string, name: string, recorder: TraceRecorder): EngineHost {
  let current: EngineThread | null = null;
  const thread = (): EngineThread => {
    if (current === null || current.over) current = new EngineThread(entry, name, recorder);
    return current;
  };
  return {
    open: () => thread().ask<void>({ what: 'settle' }),
    async startTablet(config): Promise<HostedTablet> {
      const home = thread();
      const { part, ears, started } = await home.start('start-tablet', config);
      return {
        address: started.address!,
        alias: started.alias!,
        get backendError() {
          return ears.backendError;
        },
        report: () => home.ask<TabletReport>({ what: 'report', part }),
        counters: () => home.ask<AclCounters>({ what: 'counters', part }),
        watch: (wish) => home.ask<WatchTake>({ what: 'watch', part, wish }),
        onQueryLine: (listener) => home.hearQueries(part, ears, listener),
        update: (update) => home.ask({ what: 'update', part, update: pack(update) }),
        onDied: (listener) => home.onDied(ears, listener),
        stop: ({ graceMs } = {}) => home.stop(part, graceMs),
      };
    },
    async startGateway(config, signedIn): Promise<HostedGateway> {
      const home = thread();
      const { part, ears, started } = await home.start('start-gateway', config, signedIn);
      return {
        name: config.name,
        mysql: started.mysql,
        mysqlSocket: started.mysqlSocket,
        grpc: started.grpc,
        watch: (wish) => home.ask<WatchTake>({ what: 'watch', part, wish }),
        stats: () => home.ask<GatewayStats>({ what: 'report', part }),
        onQueryLine: (listener) => home.hearQueries(part, ears, listener),
        update: (update) => home.ask({ what: 'update', part, update: pack(update) }),
        onDied: (listener) => home.onDied(ears, listener),
        stop: ({ graceMs } = {}) => home.stop(part, graceMs),
      };
    },
    // What a dead thread has not told is lost; nothing of it is waited for.
    settle: () =>
      current === null || current.over
        ? Promise.resolve()
        : current.ask<void>({ what: 'settle' }).catch(() => undefined),
    async close() {
      await current?.close();
      current = null;
    },
  };
}
