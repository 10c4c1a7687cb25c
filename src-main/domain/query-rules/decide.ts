import type { PlanName } from '../sql/plan-name';
import type { VtCode } from '../kernel';
import { bindTest, type BindTest, type RuleBind } from './bind-condition';
import { GRPC_USER, type PatternKey, type QueryRule, type QueryRules } from './query-rules';
import { exactPattern, type ExactPattern } from './regexp';

/** What is the same whenever a statement is run. Null: not known, so that a condition on it cannot be decided. */
export interface RuleStatement {
  /** As the tablet got it, without the comments around it. */
  readonly query: string | null;
  readonly plan: PlanName;
  /** Tables that the tablet's schema has; one empty name where there are none; null where they cannot be told. */
  readonly tables: readonly string[] | null;
}

/** What one request brings. */
export interface RuleRequest {
  /** `127.0.0.1:41234`; with `port` null the port is not known. */
  readonly address: string | { readonly host: string; readonly port: null };
  /** What callinfo has for the user; over gRPC always `gRPC`. */
  readonly user: string;
  readonly leadingComment: string;
  readonly trailingComment: string;
  /** The bind variable of a name, null where there is none; or null where they are not known. */
  readonly binds: ((name: string) => RuleBind | null) | null;
}

/** What the rules say to a request. */
export type RuleDecision =
  /** No rule matches. */
  | { readonly action: 'CONTINUE' }
  | {
      readonly action: 'FAIL' | 'FAIL_RETRY';
      readonly rule: QueryRule;
      readonly code: VtCode;
      /** vttablet's words. */
      readonly message: string;
    }
  /** It goes on, and no later rule is asked: a rule of a file has nothing to wait for. */
  | { readonly action: 'BUFFER'; readonly rule: QueryRule }
  /** Whether this rule matches cannot be told. */
  | { readonly action: 'cannot-decide'; readonly rule: QueryRule; readonly reason: string };

export const CONTINUE: RuleDecision = { action: 'CONTINUE' };

/** yes, no, or why it cannot be told. */
type Answer = boolean | { readonly unknown: string };

/** A rule with its expressions read. */
interface Ready {
  readonly rule: QueryRule;
  readonly patterns: ReadonlyMap<PatternKey, ExactPattern>;
  readonly binds: readonly { readonly name: string; readonly test: BindTest }[];
  readonly plans: ReadonlySet<string> | null;
  readonly tables: ReadonlySet<string> | null;
  /** Whether it matches a request from a host whatever its port, by host. */
  readonly hosts: Map<string, boolean | null>;
}

function ready(rule: QueryRule): Ready {
  const patterns = new Map<PatternKey, ExactPattern>();
  for (const [key, text] of Object.entries(rule.patterns) as [PatternKey, string][]) {
    const reading = exactPattern(text);
    if (reading.kind !== 'read') throw new Error('a rule that was refused is asked');
    patterns.set(key, reading.pattern);
  }
  return {
    rule,
    patterns,
    binds: rule.bindVarConds.map((condition) => ({ name: condition.name, test: bindTest(condition) })),
    plans: rule.plans === null ? null : new Set(rule.plans),
    tables: rule.tableNames === null ? null : new Set(rule.tableNames),
    hosts: new Map(),
  };
}

/** The rules that a statement may meet; to be kept with its plan, as vttablet does. */
export class StatementRules {
  constructor(private readonly candidates: readonly { readonly ready: Ready; readonly open: string | null }[]) {}

  /** True when no rule can match, whoever asks. */
  get isEmpty(): boolean {
    return this.candidates.length === 0;
  }

  /** The first rule that matches decides (rules.go, GetAction). */
  decide(request: RuleRequest): RuleDecision {
    for (const { ready: one, open } of this.candidates) {
      const answer = matches(one, request);
      if (answer === false) continue;
      const { rule } = one;
      const unknown = answer === true ? open : answer.unknown;
      if (unknown !== null) return { action: 'cannot-decide', rule, reason: unknown };
      if (rule.action === 'BUFFER') return { action: 'BUFFER', rule };
      return {
        action: rule.action,
        rule,
        code: rule.action === 'FAIL' ? 'INVALID_ARGUMENT' : 'FAILED_PRECONDITION',
        message: `disallowed due to rule: ${rule.description}`,
      };
    }
    return CONTINUE;
  }
}

/** Rules of a file, ready to be asked. */
export class RuleBook {
  readonly #rules: readonly Ready[];

  constructor({ rules }: QueryRules) {
    this.#rules = rules.map(ready);
  }

  /** What remains for a statement when query, plan and tables have been asked (rules.go, FilterByPlan). */
  forStatement({ query, plan, tables }: RuleStatement): StatementRules {
    const candidates = this.#rules.flatMap((one): { ready: Ready; open: string | null }[] => {
      if (one.plans !== null && !one.plans.has(plan)) return [];
      if (one.tables !== null && tables !== null && !tables.some((table) => one.tables?.has(table))) return [];
      const unread = one.tables !== null && tables === null ? 'its tables cannot be determined' : null;
      const pattern = one.patterns.get('Query');
      if (pattern === undefined) return [{ ready: one, open: unread }];
      if (query === null) return [{ ready: one, open: 'the text that the gateway would send is not known' }];
      return pattern.test(query) ? [{ ready: one, open: unread }] : [];
    });
    return new StatementRules(candidates);
  }
}

/** In vttablet's order; one certain no is enough. */
function matches(one: Ready, request: RuleRequest): Answer {
  const { patterns } = one;
  if (patterns.get('LeadingComment')?.test(request.leadingComment) === false) return false;
  if (patterns.get('TrailingComment')?.test(request.trailingComment) === false) return false;
  if (patterns.get('User')?.test(request.user) === false) return false;
  let unknown: string | null = null;
  const address = patterns.get('RequestIP');
  if (address !== undefined) {
    const answer =
      typeof request.address === 'string'
        ? address.test(request.address)
        : fromHost(one, address, request.address.host);
    if (answer === false) return false;
    if (answer === null) unknown = "it depends on the port of the gateway's connection";
  }
  for (const { name, test } of one.binds) {
    if (request.binds === null) unknown ??= 'the bind variables that the gateway would send are not known';
    else if (!test(request.binds(name))) return false;
  }
  return unknown === null ? true : { unknown };
}

const LAST_PORT = 65_535;

/** Whether the condition holds for every port of a host (true), for none (false), or for some (null). */
function fromHost({ hosts }: Ready, pattern: ExactPattern, host: string): boolean | null {
  const known = hosts.get(host);
  if (known !== undefined) return known;
  const shown = host.includes(':') ? `[${host}]` : host;
  let answer: boolean | null = pattern.test(`${shown}:1`);
  for (let port = 2; port <= LAST_PORT && answer !== null; port += 1)
    if (pattern.test(`${shown}:${port}`) !== answer) answer = null;
  hosts.set(host, answer);
  return answer;
}

/** What the rules of a file say to one request; for many of them make one RuleBook. */
export function decideQueryRules(
  rules: QueryRules | null,
  statement: RuleStatement,
  request: Partial<RuleRequest> & Pick<RuleRequest, 'address'>,
): RuleDecision {
  if (rules === null) return CONTINUE;
  return new RuleBook(rules).forStatement(statement).decide({
    user: GRPC_USER,
    leadingComment: '',
    trailingComment: '',
    binds: null,
    ...request,
  });
}
