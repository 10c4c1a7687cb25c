import type { GatewayRefusal } from './gateway-refusal';
import type { PlanName } from './plan-name';
import type { VtCode } from '../kernel';

/** The three independent roles of a table group (Vitess: tableacl.Role). */
export type TableRole = 'READER' | 'WRITER' | 'ADMIN';

/** One question put to the table ACL. The table is the unqualified name, case as written. */
export interface TablePermission {
  readonly table: string;
  readonly role: TableRole;
}

/** What one tablet RPC kind makes of a statement. */
export type Plan =
  | {
      readonly kind: 'plan';
      readonly name: PlanName;
      /** Questions in the order in which vttablet asks them, repetitions included. */
      readonly permissions: readonly TablePermission[];
      /** The reason why the tables cannot be determined ("cannot decide"), or null when `permissions` is complete. */
      readonly undetermined: string | null;
      /** The statement's single FROM table is `dual` (vttablet then skips the check: vitess-behaviour §5.3 step 3). */
      readonly dualOnly: boolean;
    }
  | { readonly kind: 'refused'; readonly code: VtCode; readonly message: string }
  /** The real program panics here; the visible effect is an empty OK answer or a closed connection. */
  | { readonly kind: 'panic' };

/** A stretch of the statement's text, UTF-16 offsets, end exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** `schema.` in front of a table name, the dot and space around it included. */
export interface QualifierSpan extends Span {
  readonly name: string;
}

/** A function that vtgate answers itself from the session. */
export interface SessionCall extends Span {
  readonly name:
    | 'user'
    | 'current_user'
    | 'session_user'
    | 'system_user'
    | 'database'
    | 'schema'
    | 'last_insert_id'
    | 'found_rows'
    | 'row_count'
    | 'version';
  /** The alias to put right after the call where it is a whole select expression, so that the column keeps its name; else null. */
  readonly alias: string | null;
  /** The alias of the select expression around the call and where it goes, or null. Calls of one expression share it: put it once. */
  readonly expressionAlias: { readonly at: number; readonly text: string } | null;
}

/** Everything the program knows about one statement. */
export interface StatementReading {
  /** Vitess's statement type as it names it in logs and errors: SELECT, INSERT, UPDATE, DELETE, DDL, SET, SHOW, USE, BEGIN, COMMIT, OTHER, CALL_PROC, … */
  readonly type: string;
  /** For RPCs that are not streams (Execute, BeginExecute, ReserveExecute). */
  readonly execute: Plan;
  /** For streaming RPCs. */
  readonly stream: Plan;
  readonly qualifiers: readonly QualifierSpan[];
  /** Tables that are named without their schema, names of common tables among them. */
  readonly bareTables: readonly Span[];
  readonly sessionCalls: readonly SessionCall[];
  /**
   * Stretches to overwrite with spaces before the text goes to MySQL: the marks of versioned comments that were read, and
   * whole versioned comments that were not. Without this a server of another version runs another statement than was checked.
   */
  readonly blanks: readonly Span[];
  /** What vtgate's planner says to it instead of sending it on; absent: nothing known. */
  readonly gateway?: GatewayRefusal | null;
  /** It was not read, since the message that vtgate would make of it is too long: bytes that it has at least. */
  readonly oversize?: number;
}
