import type { SafeStorage } from 'electron';
import type { SystemVault } from '../../servers/store';

/** How well the system protects what is stored: `weak` means that another program of this user can read it. */
export type VaultStrength = 'protected' | 'weak' | 'none';

/**
 * How the system keeps secrets for programs. Linux without a keyring gives `basic_text`, a fixed key: that is said, and
 * counts as weak.
 */
export function vaultStrength(
  safeStorage: Pick<SafeStorage, 'isEncryptionAvailable' | 'getSelectedStorageBackend'>,
  platform: NodeJS.Platform,
): VaultStrength {
  if (!safeStorage.isEncryptionAvailable()) return 'none';
  if (platform !== 'linux') return 'protected';
  const backend = safeStorage.getSelectedStorageBackend();
  return backend === 'basic_text' || backend === 'unknown' ? 'weak' : 'protected';
}

/** The system's keychain as an unlocker of workspaces; null where it protects nothing. */
export function systemVault(
  safeStorage: Pick<
    SafeStorage,
    'isEncryptionAvailable' | 'getSelectedStorageBackend' | 'encryptStringAsync' | 'decryptStringAsync'
  >,
  platform: NodeJS.Platform,
): SystemVault | null {
  if (vaultStrength(safeStorage, platform) !== 'protected') return null;
  return {
    protect: (key) => safeStorage.encryptStringAsync(key.toString('base64')),
    recover: async (sealed) => {
      const { result } = await safeStorage.decryptStringAsync(sealed);
      return Buffer.from(result, 'base64');
    },
  };
}
