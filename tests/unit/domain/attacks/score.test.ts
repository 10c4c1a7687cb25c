import { describe, expect, it } from 'vitest';
import { holds, scoreAttacks, type AttackOutcome, type PerformedAttack } from '../../../../src-main/domain/attacks';

const attack = (
  id: string,
  outcome: AttackOutcome,
  more: { readonly scored?: boolean; readonly side?: 'client' | 'tablet' } = {},
): PerformedAttack => ({
  card: {
    ...{ id, group: 'passwords', title: id, aim: 'here', about: [], hop: 'A', notHere: null },
    scored: more.scored ?? true,
  },
  result: {
    ...{ outcome, sentence: '', why: [], evidence: [], settings: [], trace: null, milliseconds: 1 },
    stoppedAt: outcome === 'stopped' ? { hop: 'A', side: more.side ?? 'tablet' } : null,
  },
});

describe('the score of attacks', () => {
  const nobody = new Map<string, string>();

  it.each<[string, readonly PerformedAttack[], boolean]>([
    ['nothing was tried', [], false],
    ['only what has no place here', [attack('a', 'not-here')], false],
    ['all was stopped', [attack('a', 'stopped'), attack('b', 'stopped')], true],
    ['one got through', [attack('a', 'stopped'), attack('b', 'got-through')], false],
    ['one could not be decided', [attack('a', 'stopped'), attack('b', 'cannot-decide')], false],
    ['a demonstration got through', [attack('a', 'stopped'), attack('b', 'got-through', { scored: false })], true],
    ['nothing but a demonstration', [attack('b', 'got-through', { scored: false })], false],
  ])('%s', (_, performed, expected) => {
    expect(holds(scoreAttacks(performed, nobody))).toBe(expected);
  });

  it('counts what is accepted apart, and accepts nothing that could not be decided', () => {
    const performed = [
      attack('known', 'got-through'),
      attack('unclear', 'cannot-decide'),
      attack('new', 'got-through'),
    ];
    const score = scoreAttacks(
      performed,
      new Map([
        ['known', 'meant so'],
        ['unclear', 'meant so'],
      ]),
    );
    expect(score).toMatchObject({ tried: 3, gotThrough: 1, accepted: 1, cannotDecide: 1, stopped: 0 });
    expect(score.open.map(({ id }) => id)).toEqual(['new']);
  });

  it('says who stopped', () => {
    const performed = [
      attack('a', 'stopped', { side: 'client' }),
      attack('b', 'stopped'),
      attack('c', 'stopped'),
      attack('d', 'stopped', { scored: false }),
    ];
    expect(scoreAttacks(performed, nobody).stoppedBy).toEqual({ client: 1, gateway: 0, tablet: 2, mysql: 0 });
  });

  it('adds up by group to the whole', () => {
    const score = scoreAttacks([attack('a', 'stopped'), attack('b', 'got-through'), attack('c', 'not-here')], nobody);
    const sum = (key: 'tried' | 'stopped' | 'gotThrough' | 'notHere'): number =>
      score.groups.reduce((total, group) => total + group[key], 0);
    for (const key of ['tried', 'stopped', 'gotThrough', 'notHere'] as const) expect(sum(key)).toBe(score[key]);
    expect(score.groups.find(({ group }) => group === 'passwords')?.tried).toBe(2);
  });
});
