import type { query } from '../rpc';
import type { ResultSink, StatementResult } from './result';
import type { GatewaySession, SessionCaller } from './session';

/** One statement of one client. */
export interface StatementCall {
  readonly session: GatewaySession;
  readonly caller: SessionCaller;
  readonly sql: string;
  readonly binds?: { readonly [name: string]: query.IBindVariable } | undefined;
  /** `?` in the text are parameters `v1`, `v2`, … of `binds`. */
  readonly prepared?: boolean;
  readonly signal?: AbortSignal | undefined;
  /** Where rows go as they arrive, for statements that stream. */
  readonly stream?: ResultSink | undefined;
  /** The text is the gateway's own and goes to the tablet unread. */
  readonly own?: boolean;
  /** The text that the query log shows, where it is not `sql`. */
  readonly shownSql?: string;
  /** Counts what is sent to tablets, for the query log. */
  readonly counted?: StatementNotes | undefined;
}

/** What the query log learns of a statement while it is forwarded. */
export interface StatementNotes {
  shardQueries: number;
  /** The text in vtgate's form with all its bind variables, where it was sent so. */
  canonical?: { readonly sql: string; readonly binds: { readonly [name: string]: query.IBindVariable } };
}

/** Rows that `stream` took are in `streamed` and not in `rows`. */
export type StatementOutcome = StatementResult & { readonly streamed?: number };
