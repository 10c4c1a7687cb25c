import { lstat, mkdir } from 'node:fs/promises';
import { GatehouseError } from '../../domain/kernel';

/**
 * Makes a folder that only this user may enter, or accepts one that is already so. In a folder that everybody may write
 * to (the system's temporary one) somebody else could have been there first: such a folder, a symbolic link and one that
 * others may enter are refused with `environment.private-folder`.
 */
export async function ensurePrivateFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  if (process.platform === 'win32') return;
  const found = await lstat(path);
  if (found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o077) === 0) return;
  throw new GatehouseError({
    code: 'environment.private-folder',
    summary: `${path} is not a folder that only this user may enter. Remove it, or give it mode 0700.`,
  });
}
