import type { JsonMember, JsonNode } from './json-tree';

/** A stretch of a text (UTF-16 offsets, end exclusive) and what replaces it. */
export interface TextChange {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** A value to be written. */
export type JsonValue =
  string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue | undefined };

export type JsonArray = JsonNode & { readonly kind: 'array' };
export type JsonObject = JsonNode & { readonly kind: 'object' };

/** Carries out changes that do not overlap. */
export function applyChanges(text: string, changes: readonly TextChange[]): string {
  let changed = text;
  for (const { from, to, text: put } of [...changes].sort((a, b) => b.from - a.from))
    changed = changed.slice(0, from) + put + changed.slice(to);
  return changed;
}

/**
 * Edits to the text of a JSON file that leave everything else as it stands: order, spaces, line breaks, unknown keys. The
 * nodes given must come from `readJson` of the same text. What is put in looks like what stands beside it.
 */
export class JsonTextEditor {
  readonly #newline: string;
  readonly #unit: string;
  readonly #breaksLists: boolean;

  constructor(readonly text: string) {
    this.#newline = text.includes('\r\n') ? '\r\n' : '\n';
    this.#unit = /\n([ \t]+)\S/.exec(text)?.[1] ?? '  ';
    // A list of texts with a line for each, or a file without any such list: one name a line, so that its line can be quoted.
    this.#breaksLists = /\[\s*\n\s*"/.test(text) || !/\[\s*"/.test(text);
  }

  /** Another value in the place of `node`. */
  replace(node: JsonNode, value: JsonValue): TextChange {
    return { from: node.offset, to: node.end, text: this.#written(value, this.#indentAt(node.offset)) };
  }

  /** One more item, at `index` (from 0; the length of the list: at its end). */
  insertItem(array: JsonArray, index: number, value: JsonValue): TextChange {
    return this.#insert(array, array.items.map(spanOf), index, (indent) => this.#written(value, indent));
  }

  removeItem(array: JsonArray, index: number): TextChange {
    return removal(array, array.items.map(spanOf), index);
  }

  /** Takes the item at `from` to `to`; what stands between the items stays. */
  moveItem(array: JsonArray, from: number, to: number): TextChange[] {
    const order = array.items.map((_, index) => index);
    order.splice(to, 0, ...order.splice(from, 1));
    return order.flatMap((source, index) => {
      const [taken, place] = [array.items[source], array.items[index]];
      if (source === index || taken === undefined || place === undefined) return [];
      return [{ from: place.offset, to: place.end, text: this.text.slice(taken.offset, taken.end) }];
    });
  }

  /** The member `key` with this value: its (first) value replaced, or a new member behind the last of `after` there is, else the first. */
  setMember(object: JsonObject, key: string, value: JsonValue, after: readonly string[] = []): TextChange {
    const present = object.members.find((member) => member.key === key);
    if (present !== undefined) return this.replace(present.value, value);
    const index = object.members.findLastIndex((member) => after.includes(member.key)) + 1;
    const spans = object.members.map(memberSpan);
    return this.#insert(object, spans, index, (indent) => `${JSON.stringify(key)}: ${this.#written(value, indent)}`);
  }

  removeMember(object: JsonObject, key: string): TextChange | null {
    const index = object.members.findIndex((member) => member.key === key);
    return index < 0 ? null : removal(object, object.members.map(memberSpan), index);
  }

  #insert(container: JsonNode, spans: readonly Span[], index: number, written: (indent: string) => string): TextChange {
    const outer = this.#indentAt(container.offset);
    const [only] = spans;
    if (only === undefined) {
      const inner = outer + this.#unit;
      const put = written(inner);
      const oneLine = container.kind === 'array' && !put.includes('\n');
      const text = oneLine ? put : this.#newline + inner + put + this.#newline + outer;
      return { from: container.offset + 1, to: container.end - 1, text };
    }
    const before = spans[index - 1];
    const between = this.#between(container, spans, index);
    const indent = this.#indentAt((before ?? only).from);
    if (before === undefined) return { from: only.from, to: only.from, text: written(indent) + between };
    return { from: before.to, to: before.to, text: between + written(indent) };
  }

  /** The comma and the space around it with which neighbours of `index` are kept apart. */
  #between(container: JsonNode, spans: readonly Span[], index: number): string {
    const right = Math.min(Math.max(index, 1), spans.length - 1);
    const [a, b] = [spans[right - 1], spans[right]];
    if (a !== undefined && b !== undefined && right > 0) return this.text.slice(a.to, b.from);
    const lead = this.text.slice(container.offset + 1, spans[0]?.from);
    return lead.includes('\n') ? `,${lead}` : ', ';
  }

  /** The white space at the beginning of the line of `offset`. */
  #indentAt(offset: number): string {
    const lineStart = this.text.lastIndexOf('\n', offset - 1) + 1;
    return /^[ \t]*/.exec(this.text.slice(lineStart, offset))?.[0] ?? '';
  }

  #written(value: JsonValue, indent: string): string {
    if (value === null || typeof value !== 'object') return JSON.stringify(value);
    const inner = indent + this.#unit;
    const block = (open: string, parts: readonly string[], close: string): string =>
      `${open}${parts.map((part) => this.#newline + inner + part).join(',')}${this.#newline}${indent}${close}`;
    if (isList(value)) {
      if (value.length === 0) return '[]';
      const plain = value.every((item) => item === null || typeof item !== 'object');
      if (plain && !this.#breaksLists) return `[${value.map((item) => JSON.stringify(item)).join(', ')}]`;
      return block(
        '[',
        value.map((item) => this.#written(item, inner)),
        ']',
      );
    }
    const members = Object.entries(value).flatMap(([key, item]) => (item === undefined ? [] : [[key, item] as const]));
    if (members.length === 0) return '{}';
    return block(
      '{',
      members.map(([key, item]) => `${JSON.stringify(key)}: ${this.#written(item, inner)}`),
      '}',
    );
  }
}

const isList = (value: object): value is readonly JsonValue[] => Array.isArray(value);

interface Span {
  readonly from: number;
  readonly to: number;
}

const spanOf = ({ offset, end }: JsonNode): Span => ({ from: offset, to: end });
const memberSpan = ({ keyPlace, value }: JsonMember): Span => ({ from: keyPlace.offset, to: value.end });

/** Takes out one part with the comma that it needs no more. */
function removal(container: JsonNode, spans: readonly Span[], index: number): TextChange {
  const [before, own, next] = [spans[index - 1], spans[index], spans[index + 1]];
  if (own === undefined) return { from: container.offset, to: container.offset, text: '' };
  if (before !== undefined) return { from: before.to, to: own.to, text: '' };
  if (next !== undefined) return { from: own.from, to: next.from, text: '' };
  return { from: container.offset + 1, to: container.end - 1, text: '' };
}

/** Longest line of a list that stays on one. */
const LINE_WIDTH = 100;

/**
 * The same JSON, two spaces deep, with lists of plain values on one line where it fits; keys in their order, repeated
 * ones too, and strings and numbers as they were written. A newline at the end.
 */
export function formatJsonText(text: string, root: JsonNode): string {
  const raw = ({ offset, end }: JsonNode): string => text.slice(offset, end);
  const print = (node: JsonNode, indent: string): string => {
    const inner = `${indent}  `;
    if (node.kind === 'object') {
      if (node.members.length === 0) return '{}';
      const members = node.members.map(({ key, value }) => `${inner}${JSON.stringify(key)}: ${print(value, inner)}`);
      return `{\n${members.join(',\n')}\n${indent}}`;
    }
    if (node.kind !== 'array') return raw(node);
    if (node.items.length === 0) return '[]';
    const items = node.items.map((item) => print(item, inner));
    const line = `[${items.join(', ')}]`;
    const plain = node.items.every(({ kind }) => kind !== 'array' && kind !== 'object');
    if (plain && indent.length + 20 + line.length <= LINE_WIDTH) return line;
    return `[\n${items.map((item) => inner + item).join(',\n')}\n${indent}]`;
  };
  return `${print(root, '')}\n`;
}
