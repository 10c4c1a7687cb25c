import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  keysMatch,
  openPrivateKey,
  parsePem,
  SignatureMemory,
  type ParsedCertificate,
  type ParsedCrl,
  type PemReading,
} from '../../domain/certs';
import type { Finding } from '../../domain/kernel';
import { isIssuer, keyFileOf } from './pki-folder';

/** Where the private key of a certificate is: in clear, encrypted, not there, or there but another one's. */
export type KeyState = 'clear' | 'encrypted' | 'missing' | 'mismatch';

/** One certificate of a workspace, once, however many files hold it. */
export interface IndexedCertificate {
  /** Path of the first file that holds it; `PATH#2` when it is the second certificate in there. */
  readonly id: string;
  readonly file: string;
  readonly certificate: ParsedCertificate;
  readonly key: KeyState;
  /** Folder below pki/ of an authority (`pki/ID/ca-cert.pem`); null for others. */
  readonly authority: string | null;
  /** Id of the certificate that signed it; null: a root, or not in the workspace. */
  readonly issuer: string | null;
}

/** A CRL and the authority whose it is. */
export interface IndexedCrl {
  readonly file: string;
  readonly crl: ParsedCrl;
  readonly authority: IndexedCertificate | null;
}

export interface PkiIndex {
  readonly certificates: readonly IndexedCertificate[];
  readonly crls: readonly IndexedCrl[];
  /** Ids of the certificates that a file holds, by its path. */
  readonly byFile: ReadonlyMap<string, readonly string[]>;
  /** Faults of the files. */
  readonly findings: readonly Finding[];
}

/** More than any sensible file; larger ones are named and left alone. */
const MAX_FILE_BYTES = 4 * 1024 * 1024;

interface Kept<T> {
  readonly stamp: string;
  readonly value: T;
}

/**
 * Reads everything below pki/ and remembers, for each file, what it held until it changes: an index of 200 certificates is
 * made anew in a few milliseconds.
 */
export class PkiReader {
  readonly #memory = new SignatureMemory({ certificates: 2048, signatures: 8192 });
  readonly #readings = new Map<string, Kept<PemReading | null>>();
  readonly #keys = new Map<string, Kept<KeyState>>();

  /** `named`: further certificate files of the workspace, those that gatehouse.json names elsewhere. */
  async read(dir: string, named: readonly string[] = []): Promise<PkiIndex> {
    const found = (await readdir(join(dir, 'pki'), { recursive: true }).catch(() => []))
      .map((name) => `pki/${name.replaceAll('\\', '/')}`)
      .filter((path) => path.endsWith('.pem') && !path.endsWith('-key.pem'));
    const paths = [...new Set([...found, ...named])].sort(byWeight);
    const findings: Finding[] = [];
    const readings = new Map<string, PemReading>();
    await Promise.all(
      paths.map(async (path) => {
        const reading = await this.#reading(dir, path, findings);
        if (reading !== null) readings.set(path, reading);
      }),
    );
    const drafts = new Map<string, Omit<IndexedCertificate, 'issuer'>>();
    const byFile = new Map<string, readonly string[]>();
    for (const path of paths) {
      const reading = readings.get(path);
      if (reading === undefined) continue;
      const ids: string[] = [];
      for (const [position, certificate] of reading.certificates.entries()) {
        const seen = drafts.get(certificate.fingerprint);
        const own = position === 0 && path.endsWith('-cert.pem');
        const draft = seen ?? {
          id: position === 0 ? path : `${path}#${position + 1}`,
          file: path,
          certificate,
          key: own ? await this.#keyState(dir, path, certificate) : 'missing',
          authority: own ? (/^pki\/([^/]+)\/ca-cert\.pem$/.exec(path)?.[1] ?? null) : null,
        };
        if (seen === undefined) drafts.set(certificate.fingerprint, draft);
        ids.push(draft.id);
      }
      byFile.set(path, ids);
    }
    const all = [...drafts.values()];
    const authorities = new Map<string, (typeof all)[number][]>();
    for (const item of all)
      if (item.certificate.isCa) {
        const name = item.certificate.rawSubject.toString('latin1');
        authorities.set(name, [...(authorities.get(name) ?? []), item]);
      }
    const certificates = all.map((item): IndexedCertificate => {
      const candidates = authorities.get(item.certificate.rawIssuer.toString('latin1')) ?? [];
      const issuer = candidates.find(
        (above) =>
          above.id !== item.id &&
          isIssuer(above.certificate, item.certificate) &&
          this.#memory.signed(item.certificate, above.certificate),
      );
      return { ...item, issuer: issuer?.id ?? null };
    });
    const crls = paths.flatMap((file) =>
      (readings.get(file)?.crls ?? []).map((crl) => ({
        file,
        crl,
        authority:
          certificates.find(
            ({ certificate }) =>
              certificate.isCa && certificate.rawSubject.equals(crl.rawIssuer) && this.#memory.signed(crl, certificate),
          ) ?? null,
      })),
    );
    return { certificates, crls, byFile, findings };
  }

  async #reading(dir: string, path: string, findings: Finding[]): Promise<PemReading | null> {
    const stamp = await stampOf(join(dir, path));
    const kept = this.#readings.get(path);
    let value = kept?.value ?? null;
    if (kept === undefined || stamp === null || kept.stamp !== stamp.text) {
      value =
        stamp === null || stamp.size > MAX_FILE_BYTES
          ? null
          : await readFile(join(dir, path), 'utf8').then(
              (text) => parsePem(text, path),
              () => null,
            );
      if (stamp !== null) this.#readings.set(path, { stamp: stamp.text, value });
    }
    if (value !== null) findings.push(...value.findings);
    else if (stamp !== null)
      findings.push({
        code: 'certs.unreadable-file',
        level: 'warning',
        file: path,
        line: 0,
        column: 0,
        message: stamp.size > MAX_FILE_BYTES ? 'the file is too large for certificates' : 'the file cannot be read',
        remedy: 'Take it out of pki/, or give this user the right to read it.',
      });
    return value;
  }

  async #keyState(dir: string, path: string, certificate: ParsedCertificate): Promise<KeyState> {
    const file = join(dir, keyFileOf(path));
    const stamp = await stampOf(file);
    if (stamp === null || stamp.size > MAX_FILE_BYTES) return 'missing';
    const text = `${stamp.text} ${certificate.fingerprint}`;
    const kept = this.#keys.get(path);
    if (kept?.stamp === text) return kept.value;
    const value = await readFile(file, 'utf8').then(
      (pem): KeyState => {
        const opened = openPrivateKey(pem);
        if (opened.ok) return keysMatch(opened.value, certificate.publicKey) ? 'clear' : 'mismatch';
        return opened.failure.code === 'certs.passphrase-missing' ? 'encrypted' : 'mismatch';
      },
      (): KeyState => 'missing',
    );
    this.#keys.set(path, { stamp: text, value });
    return value;
  }
}

/** Files of one certificate before bundles, so that a certificate is known by its own file. */
const weight = (path: string): number => (path.endsWith('/ca-cert.pem') ? 0 : path.endsWith('-cert.pem') ? 1 : 2);
const byWeight = (a: string, b: string): number => weight(a) - weight(b) || (a < b ? -1 : a > b ? 1 : 0);

async function stampOf(path: string): Promise<{ readonly text: string; readonly size: number } | null> {
  const found = await stat(path).catch(() => null);
  return found?.isFile() === true ? { text: `${found.ctimeMs} ${found.size} ${found.ino}`, size: found.size } : null;
}
