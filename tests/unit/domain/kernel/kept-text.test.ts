import { describe, expect, it } from 'vitest';
import { keptBytes, keptText, keptVariables, longestKeptText } from '../../../../src-main/domain/kernel';
import { heldBytes } from '../../../support/fuzz/campaign';

describe('what records keep', () => {
  it('is short text as it is, long text up to an ellipsis', () => {
    expect(keptText('short')).toBe('short');
    expect(keptText('é'.repeat(longestKeptText + 1))).toBe(`${'é'.repeat(longestKeptText)}…`);
  });

  it('holds on to no more than it shows', () => {
    const before = heldBytes();
    const kept = Array.from({ length: 20 }, (_, at) => ({
      text: keptText(`${at} ${'x'.repeat(4 << 20)} end`.toUpperCase()),
      bytes: keptBytes(Buffer.alloc(4 << 20, at).subarray(5, 10)),
    }));
    expect(heldBytes() - before).toBeLessThan(8 << 20);
    expect(kept).toHaveLength(20);
  });

  it('is every bind variable where they are few and short, by the same object', () => {
    const few = { a: { type: 1, value: Buffer.from('x'), values: [] } };
    expect(keptVariables(few)).toBe(few);
    const many = Object.fromEntries(Array.from({ length: 5000 }, (_, at) => [`v${at}`, { value: Buffer.from('x') }]));
    expect(Object.keys(keptVariables(many))).toHaveLength(1000);
    const list = { a: { values: Array.from({ length: 5000 }, () => ({ value: Buffer.alloc(100_000) })) } };
    const [first] = keptVariables(list)['a']!.values;
    expect(keptVariables(list)['a']!.values).toHaveLength(1000);
    expect(first!.value).toHaveLength(longestKeptText);
  });
});
