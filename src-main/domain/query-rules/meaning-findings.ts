import type { RuleNotes } from './notes';
import { GRPC_USER, patternKeys, type QueryRule } from './query-rules';
import { exactPattern, type ExactPattern } from './regexp';

/** What is known of the tables that rules may name. */
export interface KnownSchema {
  /** Tables of the keyspace; absent: nothing is known. */
  readonly tables?: ReadonlySet<string>;
}

const KEYWORDS =
  /\b(?:SELECT|INSERT|UPDATE|DELETE|REPLACE|FROM|WHERE|INTO|VALUES|JOIN|ORDER BY|GROUP BY|LIMIT|UNION)\b/;

/** Whether every statement that comes through a gateway meets the rule. */
const isForAll = ({ patterns, plans, tableNames, bindVarConds }: QueryRule): boolean =>
  plans === null &&
  tableNames === null &&
  bindVarConds.length === 0 &&
  patternKeys.every((key) => {
    const text = patterns[key];
    if (text === undefined) return true;
    return key === 'User'
      ? compiled(text)?.test(GRPC_USER) === true
      : /^(?:\.\*|\(\?s\)\.\*)$/.test(text) && key !== 'Query';
  });

function compiled(text: string): ExactPattern | null {
  const reading = exactPattern(text);
  return reading.kind === 'read' ? reading.pattern : null;
}

/** How findings call a rule. */
export const ruleLabel = ({ name, index }: Pick<QueryRule, 'name' | 'index'>): string =>
  name === '' ? `rule ${index + 1}` : `the rule "${name}"`;

/** Looks for rules that mean something else than they seem to. */
export function noteMeanings(rules: readonly QueryRule[], known: KnownSchema, notes: RuleNotes): void {
  let catchAll: QueryRule | null = null;
  for (const rule of rules) {
    noteUser(rule, notes);
    noteAddress(rule, notes);
    noteTexts(rule, notes);
    noteTables(rule, known, notes);
    noteBinds(rule, notes);
    if (rule.action === 'BUFFER')
      notes.note(
        'warning',
        'buffer',
        rule,
        `${ruleLabel(rule)} holds nobody back: a BUFFER rule of a file has nothing to wait for, so what it matches goes on, and no later rule is asked`,
        'Write "FAIL" to refuse, or remove the rule.',
      );
    else if (rule.description === '')
      notes.note(
        'info',
        'no-description',
        rule,
        `${ruleLabel(rule)} has no Description, and that is all that a refused client is told`,
        'Describe in a few words what is refused.',
      );
    if (catchAll !== null)
      notes.note(
        'warning',
        'never-asked',
        rule,
        `${ruleLabel(rule)} is never asked: ${ruleLabel(catchAll)} in line ${catchAll.line} matches every statement that comes from a gateway`,
        'Move it before that one.',
      );
    else if (isForAll(rule)) {
      catchAll = rule;
      if (rule.action !== 'BUFFER')
        notes.note(
          'warning',
          'refuses-all',
          rule,
          `${ruleLabel(rule)} refuses every statement of every caller`,
          'Give it a condition: Query, Plans, TableNames or BindVarConds.',
        );
    }
  }
}

function noteUser(rule: QueryRule, notes: RuleNotes): void {
  const text = rule.patterns.User;
  const pattern = text === undefined ? null : compiled(text);
  if (pattern === null) return;
  if (pattern.test(GRPC_USER))
    notes.note(
      'info',
      'user-everybody',
      rule,
      `"User" of ${ruleLabel(rule)} matches every caller: the only user that vttablet sees is "${GRPC_USER}", whoever logged in at the gateway`,
      'Leave "User" out. Rights of single callers belong into the table ACL.',
    );
  else
    notes.note(
      'warning',
      'user-never',
      rule,
      `${ruleLabel(rule)} never matches: "User" is compared with "${GRPC_USER}", the only user that vttablet sees, and not with the caller of the gateway`,
      'Leave "User" out. Rights of single callers belong into the table ACL.',
    );
}

function noteAddress(rule: QueryRule, notes: RuleNotes): void {
  const text = rule.patterns.RequestIP;
  const pattern = text === undefined ? null : compiled(text);
  if (pattern === null) return;
  if (pattern.isExact && !pattern.takes(':'))
    notes.note(
      'warning',
      'address-never',
      rule,
      `${ruleLabel(rule)} never matches: "RequestIP" is compared with address and port, such as 127.0.0.1:41234`,
      'Write ":.*" behind the address. It is the gateway\'s: the client\'s is not known to vttablet.',
    );
  else
    notes.note(
      'info',
      'address-of-gateway',
      rule,
      `"RequestIP" of ${ruleLabel(rule)} is compared with the gateway's address and port, not with the client's`,
      'Leave it out unless it is meant to tell gateways apart.',
    );
}

function noteTexts(rule: QueryRule, notes: RuleNotes): void {
  for (const key of patternKeys) {
    const text = rule.patterns[key];
    const pattern = text === undefined ? null : compiled(text);
    if (text === undefined || pattern === null) continue;
    if (!pattern.isExact)
      notes.note(
        'warning',
        'not-exact',
        rule,
        `"${key}" of ${ruleLabel(rule)} also matches parts of a text: vttablet puts ^ before it and $ behind it, and in ${text.includes('|') ? 'a choice each belongs to one side only' : 'this expression that is no anchor'}`,
        `Put brackets around it: "(?:…)".`,
      );
  }
  const query = rule.patterns.Query;
  if (query === undefined) return;
  if (KEYWORDS.test(query) && !query.includes('(?i'))
    notes.note(
      'warning',
      'query-upper-case',
      rule,
      `"Query" of ${ruleLabel(rule)} has words in capitals, and gateways send them in small letters`,
      'Write them small, or begin with (?i).',
    );
  if (/['"]|(?:[=<>]|\blimit) *-?\d/.test(query))
    notes.note(
      'info',
      'query-literal',
      rule,
      `"Query" of ${ruleLabel(rule)} looks for a literal, and gateways send bind variables in their place, such as ":id"`,
      'Look for ":name", and put the value into BindVarConds.',
    );
}

function noteTables(rule: QueryRule, { tables }: KnownSchema, notes: RuleNotes): void {
  for (const name of rule.tableNames ?? []) {
    if (name.includes('%') || name.includes('*'))
      notes.note(
        'warning',
        'table-pattern',
        rule,
        `"${name}" in TableNames of ${ruleLabel(rule)} means a table of just that name: there are no prefixes here`,
        'Name each table.',
      );
    else if (name.includes('.'))
      notes.note(
        'warning',
        'table-qualified',
        rule,
        `"${name}" in TableNames of ${ruleLabel(rule)} matches nothing: tables have no schema in front here`,
        `Write "${name.slice(name.lastIndexOf('.') + 1)}".`,
      );
    else if (tables !== undefined && !tables.has(name))
      notes.note(
        'warning',
        'table-unknown',
        rule,
        `no table "${name}", which ${ruleLabel(rule)} names, is known`,
        'Mend the name; upper and lower case count.',
      );
  }
  if (rule.tableNames !== null && rule.action !== 'BUFFER')
    notes.note(
      'info',
      'tables-partly',
      rule,
      `${ruleLabel(rule)} does not see its tables in DDL such as DROP TABLE, nor in joins that are streamed (workload OLAP)`,
      'Keep such statements away with the table ACL, which asks for every table.',
    );
}

/** Names of bind variables come from the text: `o.id = 7` is `o_id`, and a prepared statement's are `v1`, `v2`. */
function noteBinds(rule: QueryRule, notes: RuleNotes): void {
  const dodged = rule.bindVarConds.find(({ onAbsent }) => !onAbsent);
  if (dodged !== undefined && rule.action !== 'BUFFER')
    notes.note(
      'warning',
      'bind-dodged',
      rule,
      `whoever writes the statement gets round ${ruleLabel(rule)}: with an alias "${dodged.name}" is "a_${dodged.name}", and in a prepared statement "v1"`,
      'Take it for a guard against accidents. What nobody may do belongs into the table ACL.',
    );
}
