import { createHash } from 'node:crypto';
import type { Workspace } from '../../workspace/load-workspace';

/** A file that a report names; null instead of a hash where one would help somebody who guesses. */
export interface ReportedFile {
  readonly path: string;
  /** SHA-256, hexadecimal. */
  readonly sha256: string | null;
}

/**
 * The files that were in force, with their SHA-256. Users files and credentials have none: whoever holds a report could
 * check guesses of a password against the hash of the file. Private keys are not named at all.
 */
export function shareableHashes(
  workspace: Pick<Workspace, 'files' | 'users' | 'grpcUsers' | 'grpcCredentials' | 'topology'>,
): readonly ReportedFile[] {
  const secret = new Set([
    ...workspace.users.keys(),
    ...workspace.grpcUsers.keys(),
    ...workspace.grpcCredentials.keys(),
    ...workspace.topology.gateways.flatMap(({ mysql, grpc, tabletCredentialsFile }) => [
      mysql?.usersFile ?? '',
      grpc?.usersFile ?? '',
      tabletCredentialsFile ?? '',
    ]),
    ...workspace.topology.tablets.map(({ grpc }) => grpc.usersFile ?? ''),
  ]);
  return [...workspace.files]
    .filter(([path, bytes]) => !path.endsWith('-key.pem') && !bytes.includes('PRIVATE KEY-----'))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, bytes]) => ({
      path,
      sha256: secret.has(path) ? null : createHash('sha256').update(bytes).digest('hex'),
    }));
}
