import type { JsonNode } from '../kernel';
import { lastMembers, regexpRemedy, uncertain, wellFormed } from './members';
import type { RuleNotes } from './notes';
import { bindOperators, type BindOperator, type BindVarCond } from './query-rules';
import { exactPattern } from './regexp';

/** A value as Go's `%v` prints what encoding/json made of it. */
function goValue(node: JsonNode): string {
  switch (node.kind) {
    case 'null':
      return '<nil>';
    case 'boolean':
      return String(node.value);
    case 'number':
      return node.raw;
    case 'string':
      return wellFormed(node.value);
    case 'array':
      return `[${node.items.map(goValue).join(' ')}]`;
    case 'object': {
      const last = new Map(node.members.map(({ key, value }) => [wellFormed(key), value]));
      const keys = [...last.keys()].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      return `map[${keys.map((key) => `${key}:${goValue(last.get(key) as JsonNode)}`).join(' ')}]`;
    }
  }
}

const INT64 = { least: -(2n ** 63n), most: 2n ** 63n - 1n };
const UINT64_MOST = 2n ** 64n - 1n;

/** One entry of BindVarConds (rules.go, buildBindVarCondition and AddBindVarCond); null after something that Vitess refuses. */
export function readBindCondition(node: JsonNode, notes: RuleNotes): BindVarCond | null {
  const refuse = (place: JsonNode, words: string, remedy: string): null => {
    notes.refuse('bind-condition', place, words, remedy);
    return null;
  };
  if (node.kind !== 'object')
    return refuse(node, 'want json object for bind var conditions', 'Write {"Name": …, "OnAbsent": …, "Operator": …}.');
  const members = lastMembers(node.members, notes);
  for (const [key, { keyPlace }] of members)
    if (!['Name', 'OnAbsent', 'OnMismatch', 'Operator', 'Value'].includes(key))
      notes.note(
        'warning',
        'ignored-key',
        keyPlace,
        `vttablet does not look at "${key}" in a bind variable's condition`,
        'Remove it. Conditions know Name, OnAbsent, OnMismatch, Operator and Value.',
      );
  const at = (key: string): JsonNode | undefined => members.get(key)?.value;
  const missing = (key: string): null => refuse(node, `${key} missing in BindVarConds`, `Give the condition "${key}".`);

  const name = at('Name');
  if (name === undefined) return missing('Name');
  if (name.kind !== 'string')
    return refuse(name, 'want string for Name in BindVarConds', 'Write a text in double quotes.');
  const onAbsent = at('OnAbsent');
  if (onAbsent === undefined) return missing('OnAbsent');
  if (onAbsent.kind !== 'boolean') return refuse(onAbsent, 'want bool for OnAbsent', 'Write true or false.');
  const said = at('Operator');
  if (said === undefined) return missing('Operator');
  if (said.kind !== 'string') return refuse(said, 'want string for Operator', 'Write an operator in double quotes.');
  const operator = wellFormed(said.value) as BindOperator;
  if (!bindOperators.includes(operator))
    return refuse(
      said,
      `invalid Operator ${operator}`,
      `Write one of ${bindOperators.map((one) => `"${one}"`).join(', ')}.`,
    );
  if (name.value.startsWith(':'))
    notes.note(
      'warning',
      'bind-name',
      name,
      `bind variables have no colon in their names, so "${name.value}" is always absent`,
      `Write "${name.value.replace(/^:+/, '')}".`,
    );
  const common = { name: wellFormed(name.value), onAbsent: onAbsent.value, operator };
  if (operator === '') return { ...common, onMismatch: false, value: null };

  const given = at('Value');
  if (given === undefined) return missing('Value');
  let value: BindVarCond['value'];
  if (operator === 'MATCH' || operator === 'NOMATCH') {
    if (given.kind !== 'string')
      return refuse(given, `want string: ${goValue(given)}`, 'Write an expression in double quotes.');
    value = { kind: 'pattern', text: wellFormed(given.value) };
  } else if (given.kind === 'string') value = { kind: 'text', text: wellFormed(given.value) };
  else if (given.kind === 'number') {
    const whole = /^-?\d+$/.test(given.raw) ? BigInt(given.raw) : null;
    if (whole !== null && whole >= INT64.least && whole <= INT64.most) value = { kind: 'int64', text: String(whole) };
    else if (whole !== null && whole >= 0n && whole <= UINT64_MOST) value = { kind: 'uint64', text: String(whole) };
    else return refuse(given, `want int64/uint64: ${given.raw}`, 'Write a whole number of at most 64 bits, or a text.');
  } else return refuse(given, `want string or number: ${goValue(given)}`, 'Write a whole number or a text.');

  const mismatch = at('OnMismatch');
  if (mismatch === undefined) return missing('OnMismatch');
  if (mismatch.kind !== 'boolean') return refuse(mismatch, 'want bool for OnMismatch', 'Write true or false.');
  if (value.kind === 'pattern') {
    const reading = exactPattern(value.text);
    if (reading.kind === 'refused')
      return refuse(given, `processing ${value.text}: ${reading.message}`, regexpRemedy(reading.message));
    if (reading.kind === 'unknown') {
      uncertain(given, reading.reason, notes);
      return null;
    }
  }
  return { ...common, onMismatch: mismatch.value, value };
}
