import type { Attempt, CallerTls } from './attempt';
import { attemptCall } from './grpc-call';
import { readQueryResult } from './grpc-messages';
import { MessageWriter } from './protobuf';

/** What a gateway, or somebody who plays one, does at a tablet: one connection, one queryservice.Query/Execute. */
export interface TabletAttempt {
  readonly target: { readonly host: string; readonly port: number };
  readonly tls: CallerTls | null;
  /** `--grpc-auth-static-client-creds`; null: none. */
  readonly credentials: { readonly username: string; readonly password: string } | null;
  /** The immediate caller that the tablet is asked to believe; null: none. */
  readonly immediate: { readonly username: string; readonly groups: readonly string[] } | null;
  readonly keyspace: string;
  readonly shard: string;
  readonly sql: string;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** How many rows to keep as text; default none. */
  readonly keepRows?: number;
}

/** proto/topodata.proto TabletType. */
const PRIMARY = 1;

/** proto/query.proto ExecuteRequest: 2 immediate_caller_id {1 username, 2 *groups}, 3 target, 4 query {1 sql}. */
function executeRequest({ immediate, keyspace, shard, sql }: TabletAttempt): Buffer {
  const request = new MessageWriter();
  if (immediate !== null) {
    const caller = new MessageWriter().bytes(1, immediate.username);
    for (const group of immediate.groups) caller.bytes(2, Buffer.from(group));
    request.bytes(2, caller.finish());
  }
  const target = new MessageWriter().bytes(1, keyspace).bytes(2, shard).varint(3, PRIMARY);
  return request.bytes(3, target.finish()).bytes(4, new MessageWriter().bytes(1, sql).finish()).finish();
}

/** Calls a tablet past every gateway and says what happened at each stage. Never rejects. */
export function attemptTablet(attempt: TabletAttempt): Promise<Attempt> {
  const { target, tls, credentials, immediate, timeoutMs, signal } = attempt;
  return attemptCall({
    ...{ target, tls, credentials },
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(signal === undefined ? {} : { signal }),
    path: '/queryservice.Query/Execute',
    request: executeRequest(attempt),
    told: {
      sql: attempt.sql,
      target: `${attempt.keyspace}:${attempt.shard}@primary`,
      credentials: credentials === null ? null : credentials.username,
      immediate: immediate === null ? null : immediate.username,
      immediateGroups: immediate === null ? null : immediate.groups,
    },
    read: (response) => readQueryResult(response.get(1)?.[0], attempt.keepRows ?? 0),
  });
}
