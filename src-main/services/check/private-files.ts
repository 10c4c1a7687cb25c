import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Finding } from '../../domain/kernel';
import type { Workspace } from '../workspace/load-workspace';

/** Workspace paths of everything that only its owner may read. */
async function privateFiles({ paths, topology, users }: Workspace): Promise<string[]> {
  const found = new Set<string>();
  const add = (path: string | null | undefined): void => {
    if (path != null) found.add(path);
  };
  for (const { mysql, grpc, tabletLink, tabletCredentialsFile } of topology.gateways) {
    for (const tls of [mysql?.tls, grpc?.tls, tabletLink]) add(tls?.key);
    add(grpc?.usersFile);
    add(tabletCredentialsFile);
  }
  for (const { grpc } of topology.tablets) {
    add(grpc.tls?.key);
    add(grpc.usersFile);
  }
  for (const { tls } of topology.backends) add(tls?.key);
  // Hashes are meant to be shared with those who run the gateways; passwords in clear are not.
  for (const [path, file] of users)
    if ([...file.users.values()].flat().some(({ password }) => password !== null)) add(path);
  for (const folder of ['pki', '.gatehouse/secrets'])
    for (const name of await readdir(join(paths.dir, folder), { recursive: true }).catch(() => [])) {
      const path = `${folder}/${name.replaceAll('\\', '/')}`;
      if (folder !== 'pki' || /(-key\.pem|\.p12|\.key)$/.test(path)) add(path);
    }
  return [...found].sort();
}

/** A finding for every private key and secret that others than its owner may open; none where files have no modes. */
export async function privateFileFindings(workspace: Workspace): Promise<Finding[]> {
  if (process.platform === 'win32') return [];
  const findings: Finding[] = [];
  for (const path of await privateFiles(workspace)) {
    const found = await stat(join(workspace.paths.dir, path)).catch(() => null);
    if (found?.isFile() !== true || (found.mode & 0o077) === 0) continue;
    findings.push({
      code: 'workspace.secret-readable',
      level: 'error',
      file: path,
      line: 0,
      column: 0,
      message: `the file holds a secret and has mode ${(found.mode & 0o777).toString(8).padStart(4, '0')}: others may open it`,
      remedy: `Run "chmod 600 ${path}".`,
    });
  }
  return findings;
}
