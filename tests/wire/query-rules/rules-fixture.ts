import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Changes every tablet of a workspace's gatehouse.json. */
export async function editTopology(
  dir: string,
  change: (tablet: Record<string, unknown>) => Record<string, unknown>,
): Promise<void> {
  const path = join(dir, 'gatehouse.json');
  const topology = JSON.parse(await readFile(path, 'utf8')) as { tablets: Record<string, unknown>[] };
  await writeFile(path, JSON.stringify({ ...topology, tablets: topology.tablets.map(change) }, null, 2));
}
