import { describe, expect, it } from 'vitest';
import { acceptedText } from '../../../../src-main/domain/attacks';
import { describeChanges, plain, type DescribedChange } from '../../../../src-main/domain/workspace';

const FILE = 'tests/attacks.json';
const bytes = (accepted: Readonly<Record<string, string>> | null): Map<string, Buffer> =>
  new Map(accepted === null ? [] : [[FILE, Buffer.from(acceptedText(new Map(Object.entries(accepted))))]]);
const changes = (
  before: Readonly<Record<string, string>> | null,
  after: Readonly<Record<string, string>> | null,
): DescribedChange[] => describeChanges(bytes(before), bytes(after), new Map());
const told = (all: readonly DescribedChange[]): string[] =>
  all.map(({ side, line, sentence }) => `${side} ${line} ${plain(sentence)}`);

describe('attacks that may get through', () => {
  it('says which and why when the file is new, and takes the file away again', () => {
    const all = changes(null, { 'passwords/empty/main': 'a lab' });
    expect(told(all)).toEqual(['draft 5 The attack passwords/empty/main may get through: a lab']);
    expect(all[0]?.revert()).toEqual(new Map([[FILE, null]]));
  });
  it('says which may no longer, and for another reason; each is taken back alone', () => {
    const before = { a: 'one', b: 'two' };
    const all = changes(before, { a: 'three' });
    expect(told(all)).toEqual([
      'draft 5 The attack a may get through for another reason: three',
      'applied 9 The attack b may get through no longer.',
    ]);
    expect(all[0]?.revert().get(FILE)?.toString()).toBe(acceptedText(new Map([['a', 'one']])));
    expect(all[1]?.revert().get(FILE)?.toString()).toBe(
      acceptedText(
        new Map([
          ['a', 'three'],
          ['b', 'two'],
        ]),
      ),
    );
  });
  it('a file at fault is told of as a whole', () => {
    const all = describeChanges(bytes({ a: 'one' }), new Map([[FILE, Buffer.from('{"schema":1}')]]), new Map());
    expect(told(all).join()).not.toContain('may get through');
    expect(all).toHaveLength(1);
  });
});
