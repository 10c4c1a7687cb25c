import { access, mkdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { RecentWorkspace } from '../../contract/areas/app';
import { writeFileAtomic } from '../../servers/store';

const LIMIT = 12;

interface Entry {
  readonly dir: string;
  readonly openedAt: string;
}

const isEntry = (value: unknown): value is Entry =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as Entry).dir === 'string' &&
  typeof (value as Entry).openedAt === 'string';

/** The workspaces opened last, newest first, kept in `recent.json` of the user's configuration folder. */
export class RecentWorkspaces {
  readonly #file: string;

  constructor(readonly configDir: string) {
    this.#file = join(configDir, 'recent.json');
  }

  /** A list that is missing or damaged counts as empty: it can be made again by opening. */
  async list(): Promise<RecentWorkspace[]> {
    const entries = await this.#read();
    return Promise.all(
      entries.map(async (entry) => ({
        ...entry,
        name: basename(entry.dir),
        present: await access(join(entry.dir, 'gatehouse.json')).then(
          () => true,
          () => false,
        ),
      })),
    );
  }

  async add(dir: string, now: Date): Promise<void> {
    const others = (await this.#read()).filter((entry) => entry.dir !== dir);
    await this.#write([{ dir, openedAt: now.toISOString() }, ...others].slice(0, LIMIT));
  }

  async forget(dir: string): Promise<void> {
    await this.#write((await this.#read()).filter((entry) => entry.dir !== dir));
  }

  async #read(): Promise<Entry[]> {
    try {
      const value: unknown = JSON.parse(await readFile(this.#file, 'utf8'));
      return Array.isArray(value) ? value.filter(isEntry).map(({ dir, openedAt }) => ({ dir, openedAt })) : [];
    } catch {
      return [];
    }
  }

  async #write(entries: readonly Entry[]): Promise<void> {
    await mkdir(this.configDir, { recursive: true, mode: 0o700 });
    await writeFileAtomic(this.#file, `${JSON.stringify(entries, null, 2)}\n`, 0o600);
  }
}
