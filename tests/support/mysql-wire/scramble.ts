import { createHash } from 'node:crypto';

const digest = (algorithm: string, ...parts: Buffer[]): Buffer => {
  const hash = createHash(algorithm);
  for (const part of parts) hash.update(part);
  return hash.digest();
};

const xor = (a: Buffer, b: Buffer): Buffer => Buffer.from(a.map((byte, at) => byte ^ b[at]!));

/** What mysql_native_password answers to a salt (vitess-behaviour §1.2). */
export function nativeReply(password: string, salt: Buffer): Buffer {
  if (password === '') return Buffer.alloc(0);
  const once = digest('sha1', Buffer.from(password));
  return xor(once, digest('sha1', salt, digest('sha1', once)));
}

/** What caching_sha2_password answers to a salt. */
export function sha2Reply(password: string, salt: Buffer): Buffer {
  if (password === '') return Buffer.alloc(0);
  const once = digest('sha256', Buffer.from(password));
  return xor(once, digest('sha256', digest('sha256', once), salt));
}

/** Whether a native reply fits the stored SHA1(SHA1(password)). */
export function nativeFits(hash: Buffer, salt: Buffer, reply: Buffer): boolean {
  const once = xor(digest('sha1', salt, hash), reply.subarray(0, 20));
  return digest('sha1', once).equals(hash);
}
