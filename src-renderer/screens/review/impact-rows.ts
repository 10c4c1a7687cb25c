import type { ImpactCell } from '../../../src-main/contract/areas/document';

/** One row of the impact: one caller by one way, and its changed cells by table. */
export interface ImpactRow {
  readonly key: string;
  readonly cell: ImpactCell;
  readonly tables: ReadonlyMap<string, readonly ImpactCell[]>;
}

/** Rows and columns of the changed cells of tables, in the order in which they come; sign-in tests are apart. */
export function impactRows(cells: readonly ImpactCell[]): {
  readonly rows: readonly ImpactRow[];
  readonly tables: readonly string[];
  readonly signIns: readonly ImpactCell[];
} {
  const rows = new Map<string, { cell: ImpactCell; tables: Map<string, ImpactCell[]> }>();
  const tables = new Set<string>();
  for (const cell of cells) {
    if (cell.table === null) continue;
    tables.add(cell.table);
    const key = JSON.stringify([cell.suite, cell.caller, cell.immediate, cell.transports]);
    const row = rows.get(key) ?? { cell, tables: new Map<string, ImpactCell[]>() };
    rows.set(key, row);
    row.tables.set(cell.table, [...(row.tables.get(cell.table) ?? []), cell]);
  }
  return {
    rows: [...rows].map(([key, row]) => ({ key, ...row })),
    tables: [...tables],
    signIns: cells.filter(({ table }) => table === null),
  };
}

/** The typed edit that makes the new outcome the expected one; null where an expectation is more than allowed or denied. */
export function expectationEdit({ file, caller, table, role, after }: ImpactCell) {
  if (file === null || table === null || role === null || (after !== 'allow' && after !== 'deny')) return null;
  return { kind: 'suite.expect', file, caller, table, role, verdict: after } as const;
}
