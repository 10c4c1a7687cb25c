import type { Attempt, CallerTls } from './attempt';
import { attemptCall } from './grpc-call';
import { readQueryResult } from './grpc-messages';
import { Status } from './grpc-open';
import { MessageWriter, readMessage } from './protobuf';

/** What one gRPC caller does: one connection, one vtgateservice.Vitess/Execute. */
export interface GrpcAttempt {
  readonly target: { readonly host: string; readonly port: number };
  readonly tls: CallerTls | null;
  /** Sent as metadata for static authentication; null: none. */
  readonly credentials: { readonly username: string; readonly password: string } | null;
  /** The effective caller id claimed in the request; null: none. */
  readonly claimed: { readonly principal: string; readonly groups: readonly string[] } | null;
  /** Session target, e.g. `shop:0@primary`. */
  readonly targetString: string;
  readonly sql: string;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** How many rows to keep as text; default none. */
  readonly keepRows?: number;
}

/** proto/vtgate.proto ExecuteRequest: 1 caller_id, 2 session {4 autocommit, 5 target_string}, 3 query {1 sql}. */
function executeRequest(attempt: GrpcAttempt): Buffer {
  const request = new MessageWriter();
  if (attempt.claimed !== null) {
    const caller = new MessageWriter().bytes(1, attempt.claimed.principal);
    for (const group of attempt.claimed.groups) caller.bytes(4, Buffer.from(group));
    request.bytes(1, caller.finish());
  }
  const session = new MessageWriter().varint(4, 1).bytes(5, attempt.targetString);
  return request.bytes(2, session.finish()).bytes(3, new MessageWriter().bytes(1, attempt.sql).finish()).finish();
}

/** Calls a gateway over gRPC as a caller would and says what happened at each stage. Never rejects. */
export function attemptGrpc(attempt: GrpcAttempt): Promise<Attempt> {
  const { target, tls, credentials, claimed, timeoutMs, signal } = attempt;
  return attemptCall({
    ...{ target, tls, credentials },
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(signal === undefined ? {} : { signal }),
    path: '/vtgateservice.Vitess/Execute',
    request: executeRequest(attempt),
    told: {
      sql: attempt.sql,
      target: attempt.targetString,
      credentials: credentials === null ? null : credentials.username,
      claimed: claimed === null ? null : claimed.principal,
      claimedGroups: claimed === null ? null : claimed.groups,
    },
    read: (response) => {
      // proto/vtgate.proto ExecuteResponse: 1 error {2 message, 3 code}, 3 result.
      const [error] = response.get(1) ?? [];
      if (Buffer.isBuffer(error)) {
        const fields = readMessage(error);
        throw new Status(Number(fields.get(3)?.[0] ?? 2), String(fields.get(2)?.[0] ?? ''), false);
      }
      return readQueryResult(response.get(3)?.[0], attempt.keepRows ?? 0);
    },
  });
}
