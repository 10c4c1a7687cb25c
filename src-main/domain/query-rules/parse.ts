import { readJson, type JsonNode } from '../kernel';
import { scanFirstValue } from '../users';
import { noteMeanings, type KnownSchema } from './meaning-findings';
import { RuleNotes } from './notes';
import type { QueryRule, QueryRules, QueryRulesReading } from './query-rules';
import { readRule } from './read-rule';

/** How a file of query rules is to be read. */
export interface QueryRulesOptions extends KnownSchema {
  /** The file as findings and steps name it. */
  readonly file: string;
}

const wholeFile = { line: 0, column: 0 };
const goKinds: Readonly<Record<JsonNode['kind'], string>> = {
  object: 'object',
  array: 'array',
  string: 'string',
  number: 'number',
  boolean: 'bool',
  null: 'null',
};

/** A rule without a condition: what `{}` and `null` in the list come to. */
const bareRule = (index: number, { line, column }: JsonNode): QueryRule => ({
  index,
  name: '',
  description: '',
  patterns: {},
  plans: null,
  tableNames: null,
  bindVarConds: [],
  action: 'FAIL',
  line,
  column,
});

/**
 * Reads a file of query rules as vttablet does (customrule/filecustomrule, rules.go UnmarshalJSON), and beside that looks
 * for everything in it that is probably not meant. All faults are found; Vitess's own message is that of the first in the
 * order of the file (within one rule Vitess takes any: it walks a map). Never throws, whatever the bytes are.
 */
export function parseQueryRules(bytes: Uint8Array, options: QueryRulesOptions): QueryRulesReading {
  const notes = new RuleNotes(options.file);
  const rules = read(bytes, notes);
  const sound: QueryRules | null =
    rules === null || notes.refusal !== null || notes.uncertain ? null : { file: options.file, rules };
  if (rules !== null) noteMeanings(rules, options, notes);
  return {
    rules: sound,
    vitess: { accepted: notes.refusal === null, message: notes.refusal },
    findings: [...notes.findings].sort((a, b) => a.line - b.line || a.column - b.column),
  };
}

/** The rules that could be read; null where the file is none at all. */
function read(bytes: Uint8Array, notes: RuleNotes): QueryRule[] | null {
  const scan = scanFirstValue(bytes);
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  const reading = readJson(text);
  if (!scan.ok || !reading.ok) {
    const place = reading.ok || bytes.length === 0 ? wholeFile : reading.error;
    const wanted = reading.ok ? '' : `Here should be ${reading.error.wanted}. `;
    const words = scan.ok ? 'the text is nested too deeply' : scan.message;
    notes.refuse('syntax', place, words, `${wanted}A file without rules is [].`);
    return null;
  }
  const { root, end } = reading;
  const rest = text.slice(end).search(/[^ \t\r\n]/);
  if (rest >= 0)
    notes.note(
      'warning',
      'trailing-data',
      {
        line: text.slice(0, end + rest).split('\n').length,
        column: end + rest - text.lastIndexOf('\n', end + rest - 1),
      },
      'vttablet reads no further than the end of the list: what follows is no rule',
      'Move it into the list, or remove it.',
    );
  if (root.kind === 'null') return [];
  if (root.kind !== 'array') {
    const words = `json: cannot unmarshal ${goKinds[root.kind]} into Go value of type []map[string]interface {}`;
    notes.refuse('type', root, words, 'Write a list of rules: [{"Name": …}].');
    return null;
  }
  // Go reads the whole list before it looks into the rules, so a wrong kind is its first word.
  for (const item of root.items)
    if (item.kind !== 'object' && item.kind !== 'null')
      notes.refuse(
        'type',
        item,
        `json: cannot unmarshal ${goKinds[item.kind]} into Go value of type map[string]interface {}`,
        'Write a rule in curly brackets.',
      );
  return root.items.flatMap((item, index) => {
    if (item.kind === 'null') return [bareRule(index, item)];
    const rule = item.kind === 'object' ? readRule(item, index, notes) : null;
    return rule === null ? [] : [rule];
  });
}
