import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  createAuthority,
  issueCertificate,
  parsePem,
  type CertificateRequest,
  type Issuer,
  type ParsedCertificate,
} from '../../domain/certs';
import type { Clock, Secret } from '../../domain/kernel';
import { faultOf, likeOf, makeKeys } from './fault-requests';
import type { FaultKind } from './faulty-record';
import { fault, isIssuer, PkiFolder } from './pki-folder';

/** What can be wrong with a certificate that a test shows. */
export type TestFault = FaultKind | 'self-signed';

/** A certificate with its intermediates, and its key; in memory only. */
export interface FaultyCopy {
  readonly cert: string;
  readonly key: string;
}

export interface FaultyCopyOptions {
  /** File of the certificate that is copied. */
  readonly like: string;
  readonly fault: TestFault;
  /** Revocation list that the gateway uses; null: none. */
  readonly crl: string | null;
}

/**
 * A copy of a certificate with one fault and a new key, signed as its model is, that stands in no file. One that is revoked
 * takes over the serial number of a certificate that is already on the list in use. Throws GatehouseError `certs.stranger`
 * (the authority's key is not here), `certs.no-revoked`, `certs.missing`, `certs.authority`.
 * @param folders where the workspace's pki is looked for, in this order
 */
export async function faultyCopy(
  folders: readonly string[],
  clock: Clock,
  options: FaultyCopyOptions,
  passphrase?: Secret,
): Promise<FaultyCopy> {
  const text = await firstText(folders, options.like);
  const [model] = text === null ? [] : parsePem(text, options.like).certificates;
  if (model === undefined) throw fault('missing', `${options.like} is not there.`);
  if (model.isCa) throw fault('authority', `${options.like} is an authority. Choose a certificate that it has signed.`);
  const request = { ...likeOf(model), ...(await faultFor(options.fault, model, clock)), clock };
  const made = async (issuer: Issuer, chain: string, more: Partial<CertificateRequest> = {}): Promise<FaultyCopy> => {
    const { pem, privateKeyPem } = issueCertificate({ ...request, ...more, issuer } as CertificateRequest);
    return { cert: pem + chain, key: (privateKeyPem as Secret).reveal() };
  };
  if (options.fault === 'other-authority') {
    const stranger = createAuthority({ clock, subject: { commonName: "Somebody else's CA" }, days: 3650 });
    return made(stranger, stranger.pem);
  }
  if (options.fault === 'self-signed') {
    // Its own issuer: an authority of the same name and key stands for the signature and is not sent along.
    const key = await makeKeys('ec', { namedCurve: 'prime256v1' });
    return made(createAuthority({ clock, subject: request.subject, key, days: 365 }), '', { key });
  }
  const { issuer, chain } = await signerOf(folders, model, options.like, passphrase);
  if (options.fault !== 'revoked') return made(issuer, chain);
  const listed = options.crl === null ? null : await firstText(folders, options.crl);
  const serial = (listed === null ? [] : parsePem(listed, options.crl ?? '').crls)
    .filter(({ rawIssuer }) => rawIssuer.equals(issuer.certificate.rawSubject))
    .flatMap(({ revoked }) => [...revoked.keys()])[0];
  if (serial === undefined)
    throw fault(
      'no-revoked',
      options.crl === null
        ? 'The gateway uses no revocation list, so nobody is revoked there. Give it one first.'
        : `${options.crl} names no certificate that ${issuer.certificate.lastCommonName} signed. Revoke one under Certificates first.`,
    );
  return made(issuer, chain, { serial });
}

/** As `faultOf`, but a caller is known by its common name whatever else its certificate is good for. */
async function faultFor(
  kind: TestFault,
  model: ParsedCertificate,
  clock: Clock,
): Promise<Partial<Omit<CertificateRequest, 'issuer' | 'publicKey'>>> {
  if (kind === 'self-signed') return {};
  if (kind === 'wrong-name')
    return { subject: { commonName: 'wrong.invalid' }, dnsNames: [], ipAddresses: [], uris: [] };
  return faultOf(kind, model, clock);
}

async function signerOf(
  folders: readonly string[],
  model: ParsedCertificate,
  file: string,
  passphrase: Secret | undefined,
): Promise<{ readonly issuer: Issuer; readonly chain: string }> {
  let reason: unknown;
  for (const folder of folders) {
    const pki = new PkiFolder(folder, passphrase);
    for (const { id, certificate } of await pki.authorities())
      if (isIssuer(certificate, model))
        try {
          return await pki.authority(id);
        } catch (error) {
          reason ??= error;
        }
  }
  const why = reason instanceof Error && /encrypted|passphrase/i.test(reason.message) ? ' It is encrypted.' : '';
  throw fault(
    'stranger',
    `The key of the authority that signed ${file} is not at hand.${why} Choose a fault that needs none: another authority, or self-signed.`,
  );
}

async function firstText(folders: readonly string[], file: string): Promise<string | null> {
  for (const folder of folders) {
    const text = await readFile(join(folder, file), 'utf8').catch(() => null);
    if (text !== null) return text;
  }
  return null;
}
