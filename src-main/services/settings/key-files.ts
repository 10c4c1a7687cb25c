import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Whether a private key is an authority's: nothing that runs needs it. */
export const isAuthorityKey = (path: string): boolean => /(^|\/)ca-key\.pem$/.test(path);

/** Private keys below a workspace's pki/, with whether each is encrypted. Their content goes nowhere. */
export async function keyFiles(dir: string): Promise<{ readonly path: string; readonly encrypted: boolean }[]> {
  const names = await readdir(join(dir, 'pki'), { recursive: true }).catch(() => []);
  const paths = names
    .map((name) => `pki/${name.replaceAll('\\', '/')}`)
    .filter((path) => path.endsWith('-key.pem'))
    .sort();
  return Promise.all(
    paths.map(async (path) => ({
      path,
      encrypted: (await readFile(join(dir, path), 'utf8').catch(() => '')).includes('ENCRYPTED'),
    })),
  );
}
