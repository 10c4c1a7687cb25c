import type { Recorder, TraceValue } from '../recorder';
import { aliasText, type TabletConfig } from './config';
import type { TabletLogRecord } from './query-log';
import type { RequestHead, TabletRequest } from './tablet-request';
import { tabletTypeName } from './target-check';

/** Notes in the trace what came in, from whom, for which target. */
export function recordReceived(
  recorder: Recorder,
  config: TabletConfig,
  request: TabletRequest,
  head: RequestHead,
): void {
  const { immediateCallerId: immediate, effectiveCallerId: effective, target } = head;
  const data: { [key: string]: TraceValue } = {
    tablet: aliasText(config.alias),
    method: request.method,
    path: request.context.path,
    sql: request.sql,
    immediate: immediate === null ? null : { username: immediate.username, groups: [...immediate.groups] },
    effective:
      effective === null
        ? null
        : {
            principal: effective.principal,
            component: effective.component,
            subcomponent: effective.subcomponent,
            groups: [...effective.groups],
          },
    target:
      target === null
        ? null
        : { keyspace: target.keyspace, shard: target.shard, type: tabletTypeName(target.tabletType as number) },
    peer: request.context.peer.secured?.peer?.commonName ?? null,
  };
  recorder.record(request.traceId, 'tablet', 'request.received', 'info', data);
}

/** The query log's record of a request that has ended; `error` is '' when it went well. */
export const logRecord = (request: TabletRequest, error: string): TabletLogRecord => ({
  method: request.method,
  callInfo: `${request.context.peer.remoteAddress}:${request.context.path}(gRPC)`,
  username: 'gRPC',
  immediateCaller: request.user ?? '',
  effectiveCaller: request.effectivePrincipal,
  startMicros: request.startMicros,
  endMicros: request.startMicros + request.elapsedMicros(),
  planType: request.planType,
  originalSql: request.sql,
  bindVariables: request.variables,
  queries: request.queries,
  rewrittenSql: request.rewritten.join('; '),
  source: request.queries > 0 ? 'mysql' : 'none',
  mysqlMicros: Math.round(request.mysqlMs * 1000),
  waitMicros: Math.round(request.waitMs * 1000),
  rowsAffected: request.rowsAffected,
  rowsReturned: request.rowsReturned,
  transactionId: request.transactionId,
  responseSize: request.responseSize,
  error,
  decision: request.decision,
  traceId: request.traceId,
});
