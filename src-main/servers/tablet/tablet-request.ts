import type { Decision } from '../../domain/acl';
import type { ImmediateCaller } from '../../domain/identity';
import type { CallContext, query, vtrpc } from '../rpc';
import type { BindVariables } from './bind-variables';

/** What every request to the query service has in common. */
export interface RequestHead {
  readonly effectiveCallerId: vtrpc.CallerID | null;
  readonly immediateCallerId: query.VTGateCallerID | null;
  readonly target: query.Target | null;
}

/** One request while it is worked on, with what its log record and its trace need. */
export class TabletRequest {
  readonly startMicros = Date.now() * 1000;
  readonly #begun = performance.now();
  readonly immediate: ImmediateCaller | null;
  readonly effectivePrincipal: string;
  planType = '';
  queries = 0;
  rewritten: string[] = [];
  mysqlMs = 0;
  waitMs = 0;
  rowsAffected: bigint | number = 0;
  rowsReturned = 0;
  /** When the transaction's time is over, as `performance.now()` counts; 0 = never. */
  endsAt = 0;
  transactionId = 0n;
  responseSize = 0;
  /** What the table ACL said of it; null: it was not asked. */
  decision: Decision | null = null;
  /** `#maxLimit` that vttablet would have bound. */
  maxLimit: number | null = null;

  constructor(
    /** `Execute`, `Begin`, …: as the query log names it. */
    readonly method: string,
    readonly context: CallContext,
    readonly traceId: string,
    private readonly head: RequestHead,
    readonly sql: string,
    readonly variables: BindVariables,
    readonly options: query.ExecuteOptions | null,
  ) {
    const { immediateCallerId: immediate } = head;
    this.immediate = immediate === null ? null : { username: immediate.username, groups: immediate.groups };
    this.effectivePrincipal = head.effectiveCallerId?.principal ?? '';
  }

  get user(): string | null {
    return this.immediate === null ? null : this.immediate.username;
  }

  /** The same request with another context; the two share nothing that is counted. */
  withContext(context: CallContext): TabletRequest {
    return new TabletRequest(this.method, context, this.traceId, this.head, this.sql, this.variables, this.options);
  }

  elapsedMicros(): number {
    return Math.round((performance.now() - this.#begun) * 1000);
  }
}

export const noVariables: BindVariables = {};
