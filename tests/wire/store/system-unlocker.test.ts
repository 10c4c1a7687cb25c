import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../../src-main/domain/kernel';
import { SecretStore, type SystemVault } from '../../../src-main/servers/store';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-vault-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Stands in for the system's keychain, which needs a desktop session: AES with a key of its own. */
function keychain(): SystemVault {
  const key = randomBytes(32);
  return {
    protect: (plain) => {
      const iv = randomBytes(16);
      const cipher = createCipheriv('aes-256-ctr', key, iv);
      return Promise.resolve(Buffer.concat([iv, cipher.update(plain)]));
    },
    recover: (sealed) =>
      Promise.resolve(createDecipheriv('aes-256-ctr', key, sealed.subarray(0, 16)).update(sealed.subarray(16))),
  };
}

describe('secrets behind the system’s keychain', () => {
  it('open with it, and with no other', async () => {
    const vault = keychain();
    const store = await SecretStore.create(folder, { kind: 'system', vault });
    await store.put(new Map([['a', new Secret('hunter2')]]));
    const opened = await SecretStore.open(folder, { kind: 'system', vault });
    expect(opened.ok && opened.value.get('a')?.reveal()).toBe('hunter2');
    const stranger = await SecretStore.open(folder, { kind: 'system', vault: keychain() });
    expect(stranger.ok ? null : stranger.failure.code).toBe('secrets.locked');
    const keyFile = await SecretStore.open(folder, { kind: 'key-file' });
    expect(keyFile.ok ? null : keyFile.failure.code).toBe('secrets.locked');
    expect(readFileSync(join(folder, 'vault.json'), 'utf8')).not.toContain('hunter2');
  });

  it('take the key file’s place, but the last way in stays', async () => {
    const vault = keychain();
    const store = await SecretStore.create(folder, { kind: 'key-file' });
    const last = await store.removeUnlocker('key-file');
    expect(last.ok ? null : last.failure.code).toBe('secrets.last-unlocker');
    await store.addUnlocker({ kind: 'system', vault });
    expect(store.unlockers).toEqual(['key-file', 'system']);
    expect((await store.removeUnlocker('key-file')).ok).toBe(true);
    expect(existsSync(join(folder, 'key'))).toBe(false);
    expect((await SecretStore.open(folder, { kind: 'system', vault })).ok).toBe(true);
  });
});
