import type { AclCounterBump } from '../../domain/acl';

/** The tablet's table-ACL counters as /debug/vars shows them: keys are `TableName.TableGroup.PlanID.Username`. */
export interface AclCounters {
  readonly TableACLAllowed: { readonly [key: string]: number };
  readonly TableACLDenied: { readonly [key: string]: number };
  readonly TableACLPseudoDenied: { readonly [key: string]: number };
  readonly TableACLExemptCount: number;
}

type Labelled = Exclude<AclCounterBump['counter'], 'TableACLExemptCount'>;

/** Names never seen before go under one label beyond this, so that hostile names cannot fill the memory. */
const MAX_KEYS = 10_000;

/** Counts decisions (go/vt/vttablet/tabletserver/query_engine.go, the TableACL… counters). */
export class AclCounting {
  readonly #labelled: { readonly [name in Labelled]: Map<string, number> } = {
    TableACLAllowed: new Map(),
    TableACLDenied: new Map(),
    TableACLPseudoDenied: new Map(),
  };
  #exempt = 0;

  /** Raises what a decision about `plan` by `user` raises. */
  add(bumps: readonly AclCounterBump[], plan: string, user: string): void {
    for (const { counter, table, group } of bumps) {
      if (counter === 'TableACLExemptCount') {
        this.#exempt += 1;
        continue;
      }
      const counts = this.#labelled[counter];
      const key = [table, group, plan, user].map((label) => label.replaceAll('.', '_')).join('.');
      const kept = counts.has(key) || counts.size < MAX_KEYS ? key : 'other...';
      counts.set(kept, (counts.get(kept) ?? 0) + 1);
    }
  }

  snapshot(): AclCounters {
    return {
      TableACLAllowed: Object.fromEntries(this.#labelled.TableACLAllowed),
      TableACLDenied: Object.fromEntries(this.#labelled.TableACLDenied),
      TableACLPseudoDenied: Object.fromEntries(this.#labelled.TableACLPseudoDenied),
      TableACLExemptCount: this.#exempt,
    };
  }
}
