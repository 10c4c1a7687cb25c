import type { JsonNode, TextChange } from '../../kernel';
import { code, name, say, strong, type Change } from './change';
import {
  compareNames,
  isArray,
  isObject,
  itemsOf,
  membersOf,
  memberOf,
  pairItems,
  textOf,
  type ItemPair,
  type JsonSides,
} from './json-sides';

const GROUP_KEYS = ['table_groups', 'tableGroups'];
const lists = [
  { keys: ['table_names_or_prefixes', 'tableNamesOrPrefixes'], word: 'table' },
  { keys: ['readers'], word: 'reader' },
  { keys: ['writers'], word: 'writer' },
  { keys: ['admins'], word: 'admin' },
] as const;
const ORDER = ['name', 'table_names_or_prefixes', 'tableNamesOrPrefixes', 'readers', 'writers', 'admins'];
const KNOWN: readonly string[] = ORDER;

const nameOf = (group: JsonNode): string => textOf(memberOf(group, 'name')) ?? '';
const namesIn = (group: JsonNode | undefined, keys: readonly string[]): string[] =>
  itemsOf(memberOf(group, ...keys)).flatMap((item) => textOf(item) ?? []);

/** What differs between two table ACL files, group by group and name by name. The order of groups decides nothing. */
export function aclChanges(sides: JsonSides): Change[] {
  const before = memberOf(sides.before.root, ...GROUP_KEYS);
  const after = memberOf(sides.after.root, ...GROUP_KEYS);
  const pairs = renamed(pairItems(itemsOf(before), itemsOf(after), nameOf));
  return [
    ...pairs.flatMap((pair) => groupChanges(sides, pair, after)),
    ...otherKeys(sides, sides.before.root, sides.after.root, GROUP_KEYS, null),
  ];
}

/** A group that is gone and one that is new with the same tables are one group with another name. */
function renamed(pairs: readonly ItemPair[]): ItemPair[] {
  const tables = (node: JsonNode | undefined): string => JSON.stringify(namesIn(node, lists[0].keys).sort());
  const gone = pairs.filter(({ after }) => after === undefined);
  const joined = new Set<ItemPair>();
  const result = pairs.map((pair) => {
    if (pair.before !== undefined || tables(pair.after) === '[]') return pair;
    const old = gone.find((candidate) => !joined.has(candidate) && tables(candidate.before) === tables(pair.after));
    if (old === undefined) return pair;
    joined.add(old);
    return { ...pair, before: old.before, beforeIndex: old.beforeIndex };
  });
  return result.filter((pair) => !joined.has(pair));
}

function groupChanges(sides: JsonSides, pair: ItemPair, groups: JsonNode | undefined): Change[] {
  const { before, after } = pair;
  const area = 'access';
  const { file } = sides;
  if (before === undefined && after !== undefined) {
    const tables = namesIn(after, lists[0].keys);
    return [
      {
        area,
        file,
        line: after.line,
        side: 'draft',
        sentence: say`Table group ${name(nameOf(after))} added${tables.length === 0 ? '' : ' for '}${tables.length === 0 ? '' : code(tables.join(', '))}.`,
        revert: () => sides.revertBy(isArray(groups) ? sides.editor.removeItem(groups, pair.afterIndex) : null),
      },
    ];
  }
  if (after === undefined && before !== undefined)
    return [
      {
        area,
        file,
        line: before.line,
        side: 'applied',
        sentence: say`Table group ${name(nameOf(before))} removed.`,
        revert: () => sides.revertBy(putBack(sides, groups, pair.beforeIndex, before)),
      },
    ];
  if (before === undefined || after === undefined) return [];
  const changes: Change[] = [];
  if (nameOf(before) !== nameOf(after))
    changes.push({
      area,
      file,
      line: memberOf(after, 'name')?.line ?? after.line,
      side: 'draft',
      sentence: say`Table group ${name(nameOf(before))} is now called ${strong(nameOf(after))}.`,
      revert: () => sides.revertBy(isObject(after) ? sides.editor.setMember(after, 'name', nameOf(before)) : null),
    });
  for (const { keys, word } of lists) {
    const [old, fresh] = [memberOf(before, ...keys), memberOf(after, ...keys)];
    const { added, removed } = compareNames(itemsOf(old), itemsOf(fresh));
    for (const { text, index, node } of added)
      changes.push({
        area,
        file,
        line: node.line,
        side: 'draft',
        sentence: say`Table group ${name(nameOf(after))}: ${word} ${strong(text)} added.`,
        revert: () => sides.revertBy(isArray(fresh) ? sides.editor.removeItem(fresh, index) : null),
      });
    for (const { text, index, node } of removed)
      changes.push({
        area,
        file,
        line: node.line,
        side: 'applied',
        sentence: say`Table group ${name(nameOf(after))}: ${word} ${strong(text)} removed.`,
        revert: () =>
          sides.revertBy(
            isArray(fresh)
              ? sides.editor.insertItem(fresh, Math.min(index, fresh.items.length), text)
              : isObject(after)
                ? sides.editor.setMember(after, keys[0], [text], ORDER.slice(0, ORDER.indexOf(keys[0])))
                : null,
          ),
      });
  }
  return [...changes, ...otherKeys(sides, before, after, KNOWN, nameOf(after))];
}

const putBack = (sides: JsonSides, groups: JsonNode | undefined, index: number, group: JsonNode): TextChange | null => {
  if (isArray(groups)) return sides.editor.insertItem(groups, Math.min(index, groups.items.length), sides.old(group));
  const { root } = sides.after;
  return isObject(root) ? sides.editor.setMember(root, GROUP_KEYS[0] ?? '', [sides.old(group)]) : null;
};

/** Keys that mean nothing to Vitess; that they changed is said all the same. */
function otherKeys(
  sides: JsonSides,
  before: JsonNode,
  after: JsonNode,
  known: readonly string[],
  group: string | null,
): Change[] {
  const keys = new Set(
    [...membersOf(before), ...membersOf(after)].map(({ key }) => key).filter((key) => !known.includes(key)),
  );
  return [...keys].flatMap((key): Change[] => {
    const [old, fresh] = [memberOf(before, key), memberOf(after, key)];
    if (sides.same(old, fresh)) return [];
    const what = fresh === undefined ? 'removed' : old === undefined ? 'added' : 'changed';
    return [
      {
        area: 'access',
        file: sides.file,
        line: (fresh ?? old)?.line ?? 0,
        side: fresh === undefined ? 'applied' : 'draft',
        sentence:
          group === null
            ? say`The key ${code(key)} was ${what}; Vitess ignores it.`
            : say`Table group ${name(group)}: the key ${code(key)} was ${what}; Vitess ignores it.`,
        revert: () =>
          sides.revertBy(
            !isObject(after)
              ? null
              : old === undefined
                ? sides.editor.removeMember(after, key)
                : sides.editor.setMember(
                    after,
                    key,
                    sides.old(old),
                    after.members.map((member) => member.key),
                  ),
          ),
      },
    ];
  });
}
