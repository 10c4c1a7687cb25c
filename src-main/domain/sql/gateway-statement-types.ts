import type { VexplainType } from './vexplain';

/** How wide an assignment of SET reaches; `vitess` is `@@vitess_…`, the others are SET's own short forms. */
export type SetScope = 'user' | 'session' | 'global' | 'persist' | 'vitess' | 'names' | 'charset' | 'transaction';

/** One assignment of a SET statement. */
export interface SetAssignment {
  readonly scope: SetScope;
  /** Lower case for system variables, as written for user variables; `names`, `charset`, or the name of a characteristic (`isolation`, `access`). */
  readonly name: string;
  /** A literal's value without its quotes, a bare word as written, else the expression's text. */
  readonly valueText: string;
  readonly valueKind: 'literal' | 'expression';
  /** Where the value stands in the statement. */
  readonly start: number;
  readonly end: number;
  /** For SET NAMES … COLLATE …: the collation. */
  readonly collation?: string;
  /** For SET TRANSACTION: whether SESSION or GLOBAL was written. */
  readonly transactionScope?: 'session' | 'global' | 'next';
}

/** A cheap classification of one statement for session handling; it never says whether the statement is valid. */
export type GatewayStatement =
  | {
      readonly kind: 'begin';
      readonly readOnly: boolean;
      readonly readWrite: boolean;
      readonly consistentSnapshot: boolean;
    }
  | { readonly kind: 'commit' | 'rollback'; readonly chain: boolean; readonly release: boolean }
  | { readonly kind: 'savepoint' | 'release-savepoint' | 'rollback-to'; readonly name: string }
  /** `assignments` is null when the list could not be read. */
  | { readonly kind: 'set'; readonly assignments: readonly SetAssignment[] | null }
  | { readonly kind: 'use'; readonly target: string }
  | { readonly kind: 'show'; readonly subject: string }
  | { readonly kind: 'dml'; readonly verb: 'insert' | 'replace' | 'update' | 'delete' }
  | { readonly kind: 'ddl'; readonly verb: string }
  /** `at` is where the statement begins that is explained, UTF-16. */
  | { readonly kind: 'vexplain'; readonly type: VexplainType; readonly at: number }
  | { readonly kind: 'kill'; readonly what: 'connection' | 'query'; readonly id: string }
  | {
      readonly kind:
        | 'select'
        | 'select-no-table'
        | 'lock-tables'
        | 'unlock-tables'
        | 'explain'
        | 'call'
        | 'prepare'
        | 'execute'
        | 'deallocate'
        | 'empty'
        | 'other';
    };
