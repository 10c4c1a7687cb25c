import { createHash } from 'node:crypto';
import { lstat, open, readdir } from 'node:fs/promises';
import { constants } from 'node:fs';
import { join } from 'node:path';

/** What a version of the workspace knows of one file. */
export interface FileRef {
  /** SHA-256 of the content, lower-case hexadecimal. */
  readonly hash: string;
  readonly mode: 0o600 | 0o644;
  /** Bytes. */
  readonly size: number;
}

/** Files of one version by workspace path (with `/`). */
export type Manifest = Readonly<Record<string, FileRef>>;

/** What was found in a folder. */
export interface Scan {
  readonly files: ReadonlyMap<string, { readonly ref: FileRef; readonly content: Buffer }>;
  /** Links, devices and files that are too large: they are left where they are. */
  readonly skipped: readonly string[];
}

/** Larger files are no part of a workspace's settings; they are never copied. */
export const MAX_FILE_BYTES = 8 * 1024 * 1024;
const MAX_FILES = 5_000;
const MAX_DEPTH = 8;
const TOP_LEVEL = /\.(?:json|sql|pem|crl|gatehouse)$/;
const FOLDERS = ['pki', 'tests'];
const PRIVATE = /(?:-key\.pem|\.key|\.p12|\.pfx)$|^(?:grpc-users|grpc-credentials)[^/]*\.json$/;
/** The neighbour under which `writeFileAtomic` writes before it renames. */
const HALF_WRITTEN = /\.[0-9a-f]{12}\.new$/;

/**
 * Whether a path may name a file of a version: relative, with `/`, without hidden parts or ways upwards. What a state
 * file on disk says is never trusted further than this.
 */
export function isTrackedPath(path: string): boolean {
  if (path === '' || path.length > 400 || /[\0\\:]/.test(path) || path.startsWith('/')) return false;
  const parts = path.split('/');
  return (
    parts.length <= MAX_DEPTH &&
    parts.every((part) => part !== '' && !part.startsWith('.') && part !== 'node_modules') &&
    !HALF_WRITTEN.test(path)
  );
}

/** The mode that a file is written with: private keys and passwords in clear are the owner's alone, whatever they were. */
export const modeFor = (path: string, found: number): FileRef['mode'] =>
  PRIVATE.test(path) || (found & 0o077) === 0 ? 0o600 : 0o644;

/** SHA-256 of a content, lower-case hexadecimal. */
export const hashOf = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');

/**
 * Reads every file of the workspace in `dir`: Vitess's files and gatehouse.json at the top, everything below pki/ and
 * tests/, and what gatehouse.json names elsewhere. Symbolic links are not followed, hidden folders and node_modules not
 * entered.
 */
export async function scanFiles(dir: string): Promise<Scan> {
  const skipped: string[] = [];
  const paths = new Set<string>();
  const visit = async (folder: string, takes: (name: string) => boolean): Promise<void> => {
    const entries = await readdir(folder === '' ? dir : join(dir, folder), { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (!isTrackedPath(path) || paths.size >= MAX_FILES) continue;
      if (entry.isDirectory()) {
        if (folder !== '' || FOLDERS.includes(entry.name)) await visit(path, () => true);
      } else if (takes(entry.name)) {
        if (entry.isFile()) paths.add(path);
        else skipped.push(path);
      } else if (entry.isSymbolicLink() && FOLDERS.includes(entry.name)) skipped.push(path);
    }
  };
  await visit('', (name) => TOP_LEVEL.test(name));
  const files = new Map<string, { ref: FileRef; content: Buffer }>();
  const read = async (path: string): Promise<void> => {
    // Folders that were walked through are no links; those of paths that are only named may be.
    const found = paths.has(path) ? await readPlain(dir, path) : await readTracked(dir, path);
    if (found === 'skip') skipped.push(path);
    else if (found !== null) files.set(path, found);
  };
  await Promise.all([...paths].map(read));
  const topology = files.get('gatehouse.json');
  if (topology !== undefined) {
    const named = namedElsewhere(topology.content).filter((path) => !paths.has(path));
    await Promise.all(named.map(read));
  }
  return { files, skipped: skipped.sort() };
}

/** Reads one file without following links; null when it is not there, `skip` when it is no file of a version. */
export const readTracked = async (dir: string, path: string): Promise<TrackedFile | 'skip' | null> =>
  (await hasRealFolders(dir, path)) ? readPlain(dir, path) : 'skip';

interface TrackedFile {
  readonly ref: FileRef;
  readonly content: Buffer;
}

async function readPlain(dir: string, path: string): Promise<TrackedFile | 'skip' | null> {
  let handle;
  try {
    handle = await open(
      join(dir, path),
      constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0),
    );
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? null : 'skip';
  }
  try {
    const found = await handle.stat();
    if (!found.isFile() || found.size > MAX_FILE_BYTES) return 'skip';
    const content = await handle.readFile();
    return { content, ref: { hash: hashOf(content), mode: modeFor(path, found.mode), size: content.length } };
  } finally {
    await handle.close();
  }
}

/** Whether every folder between `dir` and the file is a folder and no link to one; folders that are not there are fine. */
export async function hasRealFolders(dir: string, path: string): Promise<boolean> {
  const parts = path.split('/').slice(0, -1);
  for (let count = 1; count <= parts.length; count += 1) {
    const found = await lstat(join(dir, ...parts.slice(0, count))).catch(() => null);
    if (found === null) return true;
    if (!found.isDirectory()) return false;
  }
  return true;
}

/** Paths below other folders that gatehouse.json names; a file with faults names what can still be read of it. */
function namedElsewhere(content: Buffer): string[] {
  let value: unknown;
  try {
    value = JSON.parse(content.toString('utf8'));
  } catch {
    return [];
  }
  const found = new Set<string>();
  const waiting: unknown[] = [value];
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (typeof next === 'string') {
      if (next.includes('/') && isTrackedPath(next)) found.add(next);
    } else if (typeof next === 'object' && next !== null) waiting.push(...Object.values(next));
  }
  return [...found].slice(0, MAX_FILES);
}

/** The manifest of a scan, in path order. */
export const manifestOf = (scan: Pick<Scan, 'files'>): Manifest =>
  Object.fromEntries([...scan.files].sort(([a], [b]) => (a < b ? -1 : 1)).map(([path, { ref }]) => [path, ref]));

/** Paths whose content differs between two versions, in path order. Modes do not count: they are no content. */
export const changedPaths = (before: Manifest, after: Manifest): string[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((path) => own(before, path)?.hash !== own(after, path)?.hash)
    .sort();

/** A manifest's entry; names such as `constructor` are no entries. */
export const own = (manifest: Manifest, path: string): FileRef | undefined =>
  Object.hasOwn(manifest, path) ? manifest[path] : undefined;
