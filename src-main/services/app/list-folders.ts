import { access, readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { GatehouseError } from '../../domain/kernel';

const isWorkspace = (dir: string): Promise<boolean> =>
  access(join(dir, 'gatehouse.json')).then(
    () => true,
    () => false,
  );

const LIMIT = 500;

/** The folders below `dir`, hidden ones left out, each with whether it is a workspace. GatehouseError `folder.unreadable`. */
export async function listFolders(dir = homedir()): Promise<{
  dir: string;
  parent: string | null;
  workspace: boolean;
  folders: { name: string; dir: string; workspace: boolean }[];
}> {
  const at = resolve(dir);
  const entries = await readdir(at, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    throw new GatehouseError({
      code: 'folder.unreadable',
      summary: `${at} cannot be listed (${error.code ?? 'unknown'}).`,
    });
  });
  const names = entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules')
    .map(({ name }) => name)
    .sort((a, b) => a.localeCompare(b))
    .slice(0, LIMIT);
  const folders = await Promise.all(
    names.map(async (name) => ({ name, dir: join(at, name), workspace: await isWorkspace(join(at, name)) })),
  );
  const parent = dirname(at);
  return { dir: at, parent: parent === at ? null : parent, workspace: await isWorkspace(at), folders };
}
