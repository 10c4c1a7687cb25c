import { expect, it } from 'vitest';
import { describeChanges, plain } from '../../../../src-main/domain/workspace';

const changes = (before: unknown, after: unknown) => {
  const version = (value: unknown) => new Map([['query-rules.json', Buffer.from(JSON.stringify(value, null, 2))]]);
  return describeChanges(version(before), version(after), new Map([['query-rules.json', 'query-rules' as const]]));
};
const told = (before: unknown, after: unknown): string[] =>
  changes(before, after).map(({ area, sentence }) => `${area}: ${plain(sentence)}`);

const a = { Name: 'a', Query: 'x' };
const b = { Name: 'b', Plans: ['Select'] };

it.each([
  [[a], [a, b], ['access: Query rule b added: FAIL.']],
  [[a, b], [b], ['access: Query rule a removed.']],
  [[a], [{ ...a, Query: 'y' }], ['access: Query rule a: Query is now y.']],
  [[b], [{ ...b, Plans: [] }], ['access: Query rule b: Plans changed.']],
  [[a], [{ Name: 'a' }], ['access: Query rule a: Query removed.']],
  [[a], [{ Name: 'a', User: 'u' }], ['access: Query rule a changed: Query, User.']],
  [[a, b], [b, a], ['access: The order of query rules changed: the first that matches decides.']],
  [[{}], [{ Action: 'BUFFER' }], ['access: Query rule 1: Action is now BUFFER.']],
  [[a], { not: 'a list' }, ['access: query-rules.json changed in 6 lines.']],
])('%j to %j', (before, after, sentences) => {
  expect(told(before, after)).toEqual(sentences);
});

it('takes one change back and leaves the others', () => {
  const before = [a, b];
  const after = [{ ...a, Query: 'y' }, b, { Name: 'c' }];
  const reverted = changes(before, after).map(
    ({ revert }) => JSON.parse(revert().get('query-rules.json')!.toString()) as unknown,
  );
  expect(reverted).toEqual([
    [a, b, { Name: 'c' }],
    [{ ...a, Query: 'y' }, b],
  ]);
});
