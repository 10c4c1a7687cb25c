import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  createCrl,
  createAuthority,
  encryptPrivateKey,
  generateKeyAsync,
  issueCertificate,
  issueFromCsr,
  verifyPeer,
  type CertificateRole,
  type ExtendedKeyUsage,
  type KeySpec,
  type ParsedCertificate,
  type ParsedCrl,
  type ParsedCsr,
  type PeerVerdict,
  type RevocationReason,
  type RevokedEntry,
} from '../../domain/certs';
import { defaultFidelity } from '../../domain/fidelity/fidelity';
import { GatehouseError, Secret, type Clock } from '../../domain/kernel';
import { readTopology } from '../../domain/topology';
import { writeFileAtomic } from '../../servers/store';
import { exportCertificate, type ExportedCertificate, type ExportFormat } from './export-certificate';
import { readIssued, readSerial, recordIssued, type IssuedSerial } from './issued-serials';
import { fault, isFileId, isIssuer, keyFileOf, PkiFolder } from './pki-folder';

const DAY_MS = 86_400_000;
const CRL_DAYS = 30;

/** One certificate of a workspace as a list shows it. */
export interface ListedCertificate {
  readonly file: string;
  readonly subject: string;
  readonly issuer: string;
  readonly names: readonly string[];
  readonly serial: string;
  readonly notAfter: string;
  readonly status: 'valid' | 'expired' | 'not yet valid' | 'revoked';
  readonly authority: boolean;
}

/** What every new certificate of a workspace is made from. */
interface NewCertificate {
  /** Folder below pki/ of the authority that signs. */
  readonly authority: string;
  /** The file: `pki/AUTHORITY/ID-cert.pem`. */
  readonly id: string;
  /** What it may be used for; overridden by `extendedKeyUsage`. */
  readonly role: CertificateRole;
  readonly extendedKeyUsage?: readonly ExtendedKeyUsage[];
  readonly days: number;
  /** End of validity; wins over `days`. */
  readonly notAfter?: Date;
  /** Up to 40 hex digits; default: random. */
  readonly serial?: string;
}

export interface IssueOptions extends NewCertificate {
  /** Empty: a certificate without a common name. */
  readonly commonName: string;
  readonly dns: readonly string[];
  readonly ip: readonly string[];
  readonly key: KeySpec;
}

export interface AuthorityOptions {
  /** Its folder below pki/. */
  readonly id: string;
  readonly commonName: string;
  /** The authority above it; null: a root, signed by itself. */
  readonly issuer: string | null;
  readonly days: number;
  readonly notAfter?: Date;
  readonly key: KeySpec;
  readonly serial?: string;
}

export interface RequestOptions extends NewCertificate {
  /** A PKCS#10 request. */
  readonly request: ParsedCsr;
}

/** Everything the command line and the screens do with a workspace's certificates. Every write is atomic. */
export class CertsService {
  readonly #pki: PkiFolder;

  constructor(
    readonly dir: string,
    readonly clock: Clock,
    /** Opens encrypted private keys; undefined where keys are not encrypted. */
    readonly passphrase?: Secret,
  ) {
    this.#pki = new PkiFolder(dir, passphrase);
  }

  /** Every certificate below pki/, in path order. A file that holds none is left out. */
  async list(): Promise<ListedCertificate[]> {
    const names = await readdir(join(this.dir, 'pki'), { recursive: true }).catch(() => []);
    const authorities = await this.#pki.authorities();
    const listed: ListedCertificate[] = [];
    for (const name of names.map((path) => path.replaceAll('\\', '/')).sort()) {
      if (!name.endsWith('-cert.pem')) continue;
      const file = `pki/${name}`;
      const [certificate] = (await this.#pki.pem(file)).certificates;
      if (certificate === undefined) continue;
      const now = this.clock.now();
      const issuer = authorities.find(({ certificate: above }) => isIssuer(above, certificate));
      const revoked = issuer === undefined ? [] : await this.#pki.revoked(issuer.id, true);
      listed.push({
        file,
        subject: certificate.subjectText,
        issuer: certificate.issuerText,
        names: [...certificate.dnsNames, ...certificate.ipAddresses, ...certificate.uris],
        serial: certificate.serial,
        notAfter: certificate.notAfter.toISOString(),
        status: revoked.some((entry) => entry.serial === certificate.serial)
          ? 'revoked'
          : certificate.notAfter < now
            ? 'expired'
            : certificate.notBefore > now
              ? 'not yet valid'
              : 'valid',
        authority: certificate.isCa,
      });
    }
    return listed;
  }

  /** Issues a certificate with a new key; refuses to overwrite. Returns the files written. */
  async issue(options: IssueOptions): Promise<string[]> {
    const { cert, issuer, chain } = await this.#place(options);
    const made = issueCertificate({
      ...this.#issuance(options),
      issuer,
      subject: options.commonName === '' ? {} : { commonName: options.commonName },
      dnsNames: options.dns,
      ipAddresses: options.ip,
      key: await generateKeyAsync(options.key),
    });
    return this.#pki.writeIssued(options.authority, cert, made.pem + chain, made.privateKeyPem);
  }

  /** Issues the certificate that a request asks for: its subject, its names and its key, which stays with whoever made it. */
  async issueFromRequest(options: RequestOptions): Promise<string[]> {
    const { cert, issuer, chain } = await this.#place(options);
    const made = issueFromCsr(options.request, { ...this.#issuance(options), issuer });
    return this.#pki.writeIssued(options.authority, cert, made.pem + chain, null);
  }

  /** Makes an authority with a folder of its own: a root, or one below another. Returns the files written. */
  async issueAuthority(options: AuthorityOptions): Promise<string[]> {
    if (!isFileId(options.id))
      throw fault('id', `"${options.id}" is no name for a folder. Use letters, digits, _ . and -.`);
    const cert = `pki/${options.id}/ca-cert.pem`;
    if (await this.#pki.exists(cert))
      throw fault('exists', `${cert} is there already. Choose another id, or renew it.`);
    await this.#pki.inside(cert);
    const above = options.issuer === null ? null : (await this.#pki.authority(options.issuer)).issuer;
    const made = createAuthority({
      ...this.#issuance(options),
      subject: { commonName: options.commonName },
      ...(above === null ? {} : { issuer: above }),
      key: await generateKeyAsync(options.key),
    });
    const written = await this.#pki.write(cert, made.pem, await this.#authorityKey(made.privateKeyPem));
    if (options.issuer !== null) await recordIssued(this.dir, options.issuer, made.certificate, cert);
    return written;
  }

  /** The key of a new authority as the others are kept: encrypted where one of them is. */
  async #authorityKey(key: Secret): Promise<Secret> {
    const texts = await Promise.all(
      (await this.#pki.authorities()).map(({ id }) =>
        readFile(join(this.dir, `pki/${id}/ca-key.pem`), 'utf8').catch(() => ''),
      ),
    );
    if (!texts.some((text) => text.includes('ENCRYPTED'))) return key;
    if (this.passphrase === undefined)
      throw fault('passphrase-missing', 'The keys of the authorities are encrypted. Give their passphrase.');
    const sealed = await encryptPrivateKey(key, this.passphrase);
    if (!sealed.ok) throw new GatehouseError(sealed.failure);
    return new Secret(sealed.value);
  }

  /** The file of a new certificate and who signs it. */
  async #place({ authority, id }: NewCertificate) {
    if (!isFileId(id)) throw fault('id', `"${id}" is no name for a file. Use letters, digits, _ . and -.`);
    const cert = `pki/${authority}/${id}-cert.pem`;
    if (await this.#pki.exists(cert))
      throw fault('exists', `${cert} is there already. Choose another id, or renew it.`);
    if (await this.#pki.exists(keyFileOf(cert)))
      throw fault('exists', `${keyFileOf(cert)} is there already, without a certificate. Choose another id.`);
    const signer = await this.#pki.authority(authority);
    await this.#pki.inside(cert);
    return { cert, ...signer };
  }

  #issuance(options: Partial<Pick<NewCertificate, 'role' | 'extendedKeyUsage' | 'days' | 'notAfter' | 'serial'>>) {
    const { role, extendedKeyUsage, days, notAfter, serial } = options;
    return {
      clock: this.clock,
      ...(role === undefined ? {} : { role }),
      ...(extendedKeyUsage === undefined ? {} : { extendedKeyUsage }),
      ...(days === undefined ? {} : { days }),
      ...(notAfter === undefined ? {} : { notAfter }),
      ...(serial === undefined ? {} : { serial }),
    };
  }

  /**
   * Issues a certificate anew: same subject, names, usages and kind of key, by the same authority; new key and serial. The
   * old files are replaced; a key that was encrypted stays so, with the passphrase given. The old certificate stays valid
   * unless `revokeOld` says why it is put on the CRL; its serial is kept, so that it can be revoked later.
   */
  async renew(
    file: string,
    days: number,
    { revokeOld }: { readonly revokeOld?: RevocationReason } = {},
  ): Promise<string[]> {
    const path = await this.#pki.certificateFile(file);
    const [old] = (await this.#pki.pem(path)).certificates;
    if (old === undefined) throw fault('none', `${file} holds no certificate.`);
    if (old.isCa) throw fault('authority', `${file} is an authority. Make a new one and issue its certificates anew.`);
    const { id } = await this.#pki.issuerOf(old, file);
    const { issuer, chain } = await this.#pki.authority(id);
    // Before anything is replaced: a CRL that cannot be read would leave the old certificate in force.
    if (revokeOld !== undefined) await this.#pki.revoked(id);
    const oldKey = await readFile(join(this.dir, keyFileOf(path)), 'utf8').catch(() => '');
    const encrypted = oldKey.includes('ENCRYPTED');
    if (encrypted && this.passphrase === undefined)
      throw fault('passphrase', `The key of ${file} is encrypted. Give its passphrase with --passphrase-fd.`);
    const made = issueCertificate({
      clock: this.clock,
      // The name is taken over attribute by attribute, as it is written in the old certificate.
      subject: old.subject.attributes.map(({ oid, value }) => ({ type: oid, value })),
      issuer,
      dnsNames: old.dnsNames,
      ipAddresses: old.ipAddresses,
      uris: old.uris,
      extendedKeyUsage: old.extendedKeyUsage ?? [],
      keyUsage: old.keyUsage ?? ['digitalSignature'],
      days,
      key: keySpecOf(old),
    });
    let key = made.privateKeyPem;
    if (encrypted && this.passphrase !== undefined) {
      const sealed = await encryptPrivateKey(made.privateKeyPem, this.passphrase);
      if (!sealed.ok) throw new GatehouseError(sealed.failure);
      key = new Secret(sealed.value);
    }
    await recordIssued(this.dir, id, old, path);
    const written = await this.#pki.writeIssued(id, path, made.pem + chain, key);
    if (revokeOld === undefined) return written;
    const revoked = await this.#pki.revoked(id);
    if (revoked.some((entry) => entry.serial === old.serial)) return written;
    const crl = await this.writeCrl(id, [
      ...revoked,
      { serial: old.serial, date: this.clock.now(), reason: revokeOld },
    ]);
    return [...written, crl];
  }

  /**
   * Puts a serial on the CRL of an authority, for certificates whose file is gone or was replaced. Tells which certificate
   * that is, or null when none is on record.
   */
  async revokeSerial(
    authority: string,
    written: string,
    reason: RevocationReason,
  ): Promise<{ readonly crl: string; readonly certificate: IssuedSerial | null }> {
    const serial = readSerial(written);
    if (serial === null) throw fault('serial', `"${written}" is no serial number: write up to 40 hex digits.`);
    await this.#pki.authority(authority);
    const revoked = await this.#pki.revoked(authority);
    if (revoked.some((entry) => entry.serial === serial)) throw fault('revoked', `${serial} is revoked already.`);
    const crl = await this.writeCrl(authority, [...revoked, { serial, date: this.clock.now(), reason }]);
    const onRecord = (await readIssued(this.dir, authority)).find((entry) => entry.serial === serial);
    const present = (await this.list()).find((item) => item.serial === serial);
    return { crl, certificate: onRecord ?? present ?? null };
  }

  /** A sentence when no gateway and no tablet of gatehouse.json looks at the CRL `path`, else null. */
  async unusedCrl(path: string): Promise<string | null> {
    const bytes = await readFile(join(this.dir, 'gatehouse.json')).catch(() => null);
    const topology = bytes === null ? null : readTopology(bytes, 'gatehouse.json').topology;
    if (topology === null) return null;
    const looked = [
      ...topology.gateways.flatMap(({ mysql, grpc, tabletLink }) => [mysql?.tls, grpc?.tls, tabletLink]),
      ...topology.tablets.map(({ grpc }) => grpc.tls),
    ];
    return looked.some((tls) => tls?.crl === path)
      ? null
      : `no gateway and no tablet in gatehouse.json names ${path} as its "crl": what it revokes is still let in`;
  }

  /** Puts a certificate on its authority's CRL; the list's number grows. Returns the CRL's path. */
  async revoke(file: string, reason: RevocationReason): Promise<string> {
    const path = await this.#pki.certificateFile(file);
    const [certificate] = (await this.#pki.pem(path)).certificates;
    if (certificate === undefined) throw fault('none', `${file} holds no certificate.`);
    if (certificate.rawSubject.equals(certificate.rawIssuer))
      throw fault('root', `${file} is a root: nobody can revoke it. Take it out of the bundles that trust it.`);
    const { id } = await this.#pki.issuerOf(certificate, file);
    const revoked = await this.#pki.revoked(id);
    if (revoked.some((entry) => entry.serial === certificate.serial))
      throw fault('revoked', `${file} is revoked already.`);
    return this.writeCrl(id, [...revoked, { serial: certificate.serial, date: this.clock.now(), reason }]);
  }

  /**
   * Issues the authority's CRL anew, with its present entries unless others are given. A present list that cannot be read
   * is left alone (`certs.crl-damaged`): its entries would be lost, and what was revoked would be let in again.
   */
  async writeCrl(authority: string, revoked?: readonly RevokedEntry[]): Promise<string> {
    const { issuer } = await this.#pki.authority(authority);
    const path = await this.#pki.inside(`pki/${authority}/crl.pem`);
    const present = await this.#pki.crl(authority);
    const now = this.clock.now();
    const made = createCrl({
      issuer,
      thisUpdate: now,
      nextUpdate: new Date(now.getTime() + CRL_DAYS * DAY_MS),
      number: (present?.number ?? 0n) + 1n,
      revoked: revoked ?? (await this.#pki.revoked(authority)),
    });
    await writeFileAtomic(join(this.dir, path), made.pem, 0o644);
    return path;
  }

  /** Judges a certificate file as a peer would. */
  async verify(
    file: string,
    options: { readonly trust: string; readonly purpose: 'client' | 'server'; readonly name: string | null },
  ): Promise<PeerVerdict> {
    const path = await this.#pki.inside(file);
    const presented = (await this.#pki.pem(path)).certificates;
    const chain = presented.map((certificate) => certificate.der);
    const anchors = (await this.#pki.pem(await this.#pki.inside(options.trust))).certificates;
    const crls: ParsedCrl[] = [];
    for (const { id, certificate } of await this.#pki.authorities())
      if (presented.some((item) => isIssuer(certificate, item))) {
        const crl = await this.#pki.crl(id);
        if (crl !== null) crls.push(crl);
      }
    const base = { chain, anchors, crls, now: this.clock.now(), fidelity: defaultFidelity };
    return options.purpose === 'client'
      ? verifyPeer({ ...base, purpose: 'client' })
      : verifyPeer({ ...base, purpose: 'server', name: options.name });
  }

  /** The certificates of a file, leaf first. */
  async read(file: string): Promise<readonly ParsedCertificate[]> {
    return (await this.#pki.pem(await this.#pki.inside(file))).certificates;
  }

  /** A certificate and its key in the form asked for, see `exportCertificate`. */
  export(
    file: string,
    format: ExportFormat,
    passphrase: Secret | undefined,
    options: { readonly faulty?: boolean } = {},
  ): Promise<ExportedCertificate> {
    return exportCertificate(this.#pki, file, { format, passphrase, faulty: options.faulty ?? true });
  }
}

/** The kind of key that a renewed certificate gets: that of the old one where it is of a kind that is made here. */
export function keySpecOf(certificate: ParsedCertificate): KeySpec {
  const { algorithm, bits, curve } = certificate.key;
  if (algorithm === 'ed25519') return 'ed25519';
  if (algorithm === 'ecdsa') return curve === 'P-384' || bits === 384 ? 'ecdsa-p384' : 'ecdsa-p256';
  return bits >= 4096 ? 'rsa-4096' : bits >= 3072 ? 'rsa-3072' : 'rsa-2048';
}
