import type { ImmediateCaller } from '../identity/caller-id';
import type { TablePermission } from '../sql/reading';

/** How the tablet is set up to use its ACL (vitess-behaviour §5.2). */
export interface AclSettings {
  /** `--queryserver-config-strict-table-acl`: denials are enforced. */
  readonly strict: boolean;
  /** `--queryserver-config-enable-table-acl-dry-run`: would-be denials are counted and let pass; wins over strict. */
  readonly dryRun: boolean;
  /** `--queryserver-config-acl-exempt-acl`: one principal (user name or group), or '' for none. */
  readonly exempt: string;
}

/** Why a table's question was answered as it was. */
export interface TableDecision {
  readonly permission: TablePermission;
  /** Label of the group that applies, '' for a nameless group or when no group applies. */
  readonly group: string;
  /** The entry that matched (`orders`, `order_%`), or null when no entry applies: everything is denied. */
  readonly entry: string | null;
  /** The list that was consulted: readers, writers or admins; null when no entry applies. */
  readonly list: 'readers' | 'writers' | 'admins' | null;
  /** The principal of that list that matched the caller's name or one of its groups, or null. */
  readonly principal: string | null;
  readonly granted: boolean;
  readonly file: string | null;
  /** Line of the matching principal, else of the list, else of the group; null when no entry applies. */
  readonly line: number | null;
}

/** A counter that the tablet raises by one for a statement; its labels are table, group, plan name and user name. */
export interface AclCounterBump {
  readonly counter: 'TableACLAllowed' | 'TableACLDenied' | 'TableACLPseudoDenied' | 'TableACLExemptCount';
  /** Label TableName (`undetermined-table-set` for a set that cannot be determined); '' for the exempt count, which has no labels. */
  readonly table: string;
  /** Label TableGroup. */
  readonly group: string;
}

/**
 * Why the answer is or is not binding. `enforced`: it is, whether an ACL is loaded or not. `no-acl`: nothing is loaded
 * and strict is off. `dual`: vttablet asks nothing about a statement on `dual`.
 */
export type Enforcement = 'enforced' | 'dry-run' | 'strict-off' | 'no-acl' | 'exempt' | 'dual';

/** The tablet's answer for a whole statement. */
export interface Decision {
  readonly verdict: 'allow' | 'deny' | 'cannot-decide';
  readonly enforcement: Enforcement;
  /** Who asked; null when the request carried no immediate caller ID. */
  readonly caller: ImmediateCaller | null;
  /** Why the tables cannot be determined, or null when `tables` is all there is. */
  readonly undetermined: string | null;
  /**
   * What strict mode would have said, where the statement passes for another reason than the ACL's consent; also for
   * statements that pass only because the emulated version does not look for tables that cannot be determined.
   */
  readonly wouldBe?: 'deny' | 'cannot-decide';
  /**
   * In the order asked; an enforced answer stops at the first denial, as vttablet does. Where vttablet asks nothing or
   * goes on (`exempt`, `dual`, dry run, strict off), what each question would have got.
   */
  readonly tables: readonly TableDecision[];
  /** Set when the verdict is not `allow`: vtrpc code and vttablet's own text without the CallerID suffix. */
  readonly code: 'PERMISSION_DENIED' | 'UNAUTHENTICATED' | null;
  readonly message: string | null;
  /** The tablet's counters that the statement raises, in order. */
  readonly counters: readonly AclCounterBump[];
  /** One plain sentence for people. */
  readonly reason: string;
}
