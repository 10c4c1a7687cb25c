import type { JsonMember, JsonNode } from '../kernel';
import type { RuleNotes } from './notes';

/** Go has no text with half a character in it. */
export const wellFormed = (text: string): string =>
  text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd');

/** The last member of each key, as Go's maps keep them; earlier ones are told of. */
export function lastMembers(members: readonly JsonMember[], notes: RuleNotes): Map<string, JsonMember> {
  const found = new Map<string, JsonMember>();
  for (const member of members) {
    const key = wellFormed(member.key);
    const before = found.get(key);
    if (before !== undefined)
      notes.note(
        'warning',
        'duplicate-key',
        before.keyPlace,
        `"${key}" stands here and again in line ${member.keyPlace.line}; the last one counts`,
        'Remove one of them.',
      );
    found.set(key, member);
  }
  return found;
}

/** What to do about an expression that Go refuses. */
export const regexpRemedy = (message: string): string =>
  `Mend the expression: ${message.replace(/^error parsing regexp: /, '')}. The syntax is that of RE2, which knows no references and nothing that looks ahead or behind.`;

/** What Vitess takes and what is not decided here is refused, so that no rule is left out in silence. */
export function uncertain(value: JsonNode, reason: string, notes: RuleNotes): void {
  notes.uncertain = true;
  notes.note(
    'error',
    'regexp-unknown',
    value,
    `vttablet takes this expression, but Gatehouse cannot decide what matches it: ${reason}`,
    'Write it with characters and classes of ASCII, and with smaller counts.',
  );
}
