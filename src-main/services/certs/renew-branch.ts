import type { KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  certificatePem,
  createAuthority,
  createCrl,
  encryptPrivateKey,
  generateKeyAsync,
  issueCertificate,
  openPrivateKey,
  pairOf,
  parsePem,
  privateKeyPem,
  type IssuedCertificate,
  type Issuer,
  type ParsedCertificate,
  type RevocationReason,
} from '../../domain/certs';
import { GatehouseError, Secret, type Clock } from '../../domain/kernel';
import { writeFileAtomic } from '../../servers/store';
import { revocationOf } from './certificate-status';
import { hasKey, type CertificateUse } from './certificate-use';
import { CertsService, keySpecOf } from './certs-service';
import { markFaulty, readFaulty } from './faulty-record';
import { recordIssued } from './issued-serials';
import { fault, keyFileOf, PkiFolder } from './pki-folder';
import type { IndexedCertificate } from './pki-index';
import { topologyOf, useOf } from './usual-set';

const DAY = 86_400_000;
const CRL_DAYS = 30;

export interface BranchOptions {
  /** File of the authority at the top of the branch. */
  readonly file: string;
  /** Validity of the certificates below; authorities keep the length they had. */
  readonly days: number;
  /**
   * True: new keys for the authority and everything below it. False: the authority alone, with its old key, so that what
   * it has signed stays valid.
   */
  readonly below: boolean;
  /** Puts the old authority on the CRL of the one above it. */
  readonly revokeOld?: RevocationReason;
}

/** What was renewed and what was not, with the reason; files are workspace paths. */
export interface BranchReport {
  readonly renewed: readonly string[];
  readonly left: readonly { readonly file: string; readonly why: string }[];
  readonly files: readonly string[];
}

/** A certificate that replaces one of the index, and its key where there is a new one. */
interface Replacement {
  readonly item: IndexedCertificate;
  readonly made: IssuedCertificate;
  readonly privateKey: KeyObject | null;
}

/**
 * Renews an authority, with everything below it or alone. Bundles that hold the old authorities get the new ones, CRLs
 * are signed anew with their entries. What is revoked or faulty on purpose keeps serial, key and validity, so that it
 * stays so. Everything is made before anything is written.
 */
export async function renewBranch(
  dir: string,
  clock: Clock,
  options: BranchOptions,
  passphrase?: Secret,
): Promise<BranchReport> {
  const pki = new PkiFolder(dir, passphrase);
  const { topology } = await topologyOf(dir);
  const use = await useOf(dir, topology);
  const path = await pki.certificateFile(options.file);
  const top = use.byId.get(path);
  if (top?.authority == null || !top.certificate.isCa)
    throw fault('not-an-authority', `${options.file} is no authority of this workspace: renew it as a certificate.`);
  const faulty = await readFaulty(dir);
  const issuers = new Map<string, Issuer>();
  const done: Replacement[] = [];
  const left: { file: string; why: string }[] = [];

  const renewAuthority = async (item: IndexedCertificate): Promise<void> => {
    const old = item.certificate;
    const root = old.rawSubject.equals(old.rawIssuer);
    if (item.authority === null || !hasKey(item)) {
      left.push({ file: item.file, why: 'its private key is not here' });
      return;
    }
    const above = root ? null : await issuerFor(item);
    if (!root && above === null) {
      left.push({ file: item.file, why: 'the key of the authority above it is not here' });
      return;
    }
    const own = await pki.authority(item.authority);
    const pair = options.below ? await generateKeyAsync(keySpecOf(old)) : pairOf(own.issuer.privateKey);
    const made = createAuthority({
      clock,
      subject: attributesOf(old),
      ...(above === null ? {} : { issuer: above }),
      days: Math.max(1, Math.round((old.notAfter.getTime() - old.notBefore.getTime()) / DAY)),
      key: pair,
      ...(old.pathLength === null ? {} : { pathLength: old.pathLength }),
      ...(old.nameConstraints === null ? {} : { nameConstraints: old.nameConstraints }),
      extendedKeyUsage: old.extendedKeyUsage ?? [],
      dnsNames: old.dnsNames,
      uris: old.uris,
    });
    issuers.set(item.id, { certificate: made.certificate, privateKey: made.privateKey });
    done.push({ item, made, privateKey: options.below ? made.privateKey : null });
  };

  /** The authority that signs: the renewed one, or the present one above the branch. */
  const issuerFor = async (item: IndexedCertificate): Promise<Issuer | null> => {
    const above = item.issuer === null ? undefined : use.byId.get(item.issuer);
    if (above === undefined) return null;
    const renewed = issuers.get(above.id);
    if (renewed !== undefined) return renewed;
    return above.authority === null || !hasKey(above) ? null : (await pki.authority(above.authority)).issuer;
  };

  const renewLeaf = async (item: IndexedCertificate, issuer: Issuer): Promise<void> => {
    const old = item.certificate;
    if (!item.file.endsWith('-cert.pem') || item.id.includes('#')) {
      left.push({ file: item.file, why: 'it is part of a file with others' });
      return;
    }
    const asItWas = faulty.has(old.fingerprint) || revocationOf(item, use.index.crls) !== null;
    const keepsKey = asItWas || !hasKey(item);
    const request = {
      clock,
      issuer,
      subject: attributesOf(old),
      dnsNames: old.dnsNames,
      ipAddresses: old.ipAddresses,
      uris: old.uris,
      emails: old.emails,
      extendedKeyUsage: old.extendedKeyUsage ?? [],
      keyUsage: old.keyUsage ?? (['digitalSignature'] as const),
      ...(asItWas ? { serial: old.serial, notBefore: old.notBefore, notAfter: old.notAfter } : { days: options.days }),
    };
    if (!keepsKey) {
      const made = issueCertificate({ ...request, key: await generateKeyAsync(keySpecOf(old)) });
      done.push({ item, made, privateKey: made.privateKey });
    } else if (old.publicKey === null)
      left.push({ file: item.file, why: 'its key is of a kind that is not known here' });
    else done.push({ item, made: issueCertificate({ ...request, publicKey: old.publicKey }), privateKey: null });
  };

  await renewAuthority(top);
  if (!issuers.has(top.id))
    throw fault('stranger', `${options.file} cannot be renewed: ${left[0]?.why ?? 'it is not here'}.`);
  if (options.below)
    for (const queue = [top]; queue.length > 0;) {
      const above = queue.shift();
      const issuer = above === undefined ? undefined : issuers.get(above.id);
      for (const item of above === undefined ? [] : use.childrenOf(above.id))
        if (issuer === undefined) left.push({ file: item.file, why: 'its authority was not renewed' });
        else if (item.certificate.isCa) {
          await renewAuthority(item);
          queue.push(item);
        } else await renewLeaf(item, issuer);
    }

  const files = await write(dir, pki, use, done, clock, passphrase);
  for (const { item, made } of done) {
    const kind = faulty.get(item.certificate.fingerprint);
    if (kind === undefined) continue;
    await markFaulty(dir, item.certificate, null);
    await markFaulty(dir, made.certificate, kind);
  }
  const above = top.issuer === null ? undefined : use.byId.get(top.issuer);
  if (options.revokeOld !== undefined && above?.authority != null)
    files.push(
      (
        await new CertsService(dir, clock, passphrase).revokeSerial(
          above.authority,
          top.certificate.serial,
          options.revokeOld,
        )
      ).crl,
    );
  return { renewed: done.map(({ item }) => item.file), left, files: [...new Set(files)] };
}

const attributesOf = ({ subject }: ParsedCertificate) =>
  subject.attributes.map(({ oid, value }) => ({ type: oid, value }));

/** Writes what was made: keys, certificates with their chains, then every other file that held an old authority, and CRLs. */
async function write(
  dir: string,
  pki: PkiFolder,
  use: CertificateUse,
  done: readonly Replacement[],
  clock: Clock,
  passphrase: Secret | undefined,
): Promise<string[]> {
  const written: string[] = [];
  const replaced = new Map(done.map(({ item, made }) => [item.certificate.fingerprint, made.pem]));
  const keys = new Map<string, Secret>();
  for (const { item, privateKey } of done)
    if (privateKey !== null) keys.set(item.id, await sealed(dir, item, privateKeyPem(privateKey), passphrase));
  for (const { item, made } of done) {
    const chain = item.certificate.isCa ? '' : chainAbove(use, item, replaced);
    written.push(...(await pki.write(item.file, made.pem + chain, keys.get(item.id) ?? null)));
    const signer = item.issuer === null ? undefined : use.byId.get(item.issuer);
    if (signer?.authority != null) await recordIssued(dir, signer.authority, made.certificate, item.file);
  }
  const own = new Set(done.map(({ item }) => item.file));
  for (const path of use.index.byFile.keys()) {
    if (own.has(path)) continue;
    const text = await readFile(join(dir, path), 'utf8');
    const after = withReplaced(text, replaced);
    if (after === text) continue;
    await writeFileAtomic(join(dir, path), after, 0o644);
    written.push(path);
  }
  for (const { item } of done) {
    const { authority } = item;
    const present = use.index.crls.find(({ file }) => file === `pki/${authority ?? ''}/crl.pem`);
    if (authority === null || present === undefined) continue;
    const now = clock.now();
    const { issuer } = await pki.authority(authority);
    const made = createCrl({
      issuer,
      thisUpdate: now,
      nextUpdate: new Date(now.getTime() + CRL_DAYS * DAY),
      number: (present.crl.number ?? 0n) + 1n,
      revoked: [...present.crl.revoked.values()],
    });
    await writeFileAtomic(join(dir, present.file), made.pem, 0o644);
    written.push(present.file);
  }
  return written;
}

/** The new key as the old one was kept: encrypted or in clear. */
async function sealed(
  dir: string,
  item: IndexedCertificate,
  key: Secret,
  passphrase: Secret | undefined,
): Promise<Secret> {
  if (item.key !== 'encrypted') return key;
  const old = openPrivateKey(await readFile(join(dir, keyFileOf(item.file)), 'utf8'), passphrase);
  if (!old.ok) throw new GatehouseError(old.failure);
  const made = await encryptPrivateKey(key, passphrase ?? new Secret(''));
  if (!made.ok) throw new GatehouseError(made.failure);
  return new Secret(made.value);
}

/** The intermediates above a leaf as PEM, renewed where they were; the root is never sent. */
function chainAbove(use: CertificateUse, item: IndexedCertificate, replaced: ReadonlyMap<string, string>): string {
  return use
    .chainOf(item.id)
    .slice(1)
    .flatMap((id) => use.byId.get(id)?.certificate ?? [])
    .filter((certificate) => !certificate.rawSubject.equals(certificate.rawIssuer))
    .map((certificate) => replaced.get(certificate.fingerprint) ?? certificatePem(certificate))
    .join('');
}

/** A PEM text in which every certificate that was replaced is the new one; everything else stays as it is. */
const withReplaced = (text: string, replaced: ReadonlyMap<string, string>): string =>
  text.replace(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----\r?\n?/g, (block) => {
    const [certificate] = parsePem(block, '').certificates;
    return (certificate === undefined ? undefined : replaced.get(certificate.fingerprint)) ?? block;
  });
