import { readdir, readFile, realpath } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import {
  certificatePem,
  createCrl,
  encryptPrivateKey,
  issueCertificate,
  openPrivateKey,
  parsePem,
  verifyPeer,
  writePkcs12,
  type CertificateRole,
  type Issuer,
  type KeySpec,
  type ParsedCertificate,
  type ParsedCrl,
  type PeerVerdict,
  type RevocationReason,
  type RevokedEntry,
} from '../../domain/certs';
import { defaultFidelity } from '../../domain/fidelity/fidelity';
import { GatehouseError, Secret, type Clock } from '../../domain/kernel';
import { readTopology } from '../../domain/topology';
import { writeFileAtomic } from '../../servers/store';
import { readIssued, readSerial, recordIssued, type IssuedSerial } from './issued-serials';

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

export interface IssueOptions {
  readonly authority: string;
  readonly id: string;
  readonly role: CertificateRole;
  readonly commonName: string;
  readonly dns: readonly string[];
  readonly ip: readonly string[];
  readonly days: number;
  readonly key: KeySpec;
}

const fault = (code: string, summary: string): GatehouseError => new GatehouseError({ code: `certs.${code}`, summary });

/** Everything the command line and the screens do with a workspace's certificates. Every write is atomic. */
export class CertsService {
  constructor(
    readonly dir: string,
    readonly clock: Clock,
    /** Opens encrypted private keys; undefined where keys are not encrypted. */
    readonly passphrase?: Secret,
  ) {}

  /** Every certificate below pki/, in path order. A file that holds none is left out. */
  async list(): Promise<ListedCertificate[]> {
    const names = await readdir(join(this.dir, 'pki'), { recursive: true }).catch(() => []);
    const authorities = await this.#authorities();
    const listed: ListedCertificate[] = [];
    for (const name of names.map((path) => path.replaceAll('\\', '/')).sort()) {
      if (!name.endsWith('-cert.pem')) continue;
      const file = `pki/${name}`;
      const [certificate] = (await this.#pem(file)).certificates;
      if (certificate === undefined) continue;
      const now = this.clock.now();
      const issuer = authorities.find(({ certificate: above }) => isIssuer(above, certificate));
      const revoked = issuer === undefined ? [] : await this.#revoked(issuer.id, true);
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
    if (!/^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(options.id))
      throw fault('id', `"${options.id}" is no name for a file. Use letters, digits, _ . and -.`);
    const cert = `pki/${options.authority}/${options.id}-cert.pem`;
    if (await this.#exists(cert)) throw fault('exists', `${cert} is there already. Choose another id, or renew it.`);
    const { issuer, chain } = await this.#authority(options.authority);
    await this.#inside(cert);
    const made = issueCertificate({
      clock: this.clock,
      role: options.role,
      subject: { commonName: options.commonName },
      issuer,
      dnsNames: options.dns,
      ipAddresses: options.ip,
      days: options.days,
      key: options.key,
    });
    return this.#writeIssued(options.authority, cert, made.pem + chain, made.privateKeyPem);
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
    const path = await this.#certificateFile(file);
    const [old] = (await this.#pem(path)).certificates;
    if (old === undefined) throw fault('none', `${file} holds no certificate.`);
    if (old.isCa) throw fault('authority', `${file} is an authority. Make a new one and issue its certificates anew.`);
    const { id } = await this.#issuerOf(old, file);
    const { issuer, chain } = await this.#authority(id);
    // Before anything is replaced: a CRL that cannot be read would leave the old certificate in force.
    if (revokeOld !== undefined) await this.#revoked(id);
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
    const written = await this.#writeIssued(id, path, made.pem + chain, key);
    if (revokeOld === undefined) return written;
    const revoked = await this.#revoked(id);
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
    await this.#authority(authority);
    const revoked = await this.#revoked(authority);
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
    const path = await this.#certificateFile(file);
    const [certificate] = (await this.#pem(path)).certificates;
    if (certificate === undefined) throw fault('none', `${file} holds no certificate.`);
    if (certificate.rawSubject.equals(certificate.rawIssuer))
      throw fault('root', `${file} is a root: nobody can revoke it. Take it out of the bundles that trust it.`);
    const { id } = await this.#issuerOf(certificate, file);
    const revoked = await this.#revoked(id);
    if (revoked.some((entry) => entry.serial === certificate.serial))
      throw fault('revoked', `${file} is revoked already.`);
    return this.writeCrl(id, [...revoked, { serial: certificate.serial, date: this.clock.now(), reason }]);
  }

  /**
   * Issues the authority's CRL anew, with its present entries unless others are given. A present list that cannot be read
   * is left alone (`certs.crl-damaged`): its entries would be lost, and what was revoked would be let in again.
   */
  async writeCrl(authority: string, revoked?: readonly RevokedEntry[]): Promise<string> {
    const { issuer } = await this.#authority(authority);
    const path = await this.#inside(`pki/${authority}/crl.pem`);
    const present = await this.#crl(authority);
    const now = this.clock.now();
    const made = createCrl({
      issuer,
      thisUpdate: now,
      nextUpdate: new Date(now.getTime() + CRL_DAYS * DAY_MS),
      number: (present?.number ?? 0n) + 1n,
      revoked: revoked ?? (await this.#revoked(authority)),
    });
    await writeFileAtomic(join(this.dir, path), made.pem, 0o644);
    return path;
  }

  /** Judges a certificate file as a peer would. */
  async verify(
    file: string,
    options: { readonly trust: string; readonly purpose: 'client' | 'server'; readonly name: string | null },
  ): Promise<PeerVerdict> {
    const path = await this.#inside(file);
    const presented = (await this.#pem(path)).certificates;
    const chain = presented.map((certificate) => certificate.der);
    const anchors = (await this.#pem(await this.#inside(options.trust))).certificates;
    const crls: ParsedCrl[] = [];
    for (const { id, certificate } of await this.#authorities())
      if (presented.some((item) => isIssuer(certificate, item))) {
        const crl = await this.#crl(id);
        if (crl !== null) crls.push(crl);
      }
    const base = { chain, anchors, crls, now: this.clock.now(), fidelity: defaultFidelity };
    return options.purpose === 'client'
      ? verifyPeer({ ...base, purpose: 'client' })
      : verifyPeer({ ...base, purpose: 'server', name: options.name });
  }

  /** The certificates of a file, leaf first. */
  async read(file: string): Promise<readonly ParsedCertificate[]> {
    return (await this.#pem(await this.#inside(file))).certificates;
  }

  /** A certificate and its key in the form asked for. */
  async export(
    file: string,
    format: 'pem' | 'pkcs12' | 'kubernetes' | 'encrypted-key',
    passphrase: Secret | undefined,
  ): Promise<{ readonly content: string | Buffer; readonly secret: boolean }> {
    const path = await this.#certificateFile(file);
    const { certificates } = await this.#pem(path);
    if (certificates.length === 0) throw fault('none', `${file} holds no certificate.`);
    const chain = certificates.map((certificate) => certificatePem(certificate)).join('');
    if (format === 'pem') return { content: chain, secret: false };
    const keyFile = keyFileOf(path);
    const keyText = await readFile(join(this.dir, keyFile), 'utf8').catch(() => {
      throw fault('missing', `${keyFile}, the private key of ${path}, cannot be read.`);
    });
    const key = openPrivateKey(keyText, this.passphrase ?? passphrase);
    if (!key.ok) throw new GatehouseError(key.failure);
    const clearKey = key.value.export({ type: 'pkcs8', format: 'pem' }).toString();
    if (format === 'kubernetes') {
      const encode = (text: string): string => Buffer.from(text).toString('base64');
      const name = path
        .slice('pki/'.length)
        .replace(/-cert\.pem$/, '')
        .toLowerCase()
        .replace(/[^a-z0-9.]+/g, '-');
      return {
        content: `apiVersion: v1\nkind: Secret\nmetadata:\n  name: ${name}\ntype: kubernetes.io/tls\ndata:\n  tls.crt: ${encode(chain)}\n  tls.key: ${encode(clearKey)}\n`,
        secret: true,
      };
    }
    if (passphrase === undefined)
      throw fault('passphrase', 'This format is protected by a passphrase. Give one with --passphrase-fd.');
    if (format === 'encrypted-key') {
      const encrypted = await encryptPrivateKey(clearKey, passphrase);
      if (!encrypted.ok) throw new GatehouseError(encrypted.failure);
      return { content: encrypted.value, secret: true };
    }
    return { content: await writePkcs12({ certificates, privateKey: key.value, passphrase }), secret: true };
  }

  /**
   * A path of the workspace below pki/, from what a user typed. Nothing outside is ever touched, not through a symbolic
   * link in the workspace either.
   */
  async #inside(file: string): Promise<string> {
    const outside = fault('outside', `${file} is not below pki/ of the workspace.`);
    const absolute = resolve(this.dir, file);
    const root = resolve(this.dir, 'pki') + sep;
    if (!absolute.startsWith(root)) throw outside;
    const real = await realpath(dirname(absolute)).catch(() => null);
    const realRoot = await realpath(root).catch(() => null);
    if (real !== null && realRoot !== null && real !== realRoot && !real.startsWith(realRoot + sep)) throw outside;
    return `pki/${absolute.slice(root.length).replaceAll('\\', '/')}`;
  }

  /** As `#inside`, for files that have a private key beside them. */
  async #certificateFile(file: string): Promise<string> {
    const path = await this.#inside(file);
    if (!path.endsWith('-cert.pem'))
      throw fault('name', `${file} is no certificate with a key of its own: such files end with -cert.pem.`);
    return path;
  }

  async #exists(path: string): Promise<boolean> {
    return readFile(join(this.dir, path)).then(
      () => true,
      () => false,
    );
  }

  async #pem(path: string) {
    let text: string;
    try {
      text = await readFile(join(this.dir, path), 'utf8');
    } catch {
      throw fault('missing', `${path} is not there.`);
    }
    return parsePem(text, path);
  }

  async #authority(id: string): Promise<{ readonly issuer: Issuer; readonly chain: string }> {
    const path = `pki/${id}/ca-cert.pem`;
    if (!/^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(id) || !(await this.#exists(path)))
      throw fault('authority', `The workspace has no authority "${id}".`);
    const [certificate] = (await this.#pem(path)).certificates;
    if (certificate === undefined) throw fault('authority', `${path} holds no certificate.`);
    const key = openPrivateKey(await readFile(join(this.dir, `pki/${id}/ca-key.pem`), 'utf8'), this.passphrase);
    if (!key.ok) throw new GatehouseError(key.failure);
    return { issuer: { certificate, privateKey: key.value }, chain: await this.#chainAbove(certificate) };
  }

  /** The intermediates from `certificate` upwards as PEM, without the root; found by their names below pki/. */
  async #chainAbove(certificate: ParsedCertificate): Promise<string> {
    const authorities = await this.#authorities();
    const chain: ParsedCertificate[] = [];
    let at: ParsedCertificate | undefined = certificate;
    // Authorities that certify each other would go round for ever.
    while (at !== undefined && !at.rawSubject.equals(at.rawIssuer) && chain.length < 10) {
      chain.push(at);
      const below: ParsedCertificate = at;
      at = authorities.find((candidate) => isIssuer(candidate.certificate, below))?.certificate;
    }
    return chain.map((item) => certificatePem(item)).join('');
  }

  /** Every authority of the workspace: a folder below pki/ with a ca-cert.pem. */
  async #authorities(): Promise<{ readonly id: string; readonly certificate: ParsedCertificate }[]> {
    const found: { readonly id: string; readonly certificate: ParsedCertificate }[] = [];
    for (const id of (await readdir(join(this.dir, 'pki')).catch(() => [])).sort()) {
      const path = `pki/${id}/ca-cert.pem`;
      if (!(await this.#exists(path))) continue;
      const [certificate] = (await this.#pem(path)).certificates;
      if (certificate !== undefined) found.push({ id, certificate });
    }
    return found;
  }

  async #issuerOf(certificate: ParsedCertificate, file: string): Promise<{ readonly id: string }> {
    const found = (await this.#authorities()).find((candidate) => isIssuer(candidate.certificate, certificate));
    if (found !== undefined) return found;
    throw fault('stranger', `No authority of this workspace issued ${file} (its issuer is ${certificate.issuerText}).`);
  }

  async #crl(authority: string): Promise<ParsedCrl | null> {
    const path = `pki/${authority}/crl.pem`;
    if (!(await this.#exists(path))) return null;
    const [crl] = (await this.#pem(path)).crls;
    if (crl !== undefined) return crl;
    throw fault('crl-damaged', `${path} cannot be read as a CRL. Restore it from a copy: it says what is revoked.`);
  }

  /** Entries of the authority's CRL; `lenient`: none when it cannot be read. */
  async #revoked(authority: string, lenient = false): Promise<RevokedEntry[]> {
    const crl = await this.#crl(authority).catch((error: unknown) => {
      if (lenient) return null;
      throw error;
    });
    return [...(crl?.revoked.values() ?? [])];
  }

  /** Writes a new certificate with its key and keeps its serial. */
  async #writeIssued(authority: string, cert: string, pem: string, key: Secret): Promise<string[]> {
    const [made] = parsePem(pem, cert).certificates;
    const written = await this.#write(cert, pem, key);
    if (made !== undefined) await recordIssued(this.dir, authority, made, cert);
    return written;
  }

  /** The key first: a certificate without its key is worse than a key without its certificate. */
  async #write(cert: string, pem: string, key: Secret): Promise<string[]> {
    await writeFileAtomic(join(this.dir, keyFileOf(cert)), key.reveal(), 0o600);
    await writeFileAtomic(join(this.dir, cert), pem, 0o644);
    return [cert, keyFileOf(cert)];
  }
}

const keyFileOf = (cert: string): string => cert.replace(/-cert\.pem$/, '-key.pem');

/** Whether `above` is the authority that `certificate` names as its issuer. */
const isIssuer = (above: ParsedCertificate, certificate: ParsedCertificate): boolean =>
  above.isCa &&
  above.rawSubject.equals(certificate.rawIssuer) &&
  (certificate.authorityKeyId === null || above.subjectKeyId === certificate.authorityKeyId);

/** The kind of key that a renewed certificate gets: that of the old one where it is of a kind that is made here. */
function keySpecOf(certificate: ParsedCertificate): KeySpec {
  const { algorithm, bits, curve } = certificate.key;
  if (algorithm === 'ed25519') return 'ed25519';
  if (algorithm === 'ecdsa') return curve === 'P-384' || bits === 384 ? 'ecdsa-p384' : 'ecdsa-p256';
  return bits >= 4096 ? 'rsa-4096' : bits >= 3072 ? 'rsa-3072' : 'rsa-2048';
}
