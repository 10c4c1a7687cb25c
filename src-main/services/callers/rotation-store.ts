import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '../../servers/store';
import type { WorkspacePaths } from '../workspace/workspace-paths';

const attempt = z.object({
  ok: z.boolean(),
  /** What happened, in the other side's words where it said something. */
  message: z.string(),
  at: z.iso.datetime(),
});

const rotation = z.object({
  id: z.string(),
  /** Another password, or other rights by another UserData (which need another password too). */
  kind: z.enum(['password', 'rights']),
  file: z.string(),
  user: z.string(),
  /** What the two entries are recognised by (`openEntryKeys`), wherever they stand. */
  oldKeys: z.array(z.string()),
  newKeys: z.array(z.string()),
  oldName: z.string(),
  newName: z.string(),
  startedAt: z.iso.datetime(),
  /** The last test of each entry over a real connection. */
  oldTest: attempt.nullable(),
  newTest: attempt.nullable(),
  /** Sign-ins before this are not held against the old entry: the running gateway takes both from here on. */
  watch: z.object({ from: z.iso.datetime(), oldTotal: z.number(), newTotal: z.number() }).nullable(),
  /** When its end was put into the draft. */
  finishedAt: z.iso.datetime().nullable(),
});
export type Rotation = z.infer<typeof rotation>;
export type RotationAttempt = z.infer<typeof attempt>;

const file = z.object({ schema: z.literal(1), rotations: z.array(z.unknown()) });

/**
 * Rotations that are under way, in `.gatehouse/rotations.json`: nothing of a password. A file that cannot be read counts as
 * empty; the entries themselves are in the users files.
 */
export class RotationStore {
  readonly #path: string;
  #rotations: Rotation[];
  #writing: Promise<void> = Promise.resolve();

  private constructor(path: string, rotations: Rotation[]) {
    this.#path = path;
    this.#rotations = rotations;
  }

  static async open(paths: WorkspacePaths): Promise<RotationStore> {
    const path = join(paths.state, 'rotations.json');
    try {
      const content = file.parse(JSON.parse(await readFile(path, 'utf8')));
      const read = content.rotations.flatMap((entry) => {
        const parsed = rotation.safeParse(entry);
        return parsed.success ? [parsed.data] : [];
      });
      return new RotationStore(path, read);
    } catch {
      return new RotationStore(path, []);
    }
  }

  get all(): readonly Rotation[] {
    return this.#rotations;
  }

  get(id: string): Rotation | undefined {
    return this.#rotations.find((candidate) => candidate.id === id);
  }

  async add(made: Omit<Rotation, 'id'>): Promise<Rotation> {
    const added = { id: randomUUID(), ...made };
    this.#rotations.push(added);
    await this.#write();
    return added;
  }

  async change(id: string, changes: Partial<Rotation>): Promise<void> {
    this.#rotations = this.#rotations.map((present) => (present.id === id ? { ...present, ...changes } : present));
    await this.#write();
  }

  async remove(ids: ReadonlySet<string>): Promise<void> {
    if (ids.size === 0) return;
    this.#rotations = this.#rotations.filter(({ id }) => !ids.has(id));
    await this.#write();
  }

  #write(): Promise<void> {
    const text = `${JSON.stringify({ schema: 1, rotations: this.#rotations }, null, 2)}\n`;
    this.#writing = this.#writing.catch(() => undefined).then(() => writeFileAtomic(this.#path, text, 0o600));
    return this.#writing;
  }
}
