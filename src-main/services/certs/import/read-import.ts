import type { KeyObject } from 'node:crypto';
import {
  decryptPrivateKey,
  openPrivateKey,
  parsePem,
  pemBlock,
  readCertificate,
  readCrl,
  readCsr,
  readPkcs12,
  type ParsedCertificate,
  type ParsedCrl,
  type ParsedCsr,
  type PemBlock,
} from '../../../domain/certs';
import { Secret, type Finding } from '../../../domain/kernel';

/** A file as it was dropped, chosen or pasted. The name is shown and used for naming, never as a path. */
export interface GivenFile {
  readonly name: string;
  readonly bytes: Buffer;
}

/** What one file holds. A file with a fault holds nothing: half of it would be taken for all of it. */
export interface FileContents {
  readonly name: string;
  readonly certificates: readonly ParsedCertificate[];
  readonly keys: readonly { readonly key: KeyObject; readonly wasEncrypted: boolean }[];
  readonly crls: readonly ParsedCrl[];
  readonly requests: readonly { readonly request: ParsedCsr; readonly pem: string }[];
  /** Things that are neither, by name: a public key, … */
  readonly others: readonly string[];
  /** Something is encrypted and none of the passphrases opens it; true when one was tried. */
  readonly locked: null | 'untried' | 'tried';
  readonly findings: readonly Finding[];
}

/** More than any certificate file needs; bundles of all public authorities are a quarter of it. */
const MAX_BYTES = 1024 * 1024;
const MAX_BLOCKS = 400;

const nothing = { certificates: [], keys: [], crls: [], requests: [], others: [], locked: null, findings: [] } as const;

/** Reads one file of any kind that is known here: PEM, DER, base64 without armour, PKCS#12. Never throws. */
export async function readGivenFile({ name, bytes }: GivenFile, passphrases: readonly Secret[]): Promise<FileContents> {
  const refused = (code: string, message: string, remedy: string, detail?: Partial<Finding>): FileContents => ({
    ...nothing,
    name,
    findings: [{ code: `import.${code}`, level: 'error', file: name, line: 0, column: 0, message, remedy, ...detail }],
  });
  if (bytes.length === 0) return refused('empty', 'the file is empty', 'Choose another file.');
  if (bytes.length > MAX_BYTES)
    return refused('too-large', 'the file is larger than 1 MB', 'Give a file with certificates and nothing else.');
  const text = bytes.toString('utf8');
  if (text.includes('-----BEGIN')) return readPem(name, text, passphrases, refused);
  const der = bytes[0] === 0x30 ? bytes : fromBase64(text);
  if (der !== null) {
    const found = await readDer(name, der, passphrases, refused);
    if (found !== null) return found;
  }
  return refused(
    'nothing',
    'no certificate inside',
    'Give PEM, DER or PKCS#12: files that often end with .pem, .crt, .cer, .key, .p12 or .pfx.',
  );
}

type Refuse = (code: string, message: string, remedy: string, detail?: Partial<Finding>) => FileContents;

/** The bytes of a text that is base64 and nothing else, as some web pages give certificates. */
function fromBase64(text: string): Buffer | null {
  const digits = text.replace(/\s+/g, '');
  if (digits.length < 40 || !/^[A-Za-z0-9+/]+=*$/.test(digits)) return null;
  const bytes = Buffer.from(digits, 'base64');
  return bytes[0] === 0x30 ? bytes : null;
}

async function readPem(
  name: string,
  text: string,
  passphrases: readonly Secret[],
  refused: Refuse,
): Promise<FileContents> {
  const reading = parsePem(text, name);
  const faults = reading.findings.filter(({ level }) => level === 'error');
  if (faults.length > 0) return { ...nothing, name, findings: faults };
  if (reading.blocks.length > MAX_BLOCKS)
    return refused('too-many', `the file holds more than ${MAX_BLOCKS} blocks`, 'Give those that are needed.');
  const keys: { key: KeyObject; wasEncrypted: boolean }[] = [];
  const requests: { request: ParsedCsr; pem: string }[] = [];
  const others: string[] = [];
  let locked: FileContents['locked'] = null;
  for (const block of reading.blocks) {
    if (block.kind === 'private-key') {
      const opened = await openKey(block, passphrases);
      if (opened === 'locked') locked = passphrases.length > 0 ? 'tried' : 'untried';
      else if (opened === null)
        return refused(
          'key-unreadable',
          'the private key cannot be read',
          'Convert it with "openssl pkey -in FILE" (OpenSSH keys: "ssh-keygen -p -m PKCS8 -f FILE").',
          { line: block.line, column: 1 },
        );
      else keys.push({ key: opened, wasEncrypted: block.encrypted });
    } else if (block.kind === 'certificate-request') {
      const request = readCsr(block.der);
      if (!request.ok)
        return refused('malformed-request', 'the certificate request cannot be read', 'Make it again.', {
          line: block.line,
          column: 1,
        });
      requests.push({ request: request.value, pem: pemBlock('CERTIFICATE REQUEST', block.der) });
    } else if (block.kind === 'public-key') others.push('a public key');
    else if (block.kind === 'other') {
      if (/PKCS7|CMS/.test(block.label))
        return refused(
          'pkcs7',
          'PKCS#7 is not read here',
          'Convert it with "openssl pkcs7 -print_certs -in FILE" and import the result.',
          { line: block.line, column: 1 },
        );
      others.push('a block of another kind');
    }
  }
  // Without its key half of the file would be taken for all of it.
  if (locked !== null) return { ...nothing, name, locked };
  return { name, certificates: reading.certificates, keys, crls: reading.crls, requests, others, locked, findings: [] };
}

async function openKey(
  block: Extract<PemBlock, { kind: 'private-key' }>,
  passphrases: readonly Secret[],
): Promise<KeyObject | 'locked' | null> {
  if (!block.encrypted) {
    const opened = openPrivateKey(block.text);
    return opened.ok ? opened.value : null;
  }
  for (const passphrase of passphrases) {
    const opened = await decryptPrivateKey(block.text, passphrase);
    if (opened.ok) return opened.value;
    if (opened.failure.code !== 'certs.passphrase-wrong') return null;
  }
  return 'locked';
}

async function readDer(
  name: string,
  der: Buffer,
  passphrases: readonly Secret[],
  refused: Refuse,
): Promise<FileContents | null> {
  const certificate = readCertificate(der);
  if (certificate.ok) return { ...nothing, name, certificates: [certificate.value] };
  const crl = readCrl(der);
  if (crl.ok) return { ...nothing, name, crls: [crl.value] };
  const request = readCsr(der);
  if (request.ok)
    return { ...nothing, name, requests: [{ request: request.value, pem: pemBlock('CERTIFICATE REQUEST', der) }] };
  for (const label of ['PRIVATE KEY', 'RSA PRIVATE KEY', 'EC PRIVATE KEY']) {
    const opened = openPrivateKey(pemBlock(label, der));
    if (opened.ok) return { ...nothing, name, keys: [{ key: opened.value, wasEncrypted: false }] };
  }
  if (looksLikePkcs12(der)) return readPkcs12File(name, der, passphrases, refused);
  if (certificate.failure.detail !== undefined && der.length > 200)
    return refused(
      'malformed',
      `the file begins like a certificate and cannot be read as one: ${certificate.failure.detail}`,
      'Get it from its authority again.',
    );
  return null;
}

/** SEQUENCE { INTEGER 3, …: the version with which every PKCS#12 file begins (RFC 7292 §4). */
const looksLikePkcs12 = (der: Buffer): boolean => {
  const second = der[1] ?? 0;
  const start = second < 0x80 ? 2 : 2 + (second & 0x7f);
  return der[start] === 0x02 && der[start + 1] === 0x01 && der[start + 2] === 0x03;
};

async function readPkcs12File(
  name: string,
  der: Buffer,
  passphrases: readonly Secret[],
  refused: Refuse,
): Promise<FileContents> {
  for (const passphrase of [new Secret(''), ...passphrases]) {
    const reading = await readPkcs12(der, passphrase);
    if (reading.ok) {
      const { certificates, privateKey } = reading.value;
      return {
        ...nothing,
        name,
        certificates,
        keys: privateKey === null ? [] : [{ key: privateKey, wasEncrypted: passphrase.reveal() !== '' }],
      };
    }
    if (reading.failure.code !== 'certs.passphrase-wrong')
      return refused(reading.failure.code.replace('certs.', ''), sentence(reading.failure.summary), 'Export it again.');
  }
  return { ...nothing, name, locked: passphrases.length > 0 ? 'tried' : 'untried' };
}

/** A summary as the message of a finding: without its remedy and its capital. */
const sentence = (summary: string): string => {
  const [first = ''] = summary.split(/[;.]/);
  return first.charAt(0).toLowerCase() + first.slice(1);
};
