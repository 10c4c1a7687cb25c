import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GatehouseError } from '../../../domain/kernel';
import { parseUsersFile, writeUsersFile, type UsersFile } from '../../../domain/users';
import { writeFileAtomic } from '../../../servers/store';
import { fidelityOf } from '../../workspace/load-workspace';
import type { AttackGround } from '../ground';
import type { Door } from './door';

/** Name of a user that a rehearsal makes in the copy of the workspace. */
export const REHEARSAL_USER = 'gatehouse-rehearsal';

/**
 * Puts another version of a users file into force for the time of `work`, as a running vtgate takes one over, and the
 * old one back afterwards. Rejects with GatehouseError `attack.reload` when the gateway keeps what it had.
 */
export async function withUsers<T>(
  ground: AttackGround,
  door: Door,
  change: (users: UsersFile) => UsersFile,
  work: () => Promise<T>,
): Promise<T> {
  const path = join(ground.dir, door.file);
  const before = await readFile(path);
  const gateway = ground.workspace.topology.gateways.find(({ name }) => name === door.gateway) ?? null;
  const { users } = parseUsersFile(before, { file: door.file, fidelity: fidelityOf(ground.workspace, gateway) });
  if (users === null) throw new GatehouseError({ code: 'attack.reload', summary: `${door.file} cannot be read.` });
  try {
    await writeFileAtomic(path, writeUsersFile(change(users)), 0o600);
    await takeOver(ground, door);
    return await work();
  } finally {
    await writeFileAtomic(path, before, 0o600);
    await takeOver(ground, door);
  }
}

async function takeOver(ground: AttackGround, { file }: Door): Promise<void> {
  const { reloaded, kept } = await ground.cluster.hangUp();
  if (reloaded.includes(file)) return;
  const why = kept.find((item) => item.file === file)?.message ?? 'The gateway did not take it over.';
  throw new GatehouseError({ code: 'attack.reload', summary: `${file}: ${why}` });
}
