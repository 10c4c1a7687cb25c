import type { FidelityDifference } from '../../contract/areas/settings';
import { fidelityRules, measured } from '../../domain/fidelity';

/** Every rule of domain/fidelity with the number of recorded cases that it changes; those between versions first. */
export function fidelityDifferences(): FidelityDifference[] {
  const casesOf = (id: string): number =>
    measured.reduce((sum, { rules }) => {
      const found = (rules as Readonly<Record<string, { readonly vitess: number; readonly hardened: number }>>)[id];
      return sum + Math.max(found?.vitess ?? 0, found?.hardened ?? 0);
    }, 0);
  const all = fidelityRules.map(({ id, title, behaviour, source }): FidelityDifference => {
    const common = { id, title, source, cases: casesOf(id) };
    return 'vitess' in behaviour
      ? { ...common, between: 'modes', before: behaviour.vitess, after: behaviour.hardened }
      : { ...common, between: 'versions', before: behaviour['24.0-recorded'], after: behaviour['24.0.4'] };
  });
  return [...all.filter(({ between }) => between === 'versions'), ...all.filter(({ between }) => between === 'modes')];
}
