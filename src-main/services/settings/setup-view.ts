import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { SetupPart } from '../../contract/areas/settings';
import { isAuthorityKey, keyFiles } from './key-files';
import type { WorkspaceDocument } from '../document/workspace-document';

/** Settings of the draft, and where its keys and secrets lie. */
export async function setupView(
  document: Pick<WorkspaceDocument, 'dir' | 'draft' | 'draftDir' | 'secrets'>,
  keychain: boolean,
): Promise<SetupPart> {
  const { topology, files, certificates } = document.draft;
  const keys = await keyFiles(document.draftDir);
  const open: string[] = [];
  if (process.platform !== 'win32')
    for (const { path } of keys) {
      const found = await stat(join(document.dir, path)).catch(() => null);
      if (found !== null && (found.mode & 0o077) !== 0) open.push(path);
    }
  return {
    fidelity: topology.fidelity,
    vitess: topology.vitess,
    gateways: topology.gateways.map(({ name, fidelity, mysql, grpc }) => ({
      name,
      fidelity,
      mysqlPort: mysql?.listen.port ?? null,
      grpcPort: grpc?.listen.port ?? null,
    })),
    tablets: topology.tablets.map(({ alias, grpc }) => ({ alias, grpcPort: grpc.listen.port })),
    backends: topology.backends.map((backend) =>
      backend.kind === 'external'
        ? {
            name: backend.name,
            kind: backend.kind,
            host: backend.host,
            port: backend.port,
            user: backend.user,
            ca: backend.tls?.ca ?? null,
            tls: backend.tls !== null,
            password: document.secrets.get(backend.passwordSecret) !== undefined,
          }
        : {
            name: backend.name,
            kind: backend.kind,
            host: null,
            port: null,
            user: null,
            ca: null,
            tls: backend.tls !== null,
            password: true,
          },
    ),
    authorities: [...new Set([...files.keys(), ...certificates.keys()])]
      .filter((path) => /(^|\/)ca-cert\.pem$/.test(path))
      .sort(),
    keys: {
      folder: join(document.dir, 'pki'),
      files: keys.length,
      encrypted: keys.filter(({ encrypted }) => encrypted).length,
      authorities: keys.filter(({ path }) => isAuthorityKey(path)).length,
      authoritiesEncrypted: keys.filter(({ path, encrypted }) => encrypted && isAuthorityKey(path)).length,
      open,
    },
    secrets: { ways: [...new Set(document.secrets.unlockers)], count: document.secrets.names().length, keychain },
  };
}
