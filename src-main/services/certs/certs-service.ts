import { readdir, readFile } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
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
  type PeerVerdict,
  type RevocationReason,
  type RevokedEntry,
} from '../../domain/certs';
import { defaultFidelity } from '../../domain/fidelity/fidelity';
import { GatehouseError, type Clock, type Secret } from '../../domain/kernel';
import { writeFileAtomic } from '../../servers/store';

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

  /** Every certificate below pki/, in path order. */
  async list(): Promise<ListedCertificate[]> {
    const names = await readdir(join(this.dir, 'pki'), { recursive: true }).catch(() => []);
    const listed: ListedCertificate[] = [];
    for (const name of names.map((path) => path.replaceAll('\\', '/')).sort()) {
      if (!name.endsWith('-cert.pem')) continue;
      const file = `pki/${name}`;
      const [certificate] = (await this.#pem(file)).certificates;
      if (certificate === undefined) continue;
      const now = this.clock.now();
      const revoked = (await this.#revoked(file.split('/')[1] ?? '')).some(
        (entry) => entry.serial === certificate.serial,
      );
      listed.push({
        file,
        subject: certificate.subjectText,
        issuer: certificate.issuerText,
        names: [...certificate.dnsNames, ...certificate.ipAddresses, ...certificate.uris],
        serial: certificate.serial,
        notAfter: certificate.notAfter.toISOString(),
        status: revoked
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
    return this.#write(cert, made.pem + chain, made.privateKeyPem.reveal());
  }

  /** Issues a certificate anew: same subject, names and usages, new key and serial. The old files are replaced. */
  async renew(file: string, days: number): Promise<string[]> {
    const path = this.#inside(file);
    const [old] = (await this.#pem(path)).certificates;
    if (old === undefined) throw fault('none', `${file} holds no certificate.`);
    if (old.isCa) throw fault('authority', `${file} is an authority. Make a new one and issue its certificates anew.`);
    const { issuer, chain } = await this.#authority(path.split('/')[1] ?? '');
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
    });
    return this.#write(path, made.pem + chain, made.privateKeyPem.reveal());
  }

  /** Puts a certificate on its authority's CRL; the list's number grows. Returns the CRL's path. */
  async revoke(file: string, reason: RevocationReason): Promise<string> {
    const path = this.#inside(file);
    const [certificate] = (await this.#pem(path)).certificates;
    if (certificate === undefined) throw fault('none', `${file} holds no certificate.`);
    const authority = path.split('/')[1] ?? '';
    const revoked = await this.#revoked(authority);
    if (revoked.some((entry) => entry.serial === certificate.serial))
      throw fault('revoked', `${file} is revoked already.`);
    return this.writeCrl(authority, [...revoked, { serial: certificate.serial, date: this.clock.now(), reason }]);
  }

  /** Issues the authority's CRL anew, with its present entries unless others are given. */
  async writeCrl(authority: string, revoked?: readonly RevokedEntry[]): Promise<string> {
    const { issuer } = await this.#authority(authority);
    const path = `pki/${authority}/crl.pem`;
    const [present] = (await this.#exists(path)) ? (await this.#pem(path)).crls : [];
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
    const path = this.#inside(file);
    const chain = (await this.#pem(path)).certificates.map((certificate) => certificate.der);
    const anchors = (await this.#pem(this.#inside(options.trust))).certificates;
    const crl = `pki/${path.split('/')[1] ?? ''}/crl.pem`;
    const crls = (await this.#exists(crl)) ? (await this.#pem(crl)).crls : [];
    const base = { chain, anchors, crls, now: this.clock.now(), fidelity: defaultFidelity };
    return options.purpose === 'client'
      ? verifyPeer({ ...base, purpose: 'client' })
      : verifyPeer({ ...base, purpose: 'server', name: options.name });
  }

  /** The certificates of a file, leaf first. */
  async read(file: string): Promise<readonly ParsedCertificate[]> {
    return (await this.#pem(this.#inside(file))).certificates;
  }

  /** A certificate and its key in the form asked for. */
  async export(
    file: string,
    format: 'pem' | 'pkcs12' | 'kubernetes' | 'encrypted-key',
    passphrase: Secret | undefined,
  ): Promise<{ readonly content: string | Buffer; readonly secret: boolean }> {
    const path = this.#inside(file);
    const { certificates } = await this.#pem(path);
    const chain = certificates.map((certificate) => certificatePem(certificate)).join('');
    if (format === 'pem') return { content: chain, secret: false };
    const keyText = await readFile(join(this.dir, path.replace(/-cert\.pem$/, '-key.pem')), 'utf8');
    const key = openPrivateKey(keyText, this.passphrase);
    if (!key.ok) throw new GatehouseError(key.failure);
    if (format === 'kubernetes') {
      const encode = (text: string): string => Buffer.from(text).toString('base64');
      const name = path
        .slice('pki/'.length)
        .replace(/-cert\.pem$/, '')
        .replaceAll('/', '-')
        .toLowerCase();
      return {
        content: `apiVersion: v1\nkind: Secret\nmetadata:\n  name: ${name}\ntype: kubernetes.io/tls\ndata:\n  tls.crt: ${encode(chain)}\n  tls.key: ${encode(keyText)}\n`,
        secret: true,
      };
    }
    if (passphrase === undefined)
      throw fault('passphrase', 'This format is protected by a passphrase. Give one with --passphrase-fd.');
    if (format === 'encrypted-key') {
      const encrypted = await encryptPrivateKey(keyText, passphrase);
      if (!encrypted.ok) throw new GatehouseError(encrypted.failure);
      return { content: encrypted.value, secret: true };
    }
    return { content: await writePkcs12({ certificates, privateKey: key.value, passphrase }), secret: true };
  }

  /** A path of the workspace below pki/, from what a user typed; nothing outside is ever touched. */
  #inside(file: string): string {
    const absolute = resolve(this.dir, file);
    const root = resolve(this.dir, 'pki') + sep;
    if (!absolute.startsWith(root)) throw fault('outside', `${file} is not below pki/ of the workspace.`);
    return `pki/${absolute.slice(root.length).replaceAll('\\', '/')}`;
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
    if (certificate.rawSubject.equals(certificate.rawIssuer)) return '';
    const names = await readdir(join(this.dir, 'pki'));
    for (const name of names) {
      const path = `pki/${name}/ca-cert.pem`;
      if (!(await this.#exists(path))) continue;
      const [above] = (await this.#pem(path)).certificates;
      if (
        above !== undefined &&
        above.rawSubject.equals(certificate.rawIssuer) &&
        above.subjectKeyId === certificate.authorityKeyId
      )
        return certificatePem(certificate) + (await this.#chainAbove(above));
    }
    return certificatePem(certificate);
  }

  async #revoked(authority: string): Promise<RevokedEntry[]> {
    const path = `pki/${authority}/crl.pem`;
    if (!(await this.#exists(path))) return [];
    return (await this.#pem(path)).crls.flatMap((crl) => [...crl.revoked.values()]);
  }

  async #write(cert: string, pem: string, key: string): Promise<string[]> {
    const keyPath = cert.replace(/-cert\.pem$/, '-key.pem');
    await writeFileAtomic(join(this.dir, keyPath), key, 0o600);
    await writeFileAtomic(join(this.dir, cert), pem, 0o644);
    return [cert, keyPath];
  }
}
