import type { JsonNode } from '../../kernel';
import { code, name, say, strong, type Change } from './change';
import { compareNames, isArray, isObject, itemsOf, membersOf, memberOf, type JsonSides } from './json-sides';
import { settingChanges } from './setting-changes';

const ROLES = ['read', 'write', 'admin'];

/** What differs between two test suites: their callers, tables and sign-in tests, and what they expect. */
export function suiteChanges(sides: JsonSides): Change[] {
  return [
    ...expectationChanges(sides),
    ...settingChanges(
      sides,
      'tests',
      [
        { key: 'callers', by: 'name', word: 'Test caller' },
        { key: 'tables', by: 'name', word: 'Test table' },
        { key: 'admissions', by: 'name', word: 'Sign-in test' },
      ],
      ['allow'],
    ),
  ];
}

/** `allow` is a list of what is expected to be allowed; everything else is expected to be denied. */
function expectationChanges(sides: JsonSides): Change[] {
  const [before, after] = [memberOf(sides.before.root, 'allow'), memberOf(sides.after.root, 'allow')];
  const callers = [...new Set([...membersOf(before), ...membersOf(after)].map(({ key }) => key))];
  return callers.flatMap((caller) =>
    ROLES.flatMap((role) => {
      const own = memberOf(after, caller);
      const [old, fresh] = [memberOf(memberOf(before, caller), role), memberOf(own, role)];
      const { added, removed } = compareNames(itemsOf(old), itemsOf(fresh));
      const shared = { area: 'tests' as const, file: sides.file };
      return [
        ...added.map(({ text, index, node }): Change => ({
          ...shared,
          line: node.line,
          side: 'draft',
          sentence: say`${name(caller)}, ${code(text)}, ${role}: now expected ${strong('Allowed')}.`,
          revert: () => sides.revertBy(isArray(fresh) ? sides.editor.removeItem(fresh, index) : null),
        })),
        ...removed.map(({ text, index, node }): Change => ({
          ...shared,
          line: node.line,
          side: 'applied',
          sentence: say`${name(caller)}, ${code(text)}, ${role}: now expected ${strong('Denied')}.`,
          revert: () => sides.revertBy(expectAgain(sides, after, own, fresh, { caller, role, text, index })),
        })),
      ];
    }),
  );
}

function expectAgain(
  { editor, after: { root } }: JsonSides,
  allow: JsonNode | undefined,
  own: JsonNode | undefined,
  list: JsonNode | undefined,
  { caller, role, text, index }: { caller: string; role: string; text: string; index: number },
) {
  if (isArray(list)) return editor.insertItem(list, Math.min(index, list.items.length), text);
  if (isObject(own)) return editor.setMember(own, role, [text], ROLES.slice(0, ROLES.indexOf(role)));
  if (isObject(allow))
    return editor.setMember(
      allow,
      caller,
      { [role]: [text] },
      allow.members.map(({ key }) => key),
    );
  return isObject(root)
    ? editor.setMember(root, 'allow', { [caller]: { [role]: [text] } }, ['schema', 'name', 'callers', 'tables'])
    : null;
}
