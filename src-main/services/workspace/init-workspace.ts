import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, rmdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fail, succeed, type Clock, type Failure, type Finding, type Result } from '../../domain/kernel';
import { buildWorkspace, ignoreFile, markerFile, readRecipe } from '../../domain/workspace';
import { SecretStore, writeFileAtomic, type Unlocker } from '../../servers/store';

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
  try {
    const present = await readdir(dir);
    if (present.length > 0)
      return fail({
        code: 'workspace.not-empty',
        summary: `${options.dir} is not empty (${present[0]} is there). Choose another folder; nothing was changed.`,
      });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOTDIR')
      return fail({ code: 'workspace.not-a-folder', summary: `${options.dir} is a file. Choose a folder.` });
    if (code !== 'ENOENT')
      return fail({ code: 'workspace.unreadable', summary: `${options.dir} cannot be read.`, detail: String(error) });
  }

  await mkdir(dirname(dir), { recursive: true });
  const draft = await mkdtemp(join(dirname(dir), `.${basename(dir)}-`));
  try {
    const name =
      basename(dir)
        .replace(/[^A-Za-z0-9_.-]/g, '-')
        .replace(/^[^A-Za-z0-9]+/, '') || 'workspace';
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
    await moveInto(draft, dir);
    return succeed({ dir, sample: options.sample, files: files.sort(), secrets: secrets.names() });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
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

/** Moves the draft to its place; an empty folder that stands there gives way. */
async function moveInto(draft: string, dir: string): Promise<void> {
  await rmdir(dir).catch(() => undefined);
  try {
    await rename(draft, dir);
  } catch (error) {
    // Another file system below an existing mount point.
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    await cp(draft, dir, { recursive: true, errorOnExist: true, force: false });
  }
}
