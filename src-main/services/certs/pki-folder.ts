import { readdir, readFile, realpath } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import {
  certificatePem,
  openPrivateKey,
  parsePem,
  type Issuer,
  type ParsedCertificate,
  type ParsedCrl,
  type PemReading,
  type RevokedEntry,
} from '../../domain/certs';
import { GatehouseError, type Secret } from '../../domain/kernel';
import { writeFileAtomic } from '../../servers/store';
import { recordIssued } from './issued-serials';

/** A refusal that names the place and the remedy. */
export const fault = (code: string, summary: string): GatehouseError =>
  new GatehouseError({ code: `certs.${code}`, summary });

/** What a folder of an authority and the part of a file in front of `-cert.pem` may be called. */
export const isFileId = (text: string): boolean => /^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/.test(text);

/** One authority of a workspace: a folder below pki/ with a ca-cert.pem. */
export interface Authority {
  readonly id: string;
  readonly certificate: ParsedCertificate;
}

/** The files below pki/ of a workspace: reading them, finding an authority with its key, and writing what was issued. */
export class PkiFolder {
  constructor(
    readonly dir: string,
    /** Opens encrypted private keys; undefined where keys are not encrypted. */
    readonly passphrase?: Secret,
  ) {}

  /**
   * A path of the workspace below pki/, from what a user typed. Nothing outside is ever touched, not through a symbolic
   * link in the workspace either.
   */
  async inside(file: string): Promise<string> {
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
  async certificateFile(file: string): Promise<string> {
    const path = await this.inside(file);
    if (!path.endsWith('-cert.pem'))
      throw fault('name', `${file} is no certificate with a key of its own: such files end with -cert.pem.`);
    return path;
  }

  async exists(path: string): Promise<boolean> {
    return readFile(join(this.dir, path)).then(
      () => true,
      () => false,
    );
  }

  async pem(path: string): Promise<PemReading> {
    let text: string;
    try {
      text = await readFile(join(this.dir, path), 'utf8');
    } catch {
      throw fault('missing', `${path} is not there.`);
    }
    return parsePem(text, path);
  }

  async authority(id: string): Promise<{ readonly issuer: Issuer; readonly chain: string }> {
    const path = `pki/${id}/ca-cert.pem`;
    if (!isFileId(id) || !(await this.exists(path)))
      throw fault('authority', `The workspace has no authority "${id}".`);
    const [certificate] = (await this.pem(path)).certificates;
    if (certificate === undefined) throw fault('authority', `${path} holds no certificate.`);
    const key = openPrivateKey(await readFile(join(this.dir, `pki/${id}/ca-key.pem`), 'utf8'), this.passphrase);
    if (!key.ok) throw new GatehouseError(key.failure);
    return { issuer: { certificate, privateKey: key.value }, chain: await this.chainAbove(certificate) };
  }

  /** The intermediates from `certificate` upwards as PEM, without the root; found by their names below pki/. */
  async chainAbove(certificate: ParsedCertificate): Promise<string> {
    const authorities = await this.authorities();
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
  async authorities(): Promise<Authority[]> {
    const found: Authority[] = [];
    for (const id of (await readdir(join(this.dir, 'pki')).catch(() => [])).sort()) {
      const path = `pki/${id}/ca-cert.pem`;
      if (!(await this.exists(path))) continue;
      const [certificate] = (await this.pem(path)).certificates;
      if (certificate !== undefined) found.push({ id, certificate });
    }
    return found;
  }

  async issuerOf(certificate: ParsedCertificate, file: string): Promise<Authority> {
    const found = (await this.authorities()).find((candidate) => isIssuer(candidate.certificate, certificate));
    if (found !== undefined) return found;
    throw fault('stranger', `No authority of this workspace issued ${file} (its issuer is ${certificate.issuerText}).`);
  }

  async crl(authority: string): Promise<ParsedCrl | null> {
    const path = `pki/${authority}/crl.pem`;
    if (!(await this.exists(path))) return null;
    const [crl] = (await this.pem(path)).crls;
    if (crl !== undefined) return crl;
    throw fault('crl-damaged', `${path} cannot be read as a CRL. Restore it from a copy: it says what is revoked.`);
  }

  /** Entries of the authority's CRL; `lenient`: none when it cannot be read. */
  async revoked(authority: string, lenient = false): Promise<RevokedEntry[]> {
    const crl = await this.crl(authority).catch((error: unknown) => {
      if (lenient) return null;
      throw error;
    });
    return [...(crl?.revoked.values() ?? [])];
  }

  /** Writes a new certificate with its key, where there is one, and keeps its serial. */
  async writeIssued(authority: string, cert: string, pem: string, key: Secret | null): Promise<string[]> {
    const [made] = parsePem(pem, cert).certificates;
    const written = await this.write(cert, pem, key);
    if (made !== undefined) await recordIssued(this.dir, authority, made, cert);
    return written;
  }

  /** The key first: a certificate without its key is worse than a key without its certificate. */
  async write(cert: string, pem: string, key: Secret | null): Promise<string[]> {
    if (key !== null) await writeFileAtomic(join(this.dir, keyFileOf(cert)), key.reveal(), 0o600);
    await writeFileAtomic(join(this.dir, cert), pem, 0o644);
    return key === null ? [cert] : [cert, keyFileOf(cert)];
  }
}

/** The file of the private key that belongs to a `-cert.pem`. */
export const keyFileOf = (cert: string): string => cert.replace(/-cert\.pem$/, '-key.pem');

/** Whether `above` is the authority that `certificate` names as its issuer. */
export const isIssuer = (above: ParsedCertificate, certificate: ParsedCertificate): boolean =>
  above.isCa &&
  above.rawSubject.equals(certificate.rawIssuer) &&
  (certificate.authorityKeyId === null || above.subjectKeyId === certificate.authorityKeyId);
