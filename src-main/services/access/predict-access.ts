import {
  aclMatrix,
  compareMatrices,
  decide,
  explainDecision,
  listNameOf,
  lookupTable,
  type AclSettings,
  type TableAcl,
} from '../../domain/acl';
import type { Fidelity } from '../../domain/fidelity/fidelity';
import type { ImmediateCaller } from '../../domain/identity';
import { aclSettings } from '../../domain/probes';
import type { TableRole } from '../../domain/sql';
import type { Tablet } from '../../domain/topology';
import type { AccessPreview, AccessWhy } from '../../contract/areas/access';
import type { NamedCaller } from '../callers/immediate-callers';

/** One version of a tablet's ACL: what is loaded and how the tablet is set. */
export interface AclVersion {
  readonly acl: TableAcl | null;
  readonly fileGiven: boolean;
  readonly settings: AclSettings;
}

/** How a tablet with this ACL decides. */
export const versionFor = (tablet: Tablet, acl: TableAcl | null): AclVersion => ({
  acl,
  fileGiven: tablet.acl.file !== null,
  settings: aclSettings(tablet),
});

/** Columns of a matrix: every table once, in the order of the groups that cover them, those without a group last. */
export function orderTables(
  acl: TableAcl | null,
  names: Iterable<string>,
): { readonly name: string; readonly group: number }[] {
  const indices = new Map((acl?.groups ?? []).map((group, index) => [group, index]));
  const tables = [...new Set(names)].map((name) => {
    const match = acl === null ? null : lookupTable(acl, name);
    return { name, group: match === null ? -1 : (indices.get(match.group) ?? -1) };
  });
  const rank = (group: number): number => (group < 0 ? Number.MAX_SAFE_INTEGER : group);
  return tables.sort((a, b) => rank(a.group) - rank(b.group) || (a.name < b.name ? -1 : 1));
}

/** Names of tables that an ACL names in full. */
export const namedTables = (acl: TableAcl | null): string[] =>
  acl === null ? [] : acl.groups.flatMap(({ entries }) => entries.flatMap(({ text }) => (isName(text) ? [text] : [])));

const isName = (entry: string): boolean => entry !== '' && entry !== 'dual' && !entry.endsWith('%');

/** The matrix of one version, with what differs from the saved draft and from the applied version. */
export function predictAccess(
  versions: { readonly now: AclVersion; readonly draft: AclVersion; readonly applied: AclVersion | null },
  callers: readonly NamedCaller[],
  names: Iterable<string>,
): Pick<AccessPreview, 'callers' | 'tables' | 'groups' | 'cells' | 'sinceDraft' | 'sinceApplied'> {
  const { now, draft, applied } = versions;
  const tables = orderTables(now.acl, names);
  const cellsOf = (version: AclVersion): string[] =>
    aclMatrix({
      acl: version.acl,
      aclFileGiven: version.fileGiven,
      settings: version.settings,
      callers: callers.map(({ caller }) => caller),
      tables: tables.map(({ name }) => name),
    });
  const cells = cellsOf(now);
  return {
    callers: callers.map(({ key, caller, origins }) => ({
      key,
      name: caller.username,
      groups: [...caller.groups],
      kinds: [...new Set(origins.map(({ kind }) => kind))],
    })),
    tables,
    groups: (now.acl?.groups ?? []).map(({ name }) => name),
    cells,
    sinceDraft: compareMatrices(cellsOf(draft), cells),
    sinceApplied: applied === null ? null : compareMatrices(cellsOf(applied), cells),
  };
}

/** Statements of which each needs one role on one table. */
const planNames = { READER: 'Select', WRITER: 'Update', ADMIN: 'DDL' } as const;

/** Why the tablet answers a caller as it does, step by step. */
export function explainAccess(
  version: AclVersion,
  caller: ImmediateCaller,
  table: string,
  role: TableRole,
  fidelity: Fidelity,
): AccessWhy {
  const { acl, fileGiven, settings } = version;
  const decision = decide({
    acl,
    aclFileGiven: fileGiven,
    settings,
    caller,
    plan: {
      kind: 'plan',
      name: planNames[role],
      permissions: [{ table, role }],
      undetermined: null,
      dualOnly: false,
    },
    fidelity,
  });
  const match = acl === null ? null : lookupTable(acl, table);
  const list = match === null ? null : match.group[listNameOf(role)];
  const [letters] = aclMatrix({ acl, aclFileGiven: fileGiven, settings, callers: [caller], tables: [table] });
  return {
    table,
    role,
    caller: { name: caller.username, groups: [...caller.groups] },
    letter: letters?.[{ READER: 0, WRITER: 1, ADMIN: 2 }[role]] ?? 'D',
    file: acl?.file ?? null,
    group:
      match === null
        ? null
        : {
            index: acl?.groups.indexOf(match.group) ?? -1,
            name: match.group.name,
            entry: match.entry.text,
            line: match.entry.line,
          },
    list: list === null ? null : { name: list.name, members: [...list.members.keys()], line: list.line },
    principal: decision.tables[0]?.principal ?? null,
    sentence: explainDecision(decision),
  };
}
