import type { CaseOutcome, Difference, Exception, Tier } from './outcome';

/** Cases of one tier by how they came out. */
export interface Count {
  readonly matched: number;
  readonly excepted: number;
  readonly differing: number;
}

/** What became of one recording. */
export interface Tally {
  readonly file: string;
  readonly cases: number;
  readonly tiers: Readonly<Record<Tier, Count>>;
  /** Cases under each exception of a tier, by its name. */
  readonly exceptions: Readonly<Record<Tier, Readonly<Record<string, number>>>>;
  /** Cases that differ in tier b, by the place in the answer on which they do: `columns.flags`. */
  readonly placesOfB: Readonly<Record<string, number>>;
  /** Cases that were not played, by what is missing on this machine. */
  readonly notRun: Readonly<Record<string, number>>;
  /** Cases with differences that no exception covers. */
  readonly differing: readonly { readonly id: string; readonly differences: readonly Difference[] }[];
}

/** A refusal of TLS whose alert Node cannot send is counted apart from the 1 % (docs/design.md §6). */
export const uncounted = 'tls-alert-not-sendable';

/** The last two names of a place, without its numbers: `columns.flags` of `steps[2].got.columns[0].flags[1]`. */
const placeOf = (at: string): string =>
  at
    .replace(/\[\d+\]/g, '')
    .split('.')
    .slice(-2)
    .join('.');

const count = (counts: Record<string, number>, names: Iterable<string>): void => {
  for (const name of new Set(names)) counts[name] = (counts[name] ?? 0) + 1;
};

/** Counts outcomes: a case differs in a tier if one difference of it there is not covered by an exception. */
export function tally(file: string, outcomes: readonly CaseOutcome[], exceptions: readonly Exception[]): Tally {
  const ofFile = exceptions.filter((exception) => exception.file === file);
  const counts = { a: { matched: 0, excepted: 0, differing: 0 }, b: { matched: 0, excepted: 0, differing: 0 } };
  const used: Record<Tier, Record<string, number>> = { a: {}, b: {} };
  const placesOfB: Record<string, number> = {};
  const notRun: Record<string, number> = {};
  const differing: { id: string; differences: readonly Difference[] }[] = [];
  for (const outcome of outcomes) {
    const names: Record<Tier, string[]> = { a: [], b: [] };
    const open: Difference[] = [];
    const covered: Difference[] = [];
    for (const difference of outcome.differences) {
      const exception = ofFile.find((one) => one.tier === difference.tier && one.covers(difference, outcome));
      if (exception === undefined) open.push(difference);
      else {
        covered.push(difference);
        names[difference.tier].push(exception.name);
      }
    }
    if (outcome.missing !== undefined) count(notRun, [outcome.missing]);
    count(used.a, names.a);
    count(used.b, names.b);
    count(
      placesOfB,
      open.flatMap(({ tier, at }) => (tier === 'b' ? [placeOf(at)] : [])),
    );
    for (const tier of outcome.compared) {
      if (open.some((one) => one.tier === tier)) counts[tier].differing += 1;
      else if (covered.some((one) => one.tier === tier)) counts[tier].excepted += 1;
      else counts[tier].matched += 1;
    }
    if (open.length > 0) differing.push({ id: outcome.id, differences: open });
  }
  return { file, cases: outcomes.length, tiers: counts, exceptions: used, placesOfB, notRun, differing };
}

/**
 * What of the bars a tally misses, in sentences; empty = within them. Tier a: nothing differs and at most 1 % is
 * excepted. Tier b: 80 % of what has anything to compare.
 */
export function missed({ file, cases, tiers, exceptions }: Tally): string[] {
  const excepted = Object.entries(exceptions.a).reduce((sum, [name, many]) => sum + (name === uncounted ? 0 : many), 0);
  const { matched, excepted: known, differing } = tiers.b;
  const compared = matched + known + differing;
  return [
    ...(tiers.a.differing > 0 ? [`${file}: ${tiers.a.differing} cases differ in tier a`] : []),
    ...(excepted > Math.max(1, cases / 100) ? [`${file}: ${excepted} of ${cases} cases are excepted`] : []),
    ...(compared > 0 && matched / compared < 0.8 ? [`${file}: ${matched} of ${compared} are equal in tier b`] : []),
  ];
}
