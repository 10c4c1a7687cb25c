import type { ImportedCertificateFile } from '../../../contract/areas/certificates';
import {
  certificatePem,
  keysMatch,
  pemBlock,
  privateKeyPem,
  SignatureMemory,
  type ParsedCertificate,
} from '../../../domain/certs';
import type { Secret } from '../../../domain/kernel';
import { slugOf } from '../certificate-advice';
import { hasKey } from '../certificate-use';
import { isIssuer, keyFileOf } from '../pki-folder';
import type { PkiIndex } from '../pki-index';
import type { FileContents } from './read-import';

/** A file to be written, its content secret or not. */
export interface PlannedWrite {
  readonly path: string;
  readonly content: string | Secret;
  readonly mode: 0o600 | 0o644;
}

export interface ImportPlan {
  readonly files: readonly ImportedCertificateFile[];
  readonly writes: readonly PlannedWrite[];
  readonly certificates: number;
  readonly keys: number;
  readonly crls: number;
  /** The row to show afterwards. */
  readonly show: string | null;
}

/** A certificate that is here or comes with the import, and where it lies or will lie. */
interface Known {
  readonly certificate: ParsedCertificate;
  readonly path: string;
  readonly isNew: boolean;
  hasKey: boolean;
}

const nameOf = ({ lastCommonName, dnsNames, subjectText, serial }: ParsedCertificate): string =>
  lastCommonName || dnsNames[0] || subjectText || `serial ${serial}`;
const selfIssued = (certificate: ParsedCertificate): boolean => certificate.rawSubject.equals(certificate.rawIssuer);

/**
 * Decides what becomes of every file: authorities get folders of their own, certificates lie with the authority here that
 * signed them (else in `imported`), keys beside the certificates they fit, CRLs with their authority when they are newer
 * than what is there. Writes nothing; a file with a fault gives nothing.
 */
export function planImport(
  contents: readonly FileContents[],
  index: PkiIndex,
  /** Private keys that are there without a certificate: their names are not given to others. */
  keyFiles: readonly string[] = [],
): ImportPlan {
  const memory = new SignatureMemory({ signatures: 8192 });
  const known = new Map<string, Known>(
    index.certificates.map((item) => [
      item.certificate.fingerprint,
      { certificate: item.certificate, path: item.file, isNew: false, hasKey: hasKey(item) },
    ]),
  );
  const lines = new Map<FileContents, string[]>(contents.map((file) => [file, []]));
  const say = (file: FileContents, line: string): void => void lines.get(file)?.push(line);
  const took = new Map<FileContents, boolean>();
  const writes: PlannedWrite[] = [];
  const taken = new Set([...index.byFile.keys(), ...keyFiles.map((path) => path.replace(/-key\.pem$/, '-cert.pem'))]);
  let show: string | null = null;

  const signerOf = (certificate: ParsedCertificate): Known | undefined =>
    [...known.values()].find(
      (above) =>
        above.certificate.fingerprint !== certificate.fingerprint &&
        isIssuer(above.certificate, certificate) &&
        memory.signed(certificate, above.certificate),
    );
  const free = (path: (suffix: string) => string): string => {
    let found = path('');
    for (let next = 2; taken.has(found); next += 1) found = path(`-${next}`);
    taken.add(found);
    return found;
  };

  // Authorities first, so that leaves find the folder of their signer whatever the order of the files.
  const fresh = contents.flatMap((file) => file.certificates.map((certificate) => ({ file, certificate })));
  for (const { file, certificate } of [...fresh].sort(
    (a, b) => Number(b.certificate.isCa) - Number(a.certificate.isCa),
  )) {
    const seen = known.get(certificate.fingerprint);
    if (seen !== undefined) {
      if (!seen.isNew) say(file, `${nameOf(certificate)} is here already.`);
      continue;
    }
    const slug = slugOf(nameOf(certificate)) || slugOf(file.name.replace(/\.[^.]*$/, '')) || 'certificate';
    let path: string;
    if (certificate.isCa) path = free((suffix) => `pki/${slug}${suffix}/ca-cert.pem`);
    else {
      const folder = /^pki\/([^/]+)\/ca-cert\.pem$/.exec(signerOf(certificate)?.path ?? '')?.[1] ?? 'imported';
      path = free((suffix) => `pki/${folder}/${slug === 'ca' ? 'ca-leaf' : slug}${suffix}-cert.pem`);
    }
    known.set(certificate.fingerprint, { certificate, path, isNew: true, hasKey: false });
    took.set(file, true);
    show ??= path;
  }

  let keys = 0;
  for (const file of contents)
    for (const { key, wasEncrypted } of file.keys) {
      const owner = [...known.values()]
        .filter(({ certificate }) => keysMatch(key, certificate.publicKey))
        .sort((a, b) => Number(b.isNew) - Number(a.isNew))[0];
      if (owner === undefined) say(file, 'A private key that fits no certificate here.');
      else if (owner.hasKey) say(file, `The key of ${nameOf(owner.certificate)} is here already.`);
      else if (!owner.path.endsWith('-cert.pem'))
        say(
          file,
          `The key fits ${nameOf(owner.certificate)}, which lies in a bundle; import that certificate with it.`,
        );
      else {
        owner.hasKey = true;
        keys += 1;
        took.set(file, true);
        show ??= owner.path;
        writes.push({ path: keyFileOf(owner.path), content: privateKeyPem(key), mode: 0o600 });
        say(
          file,
          `The key fits ${nameOf(owner.certificate)}.${wasEncrypted ? ' It is kept unencrypted, readable by its owner alone.' : ''}`,
        );
      }
    }

  let certificates = 0;
  for (const { certificate, path, isNew, hasKey: complete } of known.values()) {
    if (!isNew) continue;
    certificates += 1;
    writes.push({ path, content: certificatePem(certificate) + chainOf(certificate, signerOf), mode: 0o644 });
    const file = fresh.find((item) => item.certificate.fingerprint === certificate.fingerprint)?.file;
    if (file === undefined) continue;
    const signer = signerOf(certificate);
    const what = certificate.isCa ? 'Authority' : 'Certificate';
    const signed = selfIssued(certificate)
      ? 'signed by itself'
      : signer === undefined
        ? `signer unknown (${certificate.issuerText})`
        : `signed by ${nameOf(signer.certificate)}`;
    say(file, `${what} ${nameOf(certificate)}, ${signed}.`);
    if (!complete)
      say(
        file,
        certificate.isCa
          ? 'No key. It can be used to check others, not to sign.'
          : 'No key. It can be used to check others, not to identify.',
      );
  }

  let crls = 0;
  for (const file of contents)
    for (const crl of file.crls) {
      const authority = [...known.values()].find(
        ({ certificate, path }) =>
          path.endsWith('/ca-cert.pem') &&
          certificate.rawSubject.equals(crl.rawIssuer) &&
          memory.signed(crl, certificate),
      );
      if (authority === undefined) {
        say(file, `A CRL of ${crl.issuerText}, which is no authority here.`);
        continue;
      }
      const path = authority.path.replace(/ca-cert\.pem$/, 'crl.pem');
      const present = index.crls.find((one) => one.file === path);
      if (present !== undefined && present.crl.thisUpdate >= crl.thisUpdate) {
        say(file, `The CRL of ${nameOf(authority.certificate)} is not newer than the one that is here.`);
        continue;
      }
      crls += 1;
      took.set(file, true);
      writes.push({ path, content: pemBlock('X509 CRL', crl.der), mode: 0o644 });
      say(
        file,
        `CRL of ${nameOf(authority.certificate)} with ${crl.revoked.size === 1 ? '1 entry' : `${crl.revoked.size} entries`}.`,
      );
    }

  return {
    files: contents.map((file) => reportOf(file, lines.get(file) ?? [], took.get(file) === true)),
    writes,
    certificates,
    keys,
    crls,
    show,
  };
}

/** The intermediates above a leaf as PEM; none for an authority, whose file is what others trust. */
function chainOf(leaf: ParsedCertificate, signerOf: (of: ParsedCertificate) => Known | undefined): string {
  if (leaf.isCa) return '';
  const chain: ParsedCertificate[] = [];
  for (
    let at = signerOf(leaf)?.certificate;
    at !== undefined && !selfIssued(at) && chain.length < 10;
    at = signerOf(at)?.certificate
  )
    chain.push(at);
  return chain.map((certificate) => certificatePem(certificate)).join('');
}

function reportOf(file: FileContents, lines: readonly string[], took: boolean): ImportedCertificateFile {
  const [first] = file.requests;
  const said = [...lines];
  for (const { request } of file.requests)
    said.push(`A request for ${request.subject.commonName || request.subjectText || 'a certificate without a name'}.`);
  for (const other of file.others)
    said.push(`${other.charAt(0).toUpperCase()}${other.slice(1)}, which is not needed here.`);
  if (file.locked !== null)
    said.push(
      file.locked === 'tried' ? 'The passphrase does not open it.' : 'It is encrypted. Its passphrase is needed.',
    );
  const outcome: ImportedCertificateFile['outcome'] =
    file.findings.length > 0
      ? 'refused'
      : file.locked !== null
        ? 'passphrase'
        : took
          ? 'import'
          : first !== undefined
            ? 'request'
            : file.certificates.length > 0
              ? 'present'
              : 'unused';
  return {
    name: file.name,
    outcome,
    lines: said,
    findings: [...file.findings],
    request:
      first === undefined
        ? null
        : {
            pem: first.pem,
            commonName: first.request.subject.commonName,
            dns: [...first.request.dnsNames],
            ip: [...first.request.ipAddresses],
          },
  };
}
