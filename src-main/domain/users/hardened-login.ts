import { createHash } from 'node:crypto';

import { decodeHash, nativeDigest, nativeProof, sha2Digest, sha2Proof } from './hashes';
import { matchesSourceHost, sameBytes } from './stock-login';
import type { EntryTrial, UserEntry, UserLogin, UsersFile } from './types';

/** What an entry is checked against, whichever key it comes from; null = nothing usable is written under that key. */
interface Verifier {
  readonly key: EntryTrial['key'];
  readonly digest: Buffer;
}

const verifiers = {
  mysql_native_password: new WeakMap<UserEntry, Verifier | null>(),
  caching_sha2_password: new WeakMap<UserEntry, Verifier | null>(),
  clear: new WeakMap<UserEntry, Verifier | null>(),
};
const digestLengths = { mysql_native_password: 20, caching_sha2_password: 32, clear: 32 };
const clearDigest = (password: Uint8Array): Buffer => createHash('sha256').update(password).digest();

type CheckedMethod = keyof typeof verifiers;

const checkedMethod = (login: UserLogin): CheckedMethod =>
  login.method === 'mysql_native_password' || login.method === 'caching_sha2_password' ? login.method : 'clear';

function makeVerifier(entry: UserEntry, method: CheckedMethod): Verifier | null {
  const password = entry.password?.reveal();
  if (method === 'clear')
    return password === undefined ? null : { key: 'Password', digest: clearDigest(Buffer.from(password, 'utf8')) };
  const native = method === 'mysql_native_password';
  const written = (native ? entry.mysqlNativePassword : entry.cachingSha2Password)?.reveal();
  if (written !== undefined) {
    const digest = decodeHash(written);
    if (digest?.length !== digestLengths[method]) return null;
    return { key: native ? 'MysqlNativePassword' : 'CachingSha2Password', digest };
  }
  if (password === undefined) return null;
  return { key: 'Password', digest: native ? nativeDigest(password) : sha2Digest(password) };
}

function verifierOf(entry: UserEntry, method: CheckedMethod): Verifier | null {
  let verifier = verifiers[method].get(entry);
  if (verifier === undefined) {
    verifier = makeVerifier(entry, method);
    verifiers[method].set(entry, verifier);
  }
  return verifier;
}

/** Whether mysql_native_password can check `entry` and caching_sha2_password cannot. */
export const checksOnlyNative = (entry: UserEntry): boolean =>
  verifierOf(entry, 'mysql_native_password') !== null && verifierOf(entry, 'caching_sha2_password') === null;

/** Whether caching_sha2_password can check `entry` and mysql_native_password cannot. */
export const checksOnlySha2 = (entry: UserEntry): boolean =>
  verifierOf(entry, 'caching_sha2_password') !== null && verifierOf(entry, 'mysql_native_password') === null;

/** Computes what logins are checked against, so that the first login costs no more than the next. */
export function prepareVerifiers(users: UsersFile): void {
  for (const entries of users.users.values())
    for (const entry of entries) {
      verifierOf(entry, 'mysql_native_password');
      verifierOf(entry, 'caching_sha2_password');
    }
}

/** Stands for the digest of nobody: no preimage of it is known. */
const decoys = { 20: Buffer.alloc(20, 0x5a), 32: Buffer.alloc(32, 0x5a) };

/** One verification, of the same length for every entry and for nobody. */
function verify(digest: Buffer, login: UserLogin, method: CheckedMethod): boolean {
  const length = digestLengths[method];
  if (method === 'clear') return sameBytes(clearDigest(login.reply), digest);
  const fits = login.reply.length === length;
  const reply = fits ? login.reply : Buffer.alloc(length);
  const proof = (method === 'mysql_native_password' ? nativeProof : sha2Proof)(digest, login.salt, reply);
  return sameBytes(proof, digest) && fits;
}

/** Length of the longest list of entries of each loaded file. */
const mostEntries = new WeakMap<UsersFile, number>();

/** What a denied login costs: one verification for each entry of the longest list in the file, at least one. */
export function verificationsPerLogin(users: UsersFile): number {
  let most = mostEntries.get(users);
  if (most === undefined) {
    most = 1;
    for (const entries of users.users.values()) most = Math.max(most, entries.length);
    mostEntries.set(users, most);
  }
  return most;
}

/** Spends one verification on nobody. */
export function verifyNobody(login: UserLogin): void {
  const method = checkedMethod(login);
  verify(method === 'mysql_native_password' ? decoys[20] : decoys[32], login, method);
}

/**
 * One entry under the hardened rules: nothing matches without a usable secret and a reply of exactly the hash's length
 * (rules users-no-secret-refused, users-reply-length-exact, users-caching-sha2-offered). Always costs one verification.
 */
export function tryHardenedEntry(entry: UserEntry, login: UserLogin): Pick<EntryTrial, 'key' | 'verdict'> {
  const method = checkedMethod(login);
  const verifier = verifierOf(entry, method);
  if (verifier === null) {
    verifyNobody(login);
    if (entry.isNull) return { key: null, verdict: 'null-entry' };
    if (method === 'clear') return { key: null, verdict: 'no-usable-secret' };
    const native = method === 'mysql_native_password';
    const written = (native ? entry.mysqlNativePassword : entry.cachingSha2Password)?.reveal();
    if (written === undefined) return { key: null, verdict: 'no-usable-secret' };
    return {
      key: native ? 'MysqlNativePassword' : 'CachingSha2Password',
      verdict: decodeHash(written) === null ? 'bad-hash' : 'no-usable-secret',
    };
  }
  const { key } = verifier;
  const right = verify(verifier.digest, login, method);
  if (method !== 'clear' && login.reply.length !== digestLengths[method]) return { key, verdict: 'wrong-length' };
  if (!right) return { key, verdict: 'wrong-password' };
  return { key, verdict: matchesSourceHost(entry, login.unixSocket) ? 'matched' : 'source-host' };
}
