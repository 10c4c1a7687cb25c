import { expect, it } from 'vitest';
import { fidelityDifference } from '../../../../src-main/contract/areas/settings';
import { fidelityRules } from '../../../../src-main/domain/fidelity';
import { fidelityDifferences } from '../../../../src-main/services/settings/fidelity-differences';

it('the page gets every rule, those between versions first, with the recorded cases that it changes', () => {
  const all = fidelityDifferences();
  expect(all).toHaveLength(fidelityRules.length);
  for (const one of all) fidelityDifference.parse(one);
  const kinds = all.map(({ between }) => between);
  expect(kinds.lastIndexOf('versions')).toBeLessThan(kinds.indexOf('modes'));
  expect(all.find(({ id }) => id === 'sql-opaque-statements-undetermined')?.cases).toBeGreaterThan(10);
});
