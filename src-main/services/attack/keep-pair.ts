import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AttackGround } from './ground';
import type { AttackersPair } from './issue-for';

/** Writes a certificate and its key into the ground's folder, for a connection that names it; tells the certificate's path. */
export async function keepPair(ground: AttackGround, name: string, pair: AttackersPair): Promise<string> {
  const file = `pki/${name}-cert.pem`;
  const key = join(ground.dir, `pki/${name}-key.pem`);
  await writeFile(join(ground.dir, file), pair.cert);
  await writeFile(key, pair.key, { mode: 0o600 });
  await chmod(key, 0o600);
  return file;
}
