import type { query, vtgate } from '../rpc';
import type { Router } from './router';
import { GatewaySession, workloads, type Workload } from './session';
import { travelsAsHint } from './system-variables';
import { parseTarget } from './target';
import { aliasText, type TabletLink } from './tablet-link';
import { VitessError } from './vitess-error';

const transactionModes = ['UNSPECIFIED', 'SINGLE', 'MULTI', 'TWOPC'] as const;

/** The link that a client-held shard session means. Throws when no tablet is at that address. */
function linkOf(router: Router, shard: vtgate.Session.ShardSession): TabletLink {
  const { target, tabletAlias } = shard;
  const link = router.tablets.find(
    (candidate) =>
      candidate.keyspace === target?.keyspace &&
      candidate.shard === target.shard &&
      (tabletAlias === null || aliasText(candidate.alias) === aliasText(tabletAlias)),
  );
  if (link === undefined) {
    throw new VitessError(
      'FAILED_PRECONDITION',
      `invalid session: no tablet serves ${target?.keyspace ?? ''}/${target?.shard ?? ''}`,
    );
  }
  return link;
}

/**
 * The session that a gRPC client holds, as the gateway works with it; absent = `{autocommit: true}`. Nothing in it is
 * signed or bound to the caller: whoever has it can use it, as with real vtgate (vitess-behaviour §3.1).
 */
export function fromGrpcSession(message: vtgate.Session | null, router: Router): GatewaySession {
  const session = new GatewaySession();
  // Only what the client asks for; MySQL clients get everything.
  session.options = message?.options ?? {};
  // Only MySQL connections are given one.
  session.uuid = message?.SessionUUID ?? '';
  if (message === null) return session;
  session.autocommit = message.autocommit;
  session.inTransaction = message.inTransaction;
  session.targetString = message.targetString;
  session.target = parseTarget(message.targetString);
  session.lastInsertId = message.lastInsertId;
  session.foundRows = message.foundRows;
  session.rowCount = message.rowCount;
  session.transactionMode = transactionModes[message.transactionMode] ?? 'MULTI';
  if (message.DDLStrategy !== '') session.ddlStrategy = message.DDLStrategy;
  session.queryTimeoutMs = Number(message.queryTimeout);
  for (const [name, value] of Object.entries(message.systemVariables)) session.systemVariables.set(name, value);
  session.usesSettings = [...session.systemVariables.keys()].some(
    (name) => message.inReservedConn || !travelsAsHint(name),
  );
  for (const [name, { prepareStatement }] of Object.entries(message.prepareStatement))
    session.prepared.set(name, prepareStatement);
  const workload = Object.entries(workloads).find(([, number]) => number === message.options?.workload)?.[0];
  session.workload = (workload as Workload | undefined) ?? 'UNSPECIFIED';
  session.savepoints = [...message.savepoints];
  for (const shard of message.shardSessions) {
    const { transactionId, reservedId } = shard;
    if (transactionId === 0n && reservedId === 0n) continue;
    session.shards.push({ link: linkOf(router, shard), transactionId, reservedId });
  }
  const { lockSession } = message;
  if (lockSession !== null && lockSession.reservedId !== 0n)
    session.lock = { link: linkOf(router, lockSession), reservedId: lockSession.reservedId };
  for (const [name, times] of Object.entries(message.advisoryLock)) session.advisoryLocks.set(name, Number(times));
  return session;
}

/** The session as the client gets it back. */
export function toGrpcSession(session: GatewaySession): vtgate.ISession {
  const prepareStatement: { [name: string]: vtgate.IPrepareData } = {};
  for (const [name, text] of session.prepared) prepareStatement[name] = { prepareStatement: text, paramsCount: 0 };
  return {
    inTransaction: session.inTransaction,
    shardSessions: session.shards.map(({ link, transactionId, reservedId }) => ({
      target: link.target,
      transactionId,
      reservedId,
      tabletAlias: link.alias,
    })),
    ...(session.lock === null
      ? {}
      : {
          lockSession: {
            target: session.lock.link.target,
            reservedId: session.lock.reservedId,
            tabletAlias: session.lock.link.alias,
          },
          advisoryLock: Object.fromEntries([...session.advisoryLocks].map(([name, times]) => [name, BigInt(times)])),
        }),
    autocommit: session.autocommit,
    targetString: session.targetString,
    options: session.options as query.IExecuteOptions,
    transactionMode: transactionModes.indexOf(session.transactionMode as (typeof transactionModes)[number]),
    lastInsertId: session.lastInsertId,
    foundRows: session.foundRows,
    rowCount: session.rowCount,
    systemVariables: Object.fromEntries(session.systemVariables),
    inReservedConn: session.usesSettings || session.shards.some(({ reservedId }) => reservedId !== 0n),
    SessionUUID: session.uuid,
    DDLStrategy: session.ddlStrategy === 'direct' ? '' : session.ddlStrategy,
    queryTimeout: BigInt(session.queryTimeoutMs),
    prepareStatement,
    savepoints: session.savepoints,
  };
}
