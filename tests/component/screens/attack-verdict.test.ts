import { describe, expect, it } from 'vitest';
import { filterOf, verdictOf, type AttackRow } from '../../../src-renderer/screens/test/attack-view.svelte';

const through = (card: Partial<AttackRow['card']>): AttackRow => ({
  card: {
    ...{ id: 'downgrade/tls-1.2/main/mysql', group: 'downgrade', title: '', aim: '', about: [], hop: 'A' },
    ...{ scored: true, notHere: null, ...card },
  },
  result: {
    ...{ outcome: 'got-through', stoppedAt: null, sentence: '', why: [], evidence: [], settings: [] },
    ...{ milliseconds: 1, traced: false },
  },
  running: false,
  ...{ reason: null, draftReason: null, earlier: false, gone: false },
});

describe('the verdict of an attack that got through', () => {
  it.each([
    [{ scored: true }, 'Got through', true],
    [{ scored: false, unscored: 'weak-on-purpose' }, 'Got through, weak on purpose', false],
    [{ scored: false, unscored: 'for-information' }, 'Got through, for information', false],
    [{ scored: false }, 'Got through, for information', false],
  ] as const)('%j: %s', (card, word, news) => {
    expect(verdictOf(through(card))).toMatchObject({ word, news });
  });
});

describe('a row of attacks', () => {
  const row = through({});
  it('an unscored one that cannot be decided is no news', () => {
    const result = { ...row.result!, outcome: 'cannot-decide' as const };
    expect(verdictOf({ ...row, result }).news).toBe(true);
    expect(verdictOf({ ...row, result, card: { ...row.card, scored: false } }).news).toBe(false);
  });
  it('is accepted when that is applied; in the draft it says so and stays news', () => {
    expect(verdictOf({ ...row, draftReason: 'known' })).toMatchObject({
      word: 'Got through, accepted in the draft',
      news: true,
    });
    expect(verdictOf({ ...row, reason: 'known', draftReason: 'known' })).toMatchObject({
      word: 'Got through, accepted',
      news: false,
    });
  });
  it('of earlier files is no news', () => {
    expect(verdictOf({ ...row, earlier: true }).news).toBe(false);
  });
  it('not scored is in a filter of its own', () => {
    expect([filterOf(row), filterOf(through({ scored: false })), filterOf({ ...row, result: null })]).toEqual([
      ...['through', 'information', 'rest'],
    ]);
  });
});
