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

const withEntries = (file: UsersFile, user: string, entries: readonly UserEntry[]): UsersFile => ({
  format: 'list',
  users: new Map([...file.users, [user, entries.map((entry, index) => ({ ...entry, index }))]]),
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
  users: new Map([...file.users].filter(([name]) => name !== user)),
});
