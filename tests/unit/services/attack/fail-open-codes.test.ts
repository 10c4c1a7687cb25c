import { describe, expect, it } from 'vitest';
import { knownCodes } from '../../../../src-main/services/attack/fail-open/known-codes';
import { findingCodes } from './finding-codes';

describe('findings that let somebody in', () => {
  const made = findingCodes();

  it('reads the codes from the source', () => {
    expect(made.size).toBeGreaterThan(80);
    for (const code of ['topology.strict-off', 'acl.covers-everything', 'users.sha2-only', 'certificate.both-purposes'])
      expect(made).toContain(code);
  });

  it('each is demonstrated, or it is said why it is not', () => {
    expect([...made].filter((code) => !(code in knownCodes))).toEqual([]);
  });

  it('prints what is not demonstrated, and why', () => {
    const all = Object.entries(knownCodes);
    const left = all.flatMap(([code, known]) =>
      typeof known === 'function' || known.kind === 'shuts' ? [] : [`${code} (${known.kind}): ${known.why}`],
    );
    const shown = all.filter(([, known]) => typeof known === 'function').map(([code]) => code);
    console.log(`${shown.length} demonstrated: ${shown.join(', ')}\n${left.length} not:\n  ${left.join('\n  ')}`);
    expect(shown).toHaveLength(22);
    for (const [, known] of all) if (typeof known !== 'function') expect(known.why).toMatch(/^[A-Z].*[^.]\.$/s);
  });
});
