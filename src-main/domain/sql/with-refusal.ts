import type { CommonTable, Query, Statement } from './tree';

/** The names of WITH clauses that were met so far, and whether a table stands anywhere that is none of them. */
interface Seen {
  readonly names: Set<string>;
  readonly clauses: { readonly recursive: boolean; readonly table: CommonTable }[];
  tables: boolean;
}

function look(query: Query, seen: Seen): void {
  if (query.with !== null) {
    const { recursive, tables } = query.with;
    for (const table of tables) seen.names.add(table.name);
    for (const table of tables) {
      seen.clauses.push({ recursive, table });
      look(table.query, seen);
    }
  }
  // A name of a WITH clause counts as one wherever it stands behind it, in letters of the same case.
  for (const { name, qualifier } of query.from.tables)
    if (qualifier !== null || !seen.names.has(name)) seen.tables = true;
  for (const inner of parts(query)) look(inner, seen);
}

const parts = (query: Query): Query[] => [...query.arms, ...query.from.nested, ...query.list, ...query.tail];

/** Whether a query, or one inside it, reads a table by this name without a schema. */
const readsName = (query: Query, name: string): boolean =>
  query.from.tables.some((table) => table.qualifier === null && table.name === name) ||
  [...parts(query), ...(query.with?.tables ?? []).map((table) => table.query)].some((inner) => readsName(inner, name));

/**
 * What vtgate's planner does not support about the WITH clauses of a statement, in the words that follow `VT12001:
 * unsupported: `, or null. It looks closely only where every table's name is one of a WITH clause: any other table of an
 * unsharded keyspace settles where the statement goes (go/vt/vtgate/semantics, go/vt/vtgate/planbuilder; measured).
 */
export function withRefusal({ type, written, reads }: Statement): string | null {
  if (written !== null && written.with !== null && (type === 'UPDATE' || type === 'DELETE'))
    return `WITH expression in ${type} statement`;
  if (type !== 'SELECT') return null;
  const seen: Seen = { names: new Set(), clauses: [], tables: false };
  for (const query of reads) look(query, seen);
  const itself = seen.clauses.some(({ recursive, table }) => !recursive && readsName(table.query, table.name));
  return itself && !seen.tables ? 'do not support CTE that use the CTE alias inside the CTE query' : null;
}
