import { GatehouseError, readJson, type JsonNode } from '../kernel';

/** Steps from the root to a value: keys of objects and indices of lists. */
export type JsonPath = readonly (string | number)[];

/**
 * Sets one value of a JSON text and leaves every other character as it is, so that the difference of a file that a person
 * formatted is the change and nothing else. A missing last key is added; an index one beyond the end appends.
 * @throws GatehouseError `json.unreadable` when the text is no JSON, `json.no-such-place` when the path leads nowhere
 */
export function setJson(text: string, path: JsonPath, value: unknown): string {
  const last = path.at(-1);
  const root = rootOf(text);
  if (last === undefined) return text.slice(0, root.offset) + JSON.stringify(value, null, 2) + text.slice(root.end);
  const parent = path.slice(0, -1).reduce<JsonNode>((node, step) => childOf(node, step) ?? noSuchPlace(path), root);
  const present = childOf(parent, last);
  const unit = indentUnit(text);
  if (present !== undefined)
    return splice(text, present.offset, present.end, written(value, unit, indentAt(text, present.offset)));
  if (parent.kind === 'object' && typeof last === 'string')
    return append(
      text,
      parent,
      parent.members.map((member) => member.keyPlace.offset),
      `${JSON.stringify(last)}: `,
      value,
    );
  if (parent.kind === 'array' && last === parent.items.length)
    return append(
      text,
      parent,
      parent.items.map((item) => item.offset),
      '',
      value,
    );
  return noSuchPlace(path);
}

function rootOf(text: string): JsonNode {
  const reading = readJson(text);
  if (reading.ok) return reading.root;
  throw new GatehouseError({
    code: 'json.unreadable',
    summary: `The file is no JSON (line ${reading.error.line}). Mend it, then try again; nothing was changed.`,
  });
}

const noSuchPlace = (path: JsonPath): never => {
  throw new GatehouseError({ code: 'json.no-such-place', summary: `The file has no ${path.join('.')}.` });
};

/** The value at one step; of a key that stands twice the last one counts, as for JSON.parse. */
function childOf(node: JsonNode, step: string | number): JsonNode | undefined {
  if (node.kind === 'object') return node.members.findLast((member) => member.key === step)?.value;
  return node.kind === 'array' && typeof step === 'number' ? node.items[step] : undefined;
}

/** Adds a member or an item behind the others: on a line of its own where they have lines of their own. */
function append(
  text: string,
  parent: Extract<JsonNode, { kind: 'object' | 'array' }>,
  starts: readonly number[],
  prefix: string,
  value: unknown,
): string {
  const unit = indentUnit(text);
  const close = parent.end - 1;
  const lastStart = starts.at(-1);
  if (lastStart === undefined) {
    const outer = indentAt(text, parent.offset);
    const inner = outer + unit;
    return splice(text, parent.offset + 1, close, `\n${inner}${prefix}${written(value, unit, inner)}\n${outer}`);
  }
  const lastEnd = parent.kind === 'object' ? parent.members.at(-1)?.value.end : parent.items.at(-1)?.end;
  const ownLines = text.slice(parent.offset, lastStart).includes('\n');
  const inner = ownLines ? indentAt(text, lastStart) : indentAt(text, parent.offset);
  const content = ownLines ? written(value, unit, inner) : oneLine(value);
  return splice(text, lastEnd ?? close, lastEnd ?? close, `,${ownLines ? `\n${inner}` : ' '}${prefix}${content}`);
}

const splice = (text: string, from: number, to: number, put: string): string =>
  text.slice(0, from) + put + text.slice(to);

/** A value over several lines, at the indentation of its place; what fits on a line stays on it. */
function written(value: unknown, unit: string, indent: string): string {
  const line = oneLine(value);
  if (!line.includes('{') && line.length <= 80) return line;
  return JSON.stringify(value, null, unit).replaceAll('\n', `\n${indent}`);
}

const oneLine = (value: unknown): string =>
  Array.isArray(value)
    ? `[${value.map(oneLine).join(', ')}]`
    : typeof value === 'object' && value !== null
      ? `{ ${Object.entries(value)
          .filter(([, member]) => member !== undefined)
          .map(([key, member]) => `${JSON.stringify(key)}: ${oneLine(member)}`)
          .join(', ')} }`.replace('{  }', '{}')
      : JSON.stringify(value);

/** Spaces or tabs in front of the first character of the line of `offset`. */
const indentAt = (text: string, offset: number): string =>
  /^[ \t]*/.exec(text.slice(text.lastIndexOf('\n', offset - 1) + 1))?.[0] ?? '';

/** What one level is indented by; two spaces in a text that shows none. */
const indentUnit = (text: string): string => /\n([ \t]+)\S/.exec(text)?.[1] ?? '  ';
