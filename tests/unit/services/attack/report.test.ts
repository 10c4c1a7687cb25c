import { describe, expect, it } from 'vitest';
import { scoreAttacks, type PerformedAttack } from '../../../../src-main/domain/attacks';
import { attackJunit } from '../../../../src-main/services/attack/junit';
import {
  attackDocument,
  attackText,
  outcomeWord,
  scoreSentence,
  type AttackReport,
} from '../../../../src-main/services/attack/report';

const hostile = '</failure><script>alert("1")</script>\u0000&';
const performed: PerformedAttack[] = [
  {
    card: {
      ...{ id: 'downgrade/plain/main', group: 'downgrade', title: 'No TLS', aim: 'gateway main', about: ['One.'] },
      ...{ hop: 'A', scored: true, notHere: null },
    },
    result: {
      ...{ outcome: 'got-through', stoppedAt: null, sentence: hostile, why: [], trace: null, milliseconds: 12.345 },
      evidence: [{ kind: 'rows', side: 'mysql', text: hostile }],
      settings: [
        {
          ...{ name: 'gateway main: mysql.requireSecureTransport', value: 'false', flag: '--x', edit: null },
          ...{ place: { file: 'gatehouse.json', line: 7 }, advice: 'Set it to true.' },
        },
      ],
    },
  },
  {
    card: {
      ...{ id: 'passwords/wrong', group: 'passwords', title: 'Wrong', aim: 'web', about: [], hop: 'A' },
      ...{ scored: true, notHere: null },
    },
    result: {
      ...{ outcome: 'cannot-decide', stoppedAt: null, sentence: 'It broke.', why: [], trace: null, milliseconds: 1 },
      ...{ evidence: [], settings: [] },
    },
  },
];
const reportOf = (accepted = new Map<string, string>()): AttackReport => ({
  ...{ workspace: 'shop', at: '2026-05-03T12:00:00.000Z', milliseconds: 99.6, performed, accepted },
  score: scoreAttacks(performed, accepted),
});

describe('reports of attacks', () => {
  it('names the setting to change, with file and line, in plain text', () => {
    const text = attackText(reportOf());
    expect(text).toContain('GOT THROUGH: No TLS, gateway main');
    expect(text).toContain('mysql.requireSecureTransport = false (gatehouse.json:7, --x): Set it to true.');
    expect(text).toContain('cannot decide: Wrong, web');
  });

  it('is one JSON document with schema 1', () => {
    const document = attackDocument(reportOf(new Map([['downgrade/plain/main', 'old client']])), false) as {
      schema: number;
      holds: boolean;
      attacks: Record<string, unknown>[];
    };
    expect(document).toMatchObject({ schema: 1, holds: false });
    expect(document.attacks[0]).toMatchObject({
      id: 'downgrade/plain/main',
      accepted: 'old client',
      milliseconds: 12.3,
    });
    expect(document.attacks[0]).not.toHaveProperty('trace');
  });

  it('is JUnit in which hostile words stay words, and what could not be decided is a failure', () => {
    const xml = attackJunit(reportOf());
    expect(xml).not.toContain('<script>');
    expect(xml).not.toContain('\u0000');
    expect(xml.match(/<failure /g)).toHaveLength(2);
    expect(xml).toContain('tests="2" failures="2"');
    const accepted = attackJunit(reportOf(new Map([['downgrade/plain/main', 'old client']])));
    expect(accepted.match(/<failure /g)).toHaveLength(1);
  });

  it('says why an attack is not scored: weak on purpose, or for information', () => {
    const [first] = performed;
    const as = (unscored?: 'weak-on-purpose' | 'for-information'): PerformedAttack => ({
      ...first!,
      card: { ...first!.card, scored: false, ...(unscored === undefined ? {} : { unscored }) },
    });
    const word = (attack: PerformedAttack): string => outcomeWord(attack, new Map());
    expect(word(as('weak-on-purpose'))).toBe('got through (weak on purpose)');
    expect(word(as('for-information'))).toBe('got through (for information)');
    expect(word(as())).toBe('got through (for information)');
    const document = attackDocument({ ...reportOf(), performed: [first!, as('for-information')] }, false) as {
      attacks: readonly object[];
    };
    expect(document.attacks).toMatchObject([
      { scored: true, unscored: null },
      { scored: false, unscored: 'for-information' },
    ]);
  });

  it('says it in a sentence', () => {
    expect(scoreSentence(reportOf().score)).toBe('1 of 2 got through, 1 could not be decided, 0 stopped.');
    expect(scoreSentence(scoreAttacks([], new Map()))).toBe('Nothing was tried.');
  });
});
