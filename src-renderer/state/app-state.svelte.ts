import { createContext } from 'svelte';
import type { PageState, PartName } from '../../src-main/contract/state';
import { createCalls, type Calls } from '../bridge/client';
import { connect, type Connection } from '../bridge/connect';
import { asFailure } from '../bridge/failure';
import { ConnectionRefused, type RefusalReason } from '../bridge/websocket';
import { Commands } from './commands.svelte';
import { Navigation } from './navigation.svelte';
import { Notices } from './notices.svelte';

const RETRY_MS = [200, 500, 1_000, 2_000, 5_000];

/** One part of the program's state; replaced as a whole. */
class Part {
  value = $state.raw<unknown>(null);
}

/**
 * What every screen works with: the program's state by part (`app.state.cluster`), its calls (`app.call.cluster.start()`),
 * where the page is (`app.nav`), what can be done (`app.commands`) and what is told (`app.notices`).
 */
export class AppState {
  /**
   * `lost`: the program does not answer; the page shows what it knew last and tries again. `refused`: it will never
   * answer this page, for the reason in `refusal`.
   */
  connection = $state<'connecting' | 'ready' | 'lost' | 'refused'>('connecting');
  refusal = $state<RefusalReason | null>(null);
  lostWhy = $state('');
  /** A workspace that was to be opened and asks for its passphrase. */
  locked = $state.raw<{ readonly dir: string } | null>(null);
  readonly nav = new Navigation();
  readonly commands = new Commands();
  readonly notices = new Notices();
  // The map itself never drives what is shown; its parts do.
  // eslint-disable-next-line svelte/prefer-svelte-reactivity
  readonly #parts = new Map<PartName, Part>();
  readonly #state = {} as PageState;
  #revision = -1;
  #calls: Calls | null = null;
  #connection: Connection | null = null;
  #ended = false;

  constructor(readonly open: () => Promise<Connection> = connect) {}

  /** The program's state; empty until `connection` is `ready`. */
  get state(): PageState {
    return this.#state;
  }

  /** The program's calls; each rejects with a PageFailure. */
  get call(): Calls {
    if (this.#calls === null) throw asFailure(new Error('not connected'));
    return this.#calls;
  }

  pathForFile(file: File): string | null {
    return this.#connection?.pathForFile(file) ?? null;
  }

  /**
   * Runs a call for a button: a failure is told as a notice that stays, and comes back as null. Forms that show a failure
   * beside a field call `app.call` themselves.
   */
  async attempt<T>(work: () => Promise<T>): Promise<T | null> {
    try {
      return await work();
    } catch (error) {
      this.notices.failure(asFailure(error));
      return null;
    }
  }

  /**
   * Opens the workspace in `dir`; one whose secrets need a passphrase asks for it (`locked`). Rejects with a PageFailure.
   */
  async openWorkspace(dir: string, passphrase?: string): Promise<void> {
    try {
      await this.call.app.open(passphrase === undefined ? { dir } : { dir, passphrase });
      this.locked = null;
      this.nav.go('overview');
    } catch (error) {
      const failure = asFailure(error);
      if (failure.code !== 'secrets.locked' || passphrase !== undefined) throw failure;
      this.locked = { dir };
    }
  }

  /** Connects and follows the program's state until `stop`; a lost connection is opened again. */
  async run(): Promise<void> {
    for (let attempt = 0; !this.#ended; attempt++) {
      try {
        this.#connection = await this.open();
        this.#calls = createCalls(this.#connection.link);
        void this.#connection.closed.then((why) => (this.lostWhy = why));
        for await (const message of await this.#calls.state.watch()) {
          if (message.kind === 'snapshot') this.#take(message.parts, message.revision);
          else if (message.revision === this.#revision + 1) {
            this.#set(message.part, message.value);
            this.#revision = message.revision;
          } else break;
          this.connection = 'ready';
          attempt = 0;
        }
      } catch (error) {
        if (error instanceof ConnectionRefused) {
          this.refusal = error.reason;
          this.connection = 'refused';
          return;
        }
        this.lostWhy = asFailure(error).summary;
      }
      if (this.#ended) return;
      if (this.connection === 'ready') this.connection = 'lost';
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)]));
    }
  }

  stop(): void {
    this.#ended = true;
  }

  #take(parts: PageState, revision: number): void {
    for (const name of Object.keys(parts) as PartName[]) this.#set(name, parts[name]);
    this.#revision = revision;
  }

  #set(name: PartName, value: unknown): void {
    let part = this.#parts.get(name);
    if (part === undefined) {
      const made = new Part();
      part = made;
      this.#parts.set(name, made);
      Object.defineProperty(this.#state, name, { get: () => made.value, enumerable: true });
    }
    part.value = value;
  }
}

/** `useApp()` in any component gives the AppState that the root has set. */
export const [useApp, setApp] = createContext<AppState>();
