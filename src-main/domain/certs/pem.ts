import { type Finding, type FindingLevel, Secret } from '../kernel';
import { type ParsedCertificate, readCertificate } from './certificate';
import { type ParsedCrl, readCrl } from './crl';
import { type RawBlock, splitPem, shownLabel } from './pem-blocks';

/** One block of a PEM text, read. Blocks that cannot be read are findings only. */
export type PemBlock =
  | { readonly kind: 'certificate'; readonly line: number; readonly certificate: ParsedCertificate }
  | { readonly kind: 'crl'; readonly line: number; readonly crl: ParsedCrl }
  | { readonly kind: 'private-key'; readonly line: number; readonly encrypted: boolean; readonly text: Secret }
  | {
      readonly kind: 'public-key' | 'certificate-request' | 'other';
      readonly line: number;
      readonly label: string;
      readonly der: Buffer;
    };

/** What a PEM text holds and everything that is wrong with it. */
export interface PemReading {
  readonly blocks: readonly PemBlock[];
  readonly certificates: readonly ParsedCertificate[];
  readonly crls: readonly ParsedCrl[];
  readonly findings: readonly Finding[];
}

/** What a file should hold; `certificate` is a leaf with its chain, `certificates` a bundle of authorities. */
export type PemExpectation = 'certificate' | 'certificates' | 'private-key' | 'crl' | 'any';

const privateKeyLabels = new Set([
  'PRIVATE KEY',
  'ENCRYPTED PRIVATE KEY',
  'RSA PRIVATE KEY',
  'EC PRIVATE KEY',
  'DSA PRIVATE KEY',
  'OPENSSH PRIVATE KEY',
]);
/** Labels with which openssl and others write things that Go's crypto/x509 and Vitess then overlook. */
const overlookedLabels: Readonly<Record<string, string>> = {
  'TRUSTED CERTIFICATE': 'CERTIFICATE',
  'X509 CERTIFICATE': 'CERTIFICATE',
  CRL: 'X509 CRL',
};

const wanted: Readonly<
  Record<Exclude<PemExpectation, 'any'>, { readonly what: string; readonly article: string; readonly label: string }>
> = {
  certificate: { what: 'certificate', article: 'a certificate', label: 'CERTIFICATE' },
  certificates: { what: 'certificate', article: 'a certificate', label: 'CERTIFICATE' },
  'private-key': { what: 'private key', article: 'a private key', label: 'PRIVATE KEY' },
  crl: { what: 'revocation list', article: 'a revocation list', label: 'X509 CRL' },
};

/**
 * Reads a PEM text and names every fault with file, line and remedy; `expect` adds findings for what should have been
 * there. Never throws, and no finding ever quotes key material.
 */
export function parsePem(text: string, file: string, expect: PemExpectation = 'any'): PemReading {
  const { blocks: raw, faults } = splitPem(text);
  const findings: Finding[] = faults.map((fault) => ({ ...fault, file }));
  const add = (code: string, level: FindingLevel, line: number, message: string, remedy: string): void => {
    findings.push({ code: `pem.${code}`, level, file, line, column: line === 0 ? 0 : 1, message, remedy });
  };
  const blocks = raw.flatMap((block) => readBlock(block, add) ?? []);
  const certificates = blocks.flatMap((block) => (block.kind === 'certificate' ? [block.certificate] : []));
  const crls = blocks.flatMap((block) => (block.kind === 'crl' ? [block.crl] : []));
  if (raw.length === 0 && faults.every((fault) => fault.level !== 'error')) {
    add(
      'no-block',
      expect === 'any' ? 'warning' : 'error',
      0,
      whyNoBlock(text, expect),
      `Give a file with a block "-----BEGIN ${expect === 'any' ? '…' : wanted[expect].label}-----".`,
    );
  } else if (expect !== 'any') {
    // Damage has a finding of its own already; what is missing because of it needs no second one.
    const damaged = blocks.length < raw.length || faults.some((fault) => fault.level === 'error');
    judgeExpectation(expect, damaged, blocks, add);
  }
  noteDuplicates(blocks, add);
  return { blocks, certificates, crls, findings };
}

type Add = (code: string, level: FindingLevel, line: number, message: string, remedy: string) => void;

function readBlock(block: RawBlock, add: Add): PemBlock | null {
  const { label, line, der } = block;
  const proper = overlookedLabels[label];
  if (proper !== undefined) {
    add(
      'label-overlooked',
      'error',
      line,
      `the block is labelled ${label}, which Vitess overlooks`,
      proper === 'X509 CRL'
        ? 'Label it "X509 CRL", as openssl does.'
        : 'Write it again with "openssl x509 -in FILE", which labels it CERTIFICATE.',
    );
    return null;
  }
  if (privateKeyLabels.has(label)) {
    const encrypted =
      label === 'ENCRYPTED PRIVATE KEY' || block.headers.some((header) => /^Proc-Type:.*ENCRYPTED/i.test(header));
    return der === null ? null : { kind: 'private-key', line, encrypted, text: new Secret(block.text) };
  }
  if (der === null) return null;
  switch (label) {
    case 'CERTIFICATE': {
      const reading = readCertificate(der);
      if (reading.ok) return { kind: 'certificate', line, certificate: reading.value };
      add(
        'malformed-certificate',
        'error',
        line,
        `the certificate cannot be read: ${reading.failure.detail ?? ''}`,
        'Get it from its authority again.',
      );
      return null;
    }
    case 'X509 CRL': {
      const reading = readCrl(der);
      if (reading.ok) return { kind: 'crl', line, crl: reading.value };
      add(
        'malformed-crl',
        'error',
        line,
        `the revocation list cannot be read: ${reading.failure.detail ?? ''}`,
        'Make or fetch it again.',
      );
      return null;
    }
    case 'PUBLIC KEY':
    case 'RSA PUBLIC KEY':
      return { kind: 'public-key', line, label, der };
    case 'CERTIFICATE REQUEST':
    case 'NEW CERTIFICATE REQUEST':
      return { kind: 'certificate-request', line, label, der };
    default:
      return { kind: 'other', line, label, der };
  }
}

/** Words for a text without any block. */
function whyNoBlock(text: string, expect: PemExpectation): string {
  if (text.trim() === '') return 'the file is empty';
  if (text.includes('\0-\0-\0')) return 'the file is in UTF-16; PEM is ASCII';
  if (/[\0\ufffd]/.test(text.slice(0, 200))) return 'the file is binary (DER or PKCS#12 perhaps), not PEM';
  return expect === 'any'
    ? 'the file holds no PEM block'
    : `the file holds no PEM block where ${wanted[expect].article} is expected`;
}

const kindOf: Readonly<Record<Exclude<PemExpectation, 'any'>, PemBlock['kind']>> = {
  certificate: 'certificate',
  certificates: 'certificate',
  'private-key': 'private-key',
  crl: 'crl',
};

const nameOf = (block: PemBlock): string => {
  switch (block.kind) {
    case 'private-key':
      return 'a private key';
    case 'certificate':
      return 'a certificate';
    case 'crl':
      return 'a revocation list';
    case 'public-key':
      return 'a public key';
    case 'certificate-request':
      return 'a certificate request';
    default:
      return `a block ${shownLabel(block.label)}`;
  }
};

function judgeExpectation(
  expect: Exclude<PemExpectation, 'any'>,
  damaged: boolean,
  blocks: readonly PemBlock[],
  add: Add,
): void {
  const { article, what } = wanted[expect];
  const fitting = blocks.filter((block) => block.kind === kindOf[expect]);
  const first = blocks.find((block) => block.kind !== kindOf[expect]);
  if (fitting.length === 0 && (first !== undefined || !damaged)) {
    add(
      'unexpected',
      'error',
      first?.line ?? 0,
      first === undefined ? `${article} is missing` : `${nameOf(first)} stands where ${article} is expected`,
      `Give the file with the ${what}; the settings for certificate and key may be swapped.`,
    );
    return;
  }
  for (const block of blocks) {
    if (block.kind === 'private-key' && expect !== 'private-key') {
      add(
        'key-in-public-file',
        'warning',
        block.line,
        'a private key lies in a file that others may read',
        'Move the key into its own file with mode 0600, and renew it if the file was given away.',
      );
    }
    if (block.kind === 'private-key' && expect === 'private-key' && block.encrypted) {
      add(
        'encrypted-key',
        'info',
        block.line,
        'the private key is encrypted; Vitess and MySQL cannot read it without help',
        'Nothing has to be done inside Gatehouse; export it decrypted for other programs.',
      );
    }
  }
  if (expect === 'private-key' && fitting.length > 1) {
    add(
      'several-keys',
      'warning',
      fitting[1]?.line ?? 0,
      'there are several private keys; only the first is used',
      'Keep one key in the file.',
    );
  }
}

function noteDuplicates(blocks: readonly PemBlock[], add: Add): void {
  const seen = new Map<string, number>();
  for (const block of blocks) {
    if (block.kind !== 'certificate') continue;
    const earlier = seen.get(block.certificate.fingerprint);
    if (earlier === undefined) seen.set(block.certificate.fingerprint, block.line);
    else
      add(
        'duplicate',
        'info',
        block.line,
        `the same certificate stands in line ${earlier} already`,
        'Remove one of them.',
      );
  }
}
