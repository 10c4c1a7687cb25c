import type { BackendConnection } from './backend-connection';
import { VtError } from './vt-error';

export interface PoolOptions {
  readonly size: number;
  /** Milliseconds a caller waits for a connection; 0: for ever. */
  readonly timeoutMs: number;
  /** RESOURCE_EXHAUSTED text of a caller that waited in vain. */
  readonly exhausted: string;
  readonly open: () => Promise<BackendConnection>;
  /** MySQL has closed one of the connections by itself. */
  readonly lost?: () => void;
}

/** Who waits; the signal is asked for only when there is something to wait for. */
export interface Waiting {
  readonly signal: AbortSignal;
}

interface Waiter {
  readonly give: () => void;
  readonly refuse: (error: Error) => void;
  readonly timer: NodeJS.Timeout | null;
}

/**
 * At most `size` connections to MySQL, each with one user at a time. Idle ones are kept by the settings that were applied
 * to them; a dirty or lost one never comes back.
 */
export class ConnectionPool {
  readonly #idle: BackendConnection[] = [];
  readonly #all = new Set<BackendConnection>();
  readonly #waiting: Waiter[] = [];
  #taken = 0;
  #closed = false;

  constructor(private readonly options: PoolOptions) {}

  /** Connections in use or being opened. */
  get inUse(): number {
    return this.#taken;
  }

  get idle(): number {
    return this.#idle.length;
  }

  /**
   * A connection for the caller alone: one with `setting` applied if there is one, else one without any (the caller then
   * applies it). Throws VtError RESOURCE_EXHAUSTED, or BackendError when MySQL cannot be reached.
   */
  async take(setting = '', caller?: Waiting): Promise<BackendConnection> {
    if (this.#taken >= this.options.size) await this.#wait(caller?.signal);
    else this.#taken += 1;
    try {
      if (this.#closed) throw new VtError('UNAVAILABLE', 'connection pool is closed');
      const kept = this.#pick(setting);
      if (kept !== null) return kept;
      this.#makeRoom();
      const opened = await this.options.open();
      this.#all.add(opened);
      opened.onLost = (unexpected) => {
        this.#forget(opened);
        if (unexpected) this.options.lost?.();
      };
      if (this.#closed) opened.destroy();
      return opened;
    } catch (error) {
      this.#next();
      throw error;
    }
  }

  /** Takes a connection back, or ends it when it must not be used again. */
  give(connection: BackendConnection): void {
    if (connection.lost !== null || connection.dirty || this.#closed) connection.destroy();
    else this.#idle.push(connection);
    this.#next();
  }

  close(): void {
    this.#closed = true;
    for (const connection of [...this.#all]) connection.destroy();
    for (const waiter of this.#waiting.splice(0)) {
      if (waiter.timer !== null) clearTimeout(waiter.timer);
      waiter.refuse(new VtError('UNAVAILABLE', 'connection pool is closed'));
    }
  }

  #pick(setting: string): BackendConnection | null {
    for (let index = this.#idle.length - 1; index >= 0; index -= 1) {
      const connection = this.#idle[index];
      if (connection === undefined || (connection.setting !== setting && connection.setting !== '')) continue;
      if (connection.setting === '' && setting !== '' && this.#idle.some((other) => other.setting === setting))
        continue;
      this.#idle.splice(index, 1);
      return connection;
    }
    return null;
  }

  /** Idle connections with other settings make way, so that the limit holds for open connections too. */
  #makeRoom(): void {
    if (this.#idle.length + this.#taken > this.options.size) this.#idle.shift()?.destroy();
  }

  #forget(connection: BackendConnection): void {
    this.#all.delete(connection);
    const index = this.#idle.indexOf(connection);
    if (index >= 0) this.#idle.splice(index, 1);
  }

  #next(): void {
    const waiter = this.#waiting.shift();
    if (waiter === undefined) {
      this.#taken -= 1;
      return;
    }
    if (waiter.timer !== null) clearTimeout(waiter.timer);
    waiter.give();
  }

  #wait(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (error: Error): void => {
        const index = this.#waiting.indexOf(waiter);
        if (index < 0) return;
        this.#waiting.splice(index, 1);
        if (waiter.timer !== null) clearTimeout(waiter.timer);
        signal?.removeEventListener('abort', onAbort);
        reject(error);
      };
      const onAbort = (): void => leave(new VtError('CANCELED', 'context canceled'));
      const { timeoutMs, exhausted } = this.options;
      const waiter: Waiter = {
        give: () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        },
        refuse: reject,
        timer:
          timeoutMs === 0 ? null : setTimeout(() => leave(new VtError('RESOURCE_EXHAUSTED', exhausted)), timeoutMs),
      };
      this.#waiting.push(waiter);
      signal?.addEventListener('abort', onAbort, { once: true });
      if (signal?.aborted === true) onAbort();
    });
  }
}
