import type { JsonNode } from '../../kernel';
import { code, name, say, type Change, type Sentence } from './change';
import { isArray, itemsOf, membersOf, memberOf, textOf, type JsonSides } from './json-sides';

interface Placed {
  readonly key: string;
  readonly node: JsonNode;
  readonly index: number;
}

/** Rules by their names, and by how many of that name came before; those without a name by their number alone. */
function placed(root: JsonNode): Placed[] {
  const seen = new Map<string, number>();
  return itemsOf(root).map((node, index) => {
    const label = textOf(memberOf(node, 'Name')) ?? '';
    const count = seen.get(label) ?? 0;
    seen.set(label, count + 1);
    return { key: JSON.stringify([label, count]), node, index };
  });
}

const label = (rule: Placed) => {
  const text = textOf(memberOf(rule.node, 'Name')) ?? '';
  return text === '' ? `${rule.index + 1}` : name(text);
};

/** What differs between two lists of query rules; their order counts, since the first that matches decides. */
export function queryRulesChanges(sides: JsonSides): Change[] {
  const [before, after] = [placed(sides.before.root), placed(sides.after.root)];
  const list = sides.after.root;
  if (!isArray(list) || !isArray(sides.before.root)) return [];
  const shared = { area: 'access' as const, file: sides.file };
  const find = (rules: readonly Placed[], key: string): Placed | undefined => rules.find((rule) => rule.key === key);
  const changes: Change[] = [];
  for (const rule of after) {
    const old = find(before, rule.key);
    if (old === undefined)
      changes.push({
        ...shared,
        line: rule.node.line,
        side: 'draft',
        sentence: say`Query rule ${label(rule)} added: ${code(textOf(memberOf(rule.node, 'Action')) ?? 'FAIL')}.`,
        revert: () => sides.revertBy(sides.editor.removeItem(list, rule.index)),
      });
    else if (!sides.same(old.node, rule.node))
      changes.push({
        ...shared,
        line: rule.node.line,
        side: 'draft',
        sentence: changed(sides, old, rule),
        revert: () => sides.revertBy(sides.editor.replace(rule.node, sides.old(old.node))),
      });
  }
  for (const rule of before)
    if (find(after, rule.key) === undefined)
      changes.push({
        ...shared,
        line: rule.node.line,
        side: 'applied',
        sentence: say`Query rule ${label(rule)} removed.`,
        revert: () =>
          sides.revertBy(sides.editor.insertItem(list, Math.min(rule.index, after.length), sides.old(rule.node))),
      });
  const keys = (rules: readonly Placed[], others: readonly Placed[]): string =>
    JSON.stringify(rules.flatMap(({ key }) => (find(others, key) === undefined ? [] : [key])));
  if (keys(before, after) !== keys(after, before))
    changes.push({
      ...shared,
      line: list.line,
      side: 'draft',
      sentence: say`The order of query rules changed: the first that matches decides.`,
      revert: () => new Map([[sides.file, sides.applied]]),
    });
  return changes;
}

/** The conditions that changed, by their keys. */
function changed(sides: JsonSides, old: Placed, rule: Placed): Sentence {
  const keys = new Set([...membersOf(old.node), ...membersOf(rule.node)].map(({ key }) => key));
  const differ = [...keys].filter((key) => !sides.same(memberOf(old.node, key), memberOf(rule.node, key)));
  const [only] = differ;
  if (differ.length !== 1 || only === undefined)
    return say`Query rule ${label(rule)} changed: ${code(differ.join(', '))}.`;
  const value = textOf(memberOf(rule.node, only));
  if (memberOf(rule.node, only) === undefined) return say`Query rule ${label(rule)}: ${code(only)} removed.`;
  return value === undefined
    ? say`Query rule ${label(rule)}: ${code(only)} changed.`
    : say`Query rule ${label(rule)}: ${code(only)} is now ${code(value)}.`;
}
