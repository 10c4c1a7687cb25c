import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Fidelity } from '../../domain/fidelity';
import { GatehouseError } from '../../domain/kernel';
import { noUsers, parseUsersFile, writeUsersFile, type UsersFile } from '../../domain/users';
import { writeFileAtomic } from '../../servers/store';
import { fidelityOf, type Workspace } from '../workspace/load-workspace';

/** A users file that gateways read. */
export interface UsersFilePlace {
  /** Workspace-relative. */
  readonly file: string;
  /** Names of the gateways that authenticate by it, in order. */
  readonly gateways: readonly string[];
  /** How the first of them reads it. */
  readonly fidelity: Fidelity;
}

/** The users files that the topology names, in the order of the gateways. */
export function usersFilesOf(workspace: Pick<Workspace, 'topology' | 'overrides'>): UsersFilePlace[] {
  const places = new Map<string, UsersFilePlace>();
  for (const gateway of workspace.topology.gateways) {
    const file = gateway.mysql?.auth === 'static' ? gateway.mysql.usersFile : null;
    if (file === null) continue;
    const known = places.get(file);
    places.set(file, {
      file,
      gateways: [...(known?.gateways ?? []), gateway.name],
      fidelity: known?.fidelity ?? fidelityOf(workspace, gateway),
    });
  }
  return [...places.values()];
}

/** The place of `file`. Throws GatehouseError `callers.no-users-file` when no gateway authenticates by it. */
export function placeOf(workspace: Pick<Workspace, 'topology' | 'overrides'>, file: string): UsersFilePlace {
  const places = usersFilesOf(workspace);
  const place = places.find((candidate) => candidate.file === file);
  if (place !== undefined) return place;
  throw new GatehouseError({
    code: 'callers.no-users-file',
    summary:
      places.length === 0
        ? 'No gateway of this workspace authenticates by a users file. Give one "auth": "static" and a users file in gatehouse.json first.'
        : `No gateway authenticates by ${file}. Choose one of ${places.map(({ file: known }) => known).join(', ')}.`,
  });
}

/**
 * Reads a users file of the draft; one that is not there yet has no users. Throws GatehouseError `callers.file-broken`
 * with the first fault's place and remedy when it does not load: nothing could be written back then without losing what
 * stands in it.
 */
export async function readUsersFile(dir: string, { file, fidelity }: UsersFilePlace): Promise<UsersFile> {
  let bytes: Buffer;
  try {
    bytes = await readFile(join(dir, file));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return noUsers;
    throw new GatehouseError({
      code: 'callers.file-unreadable',
      summary: `${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'}). Give this user the right to read it.`,
    });
  }
  const { users, findings } = parseUsersFile(bytes, { file, fidelity });
  if (users !== null) return users;
  // `{}` and an empty file hold nothing that could be lost.
  if (bytes.toString('utf8').trim() === '') return noUsers;
  const fault = findings.find(({ level }) => level === 'error') ?? findings[0];
  throw new GatehouseError({
    code: 'callers.file-broken',
    summary:
      fault === undefined
        ? `${file} cannot be read as a users file. Mend it first.`
        : `${file}, line ${fault.line}: ${fault.message}. ${fault.remedy} Until then users cannot be changed here.`,
  });
}

/** Writes a users file of the draft (0600). Throws GatehouseError `callers.not-loadable`, and writes nothing, if vtgate could not load it. */
export async function writeDraftUsers(
  dir: string,
  { file, fidelity }: UsersFilePlace,
  users: UsersFile,
): Promise<void> {
  const text = writeUsersFile(users);
  const { vitess, findings } = parseUsersFile(Buffer.from(text), { file, fidelity });
  if (!vitess.reloadAccepted) {
    const fault = findings.find(({ level }) => level === 'error');
    throw new GatehouseError({
      code: 'callers.not-loadable',
      summary:
        `${file} could not be loaded with this change: ${fault?.message ?? vitess.message ?? 'unknown fault'}. ${fault?.remedy ?? ''}`.trim(),
    });
  }
  await writeFileAtomic(join(dir, file), text, 0o600);
}
