/** A row of a Tree: an item, how deep it lies, and what a screen reader has to know of its place. */
export interface TreeRow<N> {
  readonly node: N;
  readonly key: string;
  readonly parent: string | null;
  /** 1 for the outermost. */
  readonly level: number;
  readonly position: number;
  readonly siblings: number;
  /** null: it has nothing below it. */
  readonly open: boolean | null;
  readonly last: boolean;
}

/**
 * The rows of a tree that are in sight, from top to bottom.
 *
 * @param closed keys of nodes whose children are hidden
 */
export function treeRows<N>(
  roots: readonly N[],
  key: (node: N) => string,
  children: (node: N) => readonly N[],
  closed: ReadonlySet<string>,
): TreeRow<N>[] {
  const rows: TreeRow<N>[] = [];
  const walk = (nodes: readonly N[], level: number, parent: string | null): void => {
    for (const [at, node] of nodes.entries()) {
      const below = children(node);
      const id = key(node);
      const open = below.length === 0 ? null : !closed.has(id);
      const last = at === nodes.length - 1;
      rows.push({ node, key: id, parent, level, position: at + 1, siblings: nodes.length, open, last });
      if (open === true) walk(below, level + 1, id);
    }
  };
  walk(roots, 1, null);
  return rows;
}

/** Where a key leads in a tree, by the WAI-ARIA pattern. */
export type TreeMove =
  { readonly kind: 'go'; readonly to: number } | { readonly kind: 'open' | 'close'; readonly key: string } | null;

/** What a key does on row `at`; null: nothing. `typed` finds the next row whose text begins with it. */
export function treeMove<N>(rows: readonly TreeRow<N>[], at: number, pressed: string): TreeMove {
  const row = rows[at];
  if (row === undefined) return null;
  const go = (to: number): TreeMove => ({ kind: 'go', to: Math.max(0, Math.min(rows.length - 1, to)) });
  switch (pressed) {
    case 'ArrowDown':
      return go(at + 1);
    case 'ArrowUp':
      return go(at - 1);
    case 'Home':
      return go(0);
    case 'End':
      return go(rows.length - 1);
    case 'ArrowRight':
      if (row.open === false) return { kind: 'open', key: row.key };
      return row.open === true ? go(at + 1) : null;
    case 'ArrowLeft':
      if (row.open === true) return { kind: 'close', key: row.key };
      return row.parent === null ? null : go(rows.findIndex((one) => one.key === row.parent));
    default:
      return null;
  }
}
