import { Secret } from '../kernel';
import { cachingSha2Hash, nativeHash } from './hashes';
import type { UserEntry, UsersFile } from './types';

/** What a new entry is made of. */
export interface NewEntry {
  readonly password: string;
  /** Which hashes are written; both unless given. Nothing is written in clear. */
  readonly hashes?: readonly ('native' | 'sha2')[];
  readonly userData: string;
  readonly groups?: readonly string[];
  readonly sourceHost?: '' | 'localhost';
}

/** An entry with hashes of `password`; its place counts from the list it is put into. */
export function makeEntry(parts: NewEntry): UserEntry {
  const hashes = parts.hashes ?? ['native', 'sha2'];
  return {
    index: 0,
    line: 0,
    column: 0,
    isNull: false,
    mysqlNativePassword: hashes.includes('native') ? new Secret(nativeHash(parts.password)) : null,
    cachingSha2Password: hashes.includes('sha2') ? new Secret(cachingSha2Hash(parts.password)) : null,
    password: null,
    userData: parts.userData,
    sourceHost: parts.sourceHost ?? '',
    groups: parts.groups ?? [],
  };
}

/** A users file without users. */
export const noUsers: UsersFile = { format: 'list', users: new Map() };

/**
 * The users of a file for the list format. An entry of the legacy format that is null, or whose SourceHost is neither ''
 * nor `localhost`, lets nobody in and has no place in a list (vtgate refuses the file): it is left out, its user stays.
 */
const listUsers = (file: UsersFile): ReadonlyMap<string, readonly UserEntry[]> =>
  file.format === 'list'
    ? file.users
    : new Map([...file.users].map(([name, entries]) => [name, entries.filter((entry) => !neverMatches(entry))]));

const neverMatches = (entry: UserEntry): boolean =>
  entry.isNull || (entry.sourceHost !== '' && entry.sourceHost !== 'localhost');

/** Users whose only entry `listUsers` leaves out, with the line it stands in. */
export const leftOutByConversion = (file: UsersFile): { readonly user: string; readonly line: number }[] =>
  file.format === 'list'
    ? []
    : [...file.users].flatMap(([user, entries]) => entries.filter(neverMatches).map(({ line }) => ({ user, line })));

/** The file with `entries` for `user`, who keeps the place in the file or comes last. */
export const withEntries = (file: UsersFile, user: string, entries: readonly UserEntry[]): UsersFile => ({
  format: 'list',
  users: new Map([...listUsers(file), [user, entries.map((entry, index) => ({ ...entry, index }))]]),
});

/** The file with `entry` as the last of `user`, who is created if need be. */
export const addEntry = (file: UsersFile, user: string, entry: UserEntry): UsersFile =>
  withEntries(file, user, [...(file.users.get(user) ?? []), entry]);

/** The file without the entry at `index` of `user`; the user stays, possibly without entries. */
export const removeEntry = (file: UsersFile, user: string, index: number): UsersFile =>
  withEntries(
    file,
    user,
    (file.users.get(user) ?? []).filter((entry) => entry.index !== index),
  );

/** The file without `user`. */
export const removeUser = (file: UsersFile, user: string): UsersFile => ({
  format: 'list',
  users: new Map([...listUsers(file)].filter(([name]) => name !== user)),
});

/** The file with `entry` instead of the one at `index` of `user`; unchanged when there is none. */
export const replaceEntry = (file: UsersFile, user: string, index: number, entry: UserEntry): UsersFile =>
  withEntries(
    file,
    user,
    (file.users.get(user) ?? []).map((present, at) => (at === index ? entry : present)),
  );

/** The file with `entry` at position `index` of `user`; what stands there and behind moves on by one. */
export const insertEntry = (file: UsersFile, user: string, index: number, entry: UserEntry): UsersFile =>
  withEntries(file, user, (file.users.get(user) ?? []).toSpliced(index, 0, entry));

/** The file with the entry at `from` of `user` at `to`; the first entry that fits a login decides. */
export function moveEntry(file: UsersFile, user: string, from: number, to: number): UsersFile {
  const entries = file.users.get(user) ?? [];
  const moved = entries[from];
  return moved === undefined ? file : withEntries(file, user, entries.toSpliced(from, 1).toSpliced(to, 0, moved));
}

/** The file with the user `from` called `to`, in the same place. Whoever calls sees to it that `to` is free. */
export const renameUser = (file: UsersFile, from: string, to: string): UsersFile => ({
  format: 'list',
  users: new Map([...listUsers(file)].map(([name, entries]) => [name === from ? to : name, entries])),
});
