/** Number of single-character changes that make one text the other, or `limit + 1` when there are more. */
export function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  const over = limit + 1;
  let row = new Uint16Array(b.length + 1).map((_, index) => Math.min(index, over));
  let next = new Uint16Array(b.length + 1).fill(over);
  for (let i = 1; i <= a.length; i += 1) {
    // Further than `limit` from the diagonal every path is too long.
    const from = Math.max(1, i - limit);
    const to = Math.min(b.length, i + limit);
    const unit = a.charCodeAt(i - 1);
    let nearest = (next[from - 1] = from === 1 ? Math.min(i, over) : over);
    for (let j = from; j <= to; j += 1) {
      const replaced = (row[j - 1] as number) + (unit === b.charCodeAt(j - 1) ? 0 : 1);
      const value = Math.min(replaced, (row[j] as number) + 1, (next[j - 1] as number) + 1, over);
      next[j] = value;
      if (value < nearest) nearest = value;
    }
    if (to < b.length) next[to + 1] = over;
    if (nearest > limit) return over;
    [row, next] = [next, row];
  }
  return Math.min(row[b.length] as number, over);
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
  readonly #found = new Map<string, string | null>();
  #left = MAX_COMPARISONS;

  constructor(candidates: Iterable<string>) {
    this.#candidates = [...candidates].map((name) => ({ name, plain: plain(name) }));
  }

  /**
   * The name that is the same but for case, spaces, `_` and `-`, else the nearest within two changes (one for texts below
   * five characters), else null; null too when too much has been looked for.
   */
  nearest(text: string): string | null {
    const known = this.#found.get(text);
    if (known !== undefined) return known;
    const found = this.#search(text);
    this.#found.set(text, found);
    return found;
  }

  #search(text: string): string | null {
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
