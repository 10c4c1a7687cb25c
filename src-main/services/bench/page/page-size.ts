import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Measurement } from '../figure';

const kib = (bytes: number): number => bytes / 1024;

/** How much a browser loads before the first screen is there, and how much there is in all. */
export async function measurePageSize(root: string): Promise<Measurement[]> {
  const index = await readFile(join(root, 'index.html'), 'utf8').catch(() => null);
  const name = 'page, all that is loaded before the first screen, gzip';
  if (index === null) return [{ name, reason: 'the page is not built (npm run build:app)' }];
  const first = [
    'index.html',
    ...[...index.matchAll(/(?:src|href)="\.?\/?(assets\/[^"]+\.(?:js|css))"/g)].map(([, path]) => path ?? ''),
  ];
  const all = (await readdir(root, { recursive: true })).filter((path) => /\.(html|js|css|svg|woff2|png)$/.test(path));
  const sizes = async (paths: readonly string[]): Promise<{ raw: number; gzip: number }> => {
    const files = await Promise.all(paths.map((path) => readFile(join(root, path))));
    return {
      raw: files.reduce((sum, bytes) => sum + bytes.length, 0),
      gzip: files.reduce((sum, bytes) => sum + gzipSync(bytes, { level: 9 }).length, 0),
    };
  };
  const [begin, whole] = [await sizes(first), await sizes(all)];
  const figure = (what: string, { raw, gzip }: { raw: number; gzip: number }, files: number): Measurement => ({
    name: what,
    value: kib(gzip),
    unit: 'KiB',
    bar: null,
    better: 'less',
    peer: null,
    detail: `${files} files, ${Math.round(kib(raw))} KiB as they are`,
  });
  return [figure(name, begin, first.length), figure('page, all files, gzip', whole, all.length)];
}
