import { randomBytes } from 'node:crypto';

/** 20 random bytes as vtgate makes them: seven bits each, never NUL or `$` (vitess-behaviour §1.2). */
export function makeSalt(): Buffer {
  const salt = randomBytes(20);
  for (let at = 0; at < salt.length; at += 1) {
    const byte = salt[at]! & 0x7f;
    salt[at] = byte === 0 || byte === 0x24 ? byte + 1 : byte;
  }
  return salt;
}
