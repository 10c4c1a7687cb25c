import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock, Secret } from '../../domain/kernel';
import { GatehouseError } from '../../domain/kernel';
import { readTopology, whoChecksWhom, type Topology } from '../../domain/topology';
import { setJson } from '../../domain/workspace';
import { writeFileAtomic } from '../../servers/store';
import { CertificateUse } from './certificate-use';
import { CertsService } from './certs-service';
import { PkiReader } from './pki-index';
import { describePlan, planUsualSet } from './usual-set-plan';

const AUTHORITY_DAYS = 3650;
const LEAF_DAYS = 365;
const TOPOLOGY = 'gatehouse.json';

/** The topology in the folder of a workspace. GatehouseError `workspace.topology` when it has faults. */
export async function topologyOf(dir: string): Promise<{ readonly topology: Topology; readonly text: string }> {
  const bytes = await readFile(join(dir, TOPOLOGY));
  const { topology } = readTopology(bytes, TOPOLOGY);
  if (topology === null)
    throw new GatehouseError({
      code: 'workspace.topology',
      summary: 'gatehouse.json has faults. Mend them first; nothing was changed.',
    });
  return { topology, text: bytes.toString('utf8') };
}

/** What the certificates of a workspace are used for at this moment. */
export async function useOf(dir: string, topology: Topology, reader = new PkiReader()): Promise<CertificateUse> {
  const checks = whoChecksWhom(topology);
  const named = checks.flatMap(({ shows, against, crl }) => [shows, against, crl]).filter((path) => path !== null);
  return new CertificateUse(await reader.read(dir, [...new Set(named)]), checks);
}

/**
 * Makes what a workspace lacks of the usual set, gatehouse.json last, so that it never names a file that is not there.
 * Tells the files written and, in words, what was made; both empty when nothing was missing.
 */
export async function createUsualSet(
  dir: string,
  clock: Clock,
  passphrase?: Secret,
): Promise<{ readonly files: readonly string[]; readonly made: readonly string[] }> {
  const { topology, text } = await topologyOf(dir);
  const plan = planUsualSet(topology, await useOf(dir, topology));
  const made = describePlan(plan);
  if (made.length === 0 && plan.settings.length === 0) return { files: [], made };
  const service = new CertsService(dir, clock, passphrase);
  const files: string[] = [];
  for (const authority of plan.authorities)
    files.push(...(await service.issueAuthority({ ...authority, days: AUTHORITY_DAYS, key: 'ecdsa-p256' })));
  for (const certificate of plan.certificates)
    files.push(...(await service.issue({ ...certificate, days: LEAF_DAYS, key: 'ecdsa-p256' })));
  if (plan.settings.length > 0) {
    const after = plan.settings.reduce((before, { path, value }) => setJson(before, path, value), text);
    await writeFileAtomic(join(dir, TOPOLOGY), after, 0o644);
    files.push(TOPOLOGY);
  }
  return { files, made };
}
