import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { completeAcl, jsonContext } from '../../../../src-renderer/screens/access/complete-acl';
import { accessPart } from './fixture';

const complete = completeAcl(
  () => accessPart(),
  () => 'shop',
);
/** What is offered at `|` in a text. */
const at = (marked: string, explicit = false) => {
  const position = marked.indexOf('|');
  const answer = complete(marked.replace('|', ''), position, explicit);
  return answer === null ? null : { from: answer.from, labels: answer.options.map(({ label }) => label) };
};

describe('completion', () => {
  it('offers keys where a key may stand, without those that are there', () => {
    expect(at('{"|')?.labels).toEqual(['table_groups']);
    expect(at('{"table_groups": [{"name": "a", "|')?.labels).toEqual([
      'table_names_or_prefixes',
      'readers',
      'writers',
      'admins',
    ]);
    expect(at('{"table_groups": [{"readers": [], "re|"}]}')?.from).toBe(35);
  });

  it('offers callers and groups in the lists of names', () => {
    for (const list of ['readers', 'writers', 'admins'])
      expect(at(`{"table_groups": [{"${list}": ["bil|`)?.labels).toEqual(['billing', 'reporting', 'support']);
  });

  it('offers tables in the list of tables, in both spellings', () => {
    for (const key of ['table_names_or_prefixes', 'tableNamesOrPrefixes'])
      expect(at(`{"table_groups": [{"${key}": ["orders", "|"]}]}`)?.labels).toEqual([
        'customers',
        'orders',
        'payments',
      ]);
  });

  it('offers quoted texts outside of quotes, when asked', () => {
    expect(at('{"table_groups": [{"readers": [|', true)?.labels).toEqual(['billing', 'reporting', 'support']);
    const answer = complete('{"table_groups": [{"readers": [', 31, true);
    expect(answer?.options[0]?.apply).toBe('"billing"');
    expect(at('{"table_groups": [{"readers": [|')).toBeNull();
  });

  it.each([
    '|',
    '{"table_groups": "|',
    '{"table_groups": [{"name": "|',
    '["|',
    '{"other": [{"readers": ["|',
    '{"a" |',
    '{} "|',
  ])('offers nothing in %j', (text) => {
    expect(at(text, true)?.labels ?? []).toEqual([]);
  });
});

it('jsonContext reads any text to any place', () => {
  const sign = fc.constantFrom('{', '}', '[', ']', '"', ',', ':', 'a', '\\', '\n', ' ');
  fc.assert(
    fc.property(fc.string({ unit: sign, maxLength: 40 }), fc.nat(40), (text, position) => {
      const context = jsonContext(text, Math.min(position, text.length));
      expect(['key', 'value', 'nothing']).toContain(context.expects);
    }),
  );
});
