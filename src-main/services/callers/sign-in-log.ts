import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Clock } from '../../domain/kernel';
import type { UserEntry } from '../../domain/users';
import type { SignIn } from '../../servers/gateway';
import { writeFileAtomic, type SecretStore } from '../../servers/store';
import type { WorkspacePaths } from '../workspace/workspace-paths';
import { openEntryKeys, type EntryKeys } from './entry-key';

/** How often an entry let somebody in; tests of Gatehouse's own are not counted. */
export interface EntryUse {
  readonly total: number;
  /** On the day of the last sign-in. */
  readonly onLastDay: number;
  /** ISO 8601; null: never. */
  readonly lastAt: string | null;
}

const file = z.object({
  schema: z.literal(1),
  entries: z.record(z.string(), z.object({ total: z.number(), onLastDay: z.number(), lastAt: z.iso.datetime() })),
  /** When gateways ran and counted; without that, no sign-ins say nothing. */
  runs: z.array(z.object({ from: z.iso.datetime(), to: z.iso.datetime() })),
});
type LogFile = z.infer<typeof file>;
type Counted = LogFile['entries'][string];

const WRITE_AFTER_MS = 1_000;
const STILL_RUNNING_MS = 60_000;
const RUNS_KEPT = 200;
/** Sign-ins by one entry of which may still be said that they were a test of our own. */
const DISOWNABLE = 1_000;

type Connection = SignIn['connection'];

/** Day of a time in this machine's zone. */
const dayOf = (iso: string): string => new Date(iso).toDateString();

/** One sign-in more. */
function plusOne(present: Counted | undefined, at: string): Counted {
  const sameDay = present !== undefined && dayOf(present.lastAt) === dayOf(at);
  return { total: (present?.total ?? 0) + 1, onLastDay: sameDay ? present.onLastDay + 1 : 1, lastAt: at };
}

const idOf = (gateway: string, { id, unixSocket }: Connection): string => `${gateway}\0${String(unixSocket)}\0${id}`;

/**
 * Counts for each entry of the users files who signed in by it and when, over restarts: `.gatehouse/sign-ins.json`, which
 * holds neither names nor passwords. A file that cannot be read counts as empty.
 */
export class SignInLog {
  readonly #path: string;
  /** What nobody can take back any more. */
  readonly #settled: Map<string, Counted>;
  /** By entry key: the latest sign-ins by connection, oldest first, with their times. */
  readonly #latest = new Map<string, Map<string, string>>();
  /** Connections of our own with the keys of the entry that let each in. */
  readonly #ours = new Map<string, readonly string[]>();
  readonly #runs: { from: string; to: string }[];
  readonly #listeners = new Set<() => void>();
  #running = 0;
  #timer: NodeJS.Timeout | null = null;
  #beat: NodeJS.Timeout | null = null;
  #writing: Promise<void> = Promise.resolve();

  private constructor(
    path: string,
    readonly keys: EntryKeys,
    readonly clock: Clock,
    content: LogFile,
  ) {
    this.#path = path;
    this.#settled = new Map(Object.entries(content.entries));
    this.#runs = [...content.runs];
  }

  static async open(paths: WorkspacePaths, secrets: SecretStore, clock: Clock): Promise<SignInLog> {
    const path = join(paths.state, 'sign-ins.json');
    const empty: LogFile = { schema: 1, entries: {}, runs: [] };
    const content = await readFile(path, 'utf8').then(
      (text) => {
        try {
          return file.parse(JSON.parse(text));
        } catch {
          return empty;
        }
      },
      () => empty,
    );
    return new SignInLog(path, await openEntryKeys(secrets), clock, content);
  }

  /** Notes one login; for a gateway's `signedIn`. Never throws and waits for nothing. */
  readonly count = (gateway: string, { file: users, user, entry, connection }: SignIn): void => {
    const at = this.clock.now().toISOString();
    // A gateway that was started again numbers its connections anew.
    this.#ours.delete(idOf(gateway, connection));
    for (const key of this.keys(users, user, entry)) {
      const latest = this.#latest.get(key) ?? new Map<string, string>();
      this.#latest.set(key, latest);
      const id = idOf(gateway, connection);
      const replaced = latest.get(id);
      if (replaced !== undefined) this.#settle(key, latest, id, replaced);
      latest.set(id, at);
      const [oldest] = latest;
      if (latest.size > DISOWNABLE && oldest !== undefined) this.#settle(key, latest, ...oldest);
    }
    this.#changed();
  };

  #settle(key: string, latest: Map<string, string>, id: string, at: string): void {
    latest.delete(id);
    this.#settled.set(key, plusOne(this.#settled.get(key), at));
  }

  /**
   * Takes one connection's sign-in back: it was a test of our own. The keys of the entry that let it in, if one did; the
   * same again for one that was taken back before.
   */
  disown(gateway: string, connection: Connection): readonly string[] {
    const id = idOf(gateway, connection);
    const keys = [...this.#latest].flatMap(([key, latest]) => (latest.delete(id) ? [key] : []));
    if (keys.length === 0) return this.#ours.get(id) ?? [];
    this.#ours.set(id, keys);
    const [oldest] = this.#ours.keys();
    if (this.#ours.size > DISOWNABLE && oldest !== undefined) this.#ours.delete(oldest);
    this.#changed();
    return keys;
  }

  /** Who signed in by an entry so far. */
  useOf(users: string, user: string, entry: UserEntry): EntryUse {
    return this.useOfKeys(this.keys(users, user, entry));
  }

  /** The same by the entry's keys, for entries that are no longer in a file. */
  useOfKeys(keys: readonly string[]): EntryUse {
    let use: EntryUse = { total: 0, onLastDay: 0, lastAt: null };
    for (const key of keys) {
      const counted = this.#counted(key);
      if (counted !== undefined && counted.total > use.total) use = counted;
    }
    return use;
  }

  #counted(key: string): Counted | undefined {
    let counted = this.#settled.get(key);
    for (const at of this.#latest.get(key)?.values() ?? []) counted = plusOne(counted, at);
    return counted;
  }

  /** A cluster begins to count; the result ends that. */
  begin(): () => Promise<void> {
    const run = { from: this.clock.now().toISOString(), to: this.clock.now().toISOString() };
    this.#runs.push(run);
    this.#runs.splice(0, Math.max(0, this.#runs.length - RUNS_KEPT));
    this.#running += 1;
    this.#beat ??= setInterval(() => {
      for (const current of this.#runs.slice(-this.#running)) current.to = this.clock.now().toISOString();
      void this.flush();
    }, STILL_RUNNING_MS);
    this.#beat.unref();
    return async () => {
      run.to = this.clock.now().toISOString();
      this.#running -= 1;
      if (this.#running <= 0 && this.#beat !== null) {
        clearInterval(this.#beat);
        this.#beat = null;
      }
      await this.flush();
    };
  }

  /** Milliseconds since `since` in which sign-ins were counted. */
  watchedMs(since: Date): number {
    const now = this.clock.now().getTime();
    const running = new Set(this.#running > 0 ? this.#runs.slice(-this.#running) : []);
    return this.#runs.reduce((sum, run) => {
      const end = running.has(run) ? now : new Date(run.to).getTime();
      return sum + Math.max(0, end - Math.max(new Date(run.from).getTime(), since.getTime()));
    }, 0);
  }

  onChanged(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Writes what has been counted; one write after the other. */
  flush(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#writing = this.#writing.then(async () => {
      const keys = new Set([...this.#settled.keys(), ...this.#latest.keys()]);
      const entries = Object.fromEntries(
        [...keys].flatMap((key) => {
          const counted = this.#counted(key);
          return counted === undefined ? [] : [[key, counted]];
        }),
      );
      const content: LogFile = { schema: 1, entries, runs: this.#runs };
      await writeFileAtomic(this.#path, `${JSON.stringify(content)}\n`, 0o600).catch(() => undefined);
    });
    return this.#writing;
  }

  #changed(): void {
    if (this.#timer === null) {
      this.#timer = setTimeout(() => {
        void this.flush();
        for (const listener of this.#listeners) listener();
      }, WRITE_AFTER_MS);
      this.#timer.unref();
    }
  }
}
