import type { AccessPart } from '../../../src-main/contract';
import { access as text } from '../../text/access';
import type { CodeCompletion, CompletionSource } from '../../ui/code/types';

/** Where a position in an unfinished JSON text is: the keys of the objects around it, and what may stand there. */
export interface JsonContext {
  /** Keys from the outside in; null for the items of a list. */
  readonly path: readonly (string | null)[];
  readonly expects: 'key' | 'value' | 'nothing';
  /** Offset of the first character behind the opening quote, when the position is inside a string. */
  readonly stringFrom: number | null;
  /** Keys that the innermost object has before the position. */
  readonly keys: readonly string[];
}

interface Level {
  readonly kind: 'object' | 'array';
  key: string | null;
  keys: string[];
  expects: 'key' | 'colon' | 'value' | 'comma';
}

/** Reads a text up to `position` and says what may stand there; faults before it are passed over. */
export function jsonContext(source: string, position: number): JsonContext {
  const levels: Level[] = [];
  let stringFrom: number | null = null;
  for (let at = 0; at < position; at += 1) {
    const top = levels.at(-1);
    const sign = source[at];
    if (sign === '"') {
      let end = at + 1;
      while (end < source.length && source[end] !== '"' && source[end] !== '\n') end += source[end] === '\\' ? 2 : 1;
      if (end >= position) {
        stringFrom = at + 1;
        break;
      }
      if (top?.expects === 'key') {
        top.key = source.slice(at + 1, end);
        top.keys.push(top.key);
        top.expects = 'colon';
      } else if (top !== undefined) top.expects = 'comma';
      at = end;
    } else if (sign === '{' || sign === '[') {
      const kind = sign === '{' ? 'object' : 'array';
      levels.push({ kind, key: null, keys: [], expects: kind === 'object' ? 'key' : 'value' });
    } else if (sign === '}' || sign === ']') {
      levels.pop();
      const outer = levels.at(-1);
      if (outer !== undefined) outer.expects = 'comma';
    } else if (sign === ':' && top?.kind === 'object') top.expects = 'value';
    else if (sign === ',' && top !== undefined) top.expects = top.kind === 'object' ? 'key' : 'value';
  }
  const top = levels.at(-1);
  const expects = top?.expects === 'key' ? 'key' : top?.expects === 'value' ? 'value' : 'nothing';
  return {
    path: levels.map(({ kind, key }) => (kind === 'array' ? null : key)),
    expects,
    stringFrom,
    keys: top?.keys ?? [],
  };
}

const groupKeys = ['name', 'table_names_or_prefixes', 'readers', 'writers', 'admins'];
const principalLists = new Set(['readers', 'writers', 'admins']);
const entryLists = new Set(['table_names_or_prefixes', 'tableNamesOrPrefixes']);

/** What can be written in an ACL file at the cursor: its keys, the known callers and groups, the known tables. */
export function completeAcl(part: () => AccessPart | null, keyspace: () => string | undefined): CompletionSource {
  return (source, position, explicit) => {
    const context = jsonContext(source, position);
    const { path, expects, stringFrom, keys } = context;
    const options = optionsAt(path, expects, keys, part(), keyspace());
    if (options.length === 0 || expects === 'nothing') return null;
    if (stringFrom !== null) return { from: stringFrom, options };
    // Outside quotes only on request: every key press would open a list otherwise.
    if (!explicit) return null;
    const quoted = options.map((option) => ({ ...option, apply: `"${option.apply ?? option.label}"` }));
    return { from: position, options: quoted };
  };
}

function optionsAt(
  path: readonly (string | null)[],
  expects: JsonContext['expects'],
  present: readonly string[],
  part: AccessPart | null,
  keyspace: string | undefined,
): CodeCompletion[] {
  const absent = (keys: readonly string[]): CodeCompletion[] =>
    keys.filter((key) => !present.includes(key)).map((label) => ({ label }));
  if (expects === 'key') {
    if (path.length === 1) return absent(['table_groups']);
    return path.length === 3 && path[1] === null ? absent(groupKeys) : [];
  }
  // Inside a list of a group: the object, table_groups' list, the group, the list.
  const isGroup = path[0] === 'table_groups' || path[0] === 'tableGroups';
  const list = isGroup && path.length === 4 && path[3] === null ? path[2] : null;
  if (list == null || part === null) return [];
  if (principalLists.has(list))
    return part.principals.map(({ name, kind }) => ({ label: name, detail: text.kinds[kind] }));
  if (!entryLists.has(list)) return [];
  return (part.tables.find((one) => one.keyspace === keyspace)?.names ?? []).map((label) => ({ label }));
}
