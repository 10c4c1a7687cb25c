import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editDistance, SimilarNames } from '../../../../src-main/domain/acl/similar';

/** The textbook's table, whole. */
function plainDistance(a: string, b: string): number {
  const table = Array.from({ length: a.length + 1 }, (_, i) =>
    Array.from({ length: b.length + 1 }, (_cell, j) => i || j),
  );
  for (let i = 1; i <= a.length; i += 1)
    for (let j = 1; j <= b.length; j += 1)
      (table[i] as number[])[j] = Math.min(
        (table[i - 1]?.[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1),
        (table[i - 1]?.[j] ?? 0) + 1,
        (table[i]?.[j - 1] ?? 0) + 1,
      );
  return table[a.length]?.[b.length] ?? 0;
}

it('editDistance is the distance up to its limit', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 9 });
  fc.assert(
    fc.property(word, word, fc.integer({ min: 0, max: 3 }), (a, b, limit) => {
      expect(editDistance(a, b, limit)).toBe(Math.min(plainDistance(a, b), limit + 1));
    }),
    { numRuns: 2_000 },
  );
});

describe('SimilarNames', () => {
  const names = new SimilarNames(['admin', 'order_items', 'web', 'WebShop']);
  it.each([
    ['admni', 'admin'],
    ['OrderItems', 'order_items'],
    ['wep', 'web'],
    ['wxyz', null],
    ['Web Shop', 'WebShop'],
    ['somebody', null],
  ])('finds what was meant by %j', (text, expected) => {
    expect(names.nearest(text)).toBe(expected);
    expect(names.nearest(text)).toBe(expected);
  });
});
