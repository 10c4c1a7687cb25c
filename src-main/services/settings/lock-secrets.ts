import { GatehouseError, Secret } from '../../domain/kernel';
import type { SecretStore } from '../../servers/store';

/**
 * Makes a passphrase the only way into a workspace's secrets beside the system's keychain; with null a key file again. The
 * new way is there before the old one goes. Rejects with GatehouseError `settings.passphrase` for one below 8 characters.
 */
export async function lockSecrets(secrets: SecretStore, passphrase: string | null): Promise<void> {
  if (passphrase !== null && passphrase.length < 8)
    throw new GatehouseError({ code: 'settings.passphrase', summary: 'The passphrase has fewer than 8 characters.' });
  const old = passphrase === null ? 'passphrase' : 'key-file';
  // A passphrase that is changed replaces the one before.
  if (passphrase !== null && secrets.unlockers.includes('passphrase')) {
    await secrets.addUnlocker({ kind: 'key-file' });
    await unwrap(secrets.removeUnlocker('passphrase'));
  }
  await secrets.addUnlocker(
    passphrase === null ? { kind: 'key-file' } : { kind: 'passphrase', passphrase: new Secret(passphrase) },
  );
  if (secrets.unlockers.includes(old)) await unwrap(secrets.removeUnlocker(old));
}

async function unwrap(work: ReturnType<SecretStore['removeUnlocker']>): Promise<void> {
  const done = await work;
  if (!done.ok) throw new GatehouseError(done.failure);
}
