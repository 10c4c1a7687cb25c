import { AsyncLocalStorage } from 'node:async_hooks';
import fsp, { type FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

/** Calls of node:fs/promises that change something on the disk. */
const mutating = ['open', 'writeFile', 'rename', 'rm', 'rmdir', 'mkdir', 'chmod', 'link', 'appendFile', 'cp'] as const;
export type DiskCall = (typeof mutating)[number];

/**
 * The audit log's own files are left out: whether the holder of its lock is gone is told by the process, which here lives on.
 * Its tests kill real processes.
 */
const ofAudit = (path: unknown): boolean => typeof path === 'string' && path.includes('audit.ndjson');

interface Life {
  left: number;
  readonly died: () => void;
}

/**
 * A stand-in for killing a program between any two of its writes: what runs in `run` may change the disk `count` times;
 * then nothing that it does comes to an end any more, as if its process were gone.
 */
export class DyingProgram {
  readonly #life = new AsyncLocalStorage<Life>();
  readonly #originals = new Map<string, unknown>();

  /** Only `counted` calls count, so that a long work can be cut off at its decisive ones. */
  constructor(counted: readonly DiskCall[] = mutating) {
    const target = fsp as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
    for (const name of counted) {
      if (name === 'open') continue;
      const original = target[name]!;
      this.#originals.set(name, original);
      target[name] = (...args) =>
        ofAudit(args[0]) ? original.apply(fsp, args) : this.#spend().then(() => original.apply(fsp, args));
    }
    if (counted.includes('open')) {
      const openFile = fsp.open;
      this.#originals.set('open', openFile);
      target['open'] = async (...args) => {
        const flags = args[1];
        if (typeof flags === 'string' && /[wa+]/.test(flags) && !ofAudit(args[0])) await this.#spend();
        return (openFile as (...all: unknown[]) => Promise<FileHandle>)(...args);
      };
    }
    syncBuiltinESMExports();
  }

  /** Resolves to what `work` gives, or to `dead` when it did not get to its end. */
  run<T>(count: number, work: () => Promise<T>): Promise<T | 'dead'> {
    return new Promise((resolve, reject) => {
      const life: Life = { left: count, died: () => resolve('dead') };
      this.#life.run(life, () => work().then(resolve, reject));
    });
  }

  restore(): void {
    Object.assign(fsp, Object.fromEntries(this.#originals));
    syncBuiltinESMExports();
  }

  #spend(): Promise<void> {
    const life = this.#life.getStore();
    if (life === undefined) return Promise.resolve();
    life.left -= 1;
    if (life.left >= 0) return Promise.resolve();
    life.died();
    return new Promise(() => undefined);
  }
}
