import { chmod, lstat, readdir, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { GatehouseError } from '../../../domain/kernel';
import { writeFileAtomic } from '../atomic-write';
import { hasRealFolders, isTrackedPath, modeFor, type FileRef } from './tracked-files';

/** Writes one file of a version below `dir`, or removes it. A folder that is a link is never written through. */
export async function putTracked(
  dir: string,
  path: string,
  file: { readonly ref: FileRef; readonly content: Uint8Array } | null,
): Promise<void> {
  if (!isTrackedPath(path) || !(await hasRealFolders(dir, path)))
    throw new GatehouseError({
      code: 'document.path',
      summary: `${path.slice(0, 80)} is no place inside the workspace, or a folder on the way is a link. Nothing was written there.`,
    });
  const place = join(dir, path);
  if (file !== null) {
    await writeFileAtomic(place, file.content, modeFor(path, file.ref.mode));
    return;
  }
  await rm(place, { force: true });
  // Folders that this has emptied go with it, so that undoing leaves nothing behind.
  for (let folder = dirname(path); folder !== '.'; folder = dirname(folder))
    if (
      !(await rmdir(join(dir, folder)).then(
        () => true,
        () => false,
      ))
    )
      return;
}

/** Gives a file its mode where only that differs. */
export async function putMode(dir: string, path: string, mode: FileRef['mode']): Promise<void> {
  const found = await lstat(join(dir, path)).catch(() => null);
  if (found?.isFile() === true && (found.mode & 0o777) !== mode) await chmod(join(dir, path), mode);
}

/** Removes what a killed program has left of files that it was just writing, beside the files named. */
export async function removeHalfWritten(dir: string, paths: readonly string[]): Promise<void> {
  const beside = new Map<string, Set<string>>();
  for (const path of paths) {
    const folder = dirname(path);
    beside.set(folder, (beside.get(folder) ?? new Set()).add(path.slice(path.lastIndexOf('/') + 1)));
  }
  for (const [folder, names] of beside)
    if (await hasRealFolders(dir, `${folder}/x`))
      for (const name of await readdir(join(dir, folder)).catch(() => []))
        if (names.has(HALF_WRITTEN.exec(name)?.[1] ?? '')) await rm(join(dir, folder, name), { force: true });
}

/** How `writeFileAtomic` calls the neighbour that it writes first. */
const HALF_WRITTEN = /^(.+)\.[0-9a-f]{12}\.new$/;
