import { createHmac } from 'node:crypto';
import { Secret } from '../../domain/kernel';
import { generatePassword, passwordDigests, type UserEntry } from '../../domain/users';
import type { SecretStore } from '../../servers/store';

/** Name of the key in the workspace's secrets under which entries are told apart in files. */
const KEY_NAME = 'callers/entry-key';

/**
 * Names for entries of users files that survive reordering, new UserData and another form of the same password, and say
 * nothing about the password: keyed digests. An entry has one for each form it can be known by; two entries are the same
 * when they share one.
 */
export type EntryKeys = (file: string, user: string, entry: UserEntry) => readonly string[];

/** Opens the naming of a workspace's entries; its key is made on first use. */
export async function openEntryKeys(secrets: SecretStore): Promise<EntryKeys> {
  let key = secrets.get(KEY_NAME);
  if (key === undefined) {
    key = new Secret(generatePassword());
    await secrets.put(new Map([[KEY_NAME, key]]));
  }
  const secret = key;
  const known = new WeakMap<UserEntry, { readonly of: string; readonly keys: readonly string[] }>();
  return (file, user, entry) => {
    const of = `${file}\0${user}`;
    const found = known.get(entry);
    if (found?.of === of) return found.keys;
    const { native, sha2 } = passwordDigests(entry);
    const keys = [native === null ? null : `native\0${native}`, sha2 === null ? null : `sha2\0${sha2}`]
      .filter((digest) => digest !== null)
      .map((digest) =>
        createHmac('sha256', secret.reveal()).update(`${of}\0${digest}`).digest('base64url').slice(0, 22),
      );
    known.set(entry, { of, keys });
    return keys;
  };
}
