import type { Decoded } from './decode-binary';
import { ProtoJsonError, ProtoJsonTokens } from './json-tokens';

/** Nesting that protojson allows. */
const MAX_DEPTH = 10_000;

/** The fields of a table group. */
export type GroupField = 'name' | 'entries' | 'readers' | 'writers' | 'admins';

/** Every spelling of a key at the top of the file, with the field that it fills. */
export const configKeys: ReadonlyMap<string, 'groups'> = new Map([
  ['table_groups', 'groups'],
  ['tableGroups', 'groups'],
] as const);

/** The same for a table group. */
export const groupKeys: ReadonlyMap<string, GroupField> = new Map([
  ['name', 'name'],
  ['table_names_or_prefixes', 'entries'],
  ['tableNamesOrPrefixes', 'entries'],
  ['readers', 'readers'],
  ['writers', 'writers'],
  ['admins', 'admins'],
] as const);

interface MutableGroup {
  name: string;
  entries: string[];
  readers: string[];
  writers: string[];
  admins: string[];
}

/**
 * Reads JSON as vttablet does (protojson with DiscardUnknown; vitess-behaviour §5.1): both spellings of the keys,
 * unknown keys left out, `null` for any field, no key twice, no other types, nothing behind the value.
 */
export function decodeJson(bytes: Uint8Array): Decoded {
  const tokens = new ProtoJsonTokens(bytes);
  try {
    const groups: MutableGroup[] = [];
    readMessage(tokens, configKeys, 1, () => readList(tokens, () => groups.push(readGroup(tokens))));
    const rest = tokens.next();
    if (rest.kind !== 'eof') throw tokens.unexpected(rest);
    return { ok: true, model: { groups } };
  } catch (error) {
    if (error instanceof ProtoJsonError) return { ok: false, message: error.message };
    throw error;
  }
}

function readGroup(tokens: ProtoJsonTokens): MutableGroup {
  const group: MutableGroup = { name: '', entries: [], readers: [], writers: [], admins: [] };
  readMessage(tokens, groupKeys, 2, (field) => {
    if (field === 'name') group.name = readText(tokens, 'name');
    else {
      const jsonName = field === 'entries' ? 'tableNamesOrPrefixes' : field;
      readList(tokens, () => group[field].push(readText(tokens, jsonName)));
    }
  });
  return group;
}

function readMessage<F>(
  tokens: ProtoJsonTokens,
  keys: ReadonlyMap<string, F>,
  depth: number,
  readField: (field: F) => void,
): void {
  const opening = tokens.next();
  if (opening.kind !== '{') throw tokens.unexpected(opening);
  const seen = new Set<F>();
  for (;;) {
    const key = tokens.next();
    if (key.kind === '}') return;
    const field = keys.get(key.text);
    if (field === undefined) {
      skipValue(tokens, MAX_DEPTH - depth);
      continue;
    }
    if (seen.has(field)) throw tokens.error(key.start, `duplicate field ${tokens.raw(key)}`);
    seen.add(field);
    if (tokens.peek().kind === 'null') tokens.next();
    else readField(field);
  }
}

function readList(tokens: ProtoJsonTokens, readItem: () => void): void {
  const opening = tokens.next();
  if (opening.kind !== '[') throw tokens.unexpected(opening);
  while (tokens.peek().kind !== ']') readItem();
  tokens.next();
}

function readText(tokens: ProtoJsonTokens, jsonName: string): string {
  const token = tokens.next();
  if (token.kind === 'string') return token.text;
  throw tokens.error(token.start, `invalid value for string field ${jsonName}: ${tokens.raw(token)}`);
}

function skipValue(tokens: ProtoJsonTokens, deepest: number): void {
  let open = 0;
  do {
    const { kind } = tokens.next();
    if (kind === '{' || kind === '[') open += 1;
    else if (kind === '}' || kind === ']') open -= 1;
    if (open > deepest) throw new ProtoJsonError('proto: exceeded max recursion depth');
  } while (open > 0);
}
