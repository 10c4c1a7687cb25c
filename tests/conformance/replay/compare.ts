import type { Difference, Tier } from './outcome';

/** Placeholder of the recordings for a value that differed from run to run. */
const isAny = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && (value as { any?: unknown }).any === true;

/**
 * Differences between two JSON-like values, deep, in the order of the expected one. `{any: true}` equals everything;
 * keys that only `seen` has count when they hold a value. `tierOf` says for a path to which tier it belongs, or null
 * for what is not compared.
 */
export function compare(
  expected: unknown,
  seen: unknown,
  tierOf: (at: string) => Tier | null = () => 'a',
  at = '',
): Difference[] {
  const tier = tierOf(at);
  if (tier === null || isAny(expected)) return [];
  if (Array.isArray(expected) && Array.isArray(seen)) {
    if (expected.length !== seen.length) return [{ tier, at, expected, seen }];
    return expected.flatMap((one, index) => compare(one, seen[index], tierOf, `${at}[${index}]`));
  }
  if (isRecord(expected) && isRecord(seen)) {
    const keys = new Set([...Object.keys(expected), ...Object.keys(seen)]);
    return [...keys].flatMap((key) => compare(expected[key], seen[key], tierOf, at === '' ? key : `${at}.${key}`));
  }
  return Object.is(expected, seen) || (expected === undefined && seen === undefined)
    ? []
    : [{ tier, at, expected, seen }];
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
