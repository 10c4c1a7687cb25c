import { createHash } from 'node:crypto';
import { exportedCluster, exportEntries } from '../../domain/exports';
import type { VitessMajor } from '../../domain/flags';
import type { Workspace } from '../workspace/load-workspace';

/** Texts and bytes, each with its length, so that no two lists give the same. */
function digest(parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) {
    const bytes = typeof part === 'string' ? Buffer.from(part) : part;
    hash.update(`${bytes.length}:`).update(bytes);
  }
  return hash.digest('hex');
}

/**
 * SHA-256 of what an export for `version` hands over: every file with its path, and the flags with paths inside the folder.
 * Where the folder lies and whether private keys are in it makes no difference; a changed key changes its certificate.
 */
export function exportHash(workspace: Pick<Workspace, 'topology' | 'files'>, version: VitessMajor): string {
  const { programs } = exportedCluster(workspace.topology, { version, at: (path) => path, topo: '' });
  return digest([
    version,
    ...exportEntries(workspace.topology)
      .filter(({ kind }) => kind !== 'key')
      .flatMap(({ path }) => [path, workspace.files.get(path) ?? '']),
    ...programs.flatMap(({ file, flags }) => [file, ...flags]),
  ]);
}

/** SHA-256 of the tests that a proof runs, with the certificates that their callers show. */
export function testsHash(workspace: Pick<Workspace, 'suites' | 'certificates'>): string {
  const plain = (_: string, value: unknown): unknown => (value instanceof Map ? [...value.entries()] : value);
  const named = new Set(
    workspace.suites.flatMap((suite) => [
      ...suite.callers.map(({ certificate }) => certificate),
      ...suite.admissions.flatMap(({ certificates }) => certificates),
    ]),
  );
  return digest([
    JSON.stringify(workspace.suites, plain),
    ...[...workspace.certificates]
      .filter(([path]) => named.has(path))
      .sort(([a], [b]) => a.localeCompare(b))
      .flatMap(([path, bytes]) => [path, bytes]),
  ]);
}
