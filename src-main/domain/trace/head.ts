import type { Decided } from './hop-access';
import { identityOf, permissionsOf } from './hop-identity';
import type { TraceFacts } from './input';
import { code, name, rich, strong, type Rich, type Span } from './rich';
import type { ShownVerdict } from './shown-verdict';
import type { HopId } from './trace';

const doing = { READER: 'reads', WRITER: 'writes', ADMIN: 'changes the definition of' } as const;
const members = { READER: 'readers', WRITER: 'writers', ADMIN: 'admins' } as const;

/** The hop at which a run ended; null when it ended with a result. */
export function stoppedHop(facts: TraceFacts): HopId | null {
  const { actual } = facts;
  if (actual.verdict === 'allow') return null;
  switch (actual.stoppedAt) {
    case 'connect':
    case 'tls':
    case 'login':
    case null:
      return 'A';
    case 'gateway':
      return 'B';
    case 'link':
      return 'C';
    case 'tablet':
      return 'D';
    case 'backend':
      return 'E';
  }
}

/** The few words that say how it ended. */
export function titleOf(facts: TraceFacts, verdict: ShownVerdict, refusedBy: 'client' | 'server' | null): string {
  const { actual, attempt } = facts;
  switch (verdict) {
    case 'allowed':
      return 'Allowed';
    case 'would-be-denied':
      return 'Would be denied';
    case 'not-enforced':
      return 'Allowed, not enforced';
    case 'denied':
      return 'Denied at the tablet';
    case 'refused':
      break;
  }
  if (actual.verdict === 'invalid') return 'Not a statement that can be read';
  switch (actual.stoppedAt) {
    case 'connect':
      return attempt.steps.some(({ name: step }) => step === 'connected') ? 'Refused at the gateway' : 'No connection';
    case 'tls':
      return refusedBy === 'client' ? 'Refused by the client' : 'Refused at the gateway';
    case 'link':
      return 'Stopped between gateway and tablet';
    case 'tablet':
      return 'Refused at the tablet';
    case 'backend':
      return 'Refused by MySQL';
    default:
      return 'Refused at the gateway';
  }
}

const who = (facts: TraceFacts): Span => {
  const identity = identityOf(facts);
  return identity === null ? name(facts.cell.caller.user ?? facts.cell.caller.name) : strong(identity.username);
};

/** `reads orders`; with several tables the one that decided. */
function action(
  facts: TraceFacts,
  decided: Decided | null,
): { readonly text: Rich; readonly role: keyof typeof members } | null {
  const refused = decided?.tables.find(({ granted }) => !granted);
  const permissions = permissionsOf(facts)?.filter(({ table }) => table !== 'dual') ?? [];
  const one = refused ?? permissions[0];
  if (one === undefined) return null;
  return { text: rich`${doing[one.role]} ${code(one.table)}`, role: one.role };
}

function answerSentence(facts: TraceFacts): Rich {
  const { rows, affected } = facts.attempt;
  if (facts.part('gateway', 'statement.forwarded') === undefined && facts.recorded !== null)
    return rich`The gateway answered by itself.`;
  if (affected != null)
    return affected === 1 ? rich`MySQL changed 1 row.` : rich`MySQL changed ${String(affected)} rows.`;
  return rows === 1 ? rich`MySQL answered with 1 row.` : rich`MySQL answered with ${String(rows ?? 0)} rows.`;
}

/** Who did what and how it ended, for the head of the trace. */
export function sentenceOf(
  facts: TraceFacts,
  verdict: ShownVerdict,
  decided: Decided | null,
  refusedBy: 'client' | 'server' | null,
): Rich {
  const { actual } = facts;
  const caller = who(facts);
  const asks = action(facts, decided);
  const does = asks === null ? rich`${caller} ran a statement` : rich`${caller} ${asks.text}`;
  const nothing = asks?.role === 'READER' ? rich`Nothing was read from MySQL.` : rich`Nothing of it reached MySQL.`;
  switch (verdict) {
    case 'allowed': {
      if (decided?.enforcement === 'exempt')
        return rich`${does} and is exempt from the table ACL. ${answerSentence(facts)}`;
      if (asks === null || decided === null) return rich`${does}. ${answerSentence(facts)}`;
      return rich`${does} and is among its ${members[asks.role]}. ${answerSentence(facts)}`;
    }
    case 'would-be-denied':
      return rich`${does} and is not among its ${members[asks?.role ?? 'READER']}; the tablet runs dry, so it got through. ${answerSentence(facts)}`;
    case 'not-enforced':
      return rich`${does} and is not among its ${members[asks?.role ?? 'READER']}; nothing is enforced, so it got through. ${answerSentence(facts)}`;
    case 'denied':
      if (actual.verdict === 'cannot-decide')
        return rich`Which tables the statement touches cannot be determined, so it is refused. ${nothing}`;
      if (decided?.caller === null) return rich`The request carried no caller. ${nothing}`;
      if (asks === null) return rich`${does} and was denied. ${nothing}`;
      return rich`${does} and is not among its ${members[asks.role]}. ${nothing}`;
    case 'refused':
      break;
  }
  const notSent = rich`The statement was never sent.`;
  switch (actual.stoppedAt) {
    case 'connect':
      return facts.client('connected') === undefined
        ? rich`There was no connection to the gateway. ${notSent}`
        : rich`The gateway closed the connection. The statement was never read.`;
    case 'tls':
      return refusedBy === 'client'
        ? rich`What the gateway showed did not satisfy the client. ${notSent}`
        : rich`What the client showed did not satisfy the gateway. ${facts.client('mysql.login-sent') === undefined && facts.client('grpc.call-sent') === undefined ? notSent : rich`The statement was never read.`}`;
    case 'login':
      return rich`The gateway did not let ${caller} in. The statement was never ${facts.overMysql ? 'sent' : 'read'}.`;
    case 'link':
      return rich`The gateway could not reach the tablet. ${nothing}`;
    case 'backend':
      return rich`${does}; the table ACL let it through, and MySQL refused it.`;
    default:
      return actual.verdict === 'invalid'
        ? rich`The statement has a fault in its grammar. ${nothing}`
        : rich`${does}; it was refused before the table ACL was asked. ${nothing}`;
  }
}
