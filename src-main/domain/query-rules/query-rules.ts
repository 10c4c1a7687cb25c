import type { Finding } from '../kernel';
import type { PlanName } from '../sql/plan-name';

/**
 * Vitess's query rules (go/vt/vttablet/tabletserver/rules), which vttablet reads from `--filecustomrules` and puts to every
 * statement before its table ACL.
 *
 * What the conditions are compared with, for a request that comes from a vtgate over gRPC (go/vt/callinfo/plugin_grpc.go,
 * query_executor.go checkPermissions, query_engine.go getPlan):
 *
 * - `User`: the constant `gRPC`. Neither the user who logged in at the gateway nor the immediate or effective caller is
 *   looked at, so a rule cannot tell callers apart.
 * - `RequestIP`: address and port of the gateway's own connection to the tablet, `127.0.0.1:41234` or `[::1]:41234`; the
 *   client's address is not known there.
 * - `Query`: the statement as the gateway prints it, with bind variables in place of its literals, without the comments
 *   around it and without semicolons at its ends.
 * - `LeadingComment`, `TrailingComment`: those comments, with the blanks between them and the statement.
 * - `Plans`: the plan's name, `TableNames`: the tables of the statement that the tablet's schema has. Statements that
 *   define tables have none there, and of a streamed one (workload OLAP) only the single table of its FROM counts.
 * - `BindVarConds`: the bind variables of the request, by the names that the gateway gave them.
 *
 * Every expression is put between `^` and `$` as it stands, so `a|b` means `^a` or `b$`.
 */
export interface QueryRules {
  /** The file as findings and steps name it. */
  readonly file: string;
  readonly rules: readonly QueryRule[];
}

/** What a rule does once all its conditions hold. `BUFFER` of a file holds nobody back and ends the search for a rule. */
export type RuleAction = 'FAIL' | 'FAIL_RETRY' | 'BUFFER';

/** The conditions that are expressions, by their keys. */
export type PatternKey = 'RequestIP' | 'User' | 'Query' | 'LeadingComment' | 'TrailingComment';

export const patternKeys: readonly PatternKey[] = ['RequestIP', 'User', 'Query', 'LeadingComment', 'TrailingComment'];

/** One rule; plain data, so that it can go to another thread. */
export interface QueryRule {
  /** From 0, in the order of the file, in which rules are asked. */
  readonly index: number;
  readonly name: string;
  /** What the client is told. */
  readonly description: string;
  /** Expressions as written; a key that is not there is no condition. */
  readonly patterns: { readonly [key in PatternKey]?: string };
  /** Null: no condition; Vitess takes an empty list for none, too. */
  readonly plans: readonly PlanName[] | null;
  readonly tableNames: readonly string[] | null;
  readonly bindVarConds: readonly BindVarCond[];
  readonly action: RuleAction;
  readonly line: number;
  readonly column: number;
}

export type BindOperator = '' | '==' | '!=' | '<' | '>=' | '>' | '<=' | 'MATCH' | 'NOMATCH';

export const bindOperators: readonly BindOperator[] = ['', '==', '!=', '<', '>=', '>', '<=', 'MATCH', 'NOMATCH'];

/** A condition on one bind variable. */
export interface BindVarCond {
  readonly name: string;
  /** What the condition is where there is no such variable; with the operator '' its opposite where there is one. */
  readonly onAbsent: boolean;
  /** What it is where the variable is of another kind. */
  readonly onMismatch: boolean;
  readonly operator: BindOperator;
  /** `int64`, `uint64`: whole numbers as text; `pattern` for MATCH and NOMATCH; null with the operator ''. */
  readonly value: { readonly kind: 'int64' | 'uint64' | 'text' | 'pattern'; readonly text: string } | null;
}

/** What vttablet makes of a file. */
export interface RulesVerdict {
  readonly accepted: boolean;
  /** Vitess's words for what is wrong; null when accepted. A vttablet that refuses the file starts all the same, without any of its rules. */
  readonly message: string | null;
}

/** A file with all that can be said about it. */
export interface QueryRulesReading {
  /** Null where Vitess refuses the file, and where an expression's meaning is not certain here. */
  readonly rules: QueryRules | null;
  readonly vitess: RulesVerdict;
  /** In the order of the file, those about the whole file first. */
  readonly findings: readonly Finding[];
}

/** Every plan of vttablet, in its own order (go/vt/vttablet/tabletserver/planbuilder/plan.go). */
export const planNames: readonly PlanName[] = [
  'Select',
  'Nextval',
  'SelectImpossible',
  'SelectLockFunc',
  'Insert',
  'InsertMessage',
  'Update',
  'UpdateLimit',
  'Delete',
  'DeleteLimit',
  'DDL',
  'Set',
  'OtherRead',
  'OtherAdmin',
  'SelectNoLimit',
  'SelectStream',
  'MessageStream',
  'Savepoint',
  'Release',
  'RollbackSavepoint',
  'Show',
  'Load',
  'Flush',
  'UnlockTables',
  'CallProcedure',
  'AlterMigration',
  'RevertMigration',
  'ShowMigrations',
  'ShowMigrationLogs',
  'ShowThrottledApps',
  'ShowThrottlerStatus',
];

/** The `User` that vttablet sees for every request over gRPC. */
export const GRPC_USER = 'gRPC';
