import { GRPC_USER, type RuleBind, type RuleDecision } from '../../domain/query-rules';
import type { Recorder } from '../recorder';
import type { ExecutablePlan, Plans } from './plans';
import type { TabletRequest } from './tablet-request';
import { VtError } from './vt-error';

const TUPLE = 28;
/** IsIntegral, IsFloat, IsText and IsBinary of go/sqltypes: what conditions compare as a text. */
const TEXTS = 256 | 1024 | 4096 | 8192;
const nothing = new Uint8Array();

function bindOf({ variables }: TabletRequest, name: string): RuleBind | null {
  const found = Object.hasOwn(variables, name) ? variables[name] : undefined;
  if (found === undefined) return null;
  const { type, value } = found;
  return { isText: (type & TEXTS) !== 0, isList: type === TUPLE, value: type === 0 ? nothing : value };
}

/** Address and port as Go prints them: an IPv6 address in brackets, an IPv4 address never in IPv6's form. */
export function goAddress(remote: string): string {
  const colon = remote.lastIndexOf(':');
  const host = remote.slice(0, colon).replace(/^::ffff:(?=\d+\.)/i, '');
  return `${host.includes(':') ? `[${host}]` : host}${remote.slice(colon)}`;
}

const traceOf = (decision: RuleDecision, file: string, message: string | null) => {
  const rule = decision.action === 'CONTINUE' ? null : decision.rule;
  return {
    action: decision.action,
    rule: rule?.name ?? null,
    index: rule?.index ?? null,
    description: rule?.description ?? null,
    file,
    line: rule?.line ?? null,
    user: GRPC_USER,
    reason: decision.action === 'cannot-decide' ? decision.reason : null,
    message,
  };
};

/**
 * Puts a statement to the query rules, which comes before the table ACL (query_executor.go, checkPermissions): traces, and
 * throws VtError INVALID_ARGUMENT or FAILED_PRECONDITION when a rule refuses it, or when it cannot be told whether one does.
 * To be called only where there are rules.
 */
export function demandRules(
  plans: Plans,
  recorder: Recorder,
  request: TabletRequest,
  plan: ExecutablePlan,
  streamed: boolean,
): void {
  const { rules, leading, trailing } = plans.rulesFor(request.sql, plan, streamed);
  const decision = rules.decide({
    address: goAddress(request.context.peer.remoteAddress),
    user: GRPC_USER,
    leadingComment: leading,
    trailingComment: trailing,
    binds: (name) => bindOf(request, name),
  });
  const { action } = decision;
  const passes = action === 'CONTINUE' || action === 'BUFFER';
  const message = passes
    ? null
    : action === 'cannot-decide'
      ? `disallowed due to rule: ${decision.rule.description} (Gatehouse cannot decide whether it matches: ${decision.reason})`
      : decision.message;
  if (passes ? recorder.enabled('tablet', request.traceId) : recorder.enabled('tablet'))
    recorder.record(
      request.traceId,
      'tablet',
      'rules.decided',
      passes ? 'ok' : 'refused',
      traceOf(decision, plans.rulesFile, message),
    );
  if (message !== null)
    throw new VtError(action === 'FAIL_RETRY' ? 'FAILED_PRECONDITION' : 'INVALID_ARGUMENT', message);
}
