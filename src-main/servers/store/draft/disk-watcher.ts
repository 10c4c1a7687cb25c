import { watch, type FSWatcher } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

export interface DiskWatcherOptions {
  /** Something may have changed; called when there was calm for `calmMs`. Never while the call before is running. */
  readonly onChange: () => Promise<void>;
  /** Writers of several files are waited for; default 150. */
  readonly calmMs?: number;
  /** How often it is looked without being told, since watching misses things on some file systems; default 5000. */
  readonly pollMs?: number;
}

const MAX_FOLDERS = 200;

/**
 * Watches the folders of a workspace in which applied files lie. It only says "look again": what has changed is found by
 * comparing contents, so an event too many or one too few does no harm.
 */
export class DiskWatcher {
  readonly #watchers = new Map<string, FSWatcher>();
  #timer: NodeJS.Timeout | null = null;
  readonly #poll: NodeJS.Timeout;
  #running: Promise<void> | null = null;
  #again = false;
  #closed = false;

  constructor(
    readonly dir: string,
    readonly options: DiskWatcherOptions,
  ) {
    this.#poll = setInterval(() => this.#look(), options.pollMs ?? 5_000);
    this.#poll.unref();
  }

  /** Begins to watch; resolves when every folder there is now is watched. */
  async start(): Promise<void> {
    await this.#follow();
  }

  /** Ends; a look under way is waited for. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#poll);
    if (this.#timer !== null) clearTimeout(this.#timer);
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
    await this.#running;
  }

  async #follow(): Promise<void> {
    const folders = await this.#folders();
    for (const [path, watcher] of this.#watchers)
      if (!folders.includes(path)) {
        watcher.close();
        this.#watchers.delete(path);
      }
    for (const path of folders) if (!this.#watchers.has(path) && !this.#closed) this.#watch(path);
  }

  #watch(path: string): void {
    try {
      const watcher = watch(path, { persistent: false }, (_event, name) => {
        if (name !== null && (name.startsWith('.gatehouse') || name.endsWith('.new'))) return;
        this.#soon();
      });
      // Too many watches, or a folder that went away: looking from time to time goes on.
      watcher.on('error', () => {
        watcher.close();
        this.#watchers.delete(path);
      });
      this.#watchers.set(path, watcher);
    } catch {
      // The same.
    }
  }

  async #folders(): Promise<string[]> {
    const folders = [this.dir];
    const below = async (path: string): Promise<void> => {
      const entries = await readdir(path, { withFileTypes: true }).catch(() => null);
      if (entries === null || folders.length >= MAX_FOLDERS) return;
      folders.push(path);
      for (const entry of entries)
        if (entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules')
          await below(join(path, entry.name));
    };
    await below(join(this.dir, 'pki'));
    await below(join(this.dir, 'tests'));
    return folders;
  }

  #soon(): void {
    if (this.#closed) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#look(), this.options.calmMs ?? 150);
  }

  #look(): void {
    this.#timer = null;
    if (this.#closed) return;
    if (this.#running !== null) {
      this.#again = true;
      return;
    }
    this.#running = (async () => {
      do {
        this.#again = false;
        await this.#follow();
        await this.options.onChange().catch(() => undefined);
      } while (this.#again && !this.#closed);
    })().finally(() => {
      this.#running = null;
    });
  }
}
