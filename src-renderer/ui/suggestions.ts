/** One thing that can be chosen from a list while typing. */
export interface Suggestion {
  readonly value: string;
  /** Shown instead of the value. */
  readonly label?: string | undefined;
  /** A second, quieter text: "group", "certificate", "4 tables". */
  readonly detail?: string | undefined;
  readonly group?: string | undefined;
}

const folded = (text: string): string => text.toLocaleLowerCase();

/**
 * The suggestions that fit what was typed: those that begin with it first, then those with a word that does, then those that
 * contain it; each in the given order. Upper and lower case are not told apart here, because this only helps to find names.
 *
 * @param limit at most so many
 */
export function fitting(all: readonly Suggestion[], typed: string, limit = 50): Suggestion[] {
  const wanted = folded(typed.trim());
  if (wanted === '') return all.slice(0, limit);
  const ranked: Suggestion[][] = [[], [], []];
  for (const one of all) {
    const text = folded(one.label ?? one.value);
    const at = text.indexOf(wanted);
    if (at < 0) continue;
    const rank = at === 0 ? 0 : /[\s_.:/-]/.test(text[at - 1] ?? '') ? 1 : 2;
    ranked[rank]?.push(one);
  }
  return ranked.flat().slice(0, limit);
}
