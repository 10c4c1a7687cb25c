import { createHash, randomBytes } from 'node:crypto';

import type { RandomBytes } from './types';

/** Bytes of a salt sent to MySQL clients. */
export const SALT_LENGTH = 20;

const sha1 = (...parts: readonly Uint8Array[]): Buffer => digest('sha1', parts);
const sha256 = (...parts: readonly Uint8Array[]): Buffer => digest('sha256', parts);

function digest(algorithm: string, parts: readonly Uint8Array[]): Buffer {
  const hash = createHash(algorithm);
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** XOR of two buffers of which the second is at least as long. */
function xor(left: Uint8Array, right: Uint8Array): Buffer {
  const out = Buffer.alloc(left.length);
  for (let at = 0; at < left.length; at += 1) out[at] = (left[at] ?? 0) ^ (right[at] ?? 0);
  return out;
}

/** SHA1(SHA1(password)), 20 bytes: what `MysqlNativePassword` holds. */
export const nativeDigest = (password: string): Buffer => sha1(sha1(Buffer.from(password, 'utf8')));

/** SHA256(SHA256(password)), 32 bytes: what `CachingSha2Password` holds. */
export const sha2Digest = (password: string): Buffer => sha256(sha256(Buffer.from(password, 'utf8')));

/** The value of `MysqlNativePassword` for a password: `*` and 40 upper-case hex digits (MySQL's PASSWORD() of 4.1). */
export const nativeHash = (password: string): string => `*${nativeDigest(password).toString('hex').toUpperCase()}`;

/** The value of `CachingSha2Password` for a password: `*` and 64 upper-case hex digits. */
export const cachingSha2Hash = (password: string): string => `*${sha2Digest(password).toString('hex').toUpperCase()}`;

/** A client's reply for mysql_native_password: SHA1(p) XOR SHA1(salt ‖ SHA1(SHA1(p))); empty for the empty password. */
export function nativeReply(password: string, salt: Uint8Array): Buffer {
  if (password === '') return Buffer.alloc(0);
  const once = sha1(Buffer.from(password, 'utf8'));
  return xor(once, sha1(salt, sha1(once)));
}

/** A client's reply for caching_sha2_password: SHA256(p) XOR SHA256(SHA256(SHA256(p)) ‖ salt); empty for the empty password. */
export function sha2Reply(password: string, salt: Uint8Array): Buffer {
  if (password === '') return Buffer.alloc(0);
  const once = sha256(Buffer.from(password, 'utf8'));
  return xor(once, sha256(sha256(once), salt));
}

/** What the reply proves to know: SHA1(SHA1(salt ‖ stored) XOR reply); equal to `stored` for the right password. */
export const nativeProof = (stored: Uint8Array, salt: Uint8Array, reply: Uint8Array): Buffer =>
  sha1(xor(sha1(salt, stored), reply));

/** The same for caching_sha2_password: SHA256(SHA256(stored ‖ salt) XOR reply). */
export const sha2Proof = (stored: Uint8Array, salt: Uint8Array, reply: Uint8Array): Buffer =>
  sha256(xor(sha256(stored, salt), reply));

/** The bytes of a hash as a users file writes it (one leading `*` optional, any case); null when it is not hex. */
export function decodeHash(text: string): Buffer | null {
  const digits = text.startsWith('*') ? text.slice(1) : text;
  return digits.length % 2 === 0 && /^[0-9a-fA-F]*$/.test(digits) ? Buffer.from(digits, 'hex') : null;
}

/** 20 random bytes, each below 128, none of them 0 or `$` (go/mysql/auth_server.go; vitess-behaviour §1.2). */
export function makeSalt(random: RandomBytes = randomBytes): Buffer {
  const salt = Buffer.from(random(SALT_LENGTH));
  for (let at = 0; at < salt.length; at += 1) {
    const byte = (salt[at] ?? 0) & 0x7f;
    salt[at] = byte === 0 || byte === 0x24 ? byte + 1 : byte;
  }
  return salt;
}
