import { rmSync } from 'node:fs';
import { cp, lstat, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ensurePrivateFolder } from '../../servers/store';
import { atForcedEnd } from '../cluster/forced-end';
import type { WorkspacePaths } from './workspace-paths';

/** A workspace's files in a folder of their own, so that a second cluster can run beside the first. */
export interface PrivateCopy {
  readonly dir: string;
  remove(): Promise<void>;
}

const PREFIX = 'copy-';

/**
 * Copies a workspace's files and its secrets into a folder below its `.gatehouse` that only this user may enter; data, draft
 * and history stay behind, and so do links. What an earlier copy left after a crash is removed.
 */
export async function privateCopy(paths: WorkspacePaths): Promise<PrivateCopy> {
  await ensurePrivateFolder(paths.state);
  await sweep(paths.state);
  const dir = await mkdtemp(join(paths.state, PREFIX));
  const forget = atForcedEnd(() => rmSync(dir, { recursive: true, force: true }));
  const remove = async (): Promise<void> => {
    forget();
    await rm(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  };
  try {
    for (const name of await readdir(paths.dir)) {
      if (name === '.gatehouse' || name === '.git' || name === 'node_modules') continue;
      await cp(join(paths.dir, name), join(dir, name), {
        recursive: true,
        filter: async (source) => {
          const found = await lstat(source);
          return found.isDirectory() || found.isFile();
        },
      });
    }
    await mkdir(join(dir, '.gatehouse'), { mode: 0o700 });
    await cp(paths.secrets, join(dir, '.gatehouse', basename(paths.secrets)), { recursive: true });
    return { dir, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Removes copies that an earlier run left behind. */
async function sweep(state: string): Promise<void> {
  const hour = 3_600_000;
  for (const name of (await readdir(state)).filter((entry) => entry.startsWith(PREFIX))) {
    const found = await lstat(join(state, name)).catch(() => null);
    // A run takes minutes; what is older was left behind.
    if (found?.isDirectory() === true && Date.now() - found.mtimeMs > hour)
      await rm(join(state, name), { recursive: true, force: true });
  }
}
