import type { ImmediateCaller } from '../identity/caller-id';
import type { TableRole } from '../sql/reading';
import type { Decision, TableDecision } from './decision';
import type { AclMatch, AclModel, AclName, TableAcl } from './table-acl';

/** The entry that covers `table` (unqualified, case as written), or null: everything denied. */
export declare function lookupTable(acl: TableAcl, table: string): AclMatch | null;
/** The principals that have `role` on `table`. */
export declare function whoCan(acl: TableAcl, table: string, role: TableRole): readonly AclName[];
/** The roles that `caller` has on `table`, by name or by any of its groups. */
export declare function rolesOf(acl: TableAcl, caller: ImmediateCaller, table: string): readonly TableRole[];

/** One answer that differs between two versions. */
export interface AclChangeCell {
  readonly caller: ImmediateCaller;
  readonly table: string;
  readonly role: TableRole;
  readonly change: 'gains' | 'loses';
  readonly before: TableDecision;
  readonly after: TableDecision;
}
export interface AclComparison {
  readonly cells: readonly AclChangeCell[];
  readonly gains: readonly ImmediateCaller[];
  readonly loses: readonly ImmediateCaller[];
}
export declare function compareAcls(
  before: TableAcl | null,
  after: TableAcl | null,
  over: { readonly callers: readonly ImmediateCaller[]; readonly tables: readonly string[] },
): AclComparison;

/** The ACL without its places. */
export declare function aclModel(acl: TableAcl): AclModel;
/** acl.json as Gatehouse writes it: snake_case, two spaces, newline at the end, empty lists left out. */
export declare function aclToJson(model: AclModel): string;
/** What vttablet shows at /debug/acl. */
export declare function debugAcl(acl: TableAcl): string;
/** One plain sentence that quotes file and line. */
export declare function explainDecision(decision: Decision): string;
