import type { Expectation, PasswordChoice, ProbeCaller, ProbeRole, StoppedAt, Transport, Verdict } from './suite';

/** One connection and one statement: the unit of a matrix. */
export interface Cell {
  /** Stable and unique within a run: `shop/access/web/mysql-tls-verified/orders/read`. */
  readonly id: string;
  readonly suite: string;
  readonly caller: ProbeCaller;
  readonly transport: Transport;
  readonly password: PasswordChoice;
  /** Certificate presented (mutual TLS only), workspace-relative. */
  readonly certificate: string | null;
  /** CA bundle the client trusts, and the name it demands (verified transports only). */
  readonly trust: string | null;
  readonly serverName: string;
  /** The only version of TLS that the client offers; absent: 1.2 and 1.3. */
  readonly tlsOnly?: 'TLSv1.2' | 'TLSv1.3';
  readonly sql: string;
  readonly table: string | null;
  readonly role: ProbeRole | null;
  readonly expected: Expectation;
}

/** What happened or was predicted. */
export interface Outcome {
  readonly verdict: Verdict;
  readonly stoppedAt: StoppedAt | null;
  /** MySQL errno or gRPC code; null when nothing of the kind was seen (TLS refusals) or all went well. */
  readonly code: number | null;
  readonly sqlState: string | null;
  /** The other side's own words; null when allowed. */
  readonly message: string | null;
}

/** A cell that has been run. */
export interface CellResult {
  readonly cell: Cell;
  readonly predicted: Outcome;
  readonly actual: Outcome & { readonly rows: number | null };
  /** What the actual outcome differs from; empty when all is as it should be. A prediction that fails is an error of ours. */
  readonly differences: readonly ('expected' | 'predicted')[];
  readonly traceId: string | null;
  readonly milliseconds: number;
}
