import { readJson, type Finding, type JsonNode } from '../../domain/kernel';
import { formsOf, type UserEntry } from '../../domain/users';
import type { CallerEntry, CallerNote, CallerWay, RotationView, UserCaller } from '../../contract/areas/callers';
import type { Workspace } from '../workspace/load-workspace';
import { isNameUsed, mentionsOf } from './acl-mentions';
import type { EntryKeys } from './entry-key';
import type { KnownPasswords } from './known-passwords';
import type { RotationState } from './rotations';
import type { SignInLog } from './sign-in-log';
import type { UsersFilePlace } from './users-files';

/** A stretch of a file; lines and columns from 1, the last character included. */
interface Span {
  readonly from: readonly [line: number, column: number];
  readonly to: readonly [line: number, column: number];
}

/** Where a user and each of its entries stand. */
interface Places {
  readonly user: Span;
  readonly entries: readonly Span[];
}

const NOWHERE: Places = { user: { from: [0, 0], to: [0, 0] }, entries: [] };

const within = ({ from, to }: Span, { line, column }: Pick<Finding, 'line' | 'column'>): boolean =>
  (line > from[0] || (line === from[0] && column >= from[1])) && (line < to[0] || (line === to[0] && column <= to[1]));

/** Where the users of a file stand. Of a name that stands twice the later one counts, as in vtgate. */
export function placesOfUsers(text: string): Map<string, Places> {
  const reading = readJson(text);
  const places = new Map<string, Places>();
  if (!reading.ok || reading.root.kind !== 'object') return places;
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  const placeAt = (offset: number): [number, number] => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return [low + 1, offset - (starts[low] ?? 0) + 1];
  };
  const span = (node: JsonNode): Span => ({ from: [node.line, node.column], to: placeAt(node.end - 1) });
  for (const { key, keyPlace, value } of reading.root.members)
    places.set(key, {
      user: { from: [keyPlace.line, keyPlace.column], to: span(value).to },
      entries: value.kind === 'array' ? value.items.map(span) : [span(value)],
    });
  return places;
}

/** Everything that the users of one file are shown with. */
export interface UsersViewParts {
  readonly workspace: Workspace;
  readonly place: UsersFilePlace;
  readonly findings: readonly Finding[];
  readonly passwords: KnownPasswords;
  readonly keys: EntryKeys;
  readonly signIns: SignInLog;
  readonly rotations: readonly RotationState[];
}

/** A user without the number of tables, which needs all callers. */
export type BareUser = Omit<UserCaller, 'reach'>;

/** The users of one file of the draft; a file that does not load has none. */
export async function usersView(parts: UsersViewParts): Promise<BareUser[]> {
  const { workspace, place } = parts;
  const file = workspace.users.get(place.file);
  if (file === undefined) return [];
  const places = placesOfUsers(workspace.files.get(place.file)?.toString('utf8') ?? '');
  const findings = parts.findings.filter((finding) => finding.file === place.file && finding.line > 0);
  return Promise.all(
    [...file.users].map(async ([name, entries]): Promise<BareUser> => {
      const at = places.get(name) ?? NOWHERE;
      return {
        id: `user:${place.file}:${name}`,
        name,
        file: place.file,
        lines: [at.user.from[0], at.user.to[0]],
        entries: await Promise.all(entries.map((entry) => entryView(parts, name, entry))),
        ways: entries.flatMap((entry) => waysOf(workspace, place, entry)),
        notes: notesOf(findings, at),
        rotations: parts.rotations.flatMap((state) => rotationView(parts, name, state)),
      };
    }),
  );
}

async function entryView(parts: UsersViewParts, user: string, entry: UserEntry): Promise<CallerEntry> {
  const { place, keys, passwords, signIns } = parts;
  const known = passwords.of(entry);
  const forms = formsOf(entry);
  const origin =
    forms.length === 0 ? 'none' : known !== null ? known.origin : entry.password === null ? 'unknown' : 'file';
  const bits =
    known !== null
      ? await passwords.bitsOf(known)
      : entry.password === null
        ? null
        : await passwords.bitsOf({ origin: 'typed', value: entry.password });
  const { total, onLastDay, lastAt } = signIns.useOf(place.file, user, entry);
  return {
    index: entry.index,
    key: keys(place.file, user, entry)[0] ?? null,
    line: entry.line,
    userData: entry.userData,
    groups: [...entry.groups],
    sourceHost: entry.sourceHost,
    forms,
    password: { origin, bits },
    signIns: { total, onLastDay, lastAt },
  };
}

function waysOf(workspace: Workspace, place: UsersFilePlace, entry: UserEntry): CallerWay[] {
  if (entry.isNull || (entry.sourceHost !== '' && entry.sourceHost !== 'localhost')) return [];
  return place.gateways.map((gateway) => {
    const unixOnly = entry.sourceHost === 'localhost';
    const listener = workspace.topology.gateways.find(({ name }) => name === gateway)?.mysql;
    return {
      gateway,
      over: 'mysql',
      link: `client>gateway:${gateway}/mysql`,
      immediate: { username: entry.userData ?? '', groups: [...entry.groups] },
      entry: entry.index,
      refusal: unixOnly && listener?.unixSocket !== true ? `Gateway ${gateway} has no Unix socket.` : null,
      unixOnly,
    };
  });
}

function notesOf(findings: readonly Finding[], { user, entries }: Places): CallerNote[] {
  return findings
    .filter((finding) => within(user, finding))
    .map((finding) => {
      const { code, level, message, remedy, line } = finding;
      const entry = entries.findIndex((span) => within(span, finding));
      return { code, level, text: message, remedy, line, entry: entry < 0 ? null : entry };
    });
}

function rotationView(parts: UsersViewParts, user: string, state: RotationState): RotationView[] {
  const { rotation, stage } = state;
  if (stage === 'over' || rotation.file !== parts.place.file || rotation.user !== user) return [];
  const { id, kind, oldName, newName, startedAt, oldTest, newTest, watch } = rotation;
  const entries = parts.workspace.users.get(rotation.file)?.users.get(user) ?? [];
  const made = state.newIndex === null ? undefined : entries[state.newIndex];
  return [
    {
      ...{ id, kind, stage, oldName, newName, startedAt, oldTest, newTest },
      watchFrom: watch?.from ?? null,
      oldIndex: state.oldIndex,
      newIndex: state.newIndex,
      oldSince: state.oldSince,
      newSince: state.newSince,
      oldLastAt: state.oldLastAt,
      newLastAt: state.newLastAt,
      quietMs: state.quietMs,
      oldKnown: state.oldKnown,
      newKnown: made !== undefined && (made.password !== null || parts.passwords.of(made) !== null),
      leftInAcl: kind === 'password' ? [] : leftInAcl(parts.workspace, rotation.file, user, state.oldIndex, oldName),
    },
  ];
}

/** Where the table ACL will name nobody once the entry is gone. */
function leftInAcl(
  workspace: Workspace,
  file: string,
  user: string,
  index: number | null,
  name: string,
): RotationView['leftInAcl'] {
  if (name === '') return [];
  const users = workspace.users.get(file);
  const without =
    users === undefined
      ? workspace.users
      : new Map([
          ...workspace.users,
          [
            file,
            {
              ...users,
              users: new Map([
                ...users.users,
                [user, (users.users.get(user) ?? []).filter((_, at) => at !== index)] as const,
              ]),
            },
          ] as const,
        ]);
  return isNameUsed({ ...workspace, users: without }, name) ? [] : mentionsOf(workspace, name);
}

/** Users whose entries share a UserData: for table access they are one caller. */
export function sharedNameNotes(users: readonly BareUser[]): Map<string, CallerNote[]> {
  const byName = new Map<string, Set<string>>();
  for (const { name, entries } of users)
    for (const { userData } of entries)
      if (userData !== null && userData !== '') byName.set(userData, (byName.get(userData) ?? new Set()).add(name));
  const notes = new Map<string, CallerNote[]>();
  for (const { id, name, entries } of users)
    for (const userData of new Set(entries.flatMap((entry) => entry.userData ?? []))) {
      const others = [...(byName.get(userData) ?? [])].filter((other) => other !== name);
      if (others.length === 0) continue;
      const shown =
        others.length > 3 ? `${others.slice(0, 3).join(', ')} and ${others.length - 3} more` : others.join(', ');
      notes.set(id, [
        ...(notes.get(id) ?? []),
        {
          code: 'callers.same-user-data',
          level: 'info',
          text: `${name} and ${shown} have the UserData ${userData}: for table access they are the same`,
          remedy: 'Give one of them another UserData if they may do different things.',
          line: 0,
          entry: entries.find((entry) => entry.userData === userData)?.index ?? null,
        },
      ]);
    }
  return notes;
}
