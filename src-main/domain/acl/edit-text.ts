import {
  applyChanges,
  GatehouseError,
  JsonTextEditor,
  type JsonArray,
  type JsonNode,
  type JsonObject,
} from '../kernel';
import { findEntryFaults } from './entry-check';
import { findAclNodes, groupMember, readAclForm, textList, type AclNodes, type GroupList } from './form';
import { lineWords, quoted } from './notes';

/**
 * One edit of a form. Groups and names are counted from 0; a name that is given beside its place must stand there. To remove
 * a name takes it out of its list from that place on, however often it stands there.
 */
export type AclEdit =
  { readonly kind: 'add-group'; readonly name: string; readonly entries: readonly string[] } | GroupEdit;

/** `groupName`, when it is given, is the name that the group must have. */
type GroupEdit = { readonly group: number; readonly groupName?: string | undefined } & (
  | { readonly kind: 'rename-group'; readonly name: string }
  | { readonly kind: 'remove-group' }
  | { readonly kind: 'move-group'; readonly to: number }
  | {
      readonly kind: 'add-names';
      readonly list: GroupList;
      readonly names: readonly string[];
      /** Tables that stand in another group are taken out there. */
      readonly take?: boolean | undefined;
    }
  | { readonly kind: 'remove-name'; readonly list: GroupList; readonly index: number; readonly name: string }
  | {
      readonly kind: 'replace-name';
      readonly list: GroupList;
      readonly index: number;
      readonly name: string;
      readonly by: string;
    }
);

const keyOrder = ['name', 'entries', 'readers', 'writers', 'admins'] as const;
const keysOf = {
  snake: { name: 'name', entries: 'table_names_or_prefixes', readers: 'readers', writers: 'writers', admins: 'admins' },
  camel: { name: 'name', entries: 'tableNamesOrPrefixes', readers: 'readers', writers: 'writers', admins: 'admins' },
} as const;

/**
 * The text of an ACL file with one edit, everything else as it stood. Throws GatehouseError: `access.text-broken` (not one
 * JSON object), `access.stale` (what the edit speaks of is not there), `access.list-broken` (no list of texts stands there),
 * `access.empty-name`, and for tables `access.percent`, `access.overlap` and `access.elsewhere` (it stands in another group).
 */
export function editAclText(text: string, file: string, edit: AclEdit): string {
  if (edit.kind !== 'add-group' && edit.groupName !== undefined) {
    const groups = readAclForm(text);
    if (groups !== null && groups[edit.group]?.name !== edit.groupName) throw stale();
  }
  const edited = new AclTextEdit(text, file).carryOut(edit);
  refuseNewFaults(text, edited, file, edit.kind === 'add-group' ? -1 : edit.group);
  return edited;
}

class AclTextEdit {
  readonly #editor: JsonTextEditor;
  readonly #nodes: AclNodes;

  constructor(
    readonly text: string,
    readonly file: string,
  ) {
    const nodes = findAclNodes(text);
    if (nodes === null)
      throw refusal('access.text-broken', `${file} is not JSON. Mend its text, or undo the last change to it.`);
    this.#nodes = nodes;
    this.#editor = new JsonTextEditor(text);
  }

  carryOut(edit: AclEdit): string {
    const { text } = this;
    switch (edit.kind) {
      case 'add-group':
        return this.#addGroup(edit.name, edit.entries);
      case 'rename-group': {
        const group = this.#group(edit.group);
        return applyChanges(text, [
          this.#editor.setMember(group, groupMember(group, 'name')?.key ?? 'name', edit.name),
        ]);
      }
      case 'remove-group':
        return applyChanges(text, [this.#editor.removeItem(this.#groups(), this.#indexOf(edit.group))]);
      case 'move-group': {
        const to = Math.max(0, Math.min(edit.to, this.#nodes.groupNodes.length - 1));
        return applyChanges(text, this.#editor.moveItem(this.#groups(), this.#indexOf(edit.group), this.#indexOf(to)));
      }
      case 'add-names':
        return this.#addNames(edit.group, edit.list, edit.names, edit.take ?? false);
      case 'remove-name':
        return this.#removeName(edit);
      case 'replace-name': {
        const [array, index] = this.#nameAt(edit);
        const item = array.items[index];
        const isThere = array.items.some((other) => other.kind === 'string' && other.value === edit.by);
        if (edit.by === '') throw emptyName();
        // The name that is meant stands in the list already: one of the two is enough.
        if (isThere || item === undefined) return applyChanges(text, [this.#editor.removeItem(array, index)]);
        return applyChanges(text, [this.#editor.replace(item, edit.by)]);
      }
    }
  }

  #addGroup(name: string, entries: readonly string[]): string {
    const { root, groups, camelCase } = this.#nodes;
    const keys = camelCase ? keysOf.camel : keysOf.snake;
    const made = { ...(name === '' ? {} : { name }), [keys.entries]: entries, readers: [], writers: [], admins: [] };
    if (groups === null) {
      const key = root.members.find((member) => member.key === 'tableGroups')?.key ?? 'table_groups';
      return applyChanges(this.text, [this.#editor.setMember(root, key, [made])]);
    }
    const array = this.#groups();
    return applyChanges(this.text, [this.#editor.insertItem(array, array.items.length, made)]);
  }

  #addNames(group: number, list: GroupList, names: readonly string[], take: boolean): string {
    if (names.includes('')) throw emptyName();
    let { text } = this;
    if (take && list === 'entries') {
      for (const name of names) text = withoutEntry(text, this.file, name, group);
      if (text !== this.text) return new AclTextEdit(text, this.file).#addNames(group, list, names, false);
    }
    const node = this.#group(group);
    const member = groupMember(node, list);
    const present = member === undefined || member.value.kind === 'null' ? null : this.#list(member.value);
    const known = new Set(present?.items.map((item) => (item.kind === 'string' ? item.value : '')));
    const wanted = [...new Set(names)].filter((name) => !known.has(name));
    if (wanted.length === 0) return text;
    if (present === null) {
      const keys = this.#nodes.camelCase ? keysOf.camel : keysOf.snake;
      const before = keyOrder.slice(0, keyOrder.indexOf(list));
      const after = before.flatMap((field) => [keysOf.snake[field], keysOf.camel[field]]);
      return applyChanges(text, [this.#editor.setMember(node, member?.key ?? keys[list], wanted, after)]);
    }
    const [first, ...rest] = wanted;
    if (first === undefined) return text;
    const grown = applyChanges(text, [this.#editor.insertItem(present, present.items.length, first)]);
    return new AclTextEdit(grown, this.file).#addNames(group, list, rest, false);
  }

  /** A name that stands twice in a list grants once: both go. */
  #removeName(edit: Extract<AclEdit, { kind: 'remove-name' }>): string {
    const [array, index] = this.#nameAt(edit);
    const text = applyChanges(this.text, [this.#editor.removeItem(array, index)]);
    const next = array.items.findIndex((item, at) => at > index && item.kind === 'string' && item.value === edit.name);
    return next < 0 ? text : new AclTextEdit(text, this.file).#removeName({ ...edit, index: next - 1 });
  }

  #groups(): JsonArray {
    const { groups } = this.#nodes;
    if (groups?.kind === 'array') return groups;
    throw groups === null ? stale() : this.#broken(groups, 'the list of table groups');
  }

  #group(index: number): JsonObject {
    const found = this.#nodes.groupNodes[index];
    if (found === undefined) throw stale();
    return found.node;
  }

  #indexOf(group: number): number {
    const found = this.#nodes.groupNodes[group];
    if (found === undefined) throw stale();
    return found.index;
  }

  #list(node: JsonNode): JsonArray {
    const list = textList(node);
    if (list === null) throw this.#broken(node, 'a list of names');
    return list;
  }

  #broken(node: JsonNode, wanted: string): GatehouseError {
    const summary = `In ${this.file}, line ${node.line}, something else stands where ${wanted} is needed. Mend the text there.`;
    return refusal('access.list-broken', summary);
  }

  #nameAt(at: {
    readonly group: number;
    readonly list: GroupList;
    readonly index: number;
    readonly name: string;
  }): [JsonArray, number] {
    const member = groupMember(this.#group(at.group), at.list);
    if (member === undefined) throw stale();
    const array = this.#list(member.value);
    const item = array.items[at.index];
    if (item?.kind !== 'string' || item.value !== at.name) throw stale();
    return [array, at.index];
  }
}

/** The text without the entry `name` in all groups but one. */
function withoutEntry(text: string, file: string, name: string, keep: number): string {
  const groups = readAclForm(text) ?? [];
  for (const [group, { lists }] of groups.entries()) {
    const index = lists.entries.names.findIndex((entry) => entry.text === name);
    if (group === keep || index < 0) continue;
    const edit = { kind: 'remove-name', group, list: 'entries', index, name } as const;
    return withoutEntry(new AclTextEdit(text, file).carryOut(edit), file, name, keep);
  }
  return text;
}

/** Refuses an edit that makes Vitess refuse an entry which it took before; `group` is the one that was edited, -1 the last. */
function refuseNewFaults(before: string, after: string, file: string, group: number): void {
  const entriesOf = (text: string) => {
    const groups = readAclForm(text) ?? [];
    const edited = group < 0 ? groups.length - 1 : group;
    return groups.flatMap(({ name, lists }, index) =>
      lists.entries.names.map((entry) => ({ ...entry, group: name, isEdited: index === edited })),
    );
  };
  const now = entriesOf(after);
  const faults = findEntryFaults(now.map(({ text }) => text));
  const old = findEntryFaults(entriesOf(before).map(({ text }) => text));
  if (faults.length <= old.length) return;
  const known = new Set(old.map(({ message }) => message));
  const fault = faults.find(({ message }) => !known.has(message)) ?? faults[0];
  const entry = fault === undefined ? undefined : now[fault.index];
  if (fault === undefined || entry === undefined) return;
  if (fault.kind === 'percent')
    throw refusal(
      'access.percent',
      `${quoted(entry.text)} has a % that is not its last character, or more than one. Write a whole name, or a prefix with one % at its end.`,
    );
  const other = now[fault.other];
  if (other === undefined) return;
  // Of two that clash the later one is at fault for Vitess; for the user the other one stood there already.
  const [added, present] = other.isEdited && !entry.isEdited ? [other, entry] : [entry, other];
  if (present.text === added.text)
    throw refusal(
      'access.elsewhere',
      `${quoted(added.text)} stands in ${groupWords(present.group)} already (${file}, ${lineWords(present)}). A table can be in one group only.`,
    );
  const isWide = added.text.endsWith('%') && present.text.startsWith(added.text.slice(0, -1));
  const [wide, narrow] = isWide ? [added, present] : [present, added];
  throw refusal(
    'access.overlap',
    `${quoted(wide.text)} (${groupWords(wide.group)}) covers ${quoted(narrow.text)} (${groupWords(narrow.group)}) too, and a table must have one entry only. Remove ${quoted(present.text)} (${file}, ${lineWords(present)}), or make the prefix longer.`,
  );
}

const groupWords = (name: string): string => (name === '' ? 'a group without a name' : `group ${quoted(name)}`);

const refusal = (code: string, summary: string): GatehouseError => new GatehouseError({ code, summary });
const emptyName = (): GatehouseError => refusal('access.empty-name', 'The name is empty. Write a name.');
const stale = (): GatehouseError =>
  refusal('access.stale', 'The file has changed meanwhile, and what this edit is about is not there any more.');
