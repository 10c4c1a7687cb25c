import { join } from 'node:path';
import { createAuthority, issueCertificate } from '../../domain/certs';
import type { Clock, Secret } from '../../domain/kernel';
import { hasKey, purposesOf, type CertificateUse } from './certificate-use';
import { CertsService } from './certs-service';
import { faultOf, likeOf } from './fault-requests';
import { markFaulty, type FaultKind } from './faulty-record';
import { fault, PkiFolder } from './pki-folder';
import type { IndexedCertificate } from './pki-index';
import { topologyOf, useOf } from './usual-set';

/** What a client shows and a server does not, and the reverse: faults that would be none for the other end. */
const forClients: ReadonlySet<FaultKind> = new Set(['server-only', 'no-common-name']);

/** Folder of the authority that nobody trusts. */
const STRANGER = 'elsewhere';

export interface FaultyOptions {
  /** File of the certificate to copy. */
  readonly like: string;
  readonly fault: FaultKind;
}

/**
 * Makes a copy of a certificate with one fault and a new key, beside it (`ID-FAULT-cert.pem`), marks it as faulty on
 * purpose and tells the files written, the certificate first. GatehouseError `certs.*` where the fault would be none.
 */
export async function makeFaulty(
  dir: string,
  clock: Clock,
  options: FaultyOptions,
  passphrase?: Secret,
): Promise<{ readonly cert: string; readonly files: readonly string[] }> {
  const pki = new PkiFolder(dir, passphrase);
  const { topology } = await topologyOf(dir);
  const use = await useOf(dir, topology);
  const path = await pki.certificateFile(options.like);
  const item = use.byId.get(path);
  if (item === undefined) throw fault('missing', `${options.like} is not there.`);
  if (item.certificate.isCa)
    throw fault('authority', `${options.like} is an authority. Copy a certificate that it has signed.`);
  if (forClients.has(options.fault) && !purposesOf(item).client)
    throw fault('no-fault', 'For a server this is no fault: choose a certificate that a client shows.');
  const folder = await signerOf(pki, use, item, options.fault, clock);
  const { issuer, chain } = await pki.authority(folder);
  const id = path.replace(/^.*\//, '').replace(/-cert\.pem$/, '');
  const cert = await freeFile(pki, folder, `${id}-${options.fault}`);
  const made = issueCertificate({
    ...likeOf(item.certificate),
    ...(await faultOf(options.fault, item.certificate, clock)),
    clock,
    issuer,
  });
  const files = await pki.writeIssued(folder, cert, made.pem + chain, made.privateKeyPem);
  if (options.fault === 'revoked')
    files.push(await new CertsService(dir, clock, passphrase).revoke(cert, 'keyCompromise'));
  await markFaulty(dir, made.certificate, options.fault);
  return { cert, files };
}

/** The folder of the authority that signs the copy: the model's own, or one that nobody trusts. */
async function signerOf(
  pki: PkiFolder,
  use: CertificateUse,
  item: IndexedCertificate,
  kind: FaultKind,
  clock: Clock,
): Promise<string> {
  if (kind !== 'other-authority') {
    const issuer = item.issuer === null ? undefined : use.byId.get(item.issuer);
    if (issuer?.authority == null || !hasKey(issuer))
      throw fault('stranger', `The authority that signed ${item.file} is not here with its key.`);
    return issuer.authority;
  }
  const trusted = new Set(use.checks.flatMap(({ against }) => against));
  const present = use.index.certificates.find(
    ({ authority, id }) =>
      authority !== null && new RegExp(`^${STRANGER}(-\\d+)?$`).test(authority) && !trusted.has(id),
  );
  if (present?.authority != null && hasKey(present)) return present.authority;
  let id = STRANGER;
  for (let next = 2; await pki.exists(`pki/${id}/ca-cert.pem`); next += 1) id = `${STRANGER}-${next}`;
  const made = createAuthority({ clock, subject: { commonName: "Somebody else's CA" }, days: 3650 });
  await pki.write(`pki/${id}/ca-cert.pem`, made.pem, made.privateKeyPem);
  return id;
}

async function freeFile(pki: PkiFolder, folder: string, id: string): Promise<string> {
  let cert = join('pki', folder, `${id}-cert.pem`).replaceAll('\\', '/');
  for (let next = 2; await pki.exists(cert); next += 1) cert = `pki/${folder}/${id}-${next}-cert.pem`;
  return cert;
}
