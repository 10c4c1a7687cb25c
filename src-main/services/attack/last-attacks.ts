import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AttackCard, AttackResult } from '../../domain/attacks';
import { ensurePrivateFolder, writeFileAtomic } from '../../servers/store';

/** The results that are kept from one session to the next. */
export interface KeptAttacks {
  /** ISO 8601. */
  readonly at: string;
  readonly milliseconds: number;
  /** Id, result, which files it was made with, and the attack as it was planned then. */
  readonly results: readonly (readonly [
    id: string,
    result: AttackResult,
    files: string,
    card?: AttackCard | undefined,
  ])[];
}

const MAX_BYTES = 64 * 1024 * 1024;

/** The newest results of attacks in `.gatehouse/attacks.json`, readable by this user alone; rows that were read are not kept. */
export class LastAttacks {
  constructor(readonly stateFolder: string) {}

  /** Null: there are none that can be read. */
  async read(): Promise<KeptAttacks | null> {
    try {
      const bytes = await readFile(join(this.stateFolder, 'attacks.json'));
      if (bytes.length > MAX_BYTES) return null;
      const kept = JSON.parse(bytes.toString('utf8')) as KeptAttacks & { readonly schema?: number };
      return kept.schema === 1 && Array.isArray(kept.results) ? kept : null;
    } catch {
      return null;
    }
  }

  /** A full disk does not take the results from the screen. */
  async write(kept: KeptAttacks): Promise<void> {
    const results = kept.results.map(([id, result, files, card]): KeptAttacks['results'][number] => [
      id,
      result.trace?.rows == null
        ? result
        : { ...result, trace: { ...result.trace, rows: { ...result.trace.rows, values: [] } } },
      files,
      card,
    ]);
    try {
      await ensurePrivateFolder(this.stateFolder);
      await writeFileAtomic(
        join(this.stateFolder, 'attacks.json'),
        JSON.stringify({ schema: 1, ...kept, results }),
        0o600,
      );
    } catch {
      // What is on the screen stays there; the next session begins without it.
    }
  }
}
