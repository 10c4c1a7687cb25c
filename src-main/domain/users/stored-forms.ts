import { Secret } from '../kernel';
import { cachingSha2Hash, decodeHash, nativeDigest, nativeHash, sha2Digest } from './hashes';
import type { UserEntry } from './types';

/** How an entry holds its password: in clear, for mysql_native_password, for caching_sha2_password. */
export const storedForms = ['plain', 'native', 'sha2'] as const;
export type StoredForm = (typeof storedForms)[number];

/** The forms that `entry` holds, usable or not. */
export const formsOf = (entry: UserEntry): StoredForm[] =>
  storedForms.filter(
    (form) => ({ plain: entry.password, native: entry.mysqlNativePassword, sha2: entry.cachingSha2Password })[form],
  );

/**
 * `entry` with its password in exactly `forms`. What it holds already stays as it is; what it lacks is made of
 * `password`, or else of the password that the entry holds in clear. Null when neither is there: a hash cannot be turned
 * back. A new `password` (`fresh`) replaces every form.
 */
export function withForms(
  entry: UserEntry,
  forms: readonly StoredForm[],
  password: string | null,
  fresh = false,
): UserEntry | null {
  const clear = password ?? entry.password?.reveal() ?? null;
  let complete = true;
  const hold = (form: StoredForm, present: Secret | null, make: (password: string) => string): Secret | null => {
    if (!forms.includes(form)) return null;
    if (present !== null && !fresh) return present;
    if (clear !== null) return new Secret(make(clear));
    complete = false;
    return null;
  };
  const made = {
    ...entry,
    isNull: false,
    mysqlNativePassword: hold('native', entry.mysqlNativePassword, nativeHash),
    cachingSha2Password: hold('sha2', entry.cachingSha2Password, cachingSha2Hash),
    password: hold('plain', entry.password, (text) => text),
  };
  return complete ? made : null;
}

/**
 * What stands for the password of an entry, whatever order and rights it has: its two digests as lower-case hex, null
 * where the entry holds nothing to know them by. Two entries have the same password when one of the two is the same.
 */
export interface PasswordDigests {
  readonly native: string | null;
  readonly sha2: string | null;
}

const hex = (hash: Secret | null): string | null =>
  hash === null ? null : (decodeHash(hash.reveal())?.toString('hex') ?? null);

/** The digests of an entry; they are as secret as the users file itself. */
export function passwordDigests(entry: UserEntry): PasswordDigests {
  const clear = entry.password?.reveal();
  return {
    native: hex(entry.mysqlNativePassword) ?? (clear === undefined ? null : nativeDigest(clear).toString('hex')),
    sha2: hex(entry.cachingSha2Password) ?? (clear === undefined ? null : sha2Digest(clear).toString('hex')),
  };
}

/** The digests of a password in clear. */
export const digestsOf = (password: string): { readonly native: string; readonly sha2: string } => ({
  native: nativeDigest(password).toString('hex'),
  sha2: sha2Digest(password).toString('hex'),
});
