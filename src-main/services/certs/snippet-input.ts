import { join } from 'node:path';
import type { Topology } from '../../domain/topology';
import type { ClusterAddresses } from '../cluster/cluster';
import { hasKey, type CertificateUse } from './certificate-use';
import type { SnippetInput } from './connection-snippets';
import { fault, keyFileOf } from './pki-folder';

/** The port of a stock MySQL, where the gateway's own is not known before it runs. */
const UNKNOWN_PORT = 3306;

/**
 * What a program needs to connect to a gateway over MySQL: its address, the root of what it shows, and the caller's own
 * certificate. `notes` say what keeps it from working at this moment. GatehouseError `certs.snippet-*` where it never can.
 */
export function snippetInput(world: {
  readonly topology: Topology;
  readonly use: CertificateUse;
  /** Certificate of the caller; null: a user with a password. */
  readonly id: string | null;
  readonly gateway: string;
  /** Folder of the applied files. */
  readonly dir: string;
  /** Whether the applied version of a file is that of the draft. */
  readonly applied: (file: string) => boolean;
  readonly addresses: ClusterAddresses | null;
}): { readonly input: SnippetInput; readonly notes: string[] } {
  const { topology, use, id } = world;
  const gateway = topology.gateways.find(({ name }) => name === world.gateway);
  if (gateway?.mysql == null) throw fault('snippet-gateway', `There is no gateway ${world.gateway} that speaks MySQL.`);
  const { mysql } = gateway;
  if (mysql.tls === null)
    throw fault('snippet-tls', `Gateway ${gateway.name} speaks no TLS. Give it a certificate first.`);
  const [shown] = use.index.byFile.get(mysql.tls.cert) ?? [];
  const root = shown === undefined ? undefined : use.byId.get(use.chainOf(shown).at(-1) ?? '');
  if (root === undefined || !root.certificate.rawSubject.equals(root.certificate.rawIssuer))
    throw fault('snippet-root', `The root of what gateway ${gateway.name} shows is not in this workspace. Import it.`);
  const item = id === null ? undefined : use.byId.get(id);
  if (id !== null && item === undefined) throw fault('missing', `${id} is not there any more.`);
  const notes: string[] = [];
  const running = world.addresses?.gateways.find(({ name }) => name === gateway.name)?.mysql ?? null;
  if (running === null)
    notes.push(
      mysql.listen.port === 0
        ? `Gateway ${gateway.name} takes a free port at each start: start it to see which. ${UNKNOWN_PORT} stands for it.`
        : `Gateway ${gateway.name} does not run.`,
    );
  const files = [mysql.tls.cert, root.file, ...(item === undefined ? [] : [item.file, keyFileOf(item.file)])];
  if (files.some((file) => !world.applied(file)))
    notes.push('The certificates of the draft are not applied yet: review the changes first.');
  if (item !== undefined && !hasKey(item)) notes.push('The private key of this certificate is not here.');
  if (item?.key === 'encrypted')
    notes.push('The private key is encrypted: clients ask for its passphrase or cannot read it.');
  const clientcert = mysql.auth === 'clientcert';
  if (clientcert && item === undefined) notes.push(`Gateway ${gateway.name} lets in callers with a certificate only.`);
  return {
    notes,
    input: {
      host: running?.host ?? mysql.listen.host,
      port: running?.port ?? (mysql.listen.port || UNKNOWN_PORT),
      database: topology.keyspaces[0]?.name ?? null,
      user: clientcert ? (item?.certificate.lastCommonName ?? 'USER') : 'USER',
      auth: clientcert ? 'clientcert' : 'static',
      ca: join(world.dir, root.file),
      certificate:
        item === undefined || mysql.tls.clientCa === null
          ? null
          : { cert: join(world.dir, item.file), key: join(world.dir, keyFileOf(item.file)) },
    },
  };
}
