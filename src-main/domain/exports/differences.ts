import { fidelityRules, type EmulatedVersion } from '../fidelity';
import type { VitessMajor } from '../flags';
import type { Topology } from '../topology';

/** The emulated version whose run proves an export: 22 never got the fixes that 23.0.7 and 24.0.4 share. */
export const emulatedFor = (version: VitessMajor): EmulatedVersion => (version === '22' ? '24.0-recorded' : '24.0.4');

/** Release from which on a target has the fixes; null: it never got them. */
export const fixedFrom: Readonly<Record<VitessMajor, string | null>> = { '22': null, '23': '23.0.7', '24': '24.0.4' };

/** What a release of Vitess (`24.0.4`, `25.0.0-SNAPSHOT`) is to Gatehouse; null: older than all that it knows. */
export function emulationOf(
  release: string,
): { readonly version: VitessMajor; readonly emulated: EmulatedVersion } | null {
  const [major = 0, minor = 0, patch = 0] = (/^(\d+)\.(\d+)\.(\d+)/.exec(release) ?? []).slice(1).map(Number);
  if (major < 22) return null;
  const version = major === 22 ? '22' : major === 23 ? '23' : '24';
  const fix = fixedFrom[version];
  const [, minorOfFix = 0, patchOfFix = 0] = (fix ?? '').split('.').map(Number);
  const fixed = major > 24 || (fix !== null && (minor > minorOfFix || (minor === minorOfFix && patch >= patchOfFix)));
  return { version, emulated: fixed ? '24.0.4' : '24.0-recorded' };
}

/** One behaviour that is not the same here and there. */
export interface ExportDifference {
  readonly id: string;
  /** `hardened`: the workspace is stricter; `release`: of another or an earlier release; `always`: in every mode. */
  readonly kind: 'hardened' | 'release' | 'always';
  readonly title: string;
  /** What Gatehouse does as the workspace is set up. */
  readonly here: string;
  /** What the exported programs do. */
  readonly there: string;
}

/** Rules of hardened mode that matter only before the fixes of 23.0.7 and 24.0.4: what they demand is in those. */
const settledByFixes: ReadonlySet<string> = new Set([
  'acl-undetermined-refused',
  'acl-dual-checked',
  'certs-crl-configuration-checked',
]);

/** Which rules matter to a topology, by the area that begins their id. */
function areasOf(topology: Topology): ReadonlySet<string> {
  const areas = new Set<string>();
  const { gateways, tablets } = topology;
  const tls =
    gateways.some(({ mysql, grpc, tabletLink }) => mysql?.tls != null || grpc?.tls != null || tabletLink !== null) ||
    tablets.some(({ grpc }) => grpc.tls !== null);
  if (tls) for (const area of ['tls', 'certs']) areas.add(area);
  if (gateways.some(({ mysql }) => mysql !== null)) areas.add('mysql');
  if (gateways.some(({ mysql }) => mysql?.auth === 'static')) areas.add('users');
  if ([...gateways, ...tablets].some(({ grpc }) => grpc?.authMode !== undefined && grpc.authMode !== 'none'))
    areas.add('grpc');
  if (tablets.some(({ acl }) => acl.file !== null || acl.strict)) for (const area of ['acl', 'sql']) areas.add(area);
  return areas;
}

/** What Gatehouse does that the exported programs of `version` do not, and the reverse, for what a topology uses. */
export function exportDifferences(topology: Topology, version: VitessMajor): ExportDifference[] {
  const areas = areasOf(topology);
  const hardened = [
    topology.fidelity,
    ...topology.gateways.map(({ fidelity }) => fidelity ?? topology.fidelity),
  ].includes('hardened');
  const target = emulatedFor(version);
  const since = fixedFrom[version];
  const found: ExportDifference[] = [];
  for (const { id, title, behaviour } of fidelityRules) {
    if (!areas.has(id.split('-')[0] ?? '')) continue;
    if ('vitess' in behaviour) {
      const always = /^The same\b/.test(behaviour.hardened);
      if (always) found.push({ id, kind: 'always', title, here: behaviour.vitess, there: behaviour.vitess });
      else if (hardened && !(since !== null && settledByFixes.has(id)))
        found.push({ id, kind: 'hardened', title, here: behaviour.hardened, there: behaviour.vitess });
    } else if (topology.vitess !== target)
      found.push({ id, kind: 'release', title, here: behaviour[topology.vitess], there: behaviour[target] });
    else if (since !== null)
      found.push({
        id,
        kind: 'release',
        title,
        here: behaviour[topology.vitess],
        there: `The same from ${since} on; before: ${behaviour['24.0-recorded']}`,
      });
  }
  const order = ['hardened', 'always', 'release'];
  return found.sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
}
