import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { acceptedText, readAccepted } from '../../../../src-main/domain/attacks';

const read = (text: string) => readAccepted(Buffer.from(text), 'tests/attacks.json');

describe('tests/attacks.json', () => {
  it('is read as it is written, in id order', () => {
    const accepted = new Map([
      ['b/two', 'because'],
      ['a/one', 'meant so'],
    ]);
    const text = acceptedText(accepted);
    expect(text.indexOf('a/one')).toBeLessThan(text.indexOf('b/two'));
    expect(read(text)).toEqual({ accepted: new Map([...accepted].sort()), findings: [] });
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

  it('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(readAccepted(bytes, 'tests/attacks.json').accepted).toBeInstanceOf(Map);
      }),
    );
  });
});
