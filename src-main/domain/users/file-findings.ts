import { readJson, type JsonNode } from '../kernel';
import { decodeEntry, FirstError } from './decode-users';
import { noteEntry, noteUser, type EntryContext } from './entry-findings';
import { foldKey } from './go-decode';
import { wellFormed } from './go-text';
import { shownName, unknownKeyRemedy, type FindingNotes } from './finding-notes';
import { entryKeys, type EntryKey, type UserEntry } from './types';

const kindWords: Record<JsonNode['kind'], string> = {
  object: 'an object',
  array: 'a list',
  string: 'a text',
  number: 'a number',
  boolean: 'true or false',
  null: 'null',
};
const LIST_FORM = '{"name": [{"MysqlNativePassword": "*…", "UserData": "name"}]}';

const NOT_SPACE = /[^ \t\r\n]/;

type ObjectNode = JsonNode & { kind: 'object' };

/** How the reader of a file treats what `noteText` looks at. */
export interface TextRules {
  /** What a good file looks like. */
  readonly example: string;
  /** Whether text behind the first value refuses the file (json.Unmarshal) or is not looked at (json.Decoder). */
  readonly trailing: 'refused' | 'ignored';
}

/** Text rules of a users file. */
export const usersText: TextRules = { example: LIST_FORM, trailing: 'ignored' };

/** Notes what is wrong with the text before it is JSON: encoding, syntax, what follows. Returns the tree if there is one. */
export function noteText(text: string, invalidAt: number, notes: FindingNotes, rules: TextRules): JsonNode | null {
  if (text.startsWith('\uFEFF')) {
    const place = { line: 1, column: 1 };
    notes.note(
      'error',
      'byte-order-mark',
      place,
      'the file begins with a byte order mark',
      'Save it as UTF-8 without BOM.',
    );
    text = ` ${text.slice(1)}`;
  }
  if (!NOT_SPACE.test(text)) {
    notes.note('error', 'empty-file', { line: 1, column: 1 }, 'the file is empty', `Write ${rules.example}.`);
    return null;
  }
  const reading = readJson(text);
  if (!reading.ok) {
    const found = reading.error.found === '' ? 'the end of the file' : `"${reading.error.found}"`;
    const message = `${found} stands where JSON wants ${reading.error.wanted}`;
    notes.note('error', 'syntax', reading.error, message, 'Mend the JSON here.');
    return null;
  }
  if (invalidAt >= 0 && invalidAt < reading.end) {
    const before = text.slice(0, invalidAt);
    const place = { line: before.split('\n').length, column: invalidAt - before.lastIndexOf('\n') };
    notes.note(
      'warning',
      'not-utf8',
      place,
      'bytes that are not UTF-8 are read as U+FFFD, also inside passwords',
      'Save the file as UTF-8.',
    );
  }
  const rest = text.slice(reading.end);
  if (NOT_SPACE.test(rest)) {
    const at = reading.end + rest.search(NOT_SPACE);
    const before = text.slice(0, at);
    const place = { line: before.split('\n').length, column: at - before.lastIndexOf('\n') };
    const refused = rules.trailing === 'refused';
    notes.note(
      refused ? 'error' : 'warning',
      'trailing-text',
      place,
      refused
        ? 'text follows the JSON value, the file is refused'
        : 'text behind the first JSON value is ignored, users in it do not exist',
      refused ? 'Remove it.' : 'Remove it, or merge its users into the object above.',
    );
  }
  return reading.root;
}

/** The last value of each key of an entry, with findings about keys and types. */
function readFields(node: ObjectNode, notes: FindingNotes): Map<EntryKey, JsonNode> {
  const fields = new Map<EntryKey, JsonNode>();
  for (const { key: written, keyPlace, value } of node.members) {
    const key = foldKey(entryKeys, written);
    if (key === undefined) {
      const message = `${shownName(written)} is no key of an entry, vtgate refuses the file`;
      notes.note('error', 'unknown-key', keyPlace, message, unknownKeyRemedy(entryKeys, written));
      continue;
    }
    if (written !== key)
      notes.note('info', 'key-spelling', keyPlace, `${shownName(written)} is read as ${key}`, `Write ${key}.`);
    if (fields.has(key)) {
      const message = `${key} stands twice in one entry, the later one counts`;
      notes.note('warning', 'duplicate-key', keyPlace, message, 'Keep one of them.');
    }
    if (value.kind === 'null' && key !== 'Groups') {
      if (!fields.has(key)) fields.set(key, value);
      notes.note('warning', 'null-value', value, `null for ${key} is the same as leaving it out`, `Remove ${key}.`);
      continue;
    }
    fields.set(key, value);
    noteType(key, value, notes);
  }
  return fields;
}

function noteType(key: EntryKey, value: JsonNode, notes: FindingNotes): void {
  const wanted = key === 'Groups' ? 'a list of texts' : 'a text';
  const wrong = (node: JsonNode): void =>
    notes.note(
      'error',
      'type',
      node,
      `${kindWords[node.kind]} stands where ${key} needs ${wanted}`,
      `Write ${wanted}.`,
    );
  if (key !== 'Groups') {
    if (value.kind !== 'string') wrong(value);
    else noteSurrogate(value.value, value, notes);
  } else if (value.kind === 'array') {
    for (const item of value.items) {
      if (item.kind === 'null')
        notes.note('warning', 'null-group', item, 'null in Groups is a group named ""', 'Remove it.');
      else if (item.kind !== 'string') wrong(item);
      else noteSurrogate(item.value, item, notes);
    }
  } else if (value.kind !== 'null') wrong(value);
}

function noteSurrogate(text: string, node: { line: number; column: number }, notes: FindingNotes): void {
  if (wellFormed(text) !== text)
    notes.note('warning', 'not-utf8', node, 'half a surrogate pair is read as U+FFFD', 'Write the whole character.');
}

/** What a user's value looks like; `legacy` = one entry without its list. */
type UserForm = 'list' | 'legacy' | 'null' | 'wrong';

const formOf = (value: JsonNode): UserForm =>
  value.kind === 'array' ? 'list' : value.kind === 'object' ? 'legacy' : value.kind === 'null' ? 'null' : 'wrong';

function noteItems(
  user: string,
  items: readonly JsonNode[],
  live: boolean,
  notes: FindingNotes,
  context: EntryContext,
): void {
  const entries: { entry: UserEntry; fields: Map<EntryKey, JsonNode>; node: ObjectNode }[] = [];
  items.forEach((item, index) => {
    if (item.kind === 'object')
      entries.push({
        entry: decodeEntry(item, index, new FirstError()),
        fields: readFields(item, notes),
        node: item,
      });
    else if (item.kind === 'null')
      notes.note(
        'error',
        'null-entry',
        item,
        context.legacy
          ? `user ${shownName(user)} is null: every login as that user makes vtgate drop the connection`
          : `an entry of user ${shownName(user)} is null: vtgate crashes when it loads the file, at a reload too`,
        'Remove it, or write an entry.',
      );
    else
      notes.note(
        'error',
        'type',
        item,
        `${kindWords[item.kind]} stands where an entry of user ${shownName(user)} is needed`,
        'Write an object such as {"MysqlNativePassword": "*…", "UserData": "name"}.',
      );
  });
  if (!live) return;
  for (const { entry, fields, node } of entries) noteEntry(user, entry, fields, node, notes, context);
  noteUser(user, entries, notes, context);
}

/** Notes every fault of a users document. */
export function noteDocument(root: JsonNode, notes: FindingNotes, context: Omit<EntryContext, 'legacy'>): void {
  if (root.kind !== 'object') {
    const message = `${kindWords[root.kind]} stands where an object of users is needed`;
    notes.note('error', root.kind === 'null' ? 'no-users' : 'type', root, message, `Write users as ${LIST_FORM}.`);
    return;
  }
  if (root.members.length === 0)
    notes.note(
      'error',
      'no-users',
      root,
      'the file has no users: vtgate does not start with it, and a reload locks everybody out',
      `Write users as ${LIST_FORM}.`,
    );
  const forms = root.members.map(({ value }) => formOf(value));
  const legacy = forms.includes('legacy') && !forms.includes('list');
  const mixed = forms.includes('legacy') && forms.includes('list');
  if (legacy)
    notes.note(
      'warning',
      'legacy-format',
      root,
      'the users are in the old format with one entry each, SourceHost is not checked in it',
      `Put each entry into a list: ${LIST_FORM}.`,
    );
  const last = new Map(root.members.map((member, index) => [wellFormed(member.key), index]));
  root.members.forEach(({ key, keyPlace, value }, index) => {
    const user = wellFormed(key);
    const live = last.get(user) === index;
    if (user !== key) noteSurrogate(key, keyPlace, notes);
    if (!live)
      notes.note(
        'warning',
        'duplicate-user',
        keyPlace,
        `user ${shownName(user)} stands again further down, these entries are not used`,
        'Merge the two lists, or remove one.',
      );
    else if (user === '') notes.note('warning', 'empty-name', keyPlace, 'a user has the empty name', 'Give it a name.');
    const form = forms[index];
    if (form === 'legacy' && mixed)
      notes.note(
        'error',
        'mixed-format',
        value,
        `user ${shownName(user)} is in the old format beside users in lists, vtgate refuses the mixture`,
        'Put the entry into a list: [{…}].',
      );
    if (form === 'wrong')
      notes.note(
        'error',
        'type',
        value,
        `${kindWords[value.kind]} stands where the list of entries of user ${shownName(user)} is needed`,
        'Write a list of entries: [{…}].',
      );
    const items =
      value.kind === 'array' ? value.items : form === 'legacy' || (form === 'null' && legacy) ? [value] : [];
    if (live && items.length === 0 && form !== 'wrong')
      notes.note(
        'warning',
        'no-entries',
        value,
        `user ${shownName(user)} has no entries and is always denied`,
        'Add an entry, or remove the user.',
      );
    noteItems(user, items, live, notes, { ...context, legacy });
  });
}
