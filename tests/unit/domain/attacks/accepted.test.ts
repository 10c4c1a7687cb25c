import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { acceptedText, readAccepted, unmatchedAccepted } from '../../../../src-main/domain/attacks';

const read = (text: string) => readAccepted(Buffer.from(text), 'tests/attacks.json');

describe('tests/attacks.json', () => {
  it('is read as it is written, in id order', () => {
    const accepted = new Map([
      ['b/two', 'because'],
      ['a/one', 'meant so'],
    ]);
    const text = acceptedText(accepted);
    expect(text.indexOf('a/one')).toBeLessThan(text.indexOf('b/two'));
    expect(read(text)).toMatchObject({ accepted: new Map([...accepted].sort()), findings: [] });
  });

  it.each([
    ['no JSON', '{'],
    ['a newer schema', '{"schema":2,"accepted":[]}'],
    ['no reason', '{"schema":1,"accepted":[{"id":"a"}]}'],
    ['an empty reason', '{"schema":1,"accepted":[{"id":"a","reason":"  "}]}'],
    ['one of two at fault', '{"schema":1,"accepted":[{"id":"a","reason":"x"},{"id":"b"}]}'],
    ['an unknown key', '{"schema":1,"accepted":[],"all":true}'],
    ['a list', '[]'],
  ])('accepts nothing with %s, and says where', (_, text) => {
    const { accepted, findings } = read(text);
    expect(accepted.size).toBe(0);
    expect(findings[0]).toMatchObject({
      level: 'error',
      file: 'tests/attacks.json',
      line: expect.any(Number) as number,
    });
  });

  it('names what is no attack, with its line', () => {
    const text = acceptedText(
      new Map([
        ['a/one', 'meant so'],
        ['b/slip', 'because'],
      ]),
    );
    const { places } = read(text);
    const found = unmatchedAccepted(places, new Set(['a/one']), 'tests/attacks.json');
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({
      code: 'attacks.accepted-unmatched',
      level: 'warning',
      file: 'tests/attacks.json',
    });
    expect(found[0]?.message).toContain('"b/slip"');
    const line = text.split('\n').findIndex((one) => one.includes('b/slip')) + 1;
    expect(Math.abs((found[0]?.line ?? 0) - line)).toBeLessThanOrEqual(1);
    expect(unmatchedAccepted(places, new Set(['a/one', 'b/slip']), 'f')).toEqual([]);
  });

  it('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(readAccepted(bytes, 'tests/attacks.json').accepted).toBeInstanceOf(Map);
      }),
    );
  });
});
