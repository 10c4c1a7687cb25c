import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printable } from '../../../src-main/cli/printable';

describe('printable', () => {
  it.each([
    ['\u001b[31mred\u0007', '\\x1b[31mred\\x07'],
    ['a\nb\tc\r', 'a\\nb\\tc\\r'],
    ['\u009b2J', '\\x9b2J'],
    ['\u202edesrever', '\\u202edesrever'],
    ['Zoë 😀 %', 'Zoë 😀 %'],
  ])('%j', (text, shown) => expect(printable(text)).toBe(shown));

  it('leaves nothing that a terminal obeys', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(/[\p{Cc}]/u.test(printable(text))).toBe(false);
      }),
    );
  });
});
