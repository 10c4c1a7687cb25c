import { chmod, lstat, mkdir } from 'node:fs/promises';
import { GatehouseError } from '../../domain/kernel';

/**
 * Makes a folder that only this user may enter, or makes one of this user's own so. In a folder that everybody may write
 * to (the system's temporary one) somebody else could have been there first: a folder of another user and a symbolic link
 * are refused with `environment.private-folder`.
 */
export async function ensurePrivateFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  if (process.platform === 'win32') return;
  const found = await lstat(path);
  if (!found.isDirectory() || found.uid !== process.getuid?.())
    throw new GatehouseError({
      code: 'environment.private-folder',
      summary: `${path} is not a folder of this user's own. Remove it and try again.`,
    });
  if ((found.mode & 0o077) !== 0) await chmod(path, 0o700);
}
