import type { ImmediateCaller } from '../identity/caller-id';
import type { TableRole } from '../sql/reading';
import type { TableDecision } from './decision';
import { answerTable } from './lookup';
import { tableRoles, type TableAcl } from './table-acl';

/** One answer that differs between two versions. */
export interface AclChangeCell {
  readonly caller: ImmediateCaller;
  readonly table: string;
  readonly role: TableRole;
  readonly change: 'gains' | 'loses';
  readonly before: TableDecision;
  readonly after: TableDecision;
}

/** What a change of the ACL does to the callers and tables that were looked at. */
export interface AclComparison {
  /** By caller, then table, then role, each in the order given. */
  readonly cells: readonly AclChangeCell[];
  /** Callers that gain something; one that also loses stands in both lists. */
  readonly gains: readonly ImmediateCaller[];
  readonly loses: readonly ImmediateCaller[];
}

/** The cells (caller, table, role) in which strict enforcement of `after` answers otherwise than that of `before`. */
export function compareAcls(
  before: TableAcl | null,
  after: TableAcl | null,
  over: { readonly callers: readonly ImmediateCaller[]; readonly tables: readonly string[] },
): AclComparison {
  const cells: AclChangeCell[] = [];
  for (const caller of over.callers) {
    for (const table of over.tables) {
      for (const role of tableRoles) {
        const permission = { table, role };
        const was = answerTable(before, caller, permission);
        const is = answerTable(after, caller, permission);
        if (was.granted === is.granted) continue;
        cells.push({ caller, table, role, change: is.granted ? 'gains' : 'loses', before: was, after: is });
      }
    }
  }
  const callersThat = (change: AclChangeCell['change']): ImmediateCaller[] => [
    ...new Set(cells.filter((cell) => cell.change === change).map(({ caller }) => caller)),
  ];
  return { cells, gains: callersThat('gains'), loses: callersThat('loses') };
}
