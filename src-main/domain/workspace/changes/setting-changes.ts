import type { JsonNode, JsonValue } from '../../kernel';
import { code, name, say, shown, strong, type Change, type SentencePart } from './change';
import {
  isArray,
  isObject,
  itemsOf,
  memberOf,
  membersOf,
  pairItems,
  textOf,
  valueOf,
  type ItemPair,
  type JsonSides,
} from './json-sides';

/** A list of named parts in a settings file. */
export interface NamedList {
  readonly key: string;
  /** The member that names an item: `name`, `alias`. */
  readonly by: string;
  /** As it begins a sentence: `Gateway`. */
  readonly word: string;
}

/** Members whose values are never shown. */
const hidden = (path: readonly string[]): boolean => path[0] === 'password';

const valueText = (value: JsonValue): string =>
  value === ''
    ? '""'
    : typeof value === 'string'
      ? value
      : Array.isArray(value) && value.every((item) => typeof item === 'string')
        ? value.length === 0
          ? 'nothing'
          : value.join(', ')
        : typeof value === 'object' && value !== null
          ? `{ ${Object.keys(value).join(', ')} }`
          : JSON.stringify(value);

/** What differs in a file of settings: named parts that came and went, and single settings, each with its path. */
export function settingChanges(
  sides: JsonSides,
  area: Change['area'],
  lists: readonly NamedList[],
  skip: readonly string[] = [],
): Change[] {
  const { root: before } = sides.before;
  const { root: after } = sides.after;
  const listKeys = lists.map(({ key }) => key);
  return [
    ...lists.flatMap((list) => listChanges(sides, area, list)),
    ...leafChanges(sides, area, [], before, after, [...listKeys, ...skip]),
  ];
}

function listChanges(sides: JsonSides, area: Change['area'], list: NamedList): Change[] {
  const [before, after] = [memberOf(sides.before.root, list.key), memberOf(sides.after.root, list.key)];
  const nameOf = (item: JsonNode): string => textOf(memberOf(item, list.by)) ?? '';
  return pairItems(itemsOf(before), itemsOf(after), nameOf).flatMap((pair) =>
    itemChanges(sides, area, list, pair, after),
  );
}

function itemChanges(
  sides: JsonSides,
  area: Change['area'],
  { key: listKey, word }: NamedList,
  pair: ItemPair,
  list: JsonNode | undefined,
): Change[] {
  const { before, after, key } = pair;
  const { file } = sides;
  if (before === undefined && after !== undefined)
    return [
      {
        area,
        file,
        line: after.line,
        side: 'draft',
        sentence: say`${word} ${strong(key)} added.`,
        revert: () => sides.revertBy(isArray(list) ? sides.editor.removeItem(list, pair.afterIndex) : null),
      },
    ];
  if (after === undefined && before !== undefined)
    return [
      {
        area,
        file,
        line: before.line,
        side: 'applied',
        sentence: say`${word} ${strong(key)} removed.`,
        revert: () =>
          sides.revertBy(
            isArray(list)
              ? sides.editor.insertItem(list, Math.min(pair.beforeIndex, list.items.length), sides.old(before))
              : isObject(sides.after.root)
                ? sides.editor.setMember(sides.after.root, listKey, [sides.old(before)])
                : null,
          ),
      },
    ];
  if (before === undefined || after === undefined) return [];
  return leafChanges(sides, area, [], before, after, [], [`${word} `, name(key), ': ']);
}

/** Single settings below two objects; where one side is no object, the whole member is one change. */
function leafChanges(
  sides: JsonSides,
  area: Change['area'],
  path: readonly string[],
  before: JsonNode,
  after: JsonNode,
  skip: readonly string[],
  lead: readonly (string | SentencePart)[] = [],
): Change[] {
  if (!isObject(before) || !isObject(after)) {
    if (sides.same(before, after)) return [];
    const changes: Change = {
      area,
      file: sides.file,
      line: after.line,
      side: 'draft',
      sentence: [...say`${lead[0] ?? ''}${lead[1] ?? ''}${lead[2] ?? ''}`, ...say`The value changed.`],
      revert: () => sides.revertBy(sides.editor.replace(after, sides.old(before))),
    };
    return [changes];
  }
  const keys = [...new Set([...before.members, ...after.members].map(({ key }) => key))];
  return keys.flatMap((key): Change[] => {
    if (skip.includes(key)) return [];
    const [old, fresh] = [memberOf(before, key), memberOf(after, key)];
    if (sides.same(old, fresh)) return [];
    const here = [...path, key];
    if (isObject(old) && isObject(fresh) && !hidden(here)) return leafChanges(sides, area, here, old, fresh, [], lead);
    return [
      {
        area,
        file: sides.file,
        line: (fresh ?? old)?.line ?? 0,
        side: fresh === undefined ? 'applied' : 'draft',
        sentence: [...say`${lead[0] ?? ''}${lead[1] ?? ''}${lead[2] ?? ''}`, ...describeLeaf(sides, here, old, fresh)],
        revert: () =>
          sides.revertBy(
            old === undefined
              ? sides.editor.removeMember(after, key)
              : sides.editor.setMember(
                  after,
                  key,
                  sides.old(old),
                  membersOf(before)
                    .map((member) => member.key)
                    .slice(
                      0,
                      before.members.findIndex((member) => member.key === key),
                    ),
                ),
          ),
      },
    ];
  });
}

function describeLeaf(
  sides: JsonSides,
  path: readonly string[],
  old: JsonNode | undefined,
  fresh: JsonNode | undefined,
): readonly SentencePart[] {
  const setting = code(path.join('.'));
  if (hidden(path)) return say`${setting} changed.`;
  const none = (node: JsonNode | undefined): boolean => node === undefined || node.kind === 'null';
  if (none(old) && fresh !== undefined)
    return isObject(fresh)
      ? say`${setting} set up.`
      : say`${setting} set to ${strong(valueText(valueOf(sides.after, fresh)))}.`;
  if (none(fresh) && old !== undefined)
    return isObject(old)
      ? say`${setting} taken away.`
      : say`${setting} removed; it was ${name(shown(valueText(sides.old(old))))}.`;
  if (old === undefined || fresh === undefined) return say`${setting} changed.`;
  return say`${setting} changed from ${name(valueText(sides.old(old)))} to ${strong(valueText(valueOf(sides.after, fresh)))}.`;
}
