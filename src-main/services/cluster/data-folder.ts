import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { MysqlVendor } from '../../servers/backend';

/**
 * The folder with a backend's data: one for each vendor, because neither opens what the other wrote and `--mysqld` may
 * choose the other for one run. Data in a folder without the vendor's name, if it is this vendor's, is moved there.
 */
export async function dataFolder(data: string, backend: string, vendor: MysqlVendor): Promise<string> {
  const unnamed = join(data, backend);
  const folder = join(data, `${backend}-${vendor.toLowerCase()}`);
  try {
    const marker = JSON.parse(await readFile(join(unnamed, 'backend.json'), 'utf8')) as { vendor?: unknown };
    if (marker.vendor === vendor) await rename(unnamed, folder);
  } catch {
    // No such data, or the folder has its successor already.
  }
  return folder;
}
