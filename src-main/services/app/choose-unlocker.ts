import { GatehouseError, type Secret } from '../../domain/kernel';
import { SecretStore, type SystemVault, type Unlocker } from '../../servers/store';
import { loadWorkspace } from '../workspace/load-workspace';
import { WorkspacePaths } from '../workspace/workspace-paths';

/** Makes an empty store in a workspace; a folder that is none gets nothing, and opening it will say why. */
async function makeStore(dir: string, secrets: string): Promise<boolean> {
  if (!(await loadWorkspace(dir)).ok) return false;
  await SecretStore.create(secrets, { kind: 'key-file' });
  return true;
}

/**
 * The way that opens the secrets of the workspace in `dir`: its key file, the system's keychain, the passphrase, in this
 * order. A workspace that came without its secrets (a fresh clone) gets a new, empty store: `made`. Throws GatehouseError
 * `secrets.locked` when nothing opens them, `secrets.damaged` when they cannot be read at all.
 */
export async function chooseUnlocker(
  dir: string,
  vault: SystemVault | null,
  passphrase: Secret | undefined,
): Promise<{ readonly unlocker: Unlocker; readonly made: boolean }> {
  const { secrets } = new WorkspacePaths(dir);
  const ways: Unlocker[] = [
    { kind: 'key-file' },
    ...(vault === null ? [] : [{ kind: 'system' as const, vault }]),
    ...(passphrase === undefined ? [] : [{ kind: 'passphrase' as const, passphrase }]),
  ];
  let last: GatehouseError | null = null;
  for (const unlocker of ways) {
    const opened = await SecretStore.open(secrets, unlocker);
    if (opened.ok) return { unlocker, made: false };
    if (opened.failure.code === 'secrets.missing') {
      const made = await makeStore(dir, secrets);
      return { unlocker: { kind: 'key-file' }, made };
    }
    last = new GatehouseError(opened.failure);
    if (opened.failure.code !== 'secrets.locked') break;
  }
  throw last ?? new GatehouseError({ code: 'secrets.locked', summary: 'The secrets cannot be opened.' });
}
