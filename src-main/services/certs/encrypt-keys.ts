import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decryptPrivateKey, encryptPrivateKey, privateKeyPem } from '../../domain/certs';
import { GatehouseError, type Secret } from '../../domain/kernel';
import { writeFileAtomic } from '../../servers/store';

/** Private keys of a workspace: `pki/…-key.pem`. */
async function keyFiles(dir: string): Promise<string[]> {
  const names = await readdir(join(dir, 'pki'), { recursive: true }).catch(() => []);
  return names
    .map((name) => `pki/${name.replaceAll('\\', '/')}`)
    .filter((path) => path.endsWith('-key.pem'))
    .sort();
}

/** How many private keys there are, and how many of them are encrypted. */
export async function keyCounts(dir: string): Promise<{ readonly keys: number; readonly encrypted: number }> {
  const texts = await Promise.all((await keyFiles(dir)).map((path) => readFile(join(dir, path), 'utf8')));
  return { keys: texts.length, encrypted: texts.filter((text) => text.includes('ENCRYPTED')).length };
}

/**
 * Encrypts every private key below pki/ that lies there in clear (PKCS#8, PBES2), mode 0600. Keys that are encrypted
 * already must open with the same passphrase (`certs.passphrase-wrong`), so that one opens all. Everything is computed
 * before anything is written; `only` leaves the others alone. Returns the files changed.
 */
export async function encryptKeys(
  dir: string,
  passphrase: Secret,
  only: (path: string) => boolean = () => true,
): Promise<string[]> {
  const after = new Map<string, string>();
  for (const path of (await keyFiles(dir)).filter(only)) {
    const text = await readFile(join(dir, path), 'utf8');
    if (text.includes('ENCRYPTED')) {
      const opened = await decryptPrivateKey(text, passphrase);
      if (!opened.ok) throw new GatehouseError(named(opened.failure, path));
      continue;
    }
    const sealed = await encryptPrivateKey(text, passphrase);
    if (!sealed.ok) throw new GatehouseError(named(sealed.failure, path));
    after.set(path, sealed.value);
  }
  return written(dir, after);
}

/** The reverse: every encrypted key in clear, mode 0600. GatehouseError `certs.passphrase-wrong` changes nothing. */
export async function decryptKeys(dir: string, passphrase: Secret): Promise<string[]> {
  const after = new Map<string, string>();
  for (const path of await keyFiles(dir)) {
    const text = await readFile(join(dir, path), 'utf8');
    if (!text.includes('ENCRYPTED')) continue;
    const opened = await decryptPrivateKey(text, passphrase);
    if (!opened.ok) throw new GatehouseError(named(opened.failure, path));
    after.set(path, privateKeyPem(opened.value).reveal());
  }
  return written(dir, after);
}

const named = (failure: { readonly code: string; readonly summary: string }, path: string) => ({
  ...failure,
  summary: `${path}: ${failure.summary}`,
});

async function written(dir: string, after: ReadonlyMap<string, string>): Promise<string[]> {
  for (const [path, text] of after) await writeFileAtomic(join(dir, path), text, 0o600);
  return [...after.keys()];
}
