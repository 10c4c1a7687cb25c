import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  createAuthority,
  issueCertificate,
  parsePem,
  type CertificateRequest,
  type IssuedIdentity,
  type ParsedCertificate,
} from '../../domain/certs';
import { isIssuer } from '../certs/pki-folder';
import type { AttackGround } from './ground';

/** A certificate that an attacker shows, with its key; both live in memory and for one attack. */
export interface AttackersPair {
  readonly cert: string;
  readonly key: string;
}

type Wanted = Pick<CertificateRequest, 'subject' | 'dnsNames' | 'ipAddresses' | 'extendedKeyUsage' | 'key'>;

/** Signed by an authority that has the name of the right one and another key. */
export function byImpostor(ground: AttackGround, authorityName: string, wanted: Wanted): AttackersPair {
  const authority = createAuthority({ clock: ground.clock, subject: { commonName: authorityName }, days: 30 });
  const issuer = { certificate: authority.certificate, privateKey: authority.privateKey };
  return pairOf(issueCertificate({ ...wanted, issuer, clock: ground.clock, days: 7 }), authority.pem);
}

/**
 * Signed by an authority of the bundle at `bundle`; null where the workspace does not hold the key of any of them, so
 * that nobody can have such a certificate made here.
 */
export async function byAuthorityOf(
  ground: AttackGround,
  bundle: string,
  wanted: Wanted,
): Promise<AttackersPair | null> {
  const trusted = new Set((await certificatesIn(ground, bundle)).map(({ fingerprint }) => fingerprint));
  for (const { id, certificate } of await ground.pki.authorities()) {
    if (!trusted.has(certificate.fingerprint)) continue;
    const signer = await ground.pki.authority(id).catch(() => null);
    if (signer === null) continue;
    const made = issueCertificate({ ...wanted, issuer: signer.issuer, clock: ground.clock, days: 7 });
    return pairOf(made, signer.chain);
  }
  return null;
}

/**
 * Signed by an authority of the workspace that is not in the bundle itself, with those above it sent along; null where
 * the workspace holds the key of no other one. Where the bundle names a root, an authority below it comes first.
 */
export async function byAuthorityBeside(
  ground: AttackGround,
  bundle: string,
  wanted: Wanted,
): Promise<AttackersPair | null> {
  const trusted = await certificatesIn(ground, bundle);
  const known = new Set(trusted.map(({ fingerprint }) => fingerprint));
  const others = (await ground.pki.authorities()).filter(({ certificate }) => !known.has(certificate.fingerprint));
  const below = others.filter(({ certificate }) => trusted.some((above) => isIssuer(above, certificate)));
  for (const { id } of [...below, ...others]) {
    const signer = await ground.pki.authority(id).catch(() => null);
    if (signer === null) continue;
    const made = issueCertificate({ ...wanted, issuer: signer.issuer, clock: ground.clock, days: 7 });
    return pairOf(made, signer.chain);
  }
  return null;
}

/** The certificates of a file of the ground. */
export const certificatesIn = async (ground: AttackGround, file: string): Promise<readonly ParsedCertificate[]> =>
  parsePem(await readFile(join(ground.dir, file), 'utf8'), file).certificates;

const pairOf = ({ pem, privateKeyPem }: IssuedIdentity, chain: string): AttackersPair => ({
  cert: pem + chain,
  key: privateKeyPem.reveal(),
});
