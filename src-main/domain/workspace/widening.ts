import { code, name, say, type Sentence, type SentencePart } from './changes/change';

/** Access that somebody has after a change and had not before. */
export interface Gain {
  readonly who: string;
  /** Null: getting in at all. */
  readonly table: string | null;
  readonly role: 'read' | 'write' | 'admin' | null;
}

const ROLES = ['read', 'write', 'admin'] as const;
const MOST = 3;

const list = <T>(items: readonly T[], render: (item: T) => SentencePart): (SentencePart | string)[] =>
  items.flatMap((item, index): (SentencePart | string)[] => [
    ...(index === 0 ? [] : [index === items.length - 1 ? ' and ' : ', ']),
    render(item),
  ]);

const sentence = (parts: readonly (SentencePart | string)[]): Sentence =>
  parts.map((part) => (typeof part === 'string' ? { text: part, as: 'text' } : part));

const roleWords = (roles: readonly string[]): string =>
  roles.length < 2 ? (roles[0] ?? '') : `${roles.slice(0, -1).join(', ')} and ${roles.at(-1) ?? ''}`;

/** What one caller gains, as text that is the same for the same gains: `orders and order_items (read)`. */
function grantOf(gains: readonly Gain[]): (SentencePart | string)[] {
  const byRoles = new Map<string, string[]>();
  const tables = [...new Set(gains.flatMap(({ table }) => table ?? []))];
  for (const table of tables) {
    const roles = ROLES.filter((role) => gains.some((gain) => gain.table === table && gain.role === role));
    const key = roleWords(roles);
    byRoles.set(key, [...(byRoles.get(key) ?? []), table]);
  }
  return [...byRoles].flatMap(([roles, names], index): (SentencePart | string)[] => [
    ...(index === 0 ? [] : [', ']),
    ...(names.length > MOST ? [`${names.length} tables`] : list(names, code)),
    roles === '' ? '' : ` (${roles})`,
  ]);
}

/**
 * What a change opens, in one plain sentence; null when it opens nothing. Never leaves out that there is more: who and
 * what does not fit is counted.
 */
export function wideningSentence(gains: readonly Gain[]): Sentence | null {
  if (gains.length === 0) return null;
  const grants = new Map<string, { readonly parts: (SentencePart | string)[]; readonly who: string[] }>();
  const entering: string[] = [];
  for (const who of new Set(gains.map((gain) => gain.who))) {
    const parts = grantOf(gains.filter((gain) => gain.who === who));
    if (parts.length === 0) {
      entering.push(who);
      continue;
    }
    const key = JSON.stringify(parts);
    const known = grants.get(key);
    if (known === undefined) grants.set(key, { parts, who: [who] });
    else known.who.push(who);
  }
  const people = (names: readonly string[]): (SentencePart | string)[] =>
    names.length > MOST
      ? [
          ...list(names.slice(0, MOST - 1), name).map((part) => (part === ' and ' ? ', ' : part)),
          ` and ${names.length - MOST + 1} others`,
        ]
      : list(names, name);
  const [first, ...others] = grants.values();
  if (first === undefined) return sentence(['This lets ', ...people(entering), ' in where they were refused.']);
  const more = others.reduce((sum, { who }) => sum + who.length, 0) + entering.length;
  return [
    ...say`This gives `,
    ...sentence(people(first.who)),
    ...say` access to `,
    ...sentence(first.parts).filter(({ text }) => text !== ''),
    ...(more === 0
      ? say`.`
      : more === 1
        ? say`, and another caller gains access too.`
        : say`, and ${`${more}`} other callers gain access too.`),
  ];
}
