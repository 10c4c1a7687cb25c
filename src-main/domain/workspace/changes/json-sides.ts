import { isDeepStrictEqual } from 'node:util';
import {
  applyChanges,
  JsonTextEditor,
  readJson,
  type JsonArray,
  type JsonNode,
  type JsonObject,
  type JsonValue,
  type TextChange,
} from '../../kernel';
import type { FileContents } from './change';

/** A JSON file that could be read. */
export interface JsonText {
  readonly text: string;
  readonly root: JsonNode;
}

/** Reads a whole JSON text; null when it is none, or when more follows it. */
export function jsonText(content: Buffer | undefined): JsonText | null {
  if (content === undefined) return null;
  const text = content.toString('utf8');
  const reading = readJson(text);
  return reading.ok && text.slice(reading.end).trim() === '' ? { text, root: reading.root } : null;
}

/** A node's value as JSON.parse gives it; of keys that stand twice, the last one. */
export const valueOf = (side: JsonText, node: JsonNode): JsonValue =>
  JSON.parse(side.text.slice(node.offset, node.end)) as JsonValue;

/** Two nodes of two texts with the same value, wherever their keys stand. */
export const sameValue = (
  a: JsonText,
  left: JsonNode | undefined,
  b: JsonText,
  right: JsonNode | undefined,
): boolean =>
  left === undefined || right === undefined ? left === right : isDeepStrictEqual(valueOf(a, left), valueOf(b, right));

/** The last member with one of these keys: that one counts where a key stands twice. */
export const memberOf = (node: JsonNode | undefined, ...keys: readonly string[]): JsonNode | undefined =>
  node?.kind === 'object' ? node.members.findLast(({ key }) => keys.includes(key))?.value : undefined;

/** The same without regard to case, as Go finds the fields of a struct. */
export const foldedMember = (node: JsonNode | undefined, key: string): JsonNode | undefined =>
  node?.kind === 'object'
    ? node.members.findLast((member) => member.key.toLowerCase() === key.toLowerCase())?.value
    : undefined;

export const itemsOf = (node: JsonNode | undefined): readonly JsonNode[] => (node?.kind === 'array' ? node.items : []);
export const membersOf = (node: JsonNode | undefined): JsonObject['members'] =>
  node?.kind === 'object' ? node.members : [];
export const textOf = (node: JsonNode | undefined): string | undefined =>
  node?.kind === 'string' ? node.value : undefined;
export const isArray = (node: JsonNode | undefined): node is JsonArray => node?.kind === 'array';
export const isObject = (node: JsonNode | undefined): node is JsonObject => node?.kind === 'object';

/** Both versions of one JSON file. */
export class JsonSides {
  readonly editor: JsonTextEditor;

  constructor(
    readonly file: string,
    readonly before: JsonText,
    readonly after: JsonText,
    readonly applied: Buffer,
    /** Whether an empty list or object in this file says the same as none. */
    readonly emptyIsNone = false,
  ) {
    this.editor = new JsonTextEditor(after.text);
  }

  same(left: JsonNode | undefined, right: JsonNode | undefined): boolean {
    return sameValue(this.before, left, this.after, right);
  }

  /** A node's value in the applied version. */
  old(node: JsonNode): JsonValue {
    return valueOf(this.before, node);
  }

  /** The draft's file with these changes; where it then says what is applied, it is the applied file to the byte. */
  revertBy(...changes: readonly (TextChange | null)[]): FileContents {
    const text = applyChanges(
      this.after.text,
      changes.filter((change) => change !== null),
    );
    const draft = jsonText(Buffer.from(text));
    const whole = draft !== null && this.#meaning(draft) === this.#meaning(this.before);
    return new Map([[this.file, whole ? this.applied : Buffer.from(text)]]);
  }

  /** Whether a later version of the draft says what the applied one does; the order of keys does not count. */
  saysTheSame(draft: JsonText): boolean {
    return isDeepStrictEqual(JSON.parse(this.#meaning(draft)), JSON.parse(this.#meaning(this.before)));
  }

  /** A text's value with its keys in their order. */
  #meaning(side: JsonText): string {
    return JSON.stringify(valueOf(side, side.root), (_key, value: unknown) => {
      if (!this.emptyIsNone || typeof value !== 'object' || value === null || Array.isArray(value)) return value;
      return Object.fromEntries(Object.entries(value).filter(([, part]) => !isEmpty(part)));
    });
  }
}

const isEmpty = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (Array.isArray(value) ? value.length === 0 : Object.values(value).every(isEmpty));

/** Places of names that two lists do not share; a name that stands twice counts once. */
export function compareNames(
  before: readonly JsonNode[],
  after: readonly JsonNode[],
): {
  readonly added: readonly { readonly text: string; readonly index: number; readonly node: JsonNode }[];
  readonly removed: readonly { readonly text: string; readonly index: number; readonly node: JsonNode }[];
} {
  const texts = (nodes: readonly JsonNode[]): Map<string, { text: string; index: number; node: JsonNode }> => {
    const found = new Map<string, { text: string; index: number; node: JsonNode }>();
    nodes.forEach((node, index) => {
      const text = textOf(node);
      if (text !== undefined && !found.has(text)) found.set(text, { text, index, node });
    });
    return found;
  };
  const [old, fresh] = [texts(before), texts(after)];
  return {
    added: [...fresh.values()].filter(({ text }) => !old.has(text)),
    removed: [...old.values()].filter(({ text }) => !fresh.has(text)),
  };
}

/** A pair of items that are the same thing in two versions, or one alone. */
export interface ItemPair {
  readonly key: string;
  readonly before: JsonNode | undefined;
  readonly after: JsonNode | undefined;
  /** Where it stands in its list; -1 where it does not. */
  readonly beforeIndex: number;
  readonly afterIndex: number;
}

/** Pairs the items of two lists by their key, those with the same key in their order; the draft's order, then what is gone. */
export function pairItems(
  before: readonly JsonNode[],
  after: readonly JsonNode[],
  keyOf: (item: JsonNode) => string,
): ItemPair[] {
  const keyed = (items: readonly JsonNode[]): Map<string, number[]> => {
    const found = new Map<string, number[]>();
    items.forEach((item, index) => {
      const key = keyOf(item);
      found.set(key, [...(found.get(key) ?? []), index]);
    });
    return found;
  };
  const old = keyed(before);
  const pairs: ItemPair[] = after.map((item, afterIndex) => {
    const key = keyOf(item);
    const beforeIndex = old.get(key)?.shift() ?? -1;
    return { key, before: before[beforeIndex], after: item, beforeIndex, afterIndex };
  });
  for (const [key, indexes] of old)
    for (const beforeIndex of indexes)
      pairs.push({ key, before: before[beforeIndex], after: undefined, beforeIndex, afterIndex: -1 });
  return pairs;
}
