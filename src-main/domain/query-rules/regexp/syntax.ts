import type { Ranges } from './ranges';

/** What holds between two characters. */
export type Assertion = 'begin-text' | 'end-text' | 'begin-line' | 'end-line' | 'word' | 'not-word';

/** A regular expression as it was read. Groups and laziness are gone: they do not change whether a text matches. */
export type Node =
  | { readonly kind: 'empty' }
  | { readonly kind: 'set'; readonly ranges: Ranges }
  | { readonly kind: 'assertion'; readonly assertion: Assertion }
  | { readonly kind: 'sequence'; readonly items: readonly Node[] }
  | { readonly kind: 'choice'; readonly arms: readonly Node[] }
  /** `most` null: no limit. */
  | { readonly kind: 'repeat'; readonly item: Node; readonly least: number; readonly most: number | null };

/** Go refuses the expression; the words are those of `regexp.Compile`. */
export class RegexpFault extends Error {
  constructor(
    readonly code: string,
    readonly part: string,
  ) {
    super(`error parsing regexp: ${code}: \`${part}\``);
  }
}

/** Go takes the expression, and what it means cannot be said here with certainty. */
export class RegexpUnknown extends Error {
  constructor(readonly reason: string) {
    super(reason);
  }
}

/** Whether every match begins at the start of the text. */
export const fromStart = (node: Node): boolean => anchored(node, 'begin-text', (items) => items);

/** Whether every match ends at the end of the text. */
export const toEnd = (node: Node): boolean => anchored(node, 'end-text', (items) => [...items].reverse());

function anchored(node: Node, assertion: Assertion, order: (items: readonly Node[]) => readonly Node[]): boolean {
  switch (node.kind) {
    case 'assertion':
      return node.assertion === assertion;
    case 'sequence':
      // An anchor behind something empty still holds: `\b^`.
      for (const item of order(node.items)) {
        if (anchored(item, assertion, order)) return true;
        if (item.kind !== 'assertion' && item.kind !== 'empty') return false;
      }
      return false;
    case 'choice':
      return node.arms.every((arm) => anchored(arm, assertion, order));
    case 'repeat':
      return node.least > 0 && anchored(node.item, assertion, order);
    default:
      return false;
  }
}

/** Whether some set of the expression holds the code point. */
export function takes(node: Node, code: number): boolean {
  switch (node.kind) {
    case 'set':
      return node.ranges.some(([low, high]) => code >= low && code <= high);
    case 'sequence':
      return node.items.some((item) => takes(item, code));
    case 'choice':
      return node.arms.some((arm) => takes(arm, code));
    case 'repeat':
      return takes(node.item, code);
    default:
      return false;
  }
}
