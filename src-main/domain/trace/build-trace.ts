import { decisionOf, accessHop } from './hop-access';
import { clientHop } from './hop-client';
import { forwarded, identityHop } from './hop-identity';
import { linkHop } from './hop-link';
import { mysqlHop } from './hop-mysql';
import { sentenceOf, stoppedHop, titleOf } from './head';
import { factsOf, type TraceFacts, type TraceInput } from './input';
import { rich } from './rich';
import { shownVerdict } from './shown-verdict';
import { hopIds, type Hop, type Trace } from './trace';

/** `user web`, `certificate billing`, `claimed name`, both where there are both. */
export function proofOf(facts: Pick<TraceFacts, 'cell' | 'world' | 'overMysql'>): string {
  const { caller, certificate } = facts.cell;
  const ways = [
    ...(caller.user === null ? [] : [`${facts.overMysql ? 'user' : 'gRPC user'} ${caller.user}`]),
    ...(certificate === null ? [] : [`certificate ${facts.world.chainNames(certificate)[0] ?? certificate}`]),
    ...(caller.claimed === null ? [] : [`claimed name ${caller.claimed.principal}`]),
  ];
  return ways.length === 0 ? 'nothing shown' : ways.join(', ');
}

/** What the client read in place of a result, with its number. */
function heardBy({ attempt, overMysql }: TraceFacts): Trace['heard'] {
  const { error, stage } = attempt;
  if (error === null) return null;
  const message = error.message.trim();
  if (overMysql) return { text: `ERROR ${error.code} (${error.sqlState ?? 'HY000'}): ${message}`, note: null };
  return {
    text: `code ${error.code}: ${message}`,
    note: stage === 'statement' ? rich`Over gRPC the call itself succeeded; the error stands in its response.` : null,
  };
}

const notReached = (hop: Hop): Hop => ({
  ...hop,
  mark: 'not-reached',
  summary: rich``,
  milliseconds: null,
  steps: [],
  said: null,
  bothSides: null,
  why: [],
  remediesTitle: null,
  remedies: [],
});

/**
 * One connection and one statement, hop by hop, out of what the connecting side saw, what each part of the cluster
 * recorded, and what the workspace in force says about them (ux: Connection trace). Nothing that was not seen is
 * guessed: a part without a record is `not-recorded`, a hop behind the one that stopped the run is `not-reached`.
 */
export function buildTrace(input: TraceInput): Trace {
  const facts = factsOf(input);
  const { cell, attempt, actual } = facts;
  const decided = decisionOf(facts);
  const client = clientHop(facts);
  const link = linkHop(facts);
  const mysql = mysqlHop(facts);
  const stopped = stoppedHop(facts);
  const raw = [client.hop, identityHop(facts), link.hop, accessHop(facts), mysql.hop];
  const last = stopped === null ? hopIds.length - 1 : hopIds.indexOf(stopped);
  const byGateway = attempt.stage === 'done' && facts.recorded !== null && !forwarded(facts);
  const hops = raw.map((hop, index): Hop => {
    if (index > last) return notReached(hop);
    if (byGateway && index > 1)
      return { ...notReached(hop), mark: 'skipped', summary: rich`The gateway answered by itself` };
    return hop;
  });
  const verdict = shownVerdict(actual, decided);
  return {
    startedAt: facts.startedAt.toISOString(),
    milliseconds: facts.milliseconds,
    caller: cell.caller.name,
    proof: proofOf(facts),
    gateway: cell.caller.gateway,
    transport: cell.transport,
    sql: cell.sql,
    verdict,
    title: titleOf(facts, verdict, client.refusedBy),
    sentence: sentenceOf(facts, verdict, decided, client.refusedBy),
    asExpected: facts.asExpected,
    asPredicted: facts.asPredicted,
    actual,
    expected: facts.expected,
    predicted: facts.predicted,
    stoppedAt: stopped,
    protection: { A: client.protection, C: link.protection, E: mysql.protection },
    hops,
    heard: heardBy(facts),
    rows:
      attempt.rows === null
        ? null
        : {
            count: attempt.rows,
            affected: attempt.affected ?? null,
            columns: attempt.table?.columns ?? [],
            values: attempt.table?.rows ?? [],
          },
  };
}
