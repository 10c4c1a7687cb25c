import { editAclText, readAclForm } from '../acl';
import { applyChanges, GatehouseError, JsonTextEditor, readJson, type JsonNode, type JsonValue } from '../kernel';
import { readTopology } from '../topology';
import {
  foldedMember,
  isArray,
  isObject,
  itemsOf,
  jsonText,
  memberOf,
  textOf,
  type JsonText,
} from './changes/json-sides';

/** One edit of the draft as data; the same shapes as in the contract. */
export type DraftEdit =
  | {
      readonly kind: 'acl.member';
      readonly file?: string | undefined;
      readonly group: string;
      readonly list: 'readers' | 'writers' | 'admins';
      readonly name: string;
      readonly add: boolean;
    }
  | {
      readonly kind: 'acl.group';
      readonly file?: string | undefined;
      readonly table: string;
      readonly list: 'readers' | 'writers' | 'admins';
      readonly name: string;
    }
  | { readonly kind: 'topology.set'; readonly path: readonly (string | number)[]; readonly value: JsonValue }
  | {
      readonly kind: 'users.userData';
      readonly file: string;
      readonly user: string;
      readonly entry: number;
      readonly userData: string;
    }
  | {
      readonly kind: 'suite.expect';
      readonly file: string;
      readonly caller: string;
      readonly table: string;
      readonly role: 'read' | 'write' | 'admin';
      readonly verdict: 'allow' | 'deny';
    };

const ROLE_WORDS = { readers: 'Reader', writers: 'Writer', admins: 'Admin' } as const;
const ROLES = ['read', 'write', 'admin'];

/** What Undo calls the edit. */
export function editLabel(edit: DraftEdit): string {
  switch (edit.kind) {
    case 'acl.member':
      return `${edit.add ? 'Add' : 'Remove'} ${ROLE_WORDS[edit.list]}`;
    case 'acl.group':
      return 'Add Table Group';
    case 'topology.set':
      return `Set ${String(edit.path.findLast((part) => typeof part === 'string') ?? 'Setting')}`;
    case 'users.userData':
      return 'Change UserData';
    case 'suite.expect':
      return edit.verdict === 'allow' ? 'Expect Allowed' : 'Expect Denied';
  }
}

/** The file that an edit changes; `aclFile` is the first tablet's, null when no tablet has one. */
export function editedFile(edit: DraftEdit, aclFile: string | null): string {
  if (edit.kind === 'topology.set') return 'gatehouse.json';
  const file = edit.file ?? aclFile;
  if (file !== null) return file;
  throw new GatehouseError({
    code: 'edit.no-acl',
    summary: 'No tablet of this workspace has a table ACL. Set "acl.file" of a tablet in gatehouse.json first.',
  });
}

const stale = (what: string): GatehouseError =>
  new GatehouseError({ code: 'edit.stale', summary: `${what} is not there any more. Nothing was changed.` });

/**
 * The text of `file` with the edit, everything else as it stood. Throws GatehouseError: `edit.stale` (what it is about is
 * gone), `edit.not-json`, `edit.refused` (gatehouse.json could not be read with it), and those of `editAclText`.
 */
export function editText(text: string, file: string, edit: DraftEdit): string {
  if (edit.kind === 'acl.member') return editMember(text, file, edit);
  if (edit.kind === 'acl.group') return addGroup(text, file, edit);
  const side = jsonText(Buffer.from(text));
  if (side === null)
    throw new GatehouseError({
      code: 'edit.not-json',
      summary: `${file} is not JSON. Mend it, or undo the last change.`,
    });
  switch (edit.kind) {
    case 'topology.set':
      return editTopology(side, file, edit.path, edit.value);
    case 'users.userData': {
      const entries = memberOf(side.root, edit.user);
      const entry = isArray(entries) ? entries.items[edit.entry] : edit.entry === 0 ? entries : undefined;
      if (!isObject(entry)) throw stale(`Entry ${edit.entry + 1} of "${edit.user}" in ${file}`);
      const spelled = entry.members.find(({ key }) => key.toLowerCase() === 'userdata')?.key ?? 'UserData';
      const before = ['MysqlNativePassword', 'CachingSha2Password', 'Password'];
      return applyChanges(text, [new JsonTextEditor(text).setMember(entry, spelled, edit.userData, before)]);
    }
    case 'suite.expect':
      return editExpectation(side, edit, file);
  }
}

function editMember(text: string, file: string, edit: DraftEdit & { kind: 'acl.member' }): string {
  const groups = readAclForm(text);
  const group = groups?.findIndex(({ name }) => name === edit.group) ?? -1;
  if (groups !== null && group < 0) throw stale(`The table group "${edit.group}" of ${file}`);
  // A text that is broken is told of by the editor itself.
  if (edit.add)
    return editAclText(text, file, {
      kind: 'add-names',
      group: Math.max(0, group),
      list: edit.list,
      names: [edit.name],
    });
  let edited = text;
  for (;;) {
    const names = readAclForm(edited)?.[group]?.lists[edit.list].names ?? [];
    const index = names.findIndex((name) => name.text === edit.name);
    if (index < 0) return edited;
    edited = editAclText(edited, file, { kind: 'remove-name', group, list: edit.list, index, name: edit.name });
  }
}

/** A group named after its table, or with a number behind it where the name is taken. */
function addGroup(text: string, file: string, edit: DraftEdit & { kind: 'acl.group' }): string {
  const groups = readAclForm(text) ?? [];
  const taken = new Set(groups.map(({ name }) => name));
  let name = edit.table;
  for (let next = 2; taken.has(name); next += 1) name = `${edit.table}-${next}`;
  const guarded = editAclText(text, file, { kind: 'add-group', name, entries: [edit.table] });
  return editAclText(guarded, file, { kind: 'add-names', group: groups.length, list: edit.list, names: [edit.name] });
}

function editTopology(side: JsonText, file: string, path: readonly (string | number)[], value: JsonValue): string {
  const editor = new JsonTextEditor(side.text);
  let node: JsonNode | undefined = side.root;
  for (const part of path.slice(0, -1)) node = typeof part === 'number' ? itemsOf(node)[part] : memberOf(node, part);
  const last = path.at(-1);
  const change =
    typeof last === 'string' && isObject(node)
      ? editor.setMember(
          node,
          last,
          value,
          node.members.map(({ key }) => key),
        )
      : typeof last === 'number' && isArray(node) && node.items[last] !== undefined
        ? editor.replace(node.items[last], value)
        : null;
  if (change === null) throw stale(`${path.join('.').slice(0, 120)} of ${file}`);
  const edited = applyChanges(side.text, [change]);
  const known = new Set(readTopology(Buffer.from(side.text), file).findings.map(({ message }) => message));
  const fault = readTopology(Buffer.from(edited), file).findings.find(
    ({ level, message }) => level === 'error' && !known.has(message),
  );
  if (fault !== undefined)
    throw new GatehouseError({
      code: 'edit.refused',
      summary: `${file}, line ${fault.line}: ${fault.message}. ${fault.remedy} Nothing was changed.`,
    });
  return edited;
}

function editExpectation(side: JsonText, edit: DraftEdit & { kind: 'suite.expect' }, file: string): string {
  const editor = new JsonTextEditor(side.text);
  const { root } = side;
  const known = (list: string, name: string): boolean =>
    itemsOf(memberOf(root, list)).some((item) => textOf(foldedMember(item, 'name')) === name);
  if (!isObject(root) || !known('callers', edit.caller)) throw stale(`The caller "${edit.caller}" of ${file}`);
  if (!known('tables', edit.table)) throw stale(`The table "${edit.table}" of ${file}`);
  const allow = memberOf(root, 'allow');
  const own = memberOf(allow, edit.caller);
  const list = memberOf(own, edit.role);
  const index = itemsOf(list).findIndex((item) => textOf(item) === edit.table);
  if (edit.verdict === 'deny') {
    if (index < 0 || !isArray(list)) return side.text;
    return editExpectation(readAgain(applyChanges(side.text, [editor.removeItem(list, index)])), edit, file);
  }
  if (index >= 0) return side.text;
  if (isArray(list)) return applyChanges(side.text, [editor.insertItem(list, list.items.length, edit.table)]);
  const before = ROLES.slice(0, ROLES.indexOf(edit.role));
  if (isObject(own)) return applyChanges(side.text, [editor.setMember(own, edit.role, [edit.table], before)]);
  const made = { [edit.role]: [edit.table] };
  if (isObject(allow)) {
    const others = allow.members.map(({ key }) => key);
    return applyChanges(side.text, [editor.setMember(allow, edit.caller, made, others)]);
  }
  return applyChanges(side.text, [
    editor.setMember(root, 'allow', { [edit.caller]: made }, ['schema', 'name', 'callers', 'tables']),
  ]);
}

function readAgain(text: string): JsonText {
  const reading = readJson(text);
  if (!reading.ok) throw new Error('an edit of JSON has made something else of it');
  return { text, root: reading.root };
}
