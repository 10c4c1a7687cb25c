import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openPrivateKey, parsePem, type Issuer } from '../../../src-main/domain/certs';

/** An authority of a workspace with its key. */
export async function authorityOf(dir: string, id: string): Promise<{ readonly issuer: Issuer }> {
  const [certificate] = parsePem(await readFile(join(dir, `pki/${id}/ca-cert.pem`), 'utf8'), 'ca').certificates;
  const key = openPrivateKey(await readFile(join(dir, `pki/${id}/ca-key.pem`), 'utf8'));
  if (certificate === undefined || !key.ok) throw new Error(`no authority ${id}`);
  return { issuer: { certificate, privateKey: key.value } };
}
