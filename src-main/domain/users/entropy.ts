import type { EntropyEstimator } from './types';

/** Characters an attacker must try for each class that a password uses. */
const classes: readonly (readonly [RegExp, number])[] = [
  [/[a-z]/, 26],
  [/[A-Z]/, 26],
  [/[0-9]/, 10],
  [/[-_]/, 2],
  [/[^a-zA-Z0-9_-]/, 31],
];
/** zxcvbn's cost grows steeply with length (32 random characters take tens of ms); the rest counts like the beginning. */
const LONGEST_LOOKED_AT = 32;

const bitsPerCharacter = (password: string): number =>
  Math.log2(classes.reduce((sum, [pattern, size]) => (pattern.test(password) ? sum + size : sum), 0) || 1);

let loading: Promise<EntropyEstimator> | undefined;

async function load(): Promise<EntropyEstimator> {
  const [{ ZxcvbnFactory }, common, english] = await Promise.all([
    import('@zxcvbn-ts/core'),
    import('@zxcvbn-ts/language-common'),
    import('@zxcvbn-ts/language-en'),
  ]);
  const zxcvbn = new ZxcvbnFactory({
    dictionary: { ...common.dictionary, ...english.dictionary },
    graphs: common.adjacencyGraphs,
  });
  return (password) => {
    if (password === '') return 0;
    const looked = password.slice(0, LONGEST_LOOKED_AT);
    const each = bitsPerCharacter(password);
    let bits = 0;
    for (const match of zxcvbn.check(looked).sequence) {
      const most = each * match.token.length;
      bits += match.pattern === 'bruteforce' ? most : Math.min(most, Math.log2(Math.max(match.guesses, 1)));
    }
    return (bits * password.length) / looked.length;
  };
}

/**
 * The estimator of typed passwords: zxcvbn-ts finds words, dates, keyboard walks and repetitions and counts their
 * guesses; what it takes for random counts with the character classes used (zxcvbn itself gives 3.3 bits a character,
 * which would call random passwords weak). First use loads the dictionaries: about 0.3 s and 70 MB, so servers never do.
 */
export function loadEntropyEstimator(): Promise<EntropyEstimator> {
  loading ??= load();
  return loading;
}

/** Estimated bits of entropy of one typed password; see `loadEntropyEstimator`. */
export async function estimateEntropyBits(password: string): Promise<number> {
  return (await loadEntropyEstimator())(password);
}
