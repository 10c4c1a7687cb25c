import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GatehouseError } from '../../domain/kernel';
import { applyEdit } from '../document/draft-edits';
import type { WorkspaceDocument } from '../document/workspace-document';

const FILE = 'users.json';

/**
 * Adds a gateway for MySQL users to the draft of a workspace that has none: over TLS only, with the certificate and the
 * link to the tablets of the gateway that is there. Returns the users file that it reads. Throws GatehouseError
 * `callers.no-gateway` when there is no gateway with a certificate to go by, `callers.users-gateway` when there is one already.
 */
export async function addUsersGateway(document: WorkspaceDocument): Promise<string> {
  const { gateways } = document.draft.topology;
  const present = gateways.find(({ mysql }) => mysql?.auth === 'static');
  if (present !== undefined)
    throw new GatehouseError({
      code: 'callers.users-gateway',
      summary: `The gateway ${present.name} authenticates by a users file already.`,
    });
  const model = gateways.find(({ grpc, mysql }) => (mysql?.tls ?? grpc?.tls) != null);
  const tls = model?.mysql?.tls ?? model?.grpc?.tls;
  if (model === undefined || tls == null)
    throw new GatehouseError({
      code: 'callers.no-gateway',
      summary: 'There is no gateway with a certificate yet. Create the usual set on Certificates first.',
    });
  const names = new Set(gateways.map(({ name }) => name));
  let name = 'mysql-users';
  for (let number = 2; names.has(name); number++) name = `mysql-users-${number}`;
  const { tabletLink: link } = model;
  const value = {
    name,
    mysql: {
      auth: 'static',
      usersFile: FILE,
      tls: { cert: tls.cert, key: tls.key, ...(tls.serverCa === null ? {} : { serverCa: tls.serverCa }) },
      requireSecureTransport: true,
    },
    ...(link === null
      ? {}
      : {
          tabletLink: Object.fromEntries(Object.entries(link).filter(([key, set]) => key !== 'place' && set !== null)),
        }),
  };
  await document.edit('Add Gateway for MySQL Users', async (dir) => {
    const text = await readFile(join(dir, 'gatehouse.json'), 'utf8');
    const { gateways: written } = JSON.parse(text) as { readonly gateways: readonly unknown[] };
    const all = JSON.parse(JSON.stringify([...written, value])) as never;
    await applyEdit(dir, { kind: 'topology.set', path: ['gateways'], value: all }, null);
    // A file that is named and not there is a fault, and the page offers no file with a fault for a new user.
    await writeFile(join(dir, FILE), '{}\n', { mode: 0o600, flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  });
  return FILE;
}
