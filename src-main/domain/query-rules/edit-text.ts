import {
  applyChanges,
  GatehouseError,
  JsonTextEditor,
  readJson,
  type JsonArray,
  type JsonNode,
  type JsonValue,
} from '../kernel';
import { patternKeys, type BindOperator, type PatternKey } from './query-rules';

/** The keys of a rule in the order in which they are written. */
export const ruleKeys = [
  'Name',
  'Description',
  ...patternKeys,
  'Plans',
  'TableNames',
  'BindVarConds',
  'Action',
] as const;
export type RuleKey = (typeof ruleKeys)[number];

/** A condition on a bind variable as it is written, sound or not. */
export interface FormBindCond {
  readonly name: string;
  readonly onAbsent: boolean;
  readonly onMismatch: boolean;
  readonly operator: BindOperator | string;
  readonly value: string;
  /** The value is written as a number. */
  readonly isNumber: boolean;
}

/** A rule as the form shows it: what it says, whether or not Vitess takes it. */
export interface FormRule {
  readonly name: string;
  readonly description: string;
  readonly patterns: { readonly [key in PatternKey]?: string };
  readonly plans: readonly string[];
  readonly tableNames: readonly string[];
  readonly bindVarConds: readonly FormBindCond[];
  readonly action: string;
  readonly line: number;
  /** Line of the next rule's beginning, or of the end of the list. */
  readonly endLine: number;
}

/** One edit of the list as a form makes it. */
export type RulesEdit =
  | { readonly kind: 'add'; readonly rule: { readonly [key: string]: JsonValue } }
  | { readonly kind: 'remove'; readonly index: number }
  | { readonly kind: 'move'; readonly index: number; readonly to: number }
  /** `value` null: without the key. */
  | { readonly kind: 'set'; readonly index: number; readonly key: RuleKey; readonly value: JsonValue };

const lastOf = (node: JsonNode, key: string): JsonNode | undefined =>
  node.kind === 'object' ? node.members.findLast((member) => member.key === key)?.value : undefined;

/** The rules of a text for a form; null where the text is none, or says something that a form cannot show. */
export function readRulesForm(text: string): readonly FormRule[] | null {
  const list = listOf(text);
  if (list === null) return null;
  const rules: FormRule[] = [];
  for (const [index, item] of list.items.entries()) {
    const rule = item.kind === 'object' ? formRule(item, list.items[index + 1]?.line ?? Number.MAX_SAFE_INTEGER) : null;
    if (rule === null) return null;
    rules.push(rule);
  }
  return rules;
}

function listOf(text: string): JsonArray | null {
  const reading = readJson(text);
  return reading.ok && reading.root.kind === 'array' && text.slice(reading.end).trim() === '' ? reading.root : null;
}

function formRule(item: JsonNode & { kind: 'object' }, endLine: number): FormRule | null {
  if (item.members.some(({ key }) => !(ruleKeys as readonly string[]).includes(key))) return null;
  if (new Set(item.members.map(({ key }) => key)).size < item.members.length) return null;
  let sound = true;
  const textAt = (key: string): string | undefined => {
    const node = lastOf(item, key);
    if (node !== undefined && node.kind !== 'string') sound = false;
    return node?.kind === 'string' ? node.value : undefined;
  };
  const textsAt = (key: string): string[] => {
    const node = lastOf(item, key);
    if (node === undefined) return [];
    if (node.kind !== 'array' || node.items.some(({ kind }) => kind !== 'string')) sound = false;
    return node.kind === 'array' ? node.items.flatMap((one) => (one.kind === 'string' ? [one.value] : [])) : [];
  };
  const patterns: { [key in PatternKey]?: string } = {};
  for (const key of patternKeys) {
    const text = textAt(key);
    if (text !== undefined) patterns[key] = text;
  }
  const conditions = lastOf(item, 'BindVarConds');
  const bindVarConds = conditions === undefined ? [] : formConditions(conditions);
  const rule: FormRule = {
    name: textAt('Name') ?? '',
    description: textAt('Description') ?? '',
    patterns,
    plans: textsAt('Plans'),
    tableNames: textsAt('TableNames'),
    bindVarConds: bindVarConds ?? [],
    action: textAt('Action') ?? 'FAIL',
    line: item.line,
    endLine,
  };
  return sound && bindVarConds !== null ? rule : null;
}

function formConditions(node: JsonNode): FormBindCond[] | null {
  if (node.kind !== 'array') return null;
  const found: FormBindCond[] = [];
  for (const item of node.items) {
    if (item.kind !== 'object') return null;
    const [name, operator, value] = ['Name', 'Operator', 'Value'].map((key) => lastOf(item, key));
    const flag = (key: string): boolean => {
      const given = lastOf(item, key);
      return given?.kind === 'boolean' && given.value;
    };
    if (name?.kind !== 'string' || (operator !== undefined && operator.kind !== 'string')) return null;
    if (value !== undefined && value.kind !== 'string' && value.kind !== 'number') return null;
    found.push({
      name: name.value,
      onAbsent: flag('OnAbsent'),
      onMismatch: flag('OnMismatch'),
      operator: operator?.value ?? '',
      value: value === undefined ? '' : value.kind === 'string' ? value.value : value.raw,
      isNumber: value?.kind === 'number',
    });
  }
  return found;
}

/**
 * The text with the edit, everything else as it stood. Throws GatehouseError `query-rules.text-broken` and
 * `query-rules.stale` (the rule is not there any more).
 */
export function editRulesText(text: string, file: string, edit: RulesEdit): string {
  const list = listOf(text);
  if (list === null)
    throw new GatehouseError({
      code: 'query-rules.text-broken',
      summary: `${file} is no list of rules in JSON. Mend its text, or undo the last change.`,
    });
  const editor = new JsonTextEditor(text);
  if (edit.kind === 'add') return applyChanges(text, [editor.insertItem(list, list.items.length, edit.rule)]);
  const item = list.items[edit.index];
  if (item === undefined || (edit.kind === 'move' && list.items[edit.to] === undefined))
    throw new GatehouseError({
      code: 'query-rules.stale',
      summary: `Rule ${edit.index + 1} of ${file} is not there any more. Nothing was changed.`,
    });
  switch (edit.kind) {
    case 'remove':
      return applyChanges(text, [editor.removeItem(list, edit.index)]);
    case 'move':
      return applyChanges(text, editor.moveItem(list, edit.index, edit.to));
    case 'set': {
      if (item.kind !== 'object')
        return applyChanges(text, [editor.replace(item, edit.value === null ? {} : { [edit.key]: edit.value })]);
      const before = ruleKeys.slice(0, ruleKeys.indexOf(edit.key));
      const change =
        edit.value === null
          ? editor.removeMember(item, edit.key)
          : editor.setMember(item, edit.key, edit.value, before);
      return change === null ? text : applyChanges(text, [change]);
    }
  }
}
