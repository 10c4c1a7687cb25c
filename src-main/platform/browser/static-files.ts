import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { GatehouseError } from '../../domain/kernel';

/** A file of the page as it is sent. */
export interface StaticFile {
  readonly type: string;
  readonly bytes: Buffer;
  readonly etag: string;
}

/** Kinds of files a page is made of. What is not listed is not served: source maps, notes, secrets put there by mistake. */
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
};

/**
 * Reads the page once, into a table from request path to bytes. A request is looked up in this table and never becomes a path
 * of the file system, so there is nothing to escape from; symbolic links and hidden files are left out, because the first may
 * lead elsewhere and the second are never part of the page.
 *
 * @throws GatehouseError `environment.page` when there is no built page in `root`.
 */
export async function readStaticFiles(root: string): Promise<ReadonlyMap<string, StaticFile>> {
  const files = new Map<string, StaticFile>();
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const type = types[extname(entry.name)];
    const path = join(entry.parentPath, entry.name);
    const parts = relative(root, path).split(sep);
    if (!entry.isFile() || type === undefined || parts.some((part) => part.startsWith('.'))) continue;
    const bytes = await readFile(path);
    const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 27)}"`;
    files.set(`/${parts.join('/')}`, { type, bytes, etag });
  }
  const index = files.get('/index.html');
  if (index === undefined)
    throw new GatehouseError({
      code: 'environment.page',
      summary: 'The page is not built. Build it in the folder of Gatehouse with `npm run build:app`.',
      detail: `no index.html in ${root}`,
    });
  files.set('/', index);
  return files;
}
