import { describe, expect, it } from 'vitest';
import { verdictOf, type AttackRow } from '../../../src-renderer/screens/test/attack-view.svelte';

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
  reason: null,
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
