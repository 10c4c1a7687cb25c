import type { Decision } from '../../domain/acl';
import type { Recorder, TraceValue } from '../recorder';
import type { AclCounting } from './counters';
import type { ExecutablePlan, Plans } from './plans';
import type { TabletRequest } from './tablet-request';
import { demandRules } from './rule-check';
import { VtError } from './vt-error';

const traceOf = (decision: Decision, plan: ExecutablePlan): { readonly [key: string]: TraceValue } => ({
  plan: plan.name,
  verdict: decision.verdict,
  enforcement: decision.enforcement,
  wouldBe: decision.wouldBe ?? null,
  caller: decision.caller === null ? null : decision.caller.username,
  groups: decision.caller === null ? [] : [...decision.caller.groups],
  undetermined: plan.undetermined,
  tables: decision.tables.map(({ permission, group, entry, list, principal, granted, file, line }) => ({
    table: permission.table,
    role: permission.role,
    group,
    entry,
    list,
    principal,
    granted,
    file,
    line,
  })),
  message: decision.message,
  reason: decision.reason,
});

/**
 * Puts a statement to the query rules and then to the table ACL before anything of it reaches MySQL (vitess-behaviour §5.3): counts, traces, and
 * throws VtError PERMISSION_DENIED or UNAUTHENTICATED when the answer is no.
 */
export class AccessCheck {
  constructor(
    private readonly plans: Plans,
    private readonly counting: AclCounting,
    private readonly recorder: Recorder,
  ) {}

  demand(request: TabletRequest, sql: string, plan: ExecutablePlan, streamed: boolean): void {
    if (this.plans.hasRules) demandRules(this.plans, this.recorder, request, plan, streamed);
    const decision = this.plans.decide(sql, plan, request.immediate);
    request.decision = decision;
    this.counting.add(decision.counters, plan.name, request.user ?? '');
    const allowed = decision.verdict === 'allow';
    // A denial is always worth its step.
    if (allowed ? this.recorder.enabled('tablet', request.traceId) : this.recorder.enabled('tablet'))
      this.recorder.record(
        request.traceId,
        'tablet',
        'acl.decided',
        allowed ? 'ok' : 'refused',
        traceOf(decision, plan),
      );
    if (!allowed) {
      const code = decision.code ?? 'PERMISSION_DENIED';
      throw new VtError(code, decision.message ?? 'access denied', code === 'UNAUTHENTICATED');
    }
  }
}
