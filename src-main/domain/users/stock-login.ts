import { timingSafeEqual } from 'node:crypto';

import { decodeHash, nativeProof, nativeReply, sha2Proof, sha2Reply } from './hashes';
import type { EntryTrial, UserEntry, UserLogin } from './types';

/** One entry's answer as a stock program gives it. */
export type StockTrial = Pick<EntryTrial, 'key' | 'verdict'>;

interface HashMethod {
  readonly key: 'MysqlNativePassword' | 'CachingSha2Password';
  readonly length: number;
  readonly stored: (entry: UserEntry) => string | undefined;
  readonly proof: typeof nativeProof;
  readonly reply: typeof nativeReply;
}

const native: HashMethod = {
  key: 'MysqlNativePassword',
  length: 20,
  stored: (entry) => entry.mysqlNativePassword?.reveal(),
  proof: nativeProof,
  reply: nativeReply,
};
const sha2: HashMethod = {
  key: 'CachingSha2Password',
  length: 32,
  stored: (entry) => entry.cachingSha2Password?.reveal(),
  proof: sha2Proof,
  reply: sha2Reply,
};

/** Equality of two byte strings in a time that depends on their lengths only. */
export const sameBytes = (left: Uint8Array, right: Uint8Array): boolean =>
  left.length === right.length && timingSafeEqual(left, right);

/** `localhost` matches Unix sockets only; any other value but '' matches nothing (vitess-behaviour §1.2). */
export const matchesSourceHost = (entry: UserEntry, unixSocket: boolean): boolean =>
  entry.sourceHost === '' || (entry.sourceHost === 'localhost' && unixSocket);

function tryHash(entry: UserEntry, login: UserLogin, method: HashMethod): StockTrial {
  const written = method.stored(entry);
  if (written === undefined) {
    const expected = method.reply(entry.password?.reveal() ?? '', login.salt);
    return { key: 'Password', verdict: sameBytes(expected, login.reply) ? 'matched' : 'wrong-password' };
  }
  const stored = decodeHash(written);
  if (stored === null) return { key: method.key, verdict: 'bad-hash' };
  if (login.reply.length === 0) return { key: method.key, verdict: 'wrong-password' };
  if (login.reply.length < method.length) return { key: method.key, verdict: 'panic' };
  const proof = method.proof(stored, login.salt, login.reply.subarray(0, method.length));
  return { key: method.key, verdict: sameBytes(proof, stored) ? 'matched' : 'wrong-password' };
}

/**
 * One entry exactly as go/mysql/auth_server_static.go judges it: a hash beats Password, an entry without secret expects
 * the empty password, `bad-hash` and `panic` end the login.
 */
export function tryStockEntry(entry: UserEntry, login: UserLogin): StockTrial {
  if (entry.isNull) return { key: null, verdict: 'panic' };
  const trial =
    login.method === 'mysql_native_password'
      ? tryHash(entry, login, native)
      : login.method === 'caching_sha2_password'
        ? tryHash(entry, login, sha2)
        : tryClear(entry, login);
  return trial.verdict === 'matched' && !matchesSourceHost(entry, login.unixSocket)
    ? { key: trial.key, verdict: 'source-host' }
    : trial;
}

function tryClear(entry: UserEntry, login: UserLogin): StockTrial {
  const expected = Buffer.from(entry.password?.reveal() ?? '', 'utf8');
  return { key: 'Password', verdict: sameBytes(expected, login.reply) ? 'matched' : 'wrong-password' };
}
