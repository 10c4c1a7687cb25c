import { createHash } from 'node:crypto';
import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, realpath, rename, rm, rmdir } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { z } from 'zod';
import { GatehouseError } from '../../domain/kernel';
import { writeFileAtomic } from '../../servers/store';

/** A file to be written; `path` is relative to the export's folder, with slashes. */
export interface FolderFile {
  readonly path: string;
  readonly mode: number;
  readonly content: string | Uint8Array;
}

/** Name of the file that lists what an export wrote, so that the next one can take it back. */
export const MANIFEST = 'proof.json';

const refuse = (code: string, summary: string): never => {
  throw new GatehouseError({ code, summary });
};

const manifest = z.object({
  files: z.array(z.object({ path: z.string(), sha256: z.string().optional() })),
});

/** The folder as it is meant, with the links of what lies above it followed; the folder itself must not be one. */
async function placeOf(out: string): Promise<{ readonly dir: string; readonly exists: boolean }> {
  const wanted = resolve(out);
  const found = await lstat(wanted).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    if (error.code === 'ENOTDIR') return refuse('export.not-a-folder', `${out} lies below a file.`);
    throw error;
  });
  if (found?.isSymbolicLink() === true)
    refuse('export.link', `${out} is a symbolic link. Name the folder itself; nothing was written.`);
  if (found !== null && !found.isDirectory()) refuse('export.not-a-folder', `${out} is a file, not a folder.`);
  await mkdir(dirname(wanted), { recursive: true });
  return { dir: join(await realpath(dirname(wanted)), basename(wanted)), exists: found !== null };
}

const inside = (folder: string, path: string): boolean => {
  const way = relative(folder, path);
  return way === '' || (!way.startsWith(`..${sep}`) && way !== '..' && resolve(folder, way) === path);
};

/** Whether `out` may take an export of the workspace in `workspaceDir`. Throws GatehouseError `export.*`. */
export async function requireExportFolder(out: string, workspaceDir: string, force: boolean): Promise<string> {
  const { dir, exists } = await placeOf(out);
  const workspace = await realpath(workspaceDir);
  if (inside(workspace, dir) || inside(dir, workspace))
    refuse('export.in-workspace', `${out} is, holds or lies in the workspace. Choose a folder beside it.`);
  if (!exists) return dir;
  const [first] = await readdir(dir);
  if (first !== undefined && !force)
    refuse(
      'export.not-empty',
      `${out} is not empty (${first} is there). Choose another folder, or overwrite what an earlier export wrote with --force.`,
    );
  if (first !== undefined) await requireNoWorkspace(dir, out);
  return dir;
}

async function requireNoWorkspace(dir: string, shown: string): Promise<void> {
  if ((await lstat(join(dir, 'gatehouse.json')).catch(() => null)) !== null)
    refuse('export.in-workspace', `${shown} is a workspace. Choose another folder.`);
}

/**
 * Writes the files into `dir` (from `requireExportFolder`). A folder that is not there or empty appears with everything in it or
 * not at all. In a forced one each file is replaced in one step, what the last export wrote and this one does not is
 * removed unless it is secret or was changed; everything else stays. No link is followed inside. Returns what an earlier
 * export wrote and is still there.
 */
export async function writeFolder(dir: string, files: readonly FolderFile[]): Promise<string[]> {
  const present = await readdir(dir).catch(() => null);
  const inPlace = present !== null && present.length > 0;
  const draft = await mkdtemp(
    inPlace ? join(dir, '.gatehouse-new-') : join(dirname(dir), `.${basename(dir)}.gatehouse-new-`),
  );
  try {
    for (const file of files) {
      await mkdir(join(draft, dirname(file.path)), { recursive: true });
      await writeFileAtomic(join(draft, file.path), file.content, file.mode);
    }
    if (inPlace) return await replace(draft, dir, files);
    await openFolders(draft, files);
    if (present !== null) await rmdir(dir);
    await rename(draft, dir);
    return [];
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** Folders are for everybody to enter, whatever this process's umask; the secrets in them are 0600. */
async function openFolders(root: string, files: readonly FolderFile[]): Promise<void> {
  for (const folder of new Set(['.', ...files.flatMap(({ path }) => parents(path))]))
    await chmod(join(root, folder), 0o755);
}

/** `a/b/c.pem` lies below `a` and `a/b`. */
const parents = (path: string): string[] =>
  path
    .split('/')
    .slice(0, -1)
    .map((_, index, parts) => parts.slice(0, index + 1).join('/'));

async function replace(draft: string, dir: string, files: readonly FolderFile[]): Promise<string[]> {
  const old = await listed(dir);
  for (const { path } of files) await requirePlain(dir, path);
  for (const { path } of files) {
    for (const folder of parents(path)) await mkdir(join(dir, folder), { mode: 0o755 }).catch(ignoreExisting);
    await rename(join(draft, path), join(dir, path));
  }
  const kept = new Set(files.map(({ path }) => path));
  const left: string[] = [];
  for (const { path, sha256 } of old)
    if (!kept.has(path) && (await removeOwn(dir, path, sha256)) === 'stays') left.push(path);
  return left;
}

const ignoreExisting = (error: NodeJS.ErrnoException): void => {
  if (error.code !== 'EEXIST') throw error;
};

/** Refuses a place that a link leads to, or where something other than a file stands. */
async function requirePlain(dir: string, path: string): Promise<void> {
  for (const folder of parents(path)) {
    const found = await lstat(join(dir, folder)).catch(() => null);
    if (found !== null && !found.isDirectory())
      refuse('export.link', `${join(dir, folder)} is a link or a file where the export has a folder. Remove it first.`);
  }
  const found = await lstat(join(dir, path)).catch(() => null);
  if (found !== null && !found.isFile())
    refuse('export.link', `${join(dir, path)} is a link or a folder where the export has a file. Remove it first.`);
}

/** What an earlier export says it wrote; only plain relative paths. */
async function listed(dir: string): Promise<z.infer<typeof manifest>['files']> {
  try {
    const { files } = manifest.parse(JSON.parse(await readFile(join(dir, MANIFEST), 'utf8')));
    return files.filter(({ path }) => path !== '' && !path.split(/[\\/]/).some((part) => part === '..' || part === ''));
  } catch {
    return [];
  }
}

/** Removes a file that an earlier export wrote, unless it is secret or somebody has changed it since. */
async function removeOwn(dir: string, path: string, sha256: string | undefined): Promise<'gone' | 'stays'> {
  try {
    await requirePlain(dir, path);
    const content = await readFile(join(dir, path));
    if (sha256Of(content) !== sha256) return 'stays';
    await rm(join(dir, path));
    return 'gone';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'gone' : 'stays';
  }
}

export const sha256Of = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');
