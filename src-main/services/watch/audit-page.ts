import { stat } from 'node:fs/promises';
import type { AuditPage } from '../../contract/areas/watch';
import { verifyAudit } from '../../domain/audit';
import { auditPath, readAuditFile } from '../../servers/store';

/** A text that differs when the audit log does. */
export const auditSeen = (dir: string): Promise<string> =>
  stat(auditPath(dir), { bigint: true }).then(
    ({ size, mtimeNs, ino }) => `${size}-${mtimeNs}-${ino}`,
    () => 'none',
  );

/**
 * The newest records of a workspace's audit log, and the verdict on the whole of it.
 * @param head a hash that must be in it, or null
 */
export async function auditPage(dir: string, limit: number, head: string | null): Promise<AuditPage> {
  const seen = await auditSeen(dir);
  const { intact, records, head: last, faults, notes, knownHead } = verifyAudit(await readAuditFile(dir), head);
  return {
    file: '.gatehouse/audit.ndjson',
    ...{ intact, faults, notes, knownHead, seen },
    total: records.length,
    head: last,
    records: records.slice(-limit).reverse(),
  };
}
