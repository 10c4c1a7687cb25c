import { readJson, type JsonNode, type JsonPlace } from '../kernel';
import { configKeys, groupKeys, type GroupField } from './decode-json';
import { isUtf8Text } from './go-text';
import { quoted, type AclNotes } from './notes';
import { SimilarNames } from './similar';
import type { AclListName, AclName, AclPlace } from './table-acl';
import type { Fidelity } from '../fidelity/fidelity';

/** A list of names as it stands in the file. */
export interface PlacedList extends AclPlace {
  readonly names: readonly AclName[];
}

/** A table group as it stands in the file; a list that is missing has the group's place. */
export interface PlacedGroup extends AclPlace {
  readonly name: string;
  readonly lists: Readonly<Record<'entries' | AclListName, PlacedList>>;
}

const kindWords: Record<JsonNode['kind'], string> = {
  object: 'an object',
  array: 'a list',
  string: 'a text',
  number: 'a number',
  boolean: 'true or false',
  null: 'null',
};

/** Keys that people write for something that has another name here. */
const otherNames = new Map<string, string>([
  ['tables', 'table_names_or_prefixes'],
  ['table', 'table_names_or_prefixes'],
  ['table_names', 'table_names_or_prefixes'],
  ['prefixes', 'table_names_or_prefixes'],
  ['names', 'table_names_or_prefixes'],
  ['groups', 'table_groups'],
  ['read', 'readers'],
  ['write', 'writers'],
  ['admin', 'admins'],
]);

/**
 * Reads the text of an ACL file for its places and for all of its faults at once. What is at fault is left out, so that
 * the rest can still be looked at. Returns null when the text is not one JSON object.
 */
export function readAclTree(text: string, notes: AclNotes, fidelity: Fidelity): PlacedGroup[] | null {
  const reading = readJson(text);
  if (!reading.ok) {
    const { error } = reading;
    const found = error.found === '' ? 'The file ends' : `${quoted(error.found)} stands`;
    notes.add('not-json', 'error', error, `${found} where JSON wants ${error.wanted}.`, 'Mend the JSON here.');
    return null;
  }
  const behind = /[^ \t\r\n]/.exec(text.slice(reading.end));
  if (behind !== null) {
    const place = placeAt(text, reading.end + behind.index);
    notes.add('trailing-data', 'error', place, 'More text follows the JSON value.', 'Remove what follows it.');
  }
  return new TreeReader(notes, fidelity).config(reading.root);
}

function placeAt(text: string, offset: number): AclPlace {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length, column: offset - lineStart + 1 };
}

const placeOf = ({ line, column }: JsonPlace): AclPlace => ({ line, column });

class TreeReader {
  constructor(
    readonly notes: AclNotes,
    readonly fidelity: Fidelity,
  ) {}

  config(root: JsonNode): PlacedGroup[] | null {
    if (root.kind !== 'object') {
      this.#wrongType(root, 'an object with table_groups');
      return null;
    }
    const groups: PlacedGroup[] = [];
    this.#fields(root, configKeys, (_field, value) => {
      for (const item of this.#items(value, 'a list of table groups')) {
        if (item.kind === 'object') groups.push(this.#group(item));
        else this.#wrongType(item, 'a table group (an object)');
      }
    });
    return groups;
  }

  #group(node: JsonNode & { kind: 'object' }): PlacedGroup {
    const place = placeOf(node);
    let name = '';
    const missing: PlacedList = { ...place, names: [] };
    const lists: Record<'entries' | AclListName, PlacedList> = {
      entries: missing,
      readers: missing,
      writers: missing,
      admins: missing,
    };
    this.#fields(node, groupKeys, (field, value) => {
      if (field !== 'name') lists[field] = this.#list(value, field);
      else if (value.kind === 'string') {
        name = value.value;
        this.#checkText(value, name);
      } else this.#wrongType(value, 'a text');
    });
    return { ...place, name, lists };
  }

  #list(node: JsonNode, field: Exclude<GroupField, 'name'>): PlacedList {
    const names: AclName[] = [];
    const what = field === 'entries' ? 'a table name or prefix' : 'a user or group name';
    for (const item of this.#items(node, 'a list of texts')) {
      if (item.kind === 'string') {
        names.push({ text: item.value, ...placeOf(item) });
        this.#checkText(item, item.value);
      } else this.#wrongType(item, `${what} (a text)`);
    }
    return { ...placeOf(node), names };
  }

  /** Hands every known field that is not null to `take`; notes the keys that are unknown or stand twice. */
  #fields<F extends string>(
    node: JsonNode & { kind: 'object' },
    keys: ReadonlyMap<string, F>,
    take: (field: F, value: JsonNode) => void,
  ): void {
    const seen = new Map<F, JsonPlace>();
    for (const { key, keyPlace, value } of node.members) {
      const field = keys.get(key);
      if (field === undefined) {
        this.#unknownKey(key, keyPlace, [...keys.keys()]);
        continue;
      }
      const first = seen.get(field);
      if (first !== undefined) {
        const message = `${quoted(key)} stands here although line ${first.line} has this field already.`;
        this.notes.add('duplicate-key', 'error', keyPlace, message, 'Keep one of the two.');
        continue;
      }
      seen.set(field, keyPlace);
      if (value.kind !== 'null') take(field, value);
    }
  }

  #unknownKey(key: string, place: JsonPlace, known: readonly string[]): void {
    const other = otherNames.get(key.toLowerCase());
    const meant = other !== undefined && known.includes(other) ? other : new SimilarNames(known).nearest(key);
    if (meant === null) {
      const message = `Vitess does not know the key ${quoted(key)} and leaves it out without a word.`;
      this.notes.add('unknown-key', 'warning', place, message, 'Remove it, or use a key that Vitess knows.');
      return;
    }
    const level = this.fidelity.mode === 'hardened' ? 'error' : 'warning';
    const message = `Vitess leaves the key ${quoted(key)} and all under it out without a word: did you mean "${meant}"?`;
    this.notes.add('misspelt-key', level, place, message, `Write "${meant}".`);
  }

  #items(node: JsonNode, wanted: string): readonly JsonNode[] {
    if (node.kind === 'array') return node.items;
    this.#wrongType(node, wanted);
    return [];
  }

  #wrongType(node: JsonNode, wanted: string): void {
    const message = `Here stands ${kindWords[node.kind]} where ${wanted} is needed.`;
    this.notes.add('wrong-type', 'error', node, message, `Write ${wanted}.`);
  }

  #checkText(place: JsonPlace, text: string): void {
    if (isUtf8Text(text)) return;
    const message = `${quoted(text)} has half of a surrogate pair, which is no character.`;
    this.notes.add('lone-surrogate', 'error', place, message, 'Write the whole pair or another character.');
  }
}
