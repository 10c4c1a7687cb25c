import { hash as digest } from 'node:crypto';

/** Rounds between two turns of the event loop. */
const ROUNDS_A_TURN = 5_000;

const blockSizes: Readonly<Record<string, number>> = { sha1: 64, sha256: 64, sha384: 128, sha512: 128 };

/** A password as PKCS#12 hashes it: UTF-16 big-endian with two zero bytes behind. */
export function bmpPassword(password: string): Buffer {
  const bytes = Buffer.from(`${password}\0`, 'utf16le');
  return bytes.swap16();
}

function fill(bytes: Uint8Array, block: number): Buffer {
  const length = block * Math.ceil(bytes.length / block);
  const filled = Buffer.alloc(length);
  for (let at = 0; at < length; at += 1) filled[at] = bytes[at % bytes.length] ?? 0;
  return filled;
}

/**
 * Key for the MAC of a PKCS#12 file (RFC 7292 appendix B.2, ID 3): as long as the hash's output. Gives way to other work
 * between rounds, since the rounds cannot run in the thread pool.
 */
export async function deriveMacKey(
  hash: string,
  password: string,
  salt: Uint8Array,
  iterations: number,
): Promise<Buffer> {
  const block = blockSizes[hash];
  if (block === undefined) throw new Error(`the hash ${hash} is not known here`);
  const start = Buffer.concat([Buffer.alloc(block, 3), fill(salt, block), fill(bmpPassword(password), block)]);
  const key = digest(hash, start, 'buffer');
  for (let round = 1; round < iterations; round += 1) {
    // Through a string into the same buffer: half the time of a buffer for each round.
    key.write(digest(hash, key, 'binary'), 'binary');
    if (round % ROUNDS_A_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  return key;
}
