/** Number of single-character changes that make one text the other, or `limit + 1` when there are more. */
export function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return Math.min(row[b.length] ?? 0, limit + 1);
}

/** What is compared: without case and separators, and no more of it than a name of MySQL can have. */
const plain = (text: string): string =>
  text
    .slice(0, 80)
    .toLowerCase()
    .replace(/[\s_-]/g, '');

/** Comparisons that one check of a file may take: enough for a workspace, and a bound for a file of any size. */
const MAX_COMPARISONS = 200_000;

/** Names among which one looks for what was probably meant. */
export class SimilarNames {
  readonly #candidates: readonly { readonly name: string; readonly plain: string }[];
  #left = MAX_COMPARISONS;

  constructor(candidates: Iterable<string>) {
    this.#candidates = [...candidates].map((name) => ({ name, plain: plain(name) }));
  }

  /**
   * The name that is the same but for case, spaces, `_` and `-`, else the nearest within two changes (one for texts below
   * five characters), else null; null too when too much has been looked for.
   */
  nearest(text: string): string | null {
    const wanted = plain(text);
    let best: string | null = null;
    let limit = wanted.length < 5 ? 1 : 2;
    for (const candidate of this.#candidates) {
      if (this.#left <= 0) return null;
      if (Math.abs(candidate.plain.length - wanted.length) > limit) continue;
      this.#left -= 1;
      const distance = editDistance(wanted, candidate.plain, limit);
      if (distance > limit) continue;
      best = candidate.name;
      limit = distance - 1;
      if (limit < 0) break;
    }
    return best;
  }
}
