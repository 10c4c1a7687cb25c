import type { ImmediateCaller } from '../identity/caller-id';
import type { TablePermission, TableRole } from '../sql/reading';
import type { TableDecision } from './decision';
import {
  listNameOf,
  tableRoles,
  type AclIndex,
  type AclMatch,
  type AclName,
  type TableAcl,
  type TableGroup,
} from './table-acl';

/** Prepares the entries of groups that hold no overlaps for looking up. */
export function indexEntries(groups: readonly TableGroup[]): AclIndex {
  const exact = new Map<string, AclMatch>();
  const prefixes: { readonly prefix: string; readonly match: AclMatch }[] = [];
  for (const group of groups) {
    for (const entry of group.entries) {
      const match = { group, entry };
      if (entry.text.endsWith('%')) prefixes.push({ prefix: entry.text.slice(0, -1), match });
      else exact.set(entry.text, match);
    }
  }
  prefixes.sort((a, b) => (a.prefix < b.prefix ? -1 : 1));
  return {
    exact,
    prefixes: prefixes.map(({ prefix }) => prefix),
    prefixMatches: prefixes.map(({ match }) => match),
  };
}

/**
 * The entry that covers `table`, or null: then everything on it is denied. The name is unqualified and compared as
 * written, whatever MySQL's lower_case_table_names says (vitess-behaviour §5.1).
 */
export function lookupTable(acl: TableAcl, table: string): AclMatch | null {
  const { exact, prefixes, prefixMatches } = acl.index;
  const match = exact.get(table);
  if (match !== undefined) return match;
  // No prefix begins with another one, so only the last one in order that is not behind the name can be its beginning.
  let low = 0;
  let high = prefixes.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((prefixes[middle] ?? '') <= table) low = middle + 1;
    else high = middle;
  }
  if (low === 0 || !table.startsWith(prefixes[low - 1] ?? '')) return null;
  return prefixMatches[low - 1] ?? null;
}

/** The name by which a list knows the caller: the user name or the first of its groups that is in it, or null. */
export function principalIn(members: ReadonlyMap<string, AclName>, caller: ImmediateCaller): AclName | null {
  const byName = members.get(caller.username);
  if (byName !== undefined) return byName;
  for (const group of caller.groups) {
    const byGroup = members.get(group);
    if (byGroup !== undefined) return byGroup;
  }
  return null;
}

/**
 * What the ACL says to one question of one caller. Names are compared exactly, the user name and every group alike
 * (simpleacl). A table named `dual` that is not granted passes all the same (vitess-behaviour §5.4), so `granted` is true.
 */
export function answerTable(acl: TableAcl | null, caller: ImmediateCaller, permission: TablePermission): TableDecision {
  const match = acl === null ? null : lookupTable(acl, permission.table);
  const isDual = permission.table === 'dual';
  if (acl === null || match === null)
    return {
      permission,
      group: '',
      entry: null,
      list: null,
      principal: null,
      granted: isDual,
      file: acl === null ? null : acl.file,
      line: null,
    };
  const { group, entry } = match;
  const name = listNameOf(permission.role);
  const list = group[name];
  const principal = principalIn(list.members, caller);
  return {
    permission,
    group: group.name,
    entry: entry.text,
    list: name,
    principal: principal === null ? null : principal.text,
    granted: principal !== null || isDual,
    file: acl.file,
    line: principal === null ? list.line : principal.line,
  };
}

/** The principals that have `role` on `table`, in file order, each once; user names and group names look alike. */
export function whoCan(acl: TableAcl, table: string, role: TableRole): readonly AclName[] {
  const match = lookupTable(acl, table);
  return match === null ? [] : [...match.group[listNameOf(role)].members.values()];
}

/** The roles that `caller` has on `table`, by name or by any of its groups; each role stands for itself. */
export function rolesOf(acl: TableAcl, caller: ImmediateCaller, table: string): readonly TableRole[] {
  const match = lookupTable(acl, table);
  if (match === null) return [];
  return tableRoles.filter((role) => principalIn(match.group[listNameOf(role)].members, caller) !== null);
}
