import { isDeepStrictEqual } from 'node:util';
import type { JsonMember, JsonNode, JsonValue, TextChange } from '../../kernel';
import { code, name, say, strong, type Change, type Sentence, type SentencePart } from './change';
import {
  foldedMember,
  isArray,
  isObject,
  itemsOf,
  membersOf,
  textOf,
  valueOf,
  type JsonSides,
  type JsonText,
} from './json-sides';

const SECRETS = ['mysqlnativepassword', 'cachingsha2password', 'password'];
const ORDINALS = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth', 'ninth', 'tenth'];
const ordinal = (index: number): string => ORDINALS[index] ?? `${index + 1}th`;

/** One entry of a user: the legacy form has one that stands without a list. */
interface Entry {
  readonly node: JsonNode;
  readonly index: number;
  readonly value: { readonly [key: string]: JsonValue | undefined };
  readonly secrets: string;
}

function entriesOf(side: JsonText, node: JsonNode | undefined): Entry[] {
  const nodes = node === undefined ? [] : node.kind === 'array' ? itemsOf(node) : [node];
  return nodes.map((item, index) => {
    const raw = valueOf(side, item);
    const value: Record<string, JsonValue | undefined> = {};
    if (isObject(item) && typeof raw === 'object' && raw !== null)
      for (const [key, part] of Object.entries(raw)) value[key.toLowerCase()] = part as JsonValue;
    return { node: item, index, value, secrets: JSON.stringify(SECRETS.map((key) => value[key] ?? '')) };
  });
}

const userDataOf = ({ value }: Entry): string | null => {
  const found = value['userdata'];
  return typeof found === 'string' ? found : null;
};

const whose = (entry: Entry): readonly (SentencePart | string)[] => {
  const data = userDataOf(entry);
  return data === null ? ['', '', ''] : [' (UserData ', name(data), ')'];
};

/** What differs between two static users files: users, their entries, and what each entry says. No secret is ever said. */
export function usersChanges(sides: JsonSides): Change[] {
  const lastOf = (node: JsonNode): Map<string, JsonMember> =>
    new Map(membersOf(node).map((member) => [member.key, member]));
  const [before, after] = [lastOf(sides.before.root), lastOf(sides.after.root)];
  const changes: Change[] = [];
  for (const [user, member] of after) {
    const old = before.get(user);
    if (old !== undefined) changes.push(...entryChanges(sides, user, old, member));
    else {
      const count = entriesOf(sides.after, member.value).length;
      changes.push({
        area: 'callers',
        file: sides.file,
        line: member.keyPlace.line,
        side: 'draft',
        sentence: say`User ${strong(user)} added with ${count === 1 ? 'one entry' : `${count} entries`}${listOfData(entriesOf(sides.after, member.value))}.`,
        revert: () =>
          sides.revertBy(isObject(sides.after.root) ? sides.editor.removeMember(sides.after.root, user) : null),
      });
    }
  }
  const names = [...before.keys()];
  for (const [user, member] of before)
    if (!after.has(user))
      changes.push({
        area: 'callers',
        file: sides.file,
        line: member.keyPlace.line,
        side: 'applied',
        sentence: say`User ${strong(user)} removed.`,
        revert: () =>
          sides.revertBy(
            isObject(sides.after.root)
              ? sides.editor.setMember(
                  sides.after.root,
                  user,
                  sides.old(member.value),
                  names.slice(0, names.indexOf(user)),
                )
              : null,
          ),
      });
  return changes;
}

function listOfData(entries: readonly Entry[]): string {
  const data = [...new Set(entries.flatMap((entry) => userDataOf(entry) ?? []))];
  return data.length === 0 ? '' : ` (UserData ${name(data.join(', ')).text})`;
}

/** Which entries are the same in both versions: equal ones, those with the same secret, those at the same place. */
function pairEntries(before: readonly Entry[], after: readonly Entry[]): Map<Entry, Entry> {
  const pairs = new Map<Entry, Entry>();
  const taken = new Set<Entry>();
  const join = (fits: (old: Entry, fresh: Entry) => boolean): void => {
    for (const fresh of after) {
      if (pairs.has(fresh)) continue;
      const old = before.find((candidate) => !taken.has(candidate) && fits(candidate, fresh));
      if (old === undefined) continue;
      pairs.set(fresh, old);
      taken.add(old);
    }
  };
  join((old, fresh) => isDeepStrictEqual(old.value, fresh.value));
  join((old, fresh) => old.secrets === fresh.secrets && old.secrets !== '["","",""]');
  // A new secret for the same rights is a new password only where no entry has come or gone beside it.
  if (before.length === after.length) join((old, fresh) => old.index === fresh.index);
  return pairs;
}

function entryChanges(sides: JsonSides, user: string, oldMember: JsonMember, freshMember: JsonMember): Change[] {
  const [before, after] = [entriesOf(sides.before, oldMember.value), entriesOf(sides.after, freshMember.value)];
  const pairs = pairEntries(before, after);
  const { file } = sides;
  const list = freshMember.value;
  const change = (
    entry: Entry,
    side: Change['side'],
    sentence: Sentence,
    revert: () => (TextChange | null)[],
  ): Change => ({
    area: 'callers',
    file,
    line: entry.node.line,
    side,
    sentence,
    revert: () => sides.revertBy(...revert()),
  });
  const changes: Change[] = [];
  for (const fresh of after) {
    const old = pairs.get(fresh);
    if (old !== undefined) changes.push(...valueChanges(sides, user, old, fresh, change, after.length));
    else {
      const [lead = '', data = '', tail = ''] = whose(fresh);
      changes.push(
        change(
          fresh,
          'draft',
          say`User ${name(user)}: ${ordinal(fresh.index)} entry added${lead}${data}${tail}.`,
          () => [isArray(list) ? sides.editor.removeItem(list, fresh.index) : null],
        ),
      );
    }
  }
  const kept = new Set(pairs.values());
  for (const old of before) {
    if (kept.has(old)) continue;
    const [lead = '', data = '', tail = ''] = whose(old);
    changes.push(
      change(old, 'applied', say`User ${name(user)}: ${ordinal(old.index)} entry removed${lead}${data}${tail}.`, () => [
        isArray(list)
          ? sides.editor.insertItem(list, Math.min(old.index, list.items.length), sides.old(old.node))
          : null,
      ]),
    );
  }
  // The first entry that fits a login decides, so their order matters.
  const order = after.flatMap((entry) => pairs.get(entry)?.index ?? []);
  if (order.some((index, at) => at > 0 && index < (order[at - 1] ?? 0)) && after[0] !== undefined)
    changes.push(
      change(
        after[0],
        'draft',
        say`User ${name(user)}: the entries stand in another order; the first that fits decides.`,
        () => {
          const stays = after.filter((entry) => pairs.has(entry));
          const sorted = [...stays].sort((a, b) => (pairs.get(a)?.index ?? 0) - (pairs.get(b)?.index ?? 0));
          return stays.map((place, at): TextChange => {
            const source = (sorted[at] ?? place).node;
            return {
              from: place.node.offset,
              to: place.node.end,
              text: sides.after.text.slice(source.offset, source.end),
            };
          });
        },
      ),
    );
  return changes;
}

function valueChanges(
  sides: JsonSides,
  user: string,
  old: Entry,
  fresh: Entry,
  change: (entry: Entry, side: Change['side'], sentence: Sentence, revert: () => (TextChange | null)[]) => Change,
  count: number,
): Change[] {
  const keys = [...new Set([...Object.keys(old.value), ...Object.keys(fresh.value)])].filter(
    (key) => !isDeepStrictEqual(old.value[key], fresh.value[key]),
  );
  if (keys.length === 0) {
    // An entry that is no object at all is Vitess's to judge; that it changed is said.
    return sides.same(old.node, fresh.node)
      ? []
      : [
          change(fresh, 'draft', say`User ${name(user)}: ${ordinal(fresh.index)} entry changed.`, () => [
            sides.editor.replace(fresh.node, sides.old(old.node)),
          ]),
        ];
  }
  const which = count === 1 ? '' : ` of the ${ordinal(fresh.index)} entry`;
  /** Puts the keys back as they were written. */
  const back = (changed: readonly string[]) => (): (TextChange | null)[] => {
    if (!isObject(fresh.node)) return [sides.editor.replace(fresh.node, sides.old(old.node))];
    // Several members of one object: the entry as a whole is written once.
    if (changed.length > 1) {
      const value: Record<string, JsonValue | undefined> = {};
      const put = (member: JsonMember, from: 'old' | 'fresh'): void => {
        value[member.key] = from === 'old' ? sides.old(member.value) : valueOf(sides.after, member.value);
      };
      for (const member of membersOf(old.node)) {
        const key = member.key.toLowerCase();
        const present = membersOf(fresh.node).findLast((other) => other.key.toLowerCase() === key);
        if (changed.includes(key)) put(member, 'old');
        else if (present !== undefined) put(present, 'fresh');
      }
      for (const member of membersOf(fresh.node))
        if (!changed.includes(member.key.toLowerCase()) && !(member.key in value)) put(member, 'fresh');
      return [sides.editor.replace(fresh.node, value)];
    }
    const [key = ''] = changed;
    const spelled = fresh.node.members.find((member) => member.key.toLowerCase() === key)?.key;
    const was = membersOf(old.node).findLast((member) => member.key.toLowerCase() === key);
    if (was === undefined) return [spelled === undefined ? null : sides.editor.removeMember(fresh.node, spelled)];
    const others = membersOf(old.node).map((member) => member.key);
    return [
      sides.editor.setMember(
        fresh.node,
        spelled ?? was.key,
        sides.old(was.value),
        others.slice(0, others.indexOf(was.key)),
      ),
    ];
  };
  const changes: Change[] = [];
  const secrets = keys.filter((key) => SECRETS.includes(key));
  if (secrets.length > 0)
    changes.push(change(fresh, 'draft', say`User ${name(user)}: the password${which} changed.`, back(secrets)));
  for (const key of keys.filter((candidate) => !SECRETS.includes(candidate))) {
    const written = foldedMember(fresh.node, key) ?? foldedMember(old.node, key);
    const spelled =
      membersOf(fresh.node)
        .concat(membersOf(old.node))
        .find((member) => member.key.toLowerCase() === key)?.key ?? key;
    changes.push({
      ...change(
        fresh,
        'draft',
        say`User ${name(user)}: ${code(spelled)}${which} ${fromTo(old.value[key], fresh.value[key])[0]}${fromTo(old.value[key], fresh.value[key])[1]}.`,
        back([key]),
      ),
      line: foldedMember(fresh.node, key)?.line ?? written?.line ?? fresh.node.line,
    });
  }
  return changes;
}

function fromTo(before: JsonValue | undefined, after: JsonValue | undefined): [string, SentencePart | string] {
  const show = (value: JsonValue): string =>
    typeof value === 'string'
      ? value === ''
        ? '""'
        : value
      : Array.isArray(value) && value.every((item) => typeof item === 'string')
        ? value.join(', ') || 'nobody'
        : JSON.stringify(value);
  if (before === undefined && after !== undefined) return ['set to ', strong(show(after))];
  if (after === undefined && before !== undefined) return [`removed; it was ${name(show(before)).text}`, ''];
  if (before === undefined || after === undefined) return ['changed', ''];
  return [`changed from ${name(show(before)).text} to `, strong(show(after))];
}

/** What differs between two lists of gRPC users or credentials, by their names; passwords are never said. */
export function grpcUsersChanges(sides: JsonSides): Change[] {
  const nameOf = (node: JsonNode): string => textOf(foldedMember(node, 'Username')) ?? '';
  const [before, after] = [itemsOf(sides.before.root), itemsOf(sides.after.root)];
  const changes: Change[] = [];
  const list = sides.after.root;
  const shared = { area: 'callers' as const, file: sides.file };
  after.forEach((node, index) => {
    const old = before.find((candidate) => nameOf(candidate) === nameOf(node));
    if (old === undefined)
      changes.push({
        ...shared,
        line: node.line,
        side: 'draft',
        sentence: say`gRPC user ${strong(nameOf(node))} added.`,
        revert: () => sides.revertBy(isArray(list) ? sides.editor.removeItem(list, index) : null),
      });
    else if (!sides.same(old, node))
      changes.push({
        ...shared,
        line: node.line,
        side: 'draft',
        sentence: say`gRPC user ${name(nameOf(node))}: the password changed.`,
        revert: () => sides.revertBy(sides.editor.replace(node, sides.old(old))),
      });
  });
  before.forEach((node, index) => {
    if (after.some((candidate) => nameOf(candidate) === nameOf(node))) return;
    changes.push({
      ...shared,
      line: node.line,
      side: 'applied',
      sentence: say`gRPC user ${strong(nameOf(node))} removed.`,
      revert: () =>
        sides.revertBy(
          isArray(list) ? sides.editor.insertItem(list, Math.min(index, list.items.length), sides.old(node)) : null,
        ),
    });
  });
  return changes;
}
