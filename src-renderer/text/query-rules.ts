import type { QueryRuleData, QueryRulesEffect, RulePatternKey } from '../../src-main/contract';
import type { VerdictKind } from '../components/verdict';
import { count } from './plural';

type Mark = QueryRulesEffect['cells'][number]['after'];

/** Every visible string of the tab Query rules. */
export const queryRules = {
  tabs: { label: 'What decides', groups: 'Table groups', rules: 'Query rules' },
  tablet: 'Tablet',
  sentence: 'They come before the table ACL. The first rule that matches decides; none knows the caller.',
  watch: 'Read again when the file changes',
  watchHint: 'Without this a tablet reads its rules at its start only.',
  remove: 'Stop using them',
  emptyTitle: 'No query rules',
  emptyText:
    'Query rules refuse statements by their text, tables, plan or values, whoever asks. Rights of callers belong into the table groups.',
  newRule: 'New query rule',
  newRuleName: (taken: readonly string[]): string => {
    for (let number = taken.length + 1; ; number += 1) if (!taken.includes(`rule ${number}`)) return `rule ${number}`;
  },
  missing: (path: string): string => `${path} is not there`,
  unreadable: (path: string): string => `${path} cannot be read`,
  missingText: 'gatehouse.json names this file. Make it anew, or stop using query rules.',
  makeAnew: 'Make it anew',
  list: 'Query rules',
  nameless: 'without a name',
  ruleMenu: 'Query rule',
  moveUp: 'Move up',
  moveDown: 'Move down',
  deleteRule: 'Delete',
  isFirst: 'It is the first rule.',
  isLast: 'It is the last rule.',
  noForm: 'The form cannot show this text. Mend it at the right.',
  broken: 'The form waits for the text to be mended.',
  conditions: ({ patterns, plans, tableNames, bindVarConds }: QueryRuleData): string => {
    const given = [
      ...Object.keys(patterns).map(
        (key) =>
          ({
            RequestIP: 'address',
            User: 'user',
            Query: 'query',
            LeadingComment: 'comment',
            TrailingComment: 'comment',
          })[key as RulePatternKey],
      ),
      ...(plans.length > 0 ? ['plans'] : []),
      ...(tableNames.length > 0 ? ['tables'] : []),
      ...(bindVarConds.length > 0 ? ['values'] : []),
    ];
    return given.length === 0 ? 'every statement' : [...new Set(given)].join(', ');
  },
  findings: (number: number): string => count(number, 'finding', 'findings'),
  name: 'Name',
  description: 'Description',
  descriptionHint: 'What a refused client is told.',
  action: 'Action',
  actions: { FAIL: 'Fail', FAIL_RETRY: 'Fail, may be retried', BUFFER: 'Buffer' } as Readonly<Record<string, string>>,
  bufferHint: 'A rule of a file has nothing to wait for: what matches goes on, and no later rule is asked.',
  unknownAction: (action: string): string => `vttablet knows no action “${action}”.`,
  allOf: 'It applies when all of these hold. An empty field is no condition.',
  patterns: {
    Query: {
      label: 'Query',
      hint: 'An expression for the whole statement as the gateway sends it: small letters, “:id” in place of a value.',
    },
    User: {
      label: 'User',
      hint: 'Compared with “gRPC” for every request from a gateway; the caller is not looked at.',
    },
    RequestIP: { label: 'Request IP', hint: 'The gateway’s address and port, such as 127.0.0.1:41234.' },
    LeadingComment: { label: 'Leading comment', hint: 'The comment before the statement, with the blanks behind it.' },
    TrailingComment: {
      label: 'Trailing comment',
      hint: 'The comment behind the statement, with the blanks before it.',
    },
  } satisfies Record<RulePatternKey, { label: string; hint: string }>,
  plans: 'Plans',
  addPlan: 'Add plan',
  tables: 'Tables',
  addTable: 'Add table',
  notAPlan: 'vttablet has no plan of this name.',
  binds: 'Bind variables',
  bindsHint:
    'All of them have to hold. Names are those that the gateway gives: “id” for “id = 7”, “v1” in prepared statements.',
  bind: (number: number): string => `Bind variable ${number}`,
  bindName: 'Name',
  operator: 'Operator',
  operators: { '': 'is there', MATCH: 'matches', NOMATCH: 'does not match' } as Readonly<Record<string, string>>,
  value: 'Value',
  onAbsent: 'Holds where there is none',
  onAbsentIs: 'Holds where there is none, not where there is one',
  onMismatch: 'Holds for another kind of value',
  addBind: 'Add bind variable',
  removeBind: 'Remove bind variable',
  effect: 'What these rules change',
  effectBroken: 'While the file is at fault no rule is in force.',
  effectNone: 'No saved test is changed by these rules.',
  effectSome: (total: number, contradicts: number): string =>
    `${count(total, 'saved test', 'saved tests')} end another way than without rules${contradicts === 0 ? '.' : `; ${contradicts} ${contradicts === 1 ? 'is' : 'are'} expected otherwise.`}`,
  effectMore: (number: number): string => `and ${number} more`,
  effectWorking: 'Working it out…',
  roles: { read: 'read', write: 'write', admin: 'admin' },
  verdictOf: {
    allow: 'allowed',
    deny: 'denied',
    refuse: 'refused',
    'would-deny': 'would-be-denied',
    'not-enforced': 'not-enforced',
    unknown: 'cannot-decide',
  } satisfies Record<Mark, VerdictKind>,
  refusedByRule: 'Refused by a rule',
  signIn: 'sign-in',
  editor: (path: string): string => `Text of ${path}`,
  sameDraft: 'same draft',
  notStored: 'not stored yet',
  textBroken: 'broken',
  refusedTitle: 'vttablet would start without any of these rules:',
  changedElsewhere: 'This file was changed elsewhere',
  changedElsewhereText: 'Keep what is typed here, or load what is there now.',
  keepMine: 'Keep mine',
  loadTheirs: 'Load theirs',
  commands: { newRule: 'New Query Rule', show: 'Show Query Rules' },
} as const;
