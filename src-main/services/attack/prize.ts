import { rolesOf, whoCan } from '../../domain/acl';
import type { ImmediateCaller } from '../../domain/identity';
import type { Tablet } from '../../domain/topology';
import type { Workspace } from '../workspace/load-workspace';
import { schemaTables } from '../workspace/schema-tables';

/** A table that an attacker is after, and whose name opens it. */
export interface Prize {
  readonly table: string;
  /** Reads the table and answers one row, whatever it holds. */
  readonly sql: string;
  /** Who may read it; null: there is no table ACL, so that everybody may. */
  readonly principal: string | null;
  /** Where the ACL says so. */
  readonly place: { readonly file: string; readonly line: number } | null;
}

/** A statement that reads `table` and always answers one row. */
export const reading = (table: string): string => `select count(*) from \`${table.replaceAll('`', '``')}\``;

/** The tables of a tablet as far as files tell them: its schema file, else the whole names of its ACL. */
export function tablesOf(workspace: Workspace, tablet: Tablet): readonly string[] {
  const keyspace = workspace.topology.keyspaces.find(({ name }) => name === tablet.keyspace);
  const schema = keyspace?.schemaFile == null ? undefined : workspace.files.get(keyspace.schemaFile);
  if (schema !== undefined) return schemaTables(schema.toString('utf8'));
  const acl = tablet.acl.file === null ? undefined : workspace.acls.get(tablet.acl.file);
  return (acl?.groups ?? [])
    .flatMap(({ entries }) => entries.map(({ text }) => text))
    .filter((text) => text !== '' && text !== 'dual' && !text.endsWith('%'));
}

/**
 * The first table that somebody may read and `own` may not, with the name that opens it; null: the ACL shuts nothing off
 * from `own` that it opens to others. `own` is who the attacker is without a claim; null: nobody.
 */
export function prizeOf(workspace: Workspace, tablet: Tablet, own: ImmediateCaller | null): Prize | null {
  const tables = tablesOf(workspace, tablet);
  const { file } = tablet.acl;
  if (file === null) {
    const [table] = tables;
    return table === undefined ? null : { table, sql: reading(table), principal: null, place: null };
  }
  const acl = workspace.acls.get(file);
  if (acl === undefined) return null;
  for (const table of tables) {
    const readers = whoCan(acl, table, 'READER').filter(({ text }) => text !== '');
    if (own !== null && rolesOf(acl, own, table).includes('READER')) continue;
    const [first] = readers;
    if (first !== undefined)
      return { table, sql: reading(table), principal: first.text, place: { file, line: first.line } };
  }
  return null;
}

/** Why no other name would open more at a tablet, where `prizeOf` finds nothing that a name opens. */
export const noPrize = ({ acl }: Tablet): string =>
  acl.file !== null
    ? 'The table ACL opens no table to anybody who is not this caller, so there is nobody to be taken for.'
    : acl.strict
      ? 'A strict tablet without a table ACL denies every table to everybody, so that no name opens anything.'
      : 'There is no table ACL (acl.file): every caller reaches every table already, whatever its name.';

/** The tablet that a gateway's statements go to: the first of the first keyspace. */
export const tabletBehind = (workspace: Workspace): Tablet | undefined =>
  workspace.topology.tablets.find(({ keyspace }) => keyspace === workspace.topology.keyspaces[0]?.name) ??
  workspace.topology.tablets[0];
