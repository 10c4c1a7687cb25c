import type { AccessPart, AccessPreview } from '../../../src-main/contract';
import { access as text } from '../../text/access';
import type { Suggestion } from '../../ui/suggestions';

/** Callers and groups to offer: callers first. */
export const principalSuggestions = (principals: AccessPart['principals']): Suggestion[] =>
  [...principals]
    .sort((a, b) => (a.kind === b.kind ? 0 : a.kind === 'caller' ? -1 : 1))
    .map(({ name, kind }) => ({ value: name, detail: text.kinds[kind] }));

/** Tables to offer: those that no group covers first, the others with the group that does, as the prediction knows it. */
export function tableSuggestions(names: readonly string[], preview: AccessPreview | null): Suggestion[] {
  const owners = new Map(
    (preview?.tables ?? []).flatMap(({ name, group }) =>
      group < 0 ? [] : [[name, preview?.groups[group] ?? ''] as const],
    ),
  );
  const offered = names.map((value): Suggestion => {
    const owner = owners.get(value);
    return { value, ...(owner === undefined ? {} : { detail: text.covered(owner) }) };
  });
  return [...offered.filter(({ value }) => !owners.has(value)), ...offered.filter(({ value }) => owners.has(value))];
}
