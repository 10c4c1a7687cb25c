import type { JsonNode } from '../kernel';
import type { PlanName } from '../sql/plan-name';
import { readBindCondition } from './read-bind-condition';
import { lastMembers, regexpRemedy, uncertain, wellFormed } from './members';
import type { RuleNotes } from './notes';
import { patternKeys, planNames, type PatternKey, type QueryRule, type RuleAction } from './query-rules';
import { exactPattern } from './regexp';

const textKeys: ReadonlySet<string> = new Set(['Name', 'Description', 'Action', ...patternKeys]);
const listKeys: ReadonlySet<string> = new Set(['Plans', 'BindVarConds', 'TableNames']);
const knownKeys = [...textKeys, ...listKeys];

/** What Vitess calls a condition that does not compile. */
const conditionNames: Readonly<Record<PatternKey, string>> = {
  RequestIP: 'IP',
  User: 'User',
  Query: 'Query',
  LeadingComment: 'LeadingComment',
  TrailingComment: 'TrailingComment',
};

const isPattern = (key: string): key is PatternKey => (patternKeys as readonly string[]).includes(key);
/** One rule (rules.go, BuildQueryRule); null after something that Vitess refuses. */
export function readRule(node: JsonNode & { kind: 'object' }, index: number, notes: RuleNotes): QueryRule | null {
  const patterns: { [key in PatternKey]?: string } = {};
  const rule = { name: '', description: '', plans: null, tableNames: null } as {
    name: string;
    description: string;
    plans: PlanName[] | null;
    tableNames: string[] | null;
  };
  const bindVarConds: QueryRule['bindVarConds'][number][] = [];
  let action: RuleAction = 'FAIL';
  const before = notes.findings.filter(({ level }) => level === 'error').length;
  for (const [key, { value, keyPlace }] of lastMembers(node.members, notes)) {
    if (textKeys.has(key)) {
      if (value.kind !== 'string') {
        notes.refuse('type', value, `want string for ${key}`, 'Write a text in double quotes.');
        continue;
      }
      const text = wellFormed(value.value);
      if (key === 'Name') rule.name = text;
      else if (key === 'Description') rule.description = text;
      else if (isPattern(key)) {
        if (readCondition(key, text, value, notes)) patterns[key] = text;
      } else if (text === 'FAIL' || text === 'FAIL_RETRY' || text === 'BUFFER') action = text;
      else
        notes.refuse(
          'action',
          value,
          `invalid Action ${text}`,
          'Write "FAIL", "FAIL_RETRY" or "BUFFER", or leave it out: that is FAIL.',
        );
    } else if (listKeys.has(key)) {
      if (value.kind !== 'array') {
        notes.refuse('type', value, `want list for ${key}`, 'Write a list in square brackets.');
        continue;
      }
      if (value.items.length === 0)
        notes.note(
          'warning',
          'empty-list',
          value,
          `an empty "${key}" is no condition: the rule is for ${key === 'BindVarConds' ? 'any bind variables' : key === 'Plans' ? 'every plan' : 'every table'}`,
          'Name what it is for, or leave the key out.',
        );
      for (const item of value.items) {
        if (key === 'BindVarConds') {
          const condition = readBindCondition(item, notes);
          if (condition !== null) bindVarConds.push(condition);
        } else if (item.kind !== 'string')
          notes.refuse('type', item, `want string for ${key}`, 'Write a text in double quotes.');
        else if (key === 'TableNames') (rule.tableNames ??= []).push(wellFormed(item.value));
        else if ((planNames as readonly string[]).includes(item.value))
          (rule.plans ??= []).push(item.value as PlanName);
        else notes.refuse('plan', item, `invalid plan name: ${wellFormed(item.value)}`, planRemedy(item.value));
      }
    } else notes.refuse('unknown-key', keyPlace, `unrecognized tag ${key}`, keyRemedy(key));
  }
  if (notes.findings.filter(({ level }) => level === 'error').length > before) return null;
  const { line, column } = node;
  return { index, ...rule, patterns, bindVarConds, action, line, column };
}

const alike = (known: readonly string[], text: string): string | undefined => {
  const bare = (word: string): string =>
    word
      .toLowerCase()
      .replace(/[^a-z]/g, '')
      .replace(/s$/, '');
  return known.find((one) => bare(one) === bare(text));
};

const planRemedy = (text: string): string => {
  const meant = alike(planNames, text);
  return meant === undefined ? `Plans are called ${planNames.slice(0, 6).join(', ')}, …` : `Write "${meant}".`;
};

const keyRemedy = (key: string): string => {
  const meant = alike(knownKeys, key);
  return meant === undefined ? `Remove it. Rules know ${knownKeys.join(', ')}.` : `Write "${meant}".`;
};

/** Whether the condition can be asked; if not, that is noted. */
function readCondition(key: PatternKey, text: string, value: JsonNode, notes: RuleNotes): boolean {
  const reading = exactPattern(text);
  if (reading.kind === 'read') return true;
  if (reading.kind === 'refused')
    notes.refuse(
      'regexp',
      value,
      `could not set ${conditionNames[key]} condition: ${text}`,
      regexpRemedy(reading.message),
    );
  else uncertain(value, reading.reason, notes);
  return false;
}
