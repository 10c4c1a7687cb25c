import type { SetAssignment } from '../../domain/sql';
import { mayChangeVschema } from './ddl-rules';
import type { Forwarder } from './forwarder';
import type { StatementResult } from './result';
import { changedValue, changeQuestion, planSet, setInGateway } from './set-statement';
import { executeAtShard } from './shard-calls';
import type { StatementCall } from './statement-call';
import { travelsAsHint } from './system-variables';
import type { TabletLink } from './tablet-link';
import { commit } from './transactions';
import { constantVariables, sendPending } from './user-variables';
import { VitessError } from './vitess-error';
import type { Vschema } from './vschema';

/** ER_NOT_SUPPORTED_YET, the number of vtgate's own warnings. */
const notSupportedYet = 1235;

/** A tablet says what a variable would become; connections that the session holds learn of it at once. */
async function setOnConnections(forwarder: Forwarder, call: StatementCall, name: string, value: string): Promise<void> {
  const { session } = call;
  const link = forwarder.router.route(session.target);
  const ask = (at: TabletLink, sql: string, reserve: boolean): Promise<StatementResult> =>
    executeAtShard(forwarder.shardStatement({ ...call, binds: undefined }, at, sql, false, reserve));
  const changed = changedValue(name, await ask(link, changeQuestion({ name, value }), false));
  if (changed === null) return;
  session.systemVariables.set(name, changed);
  // A hint is doubtful to the access check of hardened mode; a setting is not.
  const hinted = forwarder.fidelity.mode === 'vitess' && travelsAsHint(name) && link.health.takesHints;
  if (hinted) session.hintable.add(name);
  if (hinted && !session.usesSettings) return;
  session.usesSettings = true;
  for (const shard of [...session.shards]) await ask(shard.link, `set ${name} = ${changed}`, shard.reservedId === 0n);
}

/**
 * Runs SET: in the gateway, in the session, or on the session's MySQL connections, as each variable's kind asks
 * (go/vt/vtgate/engine/set.go). `assignments`: null where they cannot be read. Throws VitessError.
 */
export async function runSet(
  forwarder: Forwarder,
  vschema: Vschema,
  call: StatementCall,
  assignments: readonly SetAssignment[] | null,
): Promise<void> {
  const { session, caller, sql, signal } = call;
  if (assignments === null) {
    throw new VitessError('INVALID_ARGUMENT', `syntax error at position ${sql.length + 1}`);
  }
  const username = caller.immediate.username ?? '';
  const plan = planSet(sql, assignments, username, mayChangeVschema(forwarder.behaviour, username));
  for (const { name, valueText } of plan.metadata) vschema.setMetadata(name, valueText);
  let commits = false;
  for (const assignment of plan.gateway) if (setInGateway(session, assignment)) commits = true;
  for (const { name, value } of session.takesSettings ? plan.connection : []) {
    await setOnConnections(forwarder, call, name, forwarder.rewriter.withVariables(value, session));
  }
  if (commits) await commit(session, caller, forwarder.callOptions(session, signal));
  if (plan.onConnection !== null) {
    const constants = session.keepsVariables ? constantVariables(sql, assignments) : null;
    if (constants === null) {
      if (session.pendingVariables.size > 0) await sendPending(forwarder, call);
      await forwarder.forwardText(call, plan.onConnection, { mayBegin: false, reserve: true });
    } else for (const [name, pending] of constants) session.pendingVariables.set(name, pending);
  }
  for (const name of plan.userVariables) session.userVariables.add(name);
  session.warnings = plan.warnings.map((message) => ({ code: notSupportedYet, message }));
}
