import { createCipheriv, createDecipheriv, pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

import { bytesOf, DerError, type DerNode, integer, nullValue, octetString, oid, sequence, tag } from './der';
import { DerFields, readOid, readSmallInteger } from './der-reader';

const deriveKey = promisify(pbkdf2);

const PBES2 = '1.2.840.113549.1.5.13';
const PBKDF2 = '1.2.840.113549.1.5.12';
const HMAC_SHA256 = '1.2.840.113549.2.9';
const AES_256_CBC = '2.16.840.1.101.3.4.1.42';

const hashes: Readonly<Record<string, string>> = {
  '1.2.840.113549.2.7': 'sha1',
  [HMAC_SHA256]: 'sha256',
  '1.2.840.113549.2.10': 'sha384',
  '1.2.840.113549.2.11': 'sha512',
};

const ciphers: Readonly<Record<string, { readonly name: string; readonly keyBytes: number }>> = {
  '2.16.840.1.101.3.4.1.2': { name: 'aes-128-cbc', keyBytes: 16 },
  '2.16.840.1.101.3.4.1.22': { name: 'aes-192-cbc', keyBytes: 24 },
  [AES_256_CBC]: { name: 'aes-256-cbc', keyBytes: 32 },
  '1.2.840.113549.3.7': { name: 'des-ede3-cbc', keyBytes: 24 },
};

/** What new files get; Node's own export stays at 2048. */
export const ITERATIONS = 200_000;
/** A file that asks for more is hostile or useless. */
export const MAX_ITERATIONS = 10_000_000;

/** Random bytes and work factor. */
export interface EncryptionTools {
  readonly random?: (size: number) => Buffer;
  readonly iterations?: number;
}

/** The password is not the right one, or the data is damaged: which of the two cannot be told. */
export class WrongPassword extends Error {}

/** Another way to encrypt than the ones known here. */
export class UnknownEncryption extends Error {}

/**
 * Encrypts with PBES2 (RFC 8018): PBKDF2-HMAC-SHA256 and AES-256-CBC, the one combination that OpenSSL, BoringSSL, Java
 * and Windows all read. Gives the AlgorithmIdentifier and the ciphertext.
 */
export async function encryptPbes2(
  plain: Uint8Array,
  password: string,
  tools: EncryptionTools = {},
): Promise<{ algorithm: DerNode; ciphertext: Buffer }> {
  const random = tools.random ?? randomBytes;
  const iterations = Math.max(tools.iterations ?? ITERATIONS, ITERATIONS);
  const salt = random(16);
  const iv = random(16);
  const key = await deriveKey(password, salt, iterations, 32, 'sha256');
  const cipher = createCipheriv('aes-256-cbc', key, iv);
  const ciphertext = Buffer.concat([cipher.update(plain), cipher.final()]);
  const algorithm = sequence([
    oid(PBES2),
    sequence([
      sequence([
        oid(PBKDF2),
        sequence([octetString(salt), integer(iterations), sequence([oid(HMAC_SHA256), nullValue()])]),
      ]),
      sequence([oid(AES_256_CBC), octetString(iv)]),
    ]),
  ]);
  return { algorithm, ciphertext };
}

/**
 * Decrypts what a PBES2 AlgorithmIdentifier describes.
 * @throws WrongPassword, UnknownEncryption, DerError
 */
export async function decryptPbes2(algorithm: DerNode, ciphertext: Uint8Array, password: string): Promise<Buffer> {
  const outer = new DerFields(algorithm, 'encryption algorithm');
  const scheme = readOid(outer.take(tag.oid, 'encryption algorithm'));
  if (scheme !== PBES2) throw new UnknownEncryption(scheme);
  const parameters = new DerFields(outer.take(tag.sequence, 'encryption parameters'), 'encryption parameters');
  const derivation = new DerFields(parameters.take(tag.sequence, 'key derivation'), 'key derivation');
  const derivationName = readOid(derivation.take(tag.oid, 'key derivation'));
  if (derivationName !== PBKDF2) throw new UnknownEncryption(derivationName);
  const settings = new DerFields(derivation.take(tag.sequence, 'key derivation'), 'key derivation');
  const salt = bytesOf(settings.take(tag.octetString, 'salt'));
  const iterations = readSmallInteger(settings.take(tag.integer, 'iterations'), 'iterations');
  settings.optional(tag.integer);
  const prf = settings.optional(tag.sequence);
  const hash = prf === undefined ? 'sha1' : hashes[readOid(new DerFields(prf, 'PRF').take(tag.oid, 'PRF'))];
  const encryption = new DerFields(parameters.take(tag.sequence, 'cipher'), 'cipher');
  const cipherName = readOid(encryption.take(tag.oid, 'cipher'));
  const cipher = ciphers[cipherName];
  if (hash === undefined || cipher === undefined) throw new UnknownEncryption(cipherName);
  if (iterations < 1 || iterations > MAX_ITERATIONS) throw new DerError('a number of iterations that is out of range');
  const iv = bytesOf(encryption.take(tag.octetString, 'initialisation vector'));
  const key = await deriveKey(password, salt, iterations, cipher.keyBytes, hash);
  try {
    const decipher = createDecipheriv(cipher.name, key, iv);
    return Buffer.concat([decipher.update(ciphertext), decipher.final()]);
  } catch {
    throw new WrongPassword();
  }
}
