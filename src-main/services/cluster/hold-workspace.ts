import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { GatehouseError, type DisposableBag, type Failure } from '../../domain/kernel';
import { killManagedServers } from '../../servers/backend';
import { acquireLock, ensurePrivateFolder, SecretStore, type LockHolder, type Unlocker } from '../../servers/store';
import { auditSecrets } from '../audit';
import type { Workspace } from '../workspace/load-workspace';
import { unwrap } from './backends';
import { atForcedEnd } from './forced-end';

/** Who takes a workspace. */
export interface Holding {
  readonly workspace: Workspace;
  /** Name of the program that holds the workspace, for others to read. */
  readonly program: string;
  readonly unlocker: Unlocker;
}

/**
 * Takes a workspace for this process until the bag is disposed of, or until the process ends by force, and opens its
 * secrets. Rejects with GatehouseError `workspace.locked` and those of the secrets.
 */
export async function holdWorkspace(
  { workspace, program, unlocker }: Holding,
  bag: DisposableBag,
): Promise<SecretStore> {
  const { paths } = workspace;
  bag.add({ dispose: atForcedEnd(() => endAtOnce(workspace)) });
  const lock = await acquireLock(paths.lock, program);
  if (!lock.ok) throw new GatehouseError(howToAttach(lock.failure, paths.dir));
  bag.add({ dispose: () => lock.value.release() });
  const secrets = unwrap(await SecretStore.open(paths.secrets, unlocker));
  auditSecrets(secrets, paths.dir);
  await ensurePrivateFolder(paths.socketFolder);
  return secrets;
}

/** The failure of a workspace that somebody runs, with what can be done beside them. */
const howToAttach = (failure: Failure & { readonly holder?: LockHolder }, dir: string): Failure =>
  failure.holder === undefined
    ? failure
    : {
        ...failure,
        summary: `The workspace is held by ${failure.holder.program} (process ${failure.holder.pid}, since ${failure.holder.since}). "gatehouse verify ${dir}" and "gatehouse query ${dir}" attach to it when they change no setting; for anything else stop it first.`,
      };

/** Kills the MySQL servers of this process and removes what says that the workspace is run, if it is this process that runs it. */
function endAtOnce({ paths }: Workspace): void {
  killManagedServers();
  const holder = JSON.parse(readFileSync(paths.lock, 'utf8')) as { pid?: unknown };
  if (holder.pid !== process.pid) return;
  for (const name of readdirSync(paths.socketFolder))
    if (name.endsWith('.sock')) rmSync(join(paths.socketFolder, name), { force: true });
  rmSync(paths.clients, { recursive: true, force: true });
  rmSync(paths.lock, { force: true });
}
