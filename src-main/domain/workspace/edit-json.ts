import { applyChanges, GatehouseError, JsonTextEditor, readJson, type JsonNode, type JsonValue } from '../kernel';

/** Steps from the root to a value: keys of objects and indices of lists. */
export type JsonPath = readonly (string | number)[];

/**
 * Sets the value at a path of a JSON text and leaves every other character as it is. A missing last key is added; an
 * index one beyond the end appends.
 * @throws GatehouseError `json.unreadable` when the text is no JSON, `json.no-such-place` when the path leads nowhere
 */
export function setJson(text: string, path: JsonPath, value: JsonValue): string {
  const reading = readJson(text);
  if (!reading.ok)
    throw new GatehouseError({
      code: 'json.unreadable',
      summary: `The file is no JSON (line ${reading.error.line}). Mend it, then try again; nothing was changed.`,
    });
  const editor = new JsonTextEditor(text);
  const last = path.at(-1);
  if (last === undefined) return applyChanges(text, [editor.replace(reading.root, value)]);
  const parent = path
    .slice(0, -1)
    .reduce<JsonNode>((node, step) => childOf(node, step) ?? noSuchPlace(path), reading.root);
  const present = childOf(parent, last);
  if (present !== undefined) return applyChanges(text, [editor.replace(present, value)]);
  if (parent.kind === 'object' && typeof last === 'string')
    return applyChanges(text, [
      editor.setMember(
        parent,
        last,
        value,
        parent.members.map(({ key }) => key),
      ),
    ]);
  if (parent.kind === 'array' && last === parent.items.length)
    return applyChanges(text, [editor.insertItem(parent, last, value)]);
  return noSuchPlace(path);
}

const noSuchPlace = (path: JsonPath): never => {
  throw new GatehouseError({ code: 'json.no-such-place', summary: `The file has no ${path.join('.')}.` });
};

/** The value at one step; of a key that stands twice the last one counts, as for JSON.parse. */
function childOf(node: JsonNode, step: string | number): JsonNode | undefined {
  if (node.kind === 'object') return node.members.findLast((member) => member.key === step)?.value;
  return node.kind === 'array' && typeof step === 'number' ? node.items[step] : undefined;
}
