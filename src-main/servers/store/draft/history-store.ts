import { mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { GatehouseError } from '../../../domain/kernel';
import { writeFileAtomic } from '../atomic-write';
import { ensurePrivateFolder } from '../private-folder';
import { readManifest } from './draft-state';
import { hashOf, readTracked, type Manifest } from './tracked-files';
import { putTracked } from './write-tracked';

/** One version that was applied. */
export interface VersionRecord {
  readonly schema: 1;
  /** From 1. */
  readonly number: number;
  /** ISO time. */
  readonly at: string;
  readonly note: string;
  /** `applied` here; `found`: it was on the disk, made by others or before the first apply. */
  readonly origin: 'applied' | 'found';
  /** Changes to the version before, as the review counted them. */
  readonly changes: number;
  readonly cells: { readonly changed: number; readonly gains: number; readonly loses: number };
  readonly files: Manifest;
}

const FOLDER = /^\d{4,9}$/;
const folderOf = (number: number): string => String(number).padStart(4, '0');

/**
 * The applied versions of a workspace in `.gatehouse/history/NNNN`: `manifest.json` and the files as they were, private
 * keys among them (0600, in folders of 0700), so that a version can be taken out by hand too.
 */
export class HistoryStore {
  constructor(readonly folder: string) {}

  /** Every version that can be read, newest first. */
  async list(): Promise<VersionRecord[]> {
    const names = (await readdir(this.folder).catch(() => [])).filter((name) => FOLDER.test(name));
    const records = await Promise.all(names.map((name) => this.#record(name)));
    return records.filter((record) => record !== null).sort((a, b) => b.number - a.number);
  }

  /** The number that the next version gets: beyond every folder there is, readable or not. */
  async next(): Promise<number> {
    const names = (await readdir(this.folder).catch(() => [])).filter((name) => FOLDER.test(name));
    return Math.max(0, ...names.map(Number)) + 1;
  }

  /** Keeps a version; it is there as a whole or not at all. */
  async add(record: Omit<VersionRecord, 'schema'>, contents: ReadonlyMap<string, Buffer>): Promise<void> {
    await ensurePrivateFolder(this.folder);
    const made = await mkdtemp(join(this.folder, '.new-'));
    try {
      await Promise.all(
        Object.entries(record.files).map(([path, ref]) => {
          const content = contents.get(path);
          if (content === undefined) throw new Error(`no content for ${path}`);
          return putTracked(join(made, 'files'), path, { ref, content });
        }),
      );
      const text = JSON.stringify({ schema: 1, ...record } satisfies VersionRecord, null, 1);
      await writeFileAtomic(join(made, 'manifest.json'), `${text}\n`, 0o600);
      await rename(made, join(this.folder, folderOf(record.number)));
    } catch (error) {
      await rm(made, { recursive: true, force: true });
      throw error;
    }
  }

  /** Takes a version away again; one that is not there is fine. */
  async remove(number: number): Promise<void> {
    await rm(join(this.folder, folderOf(number)), { recursive: true, force: true });
  }

  /** Removes what a killed program has left half made. */
  async clean(): Promise<void> {
    for (const name of await readdir(this.folder).catch(() => []))
      if (name.startsWith('.new-')) await rm(join(this.folder, name), { recursive: true, force: true });
  }

  /** A version with its files. Rejects with `history.missing`, or `history.damaged` when a file is not the one that was kept. */
  async read(number: number): Promise<{ readonly record: VersionRecord; readonly contents: Map<string, Buffer> }> {
    const record = await this.#record(folderOf(number));
    if (record === null)
      throw new GatehouseError({
        code: 'history.missing',
        summary: `Version ${number} is not in the history, or its manifest cannot be read.`,
      });
    const contents = new Map<string, Buffer>();
    for (const [path, { hash }] of Object.entries(record.files)) {
      const found = await readTracked(join(this.folder, folderOf(number), 'files'), path);
      if (found === null || found === 'skip' || hashOf(found.content) !== hash)
        throw new GatehouseError({
          code: 'history.damaged',
          summary: `Version ${number} cannot be used: its ${path} is missing or was changed in .gatehouse/history/${folderOf(number)}.`,
        });
      contents.set(path, found.content);
    }
    return { record, contents };
  }

  async #record(name: string): Promise<VersionRecord | null> {
    try {
      const value = JSON.parse(
        await readFile(join(this.folder, name, 'manifest.json'), 'utf8'),
      ) as Partial<VersionRecord> | null;
      const files = readManifest(value?.files);
      const counts = value?.cells;
      if (
        value?.schema !== 1 ||
        files === null ||
        value.number !== Number(name) ||
        typeof value.at !== 'string' ||
        Number.isNaN(Date.parse(value.at)) ||
        typeof value.note !== 'string' ||
        !isCount(value.changes) ||
        ![counts?.changed, counts?.gains, counts?.loses].every(isCount)
      )
        return null;
      return {
        schema: 1,
        number: value.number,
        at: value.at,
        note: value.note.slice(0, 1_000),
        origin: value.origin === 'found' ? 'found' : 'applied',
        changes: value.changes,
        cells: { changed: counts?.changed ?? 0, gains: counts?.gains ?? 0, loses: counts?.loses ?? 0 },
        files,
      };
    } catch {
      return null;
    }
  }
}

const isCount = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 0;
