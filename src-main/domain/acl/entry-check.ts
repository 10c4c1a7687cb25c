import { bytesOf, goQuote } from './go-text';

/** Why an entry cannot stand: a `%` that is not at its end, or an earlier entry that covers what it covers. */
export type EntryFault =
  | { readonly kind: 'percent'; readonly index: number; readonly message: string }
  | { readonly kind: 'overlap'; readonly index: number; readonly other: number; readonly message: string };

interface TrieNode {
  readonly children: Map<number, TrieNode>;
  /** Index of the entry that ends here, or -1. */
  entry: number;
}

const newNode = (): TrieNode => ({ children: new Map(), entry: -1 });

/**
 * Vitess's check of all entries of an ACL in file order (tableacl.ValidateProto; vitess-behaviour §5.1): `%` only at the
 * end, and no two entries that could both cover one table. Vitess stops at the first fault, whose message is the error
 * text; the others are found here too. An exact name is kept with a NUL behind it, so that names with a NUL inside clash
 * as they do there.
 */
export function findEntryFaults(entries: readonly string[]): EntryFault[] {
  const faults: EntryFault[] = [];
  const root = newNode();
  entries.forEach((entry, index) => {
    const key = entry.endsWith('%') ? entry.slice(0, -1) : `${entry}\0`;
    if (key.includes('%')) {
      const message = `got: ${entry}, '%' means this entry is a prefix and should not appear in the middle of name or prefix`;
      faults.push({ kind: 'percent', index, message });
      return;
    }
    const other = insert(root, bytesOf(key), index);
    if (other < 0) return;
    const message = `conflicting entries: ${goQuote(entry)} overlaps with ${goQuote(entries[other] ?? '')}`;
    faults.push({ kind: 'overlap', index, other, message });
  });
  return faults;
}

/**
 * Puts an entry into the trie unless it overlaps; then the entry that Vitess names: the first in byte order of those
 * that begin with the key, else the shortest that the key begins with. -1 when there is none.
 */
function insert(root: TrieNode, key: Uint8Array, entry: number): number {
  let node = root;
  let covering = root.entry;
  const missing: number[] = [];
  for (const byte of key) {
    const child: TrieNode | undefined = missing.length > 0 ? undefined : node.children.get(byte);
    if (child === undefined) missing.push(byte);
    else {
      node = child;
      if (covering < 0) covering = node.entry;
    }
  }
  const below = missing.length === 0 ? firstBelow(node) : -1;
  if (below >= 0) return below;
  if (covering >= 0) return covering;
  for (const byte of missing) {
    const child = newNode();
    node.children.set(byte, child);
    node = child;
  }
  node.entry = entry;
  return -1;
}

/** The first entry in byte order at or below `node`; -1 only for the root of an empty trie. */
function firstBelow(node: TrieNode): number {
  let here = node;
  while (here.entry < 0 && here.children.size > 0) {
    const first = Math.min(...here.children.keys());
    here = here.children.get(first) ?? here;
  }
  return here.entry;
}
