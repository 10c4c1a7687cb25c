import { createPrivateKey, type KeyObject } from 'node:crypto';

import type { Secret } from '../kernel';
import { fail, type Failure, type Result, succeed } from '../kernel';
import { pemBlock } from './certificate';
import { bytesOf, decode, encode, octetString, sequence, tag } from './der';
import { DerFields } from './der-reader';
import { readPrivateKey } from './keys';
import { type EncryptionTools, decryptPbes2, encryptPbes2, UnknownEncryption, WrongPassword } from './pbes2';
import { type RawBlock, splitPem } from './pem-blocks';

const ENCRYPTED = 'ENCRYPTED PRIVATE KEY';

const failures = {
  noKey: {
    code: 'certs.key-missing',
    summary: 'The file holds no private key; give the file that was made together with the certificate.',
  },
  passphraseMissing: {
    code: 'certs.passphrase-missing',
    summary: 'The private key is encrypted; give its passphrase.',
  },
  passphraseWrong: {
    code: 'certs.passphrase-wrong',
    summary: 'The passphrase does not open the private key; check it, or restore the key from a copy if it is damaged.',
  },
  unreadable: {
    code: 'certs.key-unreadable',
    summary: 'The private key cannot be read; it is damaged or of a kind that is not known here.',
  },
  emptyPassphrase: {
    code: 'certs.passphrase-empty',
    summary: 'An empty passphrase protects nothing; choose one or leave the key unencrypted.',
  },
} satisfies Record<string, Failure>;

const textOf = (pem: string | Secret): string => (typeof pem === 'string' ? pem : pem.reveal());

/** The first private key block of a text; other blocks may stand before it. */
const findKeyBlock = (text: string): RawBlock | undefined =>
  splitPem(text).blocks.find(({ label }) => label.endsWith('PRIVATE KEY'));

const isEncrypted = (block: RawBlock): boolean =>
  block.label === ENCRYPTED || block.headers.some((header) => /^Proc-Type:.*ENCRYPTED/i.test(header));

/**
 * Opens a private key, encrypted or not, at once. An encrypted one costs its key derivation on this thread (a tenth of a
 * second); `decryptPrivateKey` does not. No failure ever quotes key or passphrase.
 */
export function openPrivateKey(pem: string | Secret, passphrase?: Secret): Result<KeyObject> {
  const block = findKeyBlock(textOf(pem));
  if (block === undefined) return fail(failures.noKey);
  const encrypted = isEncrypted(block);
  if (encrypted && passphrase === undefined) return fail(failures.passphraseMissing);
  try {
    return succeed(
      createPrivateKey({
        key: block.text,
        format: 'pem',
        ...(encrypted && passphrase !== undefined ? { passphrase: passphrase.reveal() } : {}),
      }),
    );
  } catch {
    return fail(encrypted ? failures.passphraseWrong : failures.unreadable);
  }
}

/** `openPrivateKey` with the key derivation in the thread pool, and with PRFs that BoringSSL refuses (HMAC-SHA512). */
export async function decryptPrivateKey(pem: string | Secret, passphrase: Secret): Promise<Result<KeyObject>> {
  const block = findKeyBlock(textOf(pem));
  if (block?.label !== ENCRYPTED || block.der === null) return openPrivateKey(pem, passphrase);
  try {
    const fields = new DerFields(decode(block.der), 'encrypted key');
    const algorithm = fields.take(tag.sequence, 'encryption algorithm');
    const plain = await decryptPbes2(
      algorithm,
      bytesOf(fields.take(tag.octetString, 'ciphertext')),
      passphrase.reveal(),
    );
    const key = readPrivateKey(plain);
    plain.fill(0);
    return key === null ? fail(failures.passphraseWrong) : succeed(key);
  } catch (error) {
    if (error instanceof UnknownEncryption) return openPrivateKey(pem, passphrase);
    return fail(error instanceof WrongPassword ? failures.passphraseWrong : failures.unreadable);
  }
}

/**
 * An `ENCRYPTED PRIVATE KEY` block (PKCS#8) of a private key in the clear: PBES2 with PBKDF2-HMAC-SHA256, at least
 * 200,000 iterations, and AES-256-CBC.
 */
export async function encryptPrivateKey(
  pem: string | Secret,
  passphrase: Secret,
  tools: EncryptionTools = {},
): Promise<Result<string>> {
  if (passphrase.reveal() === '') return fail(failures.emptyPassphrase);
  const opened = openPrivateKey(pem);
  if (!opened.ok) return opened;
  const plain = opened.value.export({ type: 'pkcs8', format: 'der' });
  const { algorithm, ciphertext } = await encryptPbes2(plain, passphrase.reveal(), tools);
  plain.fill(0);
  return succeed(pemBlock(ENCRYPTED, encode(sequence([algorithm, octetString(ciphertext)]))));
}
