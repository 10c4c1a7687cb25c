import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FAULTY_FILE, faultKinds, readFaultyRecord, writeFaultyRecord, type FaultKind } from '../../domain/workspace';
import type { ParsedCertificate } from '../../domain/certs';
import { writeFileAtomic } from '../../servers/store';

export { FAULTY_FILE, faultKinds, type FaultKind };

/** The certificates of a workspace that are faulty on purpose, by fingerprint. A record that cannot be read is empty. */
export async function readFaulty(dir: string): Promise<ReadonlyMap<string, FaultKind>> {
  return readFaultyRecord(await readFile(join(dir, FAULTY_FILE), 'utf8').catch(() => ''));
}

/** Marks a certificate as faulty on purpose, or, with null, takes the mark away. */
export async function markFaulty(
  dir: string,
  certificate: Pick<ParsedCertificate, 'fingerprint'>,
  fault: FaultKind | null,
): Promise<void> {
  const known = new Map(await readFaulty(dir));
  if ((known.get(certificate.fingerprint) ?? null) === fault) return;
  if (fault === null) known.delete(certificate.fingerprint);
  else known.set(certificate.fingerprint, fault);
  await writeFileAtomic(join(dir, FAULTY_FILE), writeFaultyRecord(known), 0o644);
}
