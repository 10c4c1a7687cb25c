import type { Finding } from '../kernel';

/** Bits that an unsalted hash of a users file can protect: beyond them guessing the hash is easier than the password. */
export const hashBits = { native: 160, sha2: 256 } as const;

/** An estimate from outside is up to a fifth short even for random text, so only a clear gap is reported. */
const TOLERANCE = 0.75;

/** Message and remedy for a password whose estimated entropy is clearly below the bits of the hash used, else null. */
export function weakPasswordText(
  bits: number,
  hash: keyof typeof hashBits,
): { readonly message: string; readonly remedy: string } | null {
  if (bits >= hashBits[hash] * TOLERANCE) return null;
  const method = hash === 'native' ? 'mysql_native_password' : 'caching_sha2_password';
  return {
    message: `the password has about ${Math.floor(bits)} bits, the unsalted hash of ${method} is meant for ${hashBits[hash]}`,
    remedy: 'Use a generated password of 256 random bits.',
  };
}

/** The finding `users.weak-password` for a typed password of about `bits` bits, or null when it is strong enough. */
export function weakPasswordFinding(
  bits: number,
  hash: keyof typeof hashBits,
  place: Pick<Finding, 'file' | 'line' | 'column'>,
): Finding | null {
  const weak = weakPasswordText(bits, hash);
  if (weak === null) return null;
  return {
    code: 'users.weak-password',
    level: 'warning',
    ...weak,
    file: place.file,
    line: place.line,
    column: place.column,
  };
}
