import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decryptPrivateKey, encryptPrivateKey, privateKeyPem } from '../../domain/certs';
import { GatehouseError, type Failure, type Secret } from '../../domain/kernel';
import { writeFileAtomic } from '../../servers/store';
import { isAuthorityKey, keyFiles } from './key-files';

const named = (failure: Failure, path: string): GatehouseError =>
  new GatehouseError({ ...failure, summary: `${path}: ${failure.summary}` });

/**
 * Encrypts the private keys of the authorities (PKCS#8, PBES2): with them alone certificates are issued, and nothing that
 * runs needs them. Those that are encrypted already must open with the same passphrase. Everything is computed before
 * anything is written. Rejects with GatehouseError `certs.passphrase-wrong` and `settings.no-keys`.
 */
export async function encryptAuthorityKeys(dir: string, passphrase: Secret): Promise<void> {
  await rewrite(dir, async (text, path) => {
    if (text.includes('ENCRYPTED')) {
      const opened = await decryptPrivateKey(text, passphrase);
      if (!opened.ok) throw named(opened.failure, path);
      return text;
    }
    const sealed = await encryptPrivateKey(text, passphrase);
    if (!sealed.ok) throw named(sealed.failure, path);
    return sealed.value;
  });
}

/** The reverse: the keys of the authorities in clear, mode 0600. */
export async function decryptAuthorityKeys(dir: string, passphrase: Secret): Promise<void> {
  await rewrite(dir, async (text, path) => {
    if (!text.includes('ENCRYPTED')) return text;
    const opened = await decryptPrivateKey(text, passphrase);
    if (!opened.ok) throw named(opened.failure, path);
    return privateKeyPem(opened.value).reveal();
  });
}

async function rewrite(dir: string, change: (text: string, path: string) => Promise<string>): Promise<void> {
  const paths = (await keyFiles(dir)).map(({ path }) => path).filter(isAuthorityKey);
  if (paths.length === 0)
    throw new GatehouseError({ code: 'settings.no-keys', summary: 'The draft has no private key of an authority.' });
  const after = new Map<string, string>();
  for (const path of paths) {
    const text = await readFile(join(dir, path), 'utf8');
    const changed = await change(text, path);
    if (changed !== text) after.set(path, changed);
  }
  for (const [path, text] of after) await writeFileAtomic(join(dir, path), text, 0o600);
}
