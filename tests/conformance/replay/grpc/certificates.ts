import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { companionPath } from '../companion';

/** Runs the certificates.sh that lies beside a recording, or else our own copy, into a folder of its own. */
export async function makeCertificates(folder: string): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'gh-certs-'));
  await promisify(execFile)('bash', [companionPath(folder, 'certificates.sh'), path]);
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}
