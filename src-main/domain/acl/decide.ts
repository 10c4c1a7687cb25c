import type { Fidelity } from '../fidelity/fidelity';
import type { ImmediateCaller } from '../identity/caller-id';
import type { Plan } from '../sql/reading';
import type { AclCounterBump, AclSettings, Decision, Enforcement, TableDecision } from './decision';
import { reasonFor } from './explain';
import { answerTable } from './lookup';
import type { TableAcl } from './table-acl';

/** Everything the tablet looks at when it decides about one statement. */
export interface AclQuestion {
  /** What is loaded, or null. */
  readonly acl: TableAcl | null;
  /** A file was configured, though it may not have loaded: only then does the exemption work. Default: `acl` is not null. */
  readonly aclFileGiven?: boolean | undefined;
  readonly settings: AclSettings;
  /** Null when the request carried no immediate caller ID. */
  readonly caller: ImmediateCaller | null;
  readonly plan: Extract<Plan, { kind: 'plan' }>;
  readonly fidelity: Fidelity;
  /** vttablet's callinfo user name: `gRPC` (default) for everything that comes over gRPC. */
  readonly transportUser?: string | undefined;
}

/** Label TableName of the counters for tables that cannot be determined. */
export const undeterminedTableSet = 'undetermined-table-set';

/**
 * Answers one statement in vttablet's order (query_executor.go checkPermissions; vitess-behaviour §5.3 steps 3 to 7 and
 * §5.4): dual, exempt transport user, missing caller, exempt caller, every table, tables that cannot be determined.
 * Query rules and the local context (steps 1 and 2) are not its business. Never throws; messages are vttablet's own,
 * without the CallerID suffix.
 */
export function decide(question: AclQuestion): Decision {
  const { acl, settings, caller, plan } = question;
  if (skipsForDual(question)) return passed(question, 'dual', []);

  const exempt = (question.aclFileGiven ?? acl !== null) ? settings.exempt : '';
  if (exempt !== '' && (question.transportUser ?? 'gRPC') === exempt) return exempted(question);

  if (caller === null) {
    if (!settings.strict)
      return conclude(question, 'allow', offOr(question, 'strict-off'), [], [], { wouldBe: 'deny' });
    return conclude(question, 'deny', 'enforced', [], [], { code: 'UNAUTHENTICATED', message: 'missing caller id' });
  }

  if (exempt !== '' && (caller.username === exempt || caller.groups.includes(exempt))) return exempted(question);

  const tables: TableDecision[] = [];
  const counters: AclCounterBump[] = [];
  let denied = false;
  for (const permission of plan.permissions) {
    const answer = answerTable(acl, caller, permission);
    tables.push(answer);
    const { table } = permission;
    if (answer.principal !== null) counters.push({ counter: 'TableACLAllowed', table, group: answer.group });
    else if (settings.dryRun) {
      counters.push({ counter: 'TableACLPseudoDenied', table, group: answer.group });
      if (!answer.granted) denied = true;
    } else if (!answer.granted) {
      if (settings.strict) {
        counters.push({ counter: 'TableACLDenied', table, group: answer.group });
        const message = denial(plan.name, caller, `table '${table}'`);
        return conclude(question, 'deny', 'enforced', tables, counters, { code: 'PERMISSION_DENIED', message });
      }
      denied = true;
    }
  }

  const enforcement = settings.dryRun ? 'dry-run' : settings.strict ? 'enforced' : offOr(question, 'strict-off');
  const unsure = plan.undetermined !== null;
  const wouldBe = denied ? 'deny' : unsure ? 'cannot-decide' : undefined;
  if (unsure && looksForUndetermined(question.fidelity)) {
    if (settings.dryRun) counters.push({ counter: 'TableACLPseudoDenied', table: undeterminedTableSet, group: '' });
    else if (settings.strict) {
      counters.push({ counter: 'TableACLDenied', table: undeterminedTableSet, group: '' });
      const message = denial(plan.name, caller, 'a table set that cannot be determined');
      return conclude(question, 'cannot-decide', 'enforced', tables, counters, { code: 'PERMISSION_DENIED', message });
    }
  }
  return conclude(question, 'allow', enforcement, tables, counters, wouldBe === undefined ? {} : { wouldBe });
}

/**
 * Whether nothing is asked because the statement's FROM is `dual`. The recorded tree looks at that alone; 24.0.4, and
 * hardened mode always, skip only what reads nothing else.
 */
function skipsForDual({ plan, fidelity }: AclQuestion): boolean {
  if (!plan.dualOnly) return false;
  if (fidelity.mode === 'vitess' && fidelity.version === '24.0-recorded') return true;
  return plan.undetermined === null && plan.permissions.every(({ table }) => table === 'dual');
}

/** Whether tables that cannot be determined are refused: since 24.0.4, and in hardened mode always. */
const looksForUndetermined = ({ mode, version }: Fidelity): boolean => mode === 'hardened' || version === '24.0.4';

const offOr = ({ acl }: AclQuestion, otherwise: Enforcement): Enforcement => (acl === null ? 'no-acl' : otherwise);

const exempted = (question: AclQuestion): Decision =>
  passed(question, 'exempt', [{ counter: 'TableACLExemptCount', table: '', group: '' }]);

/** A statement that passes without being asked for, with what it would have got. */
function passed(question: AclQuestion, enforcement: Enforcement, counters: readonly AclCounterBump[]): Decision {
  const { acl, caller, plan } = question;
  if (caller === null) {
    const isPlainDual = plan.undetermined === null && plan.permissions.every(({ table }) => table === 'dual');
    const rest = enforcement === 'dual' && isPlainDual ? {} : ({ wouldBe: 'deny' } as const);
    return conclude(question, 'allow', enforcement, [], counters, rest);
  }
  const tables = plan.permissions.map((permission) => answerTable(acl, caller, permission));
  const wouldBe = tables.some(({ granted }) => !granted)
    ? 'deny'
    : plan.undetermined !== null
      ? 'cannot-decide'
      : undefined;
  return conclude(question, 'allow', enforcement, tables, counters, wouldBe === undefined ? {} : { wouldBe });
}

function denial(plan: string, caller: ImmediateCaller, what: string): string {
  const groups = caller.groups.length > 0 ? `, in groups [${caller.groups.join(', ')}],` : '';
  return `${plan} command denied to user '${caller.username}'${groups} for ${what} (ACL check error)`;
}

function conclude(
  question: AclQuestion,
  verdict: Decision['verdict'],
  enforcement: Enforcement,
  tables: readonly TableDecision[],
  counters: readonly AclCounterBump[],
  rest: { readonly wouldBe?: 'deny' | 'cannot-decide'; readonly code?: Decision['code']; readonly message?: string },
): Decision {
  const { wouldBe, code = null, message = null } = rest;
  const answer = {
    verdict,
    enforcement,
    ...(wouldBe === undefined ? {} : { wouldBe }),
    caller: question.caller,
    undetermined: question.plan.undetermined,
    tables,
    code,
    message,
    counters,
  };
  return { ...answer, reason: reasonFor(answer) };
}
