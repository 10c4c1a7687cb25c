import type { Manifest } from '../../servers/store';

/**
 * The files of an earlier version with the CRLs as they are now: who was revoked since stays revoked, and the lists' numbers
 * never fall. A list whose authority has another certificate in that version is that version's own.
 */
export function withPresentCrls(earlier: Manifest, present: Manifest): Manifest {
  const files: Record<string, Manifest[string]> = { ...earlier };
  for (const [path, ref] of Object.entries(present)) {
    if (!path.endsWith('/crl.pem')) continue;
    const authority = path.replace(/crl\.pem$/, 'ca-cert.pem');
    const then = earlier[authority];
    const now = present[authority];
    if (then !== undefined && now !== undefined && then.hash === now.hash) files[path] = ref;
  }
  return files;
}
