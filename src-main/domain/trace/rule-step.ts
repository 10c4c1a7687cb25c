import { textIn, type TraceFacts } from './input';
import { code, name, place, rich, type Rich } from './rich';
import type { Step } from './trace';

/** What the query rules said to a statement, as the tablet noted it. */
export interface DecidedRules {
  readonly action: 'CONTINUE' | 'FAIL' | 'FAIL_RETRY' | 'BUFFER' | 'cannot-decide';
  /** The rule that matched, or of which it cannot be told; null where none did. */
  readonly rule: {
    readonly name: string;
    readonly index: number;
    readonly description: string;
    readonly line: number;
  } | null;
  readonly file: string;
  readonly reason: string | null;
  readonly message: string | null;
}

export function rulesOf(facts: TraceFacts): DecidedRules | null {
  const step = facts.part('tablet', 'rules.decided');
  if (step === undefined) return null;
  const number = (key: string): number => (typeof step.data[key] === 'number' ? step.data[key] : 0);
  return {
    action: textIn(step, 'action') as DecidedRules['action'],
    rule:
      typeof step.data['index'] === 'number'
        ? {
            name: textIn(step, 'rule'),
            index: number('index'),
            description: textIn(step, 'description'),
            line: number('line'),
          }
        : null,
    file: textIn(step, 'file'),
    reason: textIn(step, 'reason') || null,
    message: textIn(step, 'message') || null,
  };
}

const ruleWords = ({ rule }: DecidedRules): Rich =>
  rule === null
    ? rich`No query rule`
    : rule.name === ''
      ? rich`Query rule ${String(rule.index + 1)}`
      : rich`Query rule ${name(rule.name)}`;

const wherever = ({ file, rule }: DecidedRules): Rich => rich` ${place(file, rule?.line ?? null)}`;

/** The rules' answer as a line of hop D; it comes before the tables. */
export function ruleStep(decided: DecidedRules): Step {
  const step = (mark: Step['mark'], text: Rich): Step => ({
    mark,
    text,
    details: [],
    side: 'tablet',
    milliseconds: null,
  });
  const rule = ruleWords(decided);
  switch (decided.action) {
    case 'CONTINUE':
      return step('passed', rich`No query rule matches${wherever(decided)}`);
    case 'BUFFER':
      return step(
        'warning',
        rich`${rule} matches and holds nobody back; later rules are not asked${wherever(decided)}`,
      );
    case 'cannot-decide':
      return step('denied', rich`Whether ${rule} matches cannot be decided${wherever(decided)}`);
    default:
      return step('denied', rich`${rule} refuses the statement${wherever(decided)}`);
  }
}

/** Why the statement ended at the rules. */
export function ruleWhy(decided: DecidedRules): Rich[] {
  if (decided.action === 'cannot-decide')
    return [
      rich`It cannot be decided whether ${ruleWords(decided)} matches: ${decided.reason ?? ''}. What cannot be decided is refused.`,
    ];
  const retry =
    decided.action === 'FAIL_RETRY'
      ? rich` Its action is ${code('FAIL_RETRY')}, which tells the gateway that another try may go through.`
      : rich``;
  return [
    rich`${ruleWords(decided)} matches.${retry}${wherever(decided)}`,
    rich`Query rules come before the table ACL, so that was not asked. They do not know the caller: the only user that they see is ${code('gRPC')}.`,
  ];
}
