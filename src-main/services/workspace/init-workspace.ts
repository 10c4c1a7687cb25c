import { lstat, mkdir, mkdtemp, readdir, readFile, realpath, rename, rm, rmdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { AuditEntry } from '../../domain/audit';
import { fail, succeed, type Clock, type Failure, type Finding, type Result } from '../../domain/kernel';
import { buildWorkspace, ignoreFile, markerFile, readRecipe } from '../../domain/workspace';
import { manifestOf, scanFiles, SecretStore, writeFileAtomic, type Unlocker } from '../../servers/store';
import { fileFacts, listed, recordAudit } from '../audit';

export const sampleNames = ['reference', 'user-guide', 'shop', 'empty'] as const;
export type SampleName = (typeof sampleNames)[number];

export interface InitOptions {
  readonly dir: string;
  readonly sample: SampleName;
  /** The folder that holds the samples. */
  readonly samples: string;
  readonly clock: Clock;
  readonly unlocker: Unlocker;
  readonly random?: (size: number) => Buffer;
}

/** What was made: paths relative to the workspace, and the names (never the values) of its secrets. */
export interface InitReport {
  readonly dir: string;
  readonly sample: SampleName;
  readonly files: readonly string[];
  readonly secrets: readonly string[];
}

const emptyTopology = (name: string): string =>
  `${JSON.stringify({ schema: 1, name, keyspaces: [], backends: [], tablets: [], gateways: [] }, null, 2)}\n`;

/**
 * Makes a workspace from a sample. It is built beside its place and moved there in one step, so that a half-made
 * workspace is never seen. A folder that holds anything is refused (`workspace.not-empty`).
 */
export async function initWorkspace(
  options: InitOptions,
): Promise<Result<InitReport, Failure & { findings?: readonly Finding[] }>> {
  const dir = resolve(options.dir);
  const place = await examine(dir, options.dir);
  if (!place.ok) return place;
  let draft: string;
  try {
    if (!place.value.stays) await mkdir(dirname(dir), { recursive: true });
    draft = await mkdtemp(
      place.value.stays ? join(dir, '.gatehouse-new-') : join(dirname(dir), `.${basename(dir)}.gatehouse-new-`),
    );
  } catch (error) {
    return fail({
      code: 'workspace.unwritable',
      summary: `${options.dir} cannot be made (${(error as NodeJS.ErrnoException).code ?? 'unknown'}). Choose another folder, or see to its rights.`,
      detail: String(error),
    });
  }
  try {
    const name =
      basename(dir)
        .replace(/[^A-Za-z0-9_.-]/g, '-')
        .replace(/^[^A-Za-z0-9]+/, '')
        .slice(0, 63) || 'workspace';
    const files: string[] = [];
    const put = async (path: string, content: string | Buffer, mode: number): Promise<void> => {
      await writeFileAtomic(join(draft, path), content, mode);
      files.push(path);
    };
    const secrets = await SecretStore.create(join(draft, '.gatehouse', 'secrets'), options.unlocker);
    if (options.sample === 'empty') await put('gatehouse.json', emptyTopology(name), 0o644);
    else {
      const source = join(options.samples, options.sample);
      const { recipe, findings } = readRecipe(await readFile(join(source, 'sample.json')), 'sample.json');
      if (recipe === null)
        return fail({ code: 'sample.faulty', summary: `The sample ${options.sample} has faults.`, findings });
      const built = buildWorkspace(recipe, {
        clock: options.clock,
        ...(options.random === undefined ? {} : { random: options.random }),
      });
      // All at once: each file waits for the disk.
      await Promise.all([
        ...(await sampleFiles(source)).map(async (path) =>
          put(path, await readFile(join(source, path)), /^users.*\.json$/.test(path) ? 0o600 : 0o644),
        ),
        ...built.files.map((file) => put(file.path, file.content, file.mode)),
        secrets.put(built.secrets),
      ]);
    }
    const marker = markerFile(name);
    await put(marker.path, marker.content, 0o644);
    await put('.gitignore', ignoreFile, 0o644);
    if (place.value.stays) await moveOut(draft, dir);
    else if (!(await moveTo(draft, dir))) return notEmpty(options.dir, 'something was put there meanwhile');
    await recordAudit(dir, await createdEntry(dir, options.sample, secrets.names()), options.clock);
    return succeed({ dir, sample: options.sample, files: files.sort(), secrets: secrets.names() });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function createdEntry(dir: string, sample: SampleName, secrets: readonly string[]): Promise<AuditEntry> {
  return {
    what: 'workspace.created',
    summary: `The workspace was made from the sample "${sample}".`,
    facts: { sample, secrets: listed(secrets).items, ...fileFacts({}, manifestOf(await scanFiles(dir))) },
  };
}

/** Files of a sample that are taken over as they are. */
async function sampleFiles(source: string): Promise<string[]> {
  const entries = await readdir(source, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(source.length + 1)
        .replaceAll('\\', '/'),
    )
    .filter((path) => path !== 'sample.json');
}

/** What stands where the workspace is to be. `stays`: an empty folder that must not be replaced by another one. */
async function examine(dir: string, shown: string): Promise<Result<{ readonly stays: boolean }>> {
  let found: string[];
  try {
    found = await readdir(dir);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    // A symbolic link to nothing is no folder and no room for one.
    if (code === 'ENOENT' && (await lstat(dir).catch(() => null)) === null) return succeed({ stays: false });
    if (code === 'ENOTDIR' || code === 'ENOENT')
      return fail({
        code: 'workspace.not-a-folder',
        summary: `${shown} is no folder, or lies below a file. Choose a folder; nothing was changed.`,
      });
    if (code === 'ENAMETOOLONG')
      return fail({
        code: 'workspace.not-a-folder',
        summary: `${shown.slice(0, 40)}…: the name is too long for this system. Choose another one; nothing was changed.`,
      });
    return fail({ code: 'workspace.unreadable', summary: `${shown} cannot be read.`, detail: String(error) });
  }
  const [first] = found;
  if (first !== undefined) return notEmpty(shown, `${first} is there`);
  const [own, above, actual] = await Promise.all([lstat(dir), stat(dirname(dir)), realpath(dir)]);
  // Replacing the folder would leave the user's shell in one that is gone; links and mounts cannot be replaced.
  return succeed({ stays: own.isSymbolicLink() || own.dev !== above.dev || actual === process.cwd() });
}

const notEmpty = (shown: string, why: string): Result<never> =>
  fail({
    code: 'workspace.not-empty',
    summary: `${shown} is not empty (${why}). Choose another folder; nothing was changed.`,
  });

/** Moves the draft to its place, where at most an empty folder stands; false when there is more by now. */
async function moveTo(draft: string, dir: string): Promise<boolean> {
  try {
    // Windows does not rename over a folder.
    if (process.platform === 'win32') await rmdir(dir).catch(() => undefined);
    await rename(draft, dir);
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (['ENOTEMPTY', 'EEXIST', 'ENOTDIR', 'EPERM'].includes(code)) return false;
    throw error;
  }
}

/** Moves what is in the draft into the folder around it, `gatehouse.json` last: without it a folder is no workspace. */
async function moveOut(draft: string, dir: string): Promise<void> {
  const names = (await readdir(draft)).sort((a, b) => Number(a === 'gatehouse.json') - Number(b === 'gatehouse.json'));
  for (const name of names) await rename(join(draft, name), join(dir, name));
}
