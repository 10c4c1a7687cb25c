import type { JsonNode } from '../kernel';
import { goQuote, wellFormed } from './go-text';

/** A value of JSON as encoding/json names it in an error. */
const goKinds: Record<JsonNode['kind'], string> = {
  object: 'object',
  array: 'array',
  string: 'string',
  number: 'number',
  boolean: 'bool',
  null: 'null',
};

/** The error of a value that does not fit a Go type outside a struct. */
export const wrongGoValue = (node: JsonNode, type: string): string =>
  `json: cannot unmarshal ${goKinds[node.kind]} into Go value of type ${type}`;

/** The error of a value that does not fit a field of a struct. */
export const wrongGoField = (node: JsonNode, field: string, type: string): string =>
  `json: cannot unmarshal ${goKinds[node.kind]} into Go struct field ${field} of type ${type}`;

/** The error of DisallowUnknownFields. */
export const unknownGoField = (key: string): string => `json: unknown field ${goQuote(key)}`;

/**
 * The known key that Go takes `key` for: letter case does not count, by Unicode simple folding (`ſ` is s, `İ` is not i).
 * Regular expressions with flags i and u fold in just that way.
 */
export function foldKey<K extends string>(keys: readonly K[], key: string): K | undefined {
  const exact = keys.find((known) => known === key);
  if (exact !== undefined) return exact;
  return keys.find((known) => known.length === key.length && new RegExp(`^${known}$`, 'iu').test(key));
}

/**
 * A Go slice of strings while its key may be repeated: the backing array survives, so a `null` in a later list leaves
 * what an earlier one put there.
 */
export class GoStrings {
  #backing: string[] = [];
  #length = 0;

  /** Takes a `null` or a list; returns the first item that is neither a string nor null. */
  assign(node: JsonNode & { kind: 'array' | 'null' }): JsonNode | null {
    if (node.kind === 'null' || node.items.length === 0) {
      this.#backing = [];
      this.#length = 0;
      return null;
    }
    let wrong: JsonNode | null = null;
    node.items.forEach((item, index) => {
      if (item.kind === 'string') this.#backing[index] = wellFormed(item.value);
      else {
        this.#backing[index] ??= '';
        if (item.kind !== 'null') wrong ??= item;
      }
    });
    this.#length = node.items.length;
    return wrong;
  }

  get values(): string[] {
    return this.#backing.slice(0, this.#length);
  }
}
