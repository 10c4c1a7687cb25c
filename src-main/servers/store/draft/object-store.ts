import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { GatehouseError } from '../../../domain/kernel';
import { writeFileAtomic } from '../atomic-write';
import { ensurePrivateFolder } from '../private-folder';
import { hashOf } from './tracked-files';

/** What stays in memory of contents; a workspace's files are small. */
const MAX_RECENT_BYTES = 16 * 1024 * 1024;
const HASH = /^[0-9a-f]{64}$/;

/** Contents by their SHA-256, each once, 0600 in a folder of 0700: private keys are among them. */
export class ObjectStore {
  readonly #known = new Set<string>();
  /** Contents that were checked, for the next look at them; the oldest go first. */
  readonly #recent = new Map<string, Buffer>();
  #recentBytes = 0;

  private constructor(readonly folder: string) {}

  static async open(folder: string): Promise<ObjectStore> {
    await ensurePrivateFolder(folder);
    const store = new ObjectStore(folder);
    for (const name of await readdir(folder)) if (HASH.test(name)) store.#known.add(name);
    return store;
  }

  has(hash: string): boolean {
    return this.#known.has(hash);
  }

  /** Keeps `content`; when this returns it is on the disk. */
  async put(content: Uint8Array): Promise<string> {
    const hash = hashOf(content);
    if (!this.#known.has(hash)) {
      await writeFileAtomic(join(this.folder, hash), content, 0o600);
      this.#known.add(hash);
    }
    return hash;
  }

  /** The content; rejects with `document.damaged` when it is gone or is not what its name says. */
  async get(hash: string): Promise<Buffer> {
    const recent = this.#recent.get(hash);
    if (recent !== undefined) return recent;
    const content = HASH.test(hash) ? await readFile(join(this.folder, hash)).catch(() => null) : null;
    if (content === null || hashOf(content) !== hash)
      throw new GatehouseError({
        code: 'document.damaged',
        summary: 'A kept version of a file is missing or damaged in .gatehouse/draft/objects. Nothing was changed.',
        detail: hash,
      });
    this.#recent.set(hash, content);
    this.#recentBytes += content.length;
    for (const [oldest, { length }] of this.#recent) {
      if (this.#recentBytes <= MAX_RECENT_BYTES) break;
      this.#recent.delete(oldest);
      this.#recentBytes -= length;
    }
    return content;
  }

  /** Removes every content that is not among `kept`. */
  async keepOnly(kept: ReadonlySet<string>): Promise<void> {
    for (const hash of [...this.#known]) {
      if (kept.has(hash)) continue;
      this.#known.delete(hash);
      await rm(join(this.folder, hash), { force: true });
    }
  }
}
