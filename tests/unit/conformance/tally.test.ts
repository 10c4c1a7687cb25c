import { describe, expect, it } from 'vitest';
import { compare } from '../../conformance/replay/compare';
import type { CaseOutcome, Difference, Exception, Tier } from '../../conformance/replay/outcome';
import { missed, tally } from '../../conformance/replay/tally';

const difference = (tier: Tier, at = 'x'): Difference => ({ tier, at, expected: 1, seen: 2 });
const outcome = (id: string, differences: Difference[] = [], compared: Tier[] = ['a']): CaseOutcome => ({
  id,
  compared,
  differences,
  recorded: {},
});
const many = (count: number): CaseOutcome[] => Array.from({ length: count }, (_, index) => outcome(`good-${index}`));
const exception: Exception = {
  file: 'logins',
  name: 'known',
  reason: 'a test',
  tier: 'a',
  covers: ({ at }) => at === 'known',
};

describe('tally', () => {
  it('fails on one difference in tier a', () => {
    const result = tally('logins', [...many(500), outcome('bad', [difference('a')])], [exception]);
    expect(result.tiers.a).toEqual({ matched: 500, excepted: 0, differing: 1 });
    expect(missed(result)).toEqual(['logins: 1 cases differ in tier a']);
  });

  it('takes an exception for its own file, tier and difference only', () => {
    const known = outcome('known', [difference('a', 'known')]);
    expect(missed(tally('logins', [...many(500), known], [exception]))).toEqual([]);
    expect(missed(tally('callers', [...many(500), known], [exception]))).toHaveLength(1);
    const both = outcome('both', [difference('a', 'known'), difference('a', 'else')]);
    expect(tally('logins', [both], [exception]).tiers.a.differing).toBe(1);
    const other = outcome('tier', [difference('b', 'known')], ['a', 'b']);
    expect(tally('logins', [other], [exception]).tiers.b.differing).toBe(1);
  });

  it('fails when more than 1 % is excepted, alerts that Node cannot send apart', () => {
    const six = Array.from({ length: 6 }, (_, index) => outcome(`known-${index}`, [difference('a', 'known')]));
    expect(missed(tally('logins', [...many(494), ...six], [exception]))).toHaveLength(1);
    const alerts = { ...exception, name: 'tls-alert-not-sendable' };
    expect(missed(tally('logins', [...many(494), ...six], [alerts]))).toEqual([]);
  });

  it('asks for 80 % of tier b', () => {
    const b = (wrong: number) =>
      Array.from({ length: 10 }, (_, index) =>
        outcome(`b-${index}`, index < wrong ? [difference('b')] : [], ['a', 'b']),
      );
    expect(missed(tally('logins', b(2), []))).toEqual([]);
    expect(missed(tally('logins', b(3), []))).toHaveLength(1);
  });
});

describe('compare', () => {
  it('takes {any: true} for anything and nothing else', () => {
    expect(compare({ a: { any: true }, b: 1 }, { a: 'x', b: 1 })).toEqual([]);
    expect(compare({ a: { any: false } }, { a: 'x' })).toHaveLength(1);
  });

  it('names the place, in both directions', () => {
    expect(compare({ a: [{ b: 1 }] }, { a: [{ b: 2 }] })).toEqual([{ tier: 'a', at: 'a[0].b', expected: 1, seen: 2 }]);
    expect(compare({}, { extra: 1 }).map(({ at }) => at)).toEqual(['extra']);
    expect(compare({ lost: 1 }, {}).map(({ at }) => at)).toEqual(['lost']);
    expect(compare([1], [1, 2])).toHaveLength(1);
  });

  it('names exceptions by their tier, and where tier b differs', () => {
    const places = ['steps[0].got.columns[1].flags[0]', 'steps[3].got.columns[0].flags', 'tablet.sql'];
    const other = outcome(
      'x',
      places.map((at) => ({ tier: 'b' as const, at, expected: 1, seen: 2 })),
    );
    const result = tally('logins', [other, outcome('y', [difference('a')])], []);
    expect(result.placesOfB).toEqual({ 'columns.flags': 1, 'tablet.sql': 1 });
    expect(result.exceptions).toEqual({ a: {}, b: {} });
  });
});
