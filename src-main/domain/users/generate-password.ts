import { randomBytes } from 'node:crypto';

import type { RandomBytes } from './types';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const BITS_PER_CHARACTER = 6;
const FEWEST_BITS = 64;
const MOST_BITS = 1024;

/**
 * A random password of at least `bits` bits (256 unless given, 64 to 1024 possible) in the URL-safe base64 alphabet, 43
 * characters for 256 bits. Never begins with `-`, so that it can follow an option on a command line.
 * Throws RangeError for other numbers of bits.
 */
export function generatePassword(options: { readonly bits?: number; readonly random?: RandomBytes } = {}): string {
  const { bits = 256, random = randomBytes } = options;
  if (!Number.isInteger(bits) || bits < FEWEST_BITS || bits > MOST_BITS)
    throw new RangeError(`bits of a password must be a whole number from ${FEWEST_BITS} to ${MOST_BITS}`);
  // Leaving out one first character of 64 costs 0.023 bits, which the last character must be able to hold.
  const length = Math.ceil((bits + 0.03) / BITS_PER_CHARACTER);
  for (;;) {
    const password = Array.from(random(length), (byte) => ALPHABET[byte & 63]).join('');
    if (!password.startsWith('-')) return password;
  }
}
