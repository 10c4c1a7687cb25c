import type { Finding, FindingLevel, JsonPlace } from '../kernel';

/** Collects the findings of one file. Messages are built from names and places only, never from secrets. */
export class FindingNotes {
  readonly #found: Finding[] = [];

  constructor(
    readonly file: string,
    private readonly area: string,
  ) {}

  /** Notes one finding; `place` null = the whole file. */
  note(
    level: FindingLevel,
    code: string,
    place: Pick<JsonPlace, 'line' | 'column'> | null,
    message: string,
    remedy: string,
  ): void {
    this.#found.push({
      code: `${this.area}.${code}`,
      level,
      file: this.file,
      line: place?.line ?? 0,
      column: place?.column ?? 0,
      message,
      remedy,
    });
  }

  /** All findings in file order. */
  get sorted(): readonly Finding[] {
    return this.#found.toSorted((left, right) => left.line - right.line || left.column - right.column);
  }
}

/** A name as a message shows it: quoted, at most 60 characters. */
export function shownName(name: string): string {
  return JSON.stringify(name.length > 60 ? `${name.slice(0, 60)}…` : name);
}

/** Edit distance of two words, at most `limit + 1`. */
function distance(left: string, right: string, limit: number): number {
  if (Math.abs(left.length - right.length) > limit) return limit + 1;
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let at = 1; at <= left.length; at += 1) {
    const next = [at];
    for (let to = 1; to <= right.length; to += 1) {
      const change = (row[to - 1] ?? 0) + (left[at - 1] === right[to - 1] ? 0 : 1);
      next.push(Math.min(change, (row[to] ?? 0) + 1, (next[to - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[right.length] ?? limit + 1;
}

/** The known key that a misspelt one is nearest to, or undefined. Underscores and dashes do not count. */
export function nearestKey<K extends string>(keys: readonly K[], key: string): K | undefined {
  const bare = key.toLowerCase().replace(/[_\s-]/g, '');
  if (bare === '' || bare.length > 40) return undefined;
  let best: K | undefined;
  let least = 3;
  for (const known of keys) {
    const steps = distance(bare, known.toLowerCase(), 2);
    if (steps < least) [best, least] = [known, steps];
  }
  return best;
}

/** The remedy for an unknown key. */
export function unknownKeyRemedy(keys: readonly string[], key: string): string {
  const nearest = nearestKey(keys, key);
  return nearest === undefined ? `Known keys: ${keys.join(', ')}.` : `Did you mean ${nearest}? Otherwise remove it.`;
}
