import type { ClientTls, ServerTls, Topology } from '../topology';

/** What a file of the export is. */
export type ExportKind =
  | 'readme'
  | 'proof'
  | 'flags'
  | 'users'
  | 'acl'
  | 'query-rules'
  | 'grpc-users'
  | 'grpc-credentials'
  | 'certificate'
  | 'crl'
  | 'key'
  | 'database-password';

/** A file of a workspace that the exported programs read, at the same path. */
export interface ExportEntry {
  readonly path: string;
  readonly kind: ExportKind;
  /** 0o600 for what lets somebody in: private keys, passwords and their hashes. */
  readonly mode: 0o600 | 0o644;
}

/** Modes of files by what they are. Hashes of passwords count as secrets. */
export const modeOf = (kind: ExportKind): 0o600 | 0o644 =>
  ['users', 'grpc-users', 'grpc-credentials', 'key', 'database-password'].includes(kind) ? 0o600 : 0o644;

/**
 * The workspace's files that the flags of its programs name, and the certificates of a managed MySQL, in the order of
 * their paths. What no program reads (callers' certificates, tests, the schema) stays behind.
 */
export function exportEntries(topology: Topology): ExportEntry[] {
  const found = new Map<string, ExportEntry>();
  const add = (path: string | null | undefined, kind: ExportKind): void => {
    // A file with a private key in it is treated as one, whatever else it is.
    if (path != null && (kind === 'key' || found.get(path)?.kind !== 'key'))
      found.set(path, { path, kind, mode: modeOf(kind) });
  };
  const addServer = (tls: ServerTls | null): void => {
    add(tls?.cert, 'certificate');
    add(tls?.clientCa, 'certificate');
    add(tls?.serverCa, 'certificate');
    // Without a CA no flag names the list.
    if (tls?.clientCa != null) add(tls.crl, 'crl');
    add(tls?.key, 'key');
  };
  const addClient = (tls: ClientTls | null): void => {
    add(tls?.ca, 'certificate');
    add(tls?.cert, 'certificate');
    add(tls?.crl, 'crl');
    add(tls?.key, 'key');
  };
  for (const { mysql, grpc, tabletLink, tabletCredentialsFile } of topology.gateways) {
    if (mysql?.auth === 'static') add(mysql.usersFile, 'users');
    addServer(mysql?.tls ?? null);
    if (grpc?.authMode === 'static') add(grpc.usersFile, 'grpc-users');
    addServer(grpc?.tls ?? null);
    addClient(tabletLink);
    add(tabletCredentialsFile, 'grpc-credentials');
  }
  for (const { acl, queryRules, grpc } of topology.tablets) {
    add(acl.file, 'acl');
    add(queryRules, 'query-rules');
    if (grpc.authMode === 'static') add(grpc.usersFile, 'grpc-users');
    addServer(grpc.tls);
  }
  for (const backend of topology.backends) {
    if (backend.kind === 'external') addClient(backend.tls);
    else if (backend.tls !== null) {
      add(backend.tls.ca, 'certificate');
      add(backend.tls.cert, 'certificate');
      add(backend.tls.key, 'key');
    }
  }
  return [...found.values()].sort((a, b) => a.path.localeCompare(b.path));
}

/** Whether a workspace's path would meet a file that the export itself writes. */
export const isReservedPath = (path: string): boolean =>
  /^(readme\.txt|proof\.json|flags(\/|$)|db-credentials-[^/]*\.json$)/i.test(path);
