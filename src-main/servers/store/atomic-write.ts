import { randomBytes } from 'node:crypto';
import { chmod, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Writes a file so that readers see the old content or the new, never a part: a neighbour is written, synced and renamed
 * over it. `mode` holds from the first byte on, so that a private key is never readable by others.
 */
export async function writeFileAtomic(path: string, content: string | Uint8Array, mode: number): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true, ...(mode === 0o600 && folder.includes('.gatehouse') ? { mode: 0o700 } : {}) });
  const neighbour = `${path}.${randomBytes(6).toString('hex')}.new`;
  try {
    const file = await open(neighbour, 'wx', mode);
    try {
      await file.writeFile(content);
      // The process's umask may have taken bits away.
      await chmod(neighbour, mode);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(neighbour, path);
  } catch (error) {
    await rm(neighbour, { force: true });
    throw error;
  }
}
