import { Secret, type JsonNode, type JsonPlace } from '../kernel';
import { foldKey, GoStrings, unknownGoField, wrongGoField, wrongGoValue } from './go-decode';
import { wellFormed } from './go-text';
import { entryKeys, type EntryKey, type UserEntry, type UsersFile } from './types';

const ENTRY = 'mysql.AuthServerStaticEntry';

/** Outcome of decoding into one Go type; `error` is the first fault in document order, as encoding/json words it. */
interface Decoded {
  readonly users: Map<string, UserEntry[]>;
  readonly error: string | null;
}

/** A decoder's state: the first fault wins, the rest of the document is decoded all the same. */
export class FirstError {
  message: string | null = null;

  note(message: string): void {
    this.message ??= message;
  }
}

const secretOf = (text: string): Secret | null => (text === '' ? null : new Secret(text));

const nullEntry = (index: number, place: JsonPlace): UserEntry => ({
  index,
  line: place.line,
  column: place.column,
  isNull: true,
  mysqlNativePassword: null,
  cachingSha2Password: null,
  password: null,
  userData: null,
  sourceHost: '',
  groups: [],
});

/** One entry object; what does not fit is noted and left out. */
export function decodeEntry(node: JsonNode & { kind: 'object' }, index: number, errors: FirstError): UserEntry {
  const texts = new Map<EntryKey, string>();
  const groups = new GoStrings();
  for (const member of node.members) {
    const key = foldKey(entryKeys, member.key);
    const { value } = member;
    if (key === undefined) errors.note(unknownGoField(member.key));
    else if (key === 'Groups') {
      if (value.kind !== 'array' && value.kind !== 'null')
        errors.note(wrongGoField(value, 'AuthServerStaticEntry.Groups', '[]string'));
      else {
        const wrong = groups.assign(value);
        if (wrong !== null) errors.note(wrongGoField(wrong, 'AuthServerStaticEntry.Groups', 'string'));
      }
    } else if (value.kind === 'string') texts.set(key, wellFormed(value.value));
    else if (value.kind !== 'null') errors.note(wrongGoField(value, `AuthServerStaticEntry.${key}`, 'string'));
  }
  return {
    index,
    line: node.line,
    column: node.column,
    isNull: false,
    mysqlNativePassword: secretOf(texts.get('MysqlNativePassword') ?? ''),
    cachingSha2Password: secretOf(texts.get('CachingSha2Password') ?? ''),
    password: secretOf(texts.get('Password') ?? ''),
    userData: texts.get('UserData') ?? null,
    sourceHost: texts.get('SourceHost') ?? '',
    groups: groups.values,
  };
}

function decodeItem(item: JsonNode, index: number, errors: FirstError): UserEntry {
  if (item.kind === 'object') return decodeEntry(item, index, errors);
  if (item.kind !== 'null') errors.note(wrongGoValue(item, ENTRY));
  return nullEntry(index, item);
}

function decodeMap(
  root: JsonNode,
  type: string,
  entriesOf: (value: JsonNode, errors: FirstError) => UserEntry[],
): Decoded {
  const errors = new FirstError();
  const users = new Map<string, UserEntry[]>();
  if (root.kind === 'object')
    for (const member of root.members) users.set(wellFormed(member.key), entriesOf(member.value, errors));
  else if (root.kind !== 'null') errors.note(wrongGoValue(root, type));
  return { users, error: errors.message };
}

const decodeList = (root: JsonNode): Decoded =>
  decodeMap(root, `map[string][]*${ENTRY}`, (value, errors) => {
    if (value.kind === 'array') return value.items.map((item, index) => decodeItem(item, index, errors));
    if (value.kind !== 'null') errors.note(wrongGoValue(value, `[]*${ENTRY}`));
    return [];
  });

const decodeLegacy = (root: JsonNode): Decoded =>
  decodeMap(root, `map[string]*${ENTRY}`, (value, errors) => [decodeItem(value, 0, errors)]);

/** A users file as vtgate decodes it, or the error it reports. */
export type UsersDecoding =
  { readonly users: UsersFile; readonly error: null } | { readonly users: null; readonly error: string };

/**
 * The list format first; when anything in the document does not fit, the whole document in the legacy format, whose
 * error is the one reported (go/mysql/auth_server_static.go ParseConfig; vitess-behaviour §1.1).
 */
export function decodeUsers(root: JsonNode): UsersDecoding {
  const list = decodeList(root);
  if (list.error === null) return { users: { format: 'list', users: list.users }, error: null };
  const legacy = decodeLegacy(root);
  if (legacy.error === null) return { users: { format: 'legacy', users: legacy.users }, error: null };
  return { users: null, error: legacy.error };
}
